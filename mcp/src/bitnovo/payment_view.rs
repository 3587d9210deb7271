//! One reading of a payment, and the decision that every answer about it follows: text, URI, picture, resource and wait.

use bitnovo_pay::{NotPayable, Payable, Payment, PaymentFacts, PlacedOrder, Reading, clean_text};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::bitnovo::currency::Known;
use crate::config::forms::Price;

/// A payment at one moment.
#[derive(Debug)]
pub(crate) struct PaymentView {
    pub(crate) facts: PaymentFacts,
    pub(crate) reading: Reading,
    /// Whether the customer may be asked to send, and how much. Nothing else decides that.
    pub(crate) payable: Payable,
    is_stale: bool,
    /// The API's status code; none when only the create's answer is known.
    pub(crate) status: Option<String>,
    /// The amount in fiat.
    pub(crate) price: Price,
    /// When it was read; texts count the minutes from here.
    pub(crate) now: DateTime<Utc>,
    /// Symbol of the cryptocurrency, once one is chosen.
    pub(crate) currency: Option<String>,
    pub(crate) coin: Known,
    pub(crate) address: Option<String>,
    /// The tag or memo to be sent, where the network has them.
    pub(crate) tag: Option<String>,
    /// The tag as the API reports it, whatever the network.
    pub(crate) reported_tag: Option<String>,
    pub(crate) identifier: Uuid,
}

impl PaymentView {
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

    /// Asks for nothing any more: the order must not be shown to a customer.
    pub(crate) fn withhold(&mut self) {
        if self.payable.may_ask() {
            self.payable = Payable::Nothing(NotPayable::Withheld);
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
}

/// A tag that its network does not have is nothing that a wallet could send.
fn shown_tag(coin: &Known, tag: Option<&str>) -> Option<String> {
    coin.facts.checked_tag(tag).ok().flatten().map(str::to_owned)
}

/// The fiat currency of a payment; the API leaves it out for its default.
pub(crate) fn fiat_code(payment: &Payment) -> String {
    clean_text(payment.fiat.as_deref().unwrap_or("EUR"))
}

#[cfg(test)]
mod tests;
