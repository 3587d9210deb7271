//! What a payment means to the merchant: the one answer that decides about the goods.

use crate::{CurrencyFacts, Money, Payment, PaymentStatus, TagError};

/// What a payment means to the merchant.
///
/// Only [`Paid`](Self::Paid) and [`Overpaid`](Self::Overpaid) mean that goods may be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing received yet.
    Unpaid,
    /// Seen on the network and not safe yet.
    Detected,
    /// Less than asked for so far; [`Payment::remaining_amount`] is missing.
    Underpaid,
    /// Paid: hand over the goods.
    Paid,
    /// More than asked for: hand over the goods; [`Payment::surplus`] was too much.
    Overpaid,
    /// Somebody has to decide. `None` when the payment does not tell why.
    NeedsReview(Option<Review>),
    /// Nothing received in time, or called off.
    Expired,
    /// Given back.
    Refunded,
    /// The customer's transaction never confirmed.
    Failed,
}

/// Why a payment needs a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Review {
    /// In time, but not in full.
    Short,
    /// In full, but after the expiry.
    Late,
    /// Neither in full nor in time.
    Both,
}

impl Verdict {
    /// Whether goods may be handed over.
    #[must_use]
    pub const fn may_ship(self) -> bool {
        matches!(self, Self::Paid | Self::Overpaid)
    }

    /// Whether nobody can pay any more: the time ran out, it was called off, it failed, or it was given back.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Expired | Self::Failed | Self::Refunded)
    }

    /// The verdict as one word, such as `needs_review`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Detected => "detected",
            Self::Underpaid => "underpaid",
            Self::Paid => "paid",
            Self::Overpaid => "overpaid",
            Self::NeedsReview(_) => "needs_review",
            Self::Expired => "expired",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
        }
    }

    /// Why a decision is needed: `short`, `late` or `both`.
    #[must_use]
    pub const fn details(self) -> Option<&'static str> {
        match self {
            Self::NeedsReview(Some(Review::Short)) => Some("short"),
            Self::NeedsReview(Some(Review::Late)) => Some("late"),
            Self::NeedsReview(Some(Review::Both)) => Some("both"),
            _ => None,
        }
    }
}

