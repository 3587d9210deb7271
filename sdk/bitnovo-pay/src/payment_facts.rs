//! From a payment as the API reports it to the facts on which every decision rests.

use crate::{
    CurrencyFacts, Destination, Fiat, Money, Payment, PaymentFacts, PaymentStatus, PlacedOrder, Review,
    TagError, TagRule, Verdict, is_plain,
};

impl Payment {
    /// The facts of the payment, with those of its coin: [`CurrencyFacts::of_currency`] of the catalogue's entry.
    #[must_use]
    pub fn facts(&self, coin: &CurrencyFacts) -> PaymentFacts {
        let Funds { asked, received, fiat, seen } = self.funds(coin.decimals);
        let facts = PaymentFacts {
            verdict: Verdict::Unpaid,
            asked,
            received,
            funds_seen: seen,
            expires_at: self.expired_time.map(|time| time.to_utc()),
            destination: destination(coin, &self.currency_id, &self.address, &self.tag_memo),
        };
        let paid = || if facts.excess().is_some() { Verdict::Overpaid } else { Verdict::Paid };
        let verdict = match self.status {
            PaymentStatus::Nr | PaymentStatus::Pe => Verdict::Unpaid,
            PaymentStatus::Ac if self.safe == Some(true) => paid(),
            PaymentStatus::Ac => Verdict::Detected,
            PaymentStatus::Ia => Verdict::Underpaid,
            PaymentStatus::Co => paid(),
            PaymentStatus::Cm => Verdict::Paid,
            PaymentStatus::Oc => Verdict::NeedsReview(self.review(&facts, fiat)),
            // What arrived may be the whole amount: a person has to decide.
            PaymentStatus::Ex if facts.funds_seen => {
                let counted = facts.received.is_some_and(Money::is_positive);
                Verdict::NeedsReview(if counted { self.review(&facts, fiat) } else { None })
            }
            PaymentStatus::Ex | PaymentStatus::Ca | PaymentStatus::De => Verdict::Expired,
            PaymentStatus::Rf => Verdict::Refunded,
            PaymentStatus::Fa => Verdict::Failed,
            PaymentStatus::Unknown(_) => Verdict::NeedsReview(None),
        };
        PaymentFacts { verdict, ..facts }
    }

    /// The same with amounts as the API reports them, when the coin is not known. Whether goods may be handed over does
    /// not depend on the coin.
    #[must_use]
    pub fn facts_as_reported(&self) -> PaymentFacts {
        self.facts(&CurrencyFacts::default())
    }

