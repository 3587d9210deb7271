//! One reading of a payment, and the decision that every answer about it follows: text, URI, picture, resource and wait.

use bitnovo_pay::{
    Fiat, Money, NotPayable, Partial, Payable, Payment, PaymentFacts, PlacedOrder, Reading, Unreadable,
    Verdict, clean_text,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    currency::Known,
    error::{Code, Failure},
    forms::Price,
    settlement::Settlement,
};

/// A payment at one moment.
#[derive(Debug)]
pub(crate) struct PaymentView {
    pub(crate) facts: PaymentFacts,
    pub(crate) reading: Reading,
    /// Whether the customer may be asked to send, and how much. Nothing else decides that.
    pub(crate) payable: Payable,
    is_stale: bool,
    /// The API's status code; none when only the create's answer is known.
    status: Option<String>,
    /// The amount in fiat.
    pub(crate) price: Price,
    /// When somebody looked at it; texts count the minutes from here.
    pub(crate) now: DateTime<Utc>,
    /// Symbol of the cryptocurrency, once one is chosen.
    pub(crate) currency: Option<String>,
    pub(crate) coin: Known,
    pub(crate) address: Option<String>,
    /// The tag or memo to be sent, where the network has them.
    pub(crate) tag: Option<String>,
    /// The tag as the API reports it, whatever the network.
    pub(crate) reported_tag: Option<String>,
    identifier: Uuid,
}

impl PaymentView {
    /// Reads the payment, apart from fields that cannot be read and do not matter to how it stands.
    pub(crate) async fn read(
        app: &App,
        identifier: Uuid,
    ) -> Result<(Payment, Vec<Unreadable>, Self), Failure> {
        let read = app.client()?.orders_info_with_gaps(identifier).await;
        let Partial { value: payment, unread, .. } = read.map_err(|error| Failure::from_api(&error))?;
        let coin = app.currency_of(&payment).await;
        let now = Utc::now();
        let view = Self::of(&payment, coin, Reading::at(now), now);
        Ok((payment, unread, view))
    }

    pub(crate) fn of(payment: &Payment, coin: Known, reading: Reading, now: DateTime<Utc>) -> Self {
        let facts = payment.facts(&coin.facts);
        Self {
            payable: facts.payable(&reading, now),
            is_stale: reading.is_stale(now),
            status: Some(clean_text(payment.status.code())),
            price: Price { amount: payment.fiat_amount, code: fiat_code(payment) },
            now,
            currency: payment.currency_id.as_deref().map(clean_text).filter(|symbol| !symbol.is_empty()),
            address: payment.address.clone().filter(|address| !address.is_empty()),
            tag: shown_tag(&coin, payment.tag_memo.as_deref()),
            reported_tag: payment.tag_memo.clone(),
            identifier: payment.identifier,
            coin,
            facts,
            reading,
        }
    }

    /// The view of an order that was created a moment ago and could not be read back.
    pub(crate) fn of_order(order: &PlacedOrder, price: Price, coin: Known, now: DateTime<Utc>) -> Self {
        let facts = order.facts(&coin.facts);
        let reading = Reading::at(now);
        Self {
            payable: facts.payable(&reading, now),
            is_stale: false,
            status: None,
            price,
            now,
            currency: order.input_currency.as_deref().map(clean_text).filter(|symbol| !symbol.is_empty()),
            address: order.address.clone().filter(|address| !address.is_empty()),
            tag: shown_tag(&coin, order.tag_memo.as_deref()),
            reported_tag: order.tag_memo.clone(),
            identifier: order.identifier,
            coin,
            facts,
            reading,
        }
    }

    /// Whether the state may have changed since it was read.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Whether the whole amount may be asked for, as of a payment that nothing was sent to.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.payable, Payable::All(_))
    }

    /// One sentence for the agent.
    pub(crate) fn next_action(&self) -> &'static str {
        let settlement = if self.is_stale { Settlement::Unread } else { Settlement::of(self) };
        settlement.next_action()
    }

    /// The same after a create, which may not have drawn a code.
    pub(crate) fn next_after_create(&self, drawn: bool) -> String {
        let next = self.next_action();
        if self.is_new() && !drawn {
            format!("{next} When the customer wants a QR code, generate_payment_qr draws it.")
        } else {
            next.to_owned()
        }
    }

    /// Why nothing may be drawn that a customer could pay by, if nothing may.
    pub(crate) fn refusal(&self) -> Option<Failure> {
        let Payable::Nothing(reason) = self.payable else { return None };
        let verdict = self.facts.verdict;
        let status = self.status.as_deref().unwrap_or_default();
        let over = verdict == Verdict::Expired || reason == NotPayable::TimeOver;
        let failure = match reason {
            NotPayable::LacksTag if verdict == Verdict::Unpaid => Failure::new(
                Code::TagRequired,
                format!(
                    "{} needs a destination tag or memo and this payment has none; funds sent without it are lost.",
                    self.currency.as_deref().unwrap_or_default()
                ),
            ),
            NotPayable::UnreadableDestination => Failure::new(
                Code::ApiError,
                "The payment names an address or a tag that reads differently from what it is, or that its network does not \
                 know. No code is drawn.",
            ),
            _ if over && !self.facts.funds_seen => Failure::new(
                Code::PaymentExpired,
                format!("This payment is over ({status}); what is sent now may be lost."),
            )
            .next(self.next_action()),
            _ => Failure::new(
                Code::PaymentNotPayable,
                format!(
                    "This payment must not be paid now (status {status}, verdict {}): no code is drawn.",
                    verdict.as_str()
                ),
            ),
        };
        let failure = failure
            .detail("identifier", self.identifier.to_string())
            .detail("status", status)
            .detail("verdict", verdict.as_str());
        Some(match verdict.details() {
            Some(details) => failure.detail("details", details),
            None => failure,
        })
    }
}

/// A tag that its network does not have is nothing that a wallet could send.
fn shown_tag(coin: &Known, tag: Option<&str>) -> Option<String> {
    coin.facts.checked_tag(tag).ok().flatten().map(str::to_owned)
}

/// The fiat currency of a payment; the API leaves it out for its default.
pub(crate) fn fiat_code(payment: &Payment) -> String {
    clean_text(payment.fiat.as_deref().unwrap_or("EUR"))
}

/// An amount with as many decimals as its currency has.
pub(crate) fn in_fiat(amount: Money, code: &str) -> String {
    amount.to_string_with_scale(code.parse().map_or(0, |fiat: Fiat| fiat.exponent()))
}

#[cfg(test)]
mod tests;