impl Payment {
    /// What the payment means to the merchant.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let paid = || if self.excess().is_some() { Verdict::Overpaid } else { Verdict::Paid };
        match self.status {
            PaymentStatus::Nr | PaymentStatus::Pe => Verdict::Unpaid,
            PaymentStatus::Ac if self.safe == Some(true) => paid(),
            PaymentStatus::Ac => Verdict::Detected,
            PaymentStatus::Ia => Verdict::Underpaid,
            PaymentStatus::Co => paid(),
            PaymentStatus::Cm => Verdict::Paid,
            PaymentStatus::Oc => Verdict::NeedsReview(self.review()),
            PaymentStatus::Ex | PaymentStatus::Ca | PaymentStatus::De => Verdict::Expired,
            PaymentStatus::Rf => Verdict::Refunded,
            PaymentStatus::Fa => Verdict::Failed,
            PaymentStatus::Unknown(_) => Verdict::NeedsReview(None),
        }
    }

    /// Whether the payment's time is over: what is sent now may be lost.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.status, PaymentStatus::Ex | PaymentStatus::Ca | PaymentStatus::De)
    }

    /// The crypto amount that is still missing, while the payment is underpaid.
    #[must_use]
    pub fn remaining_amount(&self) -> Option<Money> {
        if self.verdict() == Verdict::Underpaid { self.shortfall() } else { None }
    }

    /// The crypto amount that an underpaid payment lacks, whether it can still be sent or the time for that is over.
    #[must_use]
    pub fn shortfall(&self) -> Option<Money> {
        use Review::{Both, Short};
        match self.verdict() {
            Verdict::Underpaid | Verdict::NeedsReview(Some(Short | Both)) => {
                self.crypto_amount?.checked_sub(self.seen()?).filter(|missing| missing.is_positive())
            }
            _ => None,
        }
    }

    /// Whether anything of the customer's is known to have come, whatever the status says.
    #[must_use]
    pub fn has_funds(&self) -> bool {
        let amounts = [self.confirmed_amount, self.unconfirmed_amount, self.received_amount];
        amounts.iter().flatten().any(|amount| amount.is_positive())
            || self.transactions.as_ref().is_some_and(|transactions| !transactions.is_empty())
    }

    /// Whether the customer has begun to pay: asked for the whole amount again, they would pay twice.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.verdict() != Verdict::Unpaid || self.has_funds()
    }

    /// Whether the currency needs a destination tag or memo and the payment has none: funds sent to it are lost.
    #[must_use]
    pub fn lacks_tag(&self, facts: &CurrencyFacts) -> bool {
        let chosen = self.currency_id.as_deref().is_some_and(|symbol| !symbol.is_empty());
        chosen && facts.checked_tag(self.tag_memo.as_deref()) == Err(TagError::Missing)
    }

    /// The crypto amount that was paid too much, when the payment is overpaid.
    #[must_use]
    pub fn surplus(&self) -> Option<Money> {
        if self.verdict() == Verdict::Overpaid { self.excess() } else { None }
    }

    /// What counts as paid, less what was asked for, when that is more than nothing.
    fn excess(&self) -> Option<Money> {
        let counted = match self.status {
            // Safe, so what is not confirmed yet counts too.
            PaymentStatus::Ac => self.seen()?,
            _ => self.confirmed_amount?,
        };
        counted.checked_sub(self.crypto_amount?).filter(|excess| excess.is_positive())
    }

    /// Crypto received, confirmed or not: the two amounts do not overlap.
    fn seen(&self) -> Option<Money> {
        let zero = Money::ZERO;
        self.confirmed_amount.unwrap_or(zero).checked_add(self.unconfirmed_amount.unwrap_or(zero))
    }

    /// Compared in crypto, because the fiat value of late funds differs from that of the order even when they are
    /// complete; in fiat only when the crypto amounts are not told.
    fn is_short(&self) -> Option<bool> {
        match (self.crypto_amount, self.confirmed_amount.or(self.unconfirmed_amount)) {
            (Some(asked), Some(_)) => Some(self.seen()? < asked),
            _ => Some(self.received_amount? < self.fiat_amount),
        }
    }

    fn is_late(&self) -> bool {
        let transactions = self.transactions.iter().flatten();
        let mut times = transactions.filter_map(|transaction| transaction.created_at);
        self.expired_time.is_some_and(|expiry| times.any(|time| time > expiry))
    }

    /// Out of conditions is late or short: a payment that is not short must have been late.
    fn review(&self) -> Option<Review> {
        match (self.is_short(), self.is_late()) {
            (Some(true), true) => Some(Review::Both),
            (Some(true), false) => Some(Review::Short),
            (Some(false), _) | (None, true) => Some(Review::Late),
            (None, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::one_payment::OnePayment;

    /// An XRP order of 4.534059, as the API answers while nothing has been paid, with some fields replaced.
    fn payment(changes: &[(&str, &str)]) -> Payment {
        let mut json = include_str!("../../tests/samples/orders_info_200_PE.json").to_owned();
        for (field, value) in changes {
            let start = json.find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("no field {field}"));
            let end = start + json[start..].find('\n').unwrap();
            let comma = if json[..end].trim_end().ends_with(',') { "," } else { "" };
            json.replace_range(start..end, &format!("\"{field}\": {value}{comma}"));
        }
        let OnePayment(payment) = serde_json::from_str(&json).unwrap();
        payment
    }

    fn sample(json: &str) -> Payment {
        let OnePayment(payment) = serde_json::from_str(json).unwrap();
        payment
    }

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    const EARLY: &str = r#"[{"amount": 1, "created_at": "2025-02-03T10:04:10.551200+01:00"}]"#;
    const LATE: &str = r#"[{"amount": 1, "created_at": "2025-02-03T09:16:00Z"}]"#;

    #[test]
    fn every_status_has_the_verdict_of_the_table() {
        for (status, verdict) in [
            ("NR", "unpaid"),
            ("PE", "unpaid"),
            ("AC", "detected"),
            ("IA", "underpaid"),
            ("CO", "paid"),
            ("CM", "paid"),
            ("OC", "needs_review"),
            ("EX", "expired"),
            ("CA", "expired"),
            ("RF", "refunded"),
            ("FA", "failed"),
            ("DE", "expired"),
            ("ZZ", "needs_review"),
            ("", "needs_review"),
        ] {
            let payment = payment(&[("status", &format!("\"{status}\""))]);
            assert_eq!(payment.verdict().as_str(), verdict, "{status}");
            assert_eq!(payment.verdict().may_ship(), verdict == "paid", "{status}");
        }
    }

    #[test]
    fn the_samples_mean_what_they_are_named_after() {
        use Verdict::{Detected, Expired, NeedsReview, Paid, Underpaid, Unpaid};
        for (json, verdict) in [
            (include_str!("../../tests/samples/orders_info_200_NR.json"), Unpaid),
            (include_str!("../../tests/samples/orders_info_200_PE.json"), Unpaid),
            (include_str!("../../tests/samples/orders_info_200_AC_unsafe.json"), Detected),
            (include_str!("../../tests/samples/orders_info_200_AC_safe.json"), Paid),
            (include_str!("../../tests/samples/orders_info_200_IA.json"), Underpaid),
            (include_str!("../../tests/samples/orders_info_200_CO.json"), Paid),
            (include_str!("../../tests/samples/orders_info_200_OC.json"), NeedsReview(Some(Review::Short))),
            (include_str!("../../tests/samples/orders_info_200_EX.json"), Expired),
            (include_str!("../../tests/samples/orders_info_200_CA.json"), Expired),
            (include_str!("../../tests/samples/websocket_message_CO.json"), Paid),
        ] {
            assert_eq!(sample(json).verdict(), verdict, "{json}");
        }
    }

    #[test]
    fn goods_are_not_released_on_a_payment_that_does_not_say_it_is_safe() {
        for safe in ["false", "null"] {
            let payment =
                payment(&[("status", "\"AC\""), ("safe", safe), ("unconfirmed_amount", "4.534059")]);
            assert_eq!(payment.verdict(), Verdict::Detected);
            assert!(!payment.verdict().may_ship());
        }
    }

    #[test]
    fn a_confirmed_surplus_is_overpaid_to_the_last_digit() {
        let co = ("status", "\"CO\"");
        for (confirmed, verdict, surplus) in [
            ("4.534059", Verdict::Paid, None),
            ("4.5340590", Verdict::Paid, None),
            ("4.534060", Verdict::Overpaid, Some("0.000001")),
            ("5", Verdict::Overpaid, Some("0.465941")),
            ("4.5", Verdict::Paid, None),
            ("null", Verdict::Paid, None),
        ] {
            let payment = payment(&[co, ("confirmed_amount", confirmed)]);
            assert_eq!(payment.verdict(), verdict, "{confirmed}");
            assert_eq!(payment.surplus(), surplus.map(money), "{confirmed}");
        }
    }

    #[test]
    fn a_safe_surplus_is_overpaid_before_it_is_confirmed() {
        let payment = payment(&[
            ("status", "\"AC\""),
            ("safe", "true"),
            ("unconfirmed_amount", "3"),
            ("confirmed_amount", "2"),
        ]);
        assert_eq!(payment.verdict(), Verdict::Overpaid);
        assert_eq!(payment.surplus(), Some(money("0.465941")));
    }

    #[test]
    fn what_is_missing_is_exact_and_only_told_while_it_can_be_paid() {
        let sample = sample(include_str!("../../tests/samples/orders_info_200_IA.json"));
        assert_eq!(sample.remaining_amount(), Some(money("2.534059")));
        let ia = ("status", "\"IA\"");
        let split = payment(&[ia, ("confirmed_amount", "1.1"), ("unconfirmed_amount", "0.2")]);
        assert_eq!(split.remaining_amount(), Some(money("3.234059")));
        assert_eq!(payment(&[ia, ("crypto_amount", "null")]).remaining_amount(), None);
        assert_eq!(payment(&[("status", "\"OC\""), ("confirmed_amount", "1")]).remaining_amount(), None);
        assert_eq!(payment(&[]).remaining_amount(), None);
    }

    #[test]
    fn what_came_short_is_exact_after_the_time_is_over_too() {
        let oc = ("status", "\"OC\"");
        for (confirmed, transactions, shortfall) in
            [("2", EARLY, Some("2.534059")), ("4.534058", LATE, Some("0.000001")), ("4.534059", LATE, None)]
        {
            let payment = payment(&[oc, ("confirmed_amount", confirmed), ("transactions", transactions)]);
            assert_eq!(payment.shortfall(), shortfall.map(money), "{confirmed}");
            assert_eq!(payment.remaining_amount(), None, "{confirmed}");
        }
        let underpaid = payment(&[("status", "\"IA\""), ("confirmed_amount", "1")]);
        assert_eq!(underpaid.shortfall(), underpaid.remaining_amount());
        // Only what is short by the amounts themselves: in fiat it is not known how much crypto is missing.
        let unknown = [oc, ("crypto_amount", "null"), ("received_amount", "9.99"), ("transactions", "null")];
        assert_eq!(payment(&unknown).shortfall(), None);
        assert_eq!(payment(&[]).shortfall(), None);
    }

    #[test]
    fn a_tag_that_is_needed_and_not_there_is_noticed() {
        let (ripple, bitcoin) = (CurrencyFacts::unlisted("XRP_TEST"), CurrencyFacts::unlisted("BTC"));
        assert!(!payment(&[]).lacks_tag(&ripple));
        for tag in ["\"\"", "null"] {
            assert!(payment(&[("tag_memo", tag)]).lacks_tag(&ripple), "{tag}");
            assert!(!payment(&[("tag_memo", tag)]).lacks_tag(&bitcoin), "{tag}");
            // No currency is chosen yet.
            assert!(!payment(&[("tag_memo", tag), ("currency_id", "null")]).lacks_tag(&ripple), "{tag}");
        }
    }

    #[test]
    fn out_of_conditions_says_whether_it_was_short_late_or_both() {
        for (changes, details) in [
            (vec![("confirmed_amount", "2"), ("transactions", EARLY)], Some("short")),
            (vec![("confirmed_amount", "2"), ("transactions", LATE)], Some("both")),
            (vec![("confirmed_amount", "4.534059"), ("transactions", LATE)], Some("late")),
            // In full and nothing after the expiry: it cannot have been anything but late.
            (vec![("confirmed_amount", "4.534059"), ("transactions", EARLY)], Some("late")),
            // Late funds are worth another amount of fiat: that alone does not make them short.
            (
                vec![("confirmed_amount", "4.534059"), ("received_amount", "9.5"), ("transactions", LATE)],
                Some("late"),
            ),
            // Without crypto amounts the fiat ones decide.
            (
                vec![("crypto_amount", "null"), ("received_amount", "9.99"), ("transactions", "null")],
                Some("short"),
            ),
            (
                vec![("crypto_amount", "null"), ("received_amount", "null"), ("transactions", LATE)],
                Some("late"),
            ),
            (vec![("crypto_amount", "null"), ("received_amount", "null"), ("transactions", "null")], None),
        ] {
            let mut all = vec![("status", "\"OC\"")];
            all.extend(&changes);
            assert_eq!(payment(&all).verdict().details(), details, "{changes:?}");
        }
    }
}