    /// What the payment means to the merchant.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.facts_as_reported().verdict
    }

    fn funds(&self, decimals: Option<u32>) -> Funds {
        let down =
            |amount: Money, decimals: Option<u32>| decimals.map_or(amount, |most| amount.rounded_down(most));
        let asked = self.crypto_amount.map(|amount| decimals.map_or(amount, |most| amount.rounded_up(most)));
        // Nothing is asked for in crypto until a currency is chosen, whatever the field holds.
        let asked = asked.filter(|amount| amount.is_positive() || is_chosen(&self.currency_id));
        let confirmed = self.confirmed_amount.map(|amount| down(amount, decimals));
        // The two amounts do not overlap. Brought to the coin's decimals first, so that a residue in one of them does not
        // make the sum too long to be held.
        let unconfirmed = self.unconfirmed_amount.map(|amount| down(amount, decimals));
        let both = match (confirmed, unconfirmed) {
            (Some(confirmed), Some(unconfirmed)) => confirmed.checked_add(unconfirmed),
            (confirmed, unconfirmed) => confirmed.or(unconfirmed),
        };
        let code = self.fiat.as_deref().unwrap_or("EUR");
        let fiat = self.received_amount.map(|amount| down(amount, code.parse().ok().map(Fiat::exponent)));
        let amounts = [confirmed, unconfirmed, fiat].into_iter().flatten().any(Money::is_positive);
        let on_chain = self.transactions.as_ref().is_some_and(|transactions| !transactions.is_empty());
        let by_status = matches!(
            self.status,
            PaymentStatus::Ac | PaymentStatus::Ia | PaymentStatus::Co | PaymentStatus::Cm | PaymentStatus::Oc
        );
        // Something has arrived, and the crypto amounts do not say how much; less than nothing cannot have arrived.
        let uncounted = (on_chain || fiat.is_some_and(Money::is_positive))
            && !both.is_some_and(Money::is_positive)
            || [confirmed, unconfirmed].into_iter().flatten().any(|amount| amount < Money::ZERO);
        let received = match self.status {
            // The merchant's decision counts, whatever arrived.
            PaymentStatus::Cm => None,
            // Of a payment that failed, what was never confirmed does not count.
            PaymentStatus::Co | PaymentStatus::Fa => confirmed,
            _ => both.filter(|_| !uncounted),
        };
        Funds { asked, received, fiat, seen: amounts || on_chain || by_status }
    }

    /// Compared in crypto, because the fiat value of late funds differs from that of the order even when they are
    /// complete; in fiat only when the crypto amounts are not known.
    fn is_short(&self, facts: &PaymentFacts, fiat: Option<Money>) -> Option<bool> {
        match (facts.asked, facts.received) {
            (Some(asked), Some(received)) => Some(received < asked),
            _ => Some(fiat? < self.fiat_amount),
        }
    }

    fn is_late(&self) -> bool {
        let transactions = self.transactions.iter().flatten();
        let mut times = transactions.filter_map(|transaction| transaction.created_at);
        self.expired_time.is_some_and(|expiry| times.any(|time| time > expiry))
    }

    /// Out of conditions means late or short: a payment that is not short was late.
    fn review(&self, facts: &PaymentFacts, fiat: Option<Money>) -> Option<Review> {
        match (self.is_short(facts, fiat), self.is_late()) {
            (Some(true), true) => Some(Review::Both),
            (Some(true), false) => Some(Review::Short),
            (Some(false), _) | (None, true) => Some(Review::Late),
            (None, false) => None,
        }
    }
}

impl PlacedOrder {
    /// What is known of the order when it was just created and not read back: nothing has come yet.
    #[must_use]
    pub fn facts(&self, coin: &CurrencyFacts) -> PaymentFacts {
        let asked = self.expected_input_amount;
        PaymentFacts {
            verdict: Verdict::Unpaid,
            asked: asked.map(|amount| coin.decimals.map_or(amount, |most| amount.rounded_up(most))),
            received: None,
            funds_seen: false,
            expires_at: None,
            destination: destination(coin, &self.input_currency, &self.address, &self.tag_memo),
        }
    }
}

fn destination(
    coin: &CurrencyFacts,
    currency: &Option<String>,
    address: &Option<String>,
    tag: &Option<String>,
) -> Destination {
    let tag = tag.as_deref();
    match coin.checked_tag(tag) {
        Err(TagError::Missing) if is_chosen(currency) => Destination::LacksTag,
        // The network is not known, and its addresses look like those of one on which funds need a tag.
        Ok(None)
            if coin.tag == TagRule::Unknown
                && is_chosen(currency)
                && address.as_deref().is_some_and(may_need_tag) =>
        {
            Destination::LacksTag
        }
        Err(TagError::Malformed) => Destination::Unreadable,
        _ if [address.as_deref(), tag].into_iter().flatten().all(is_plain) => Destination::Sound,
        _ => Destination::Unreadable,
    }
}

/// Whether the address has the form of those of Stellar (of its classic ones, which hold no memo) or of the XRP Ledger.
fn may_need_tag(address: &str) -> bool {
    let is_stellar = address.len() == 56
        && address.starts_with('G')
        && address.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    let is_xrp = (25..=35).contains(&address.len())
        && address.starts_with('r')
        && address.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_stellar || is_xrp
}

fn is_chosen(currency: &Option<String>) -> bool {
    currency.as_deref().is_some_and(|symbol| !symbol.is_empty())
}

/// The amounts of a payment, in the decimals of its coin where they are known.
struct Funds {
    asked: Option<Money>,
    received: Option<Money>,
    /// What was received, in fiat.
    fiat: Option<Money>,
    seen: bool,
}

#[cfg(test)]
mod tests;
