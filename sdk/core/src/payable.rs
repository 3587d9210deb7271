//! The one decision whether a customer may be asked to send, and how much. Every text, URI, picture and wait follows it;
//! it is the same for every payment provider.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Money, Review, Verdict};

/// How long a reading counts as current: longer than the longest pause between two reads of a wait with a slow
/// answer, and shorter than a customer needs to pay.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(30);

/// What is known of a payment, whichever provider it is from. Amounts are in the decimals of the coin where these are
/// known: what is asked rounded up, what has come rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentFacts {
    /// What the payment means to the merchant.
    pub verdict: Verdict,
    /// The crypto amount that is asked for; `None` until a currency is chosen.
    pub asked: Option<Money>,
    /// The crypto amount that counts as received; `None` when it is not known, or when something else counts, such as the
    /// word of the merchant.
    pub received: Option<Money>,
    /// Whether anything of the customer's has been seen, confirmed or not, by its amounts or by its status.
    pub funds_seen: bool,
    /// When the time to pay is over.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether funds that are sent now would arrive.
    pub destination: Destination,
}

/// Whether what is sent to a payment arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// As far as is known.
    Sound,
    /// The currency needs a destination tag or memo and the payment has none: funds sent to it are lost.
    LacksTag,
    /// The address or the tag cannot be shown as it is, or is not one of its network.
    Unreadable,
}

/// When a payment was read, and whether later reads have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When the request was sent whose answer is the payment.
    pub read_at: DateTime<Utc>,
    /// Since when the payment may have changed unseen: a later read has failed, or a change was announced and could not be
    /// read.
    pub outdated_since: Option<DateTime<Utc>>,
}

/// Whether the customer may be asked to send, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payable {
    /// The whole amount: nothing has arrived. `None` when only the payment's own page shows the amount.
    All(Option<Money>),
    /// Exactly this amount: the rest has arrived.
    Rest(Money),
    /// Nothing.
    Nothing(NotPayable),
}

/// Why the customer must not be asked to send anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotPayable {
    /// The verdict says so.
    Decided,
    /// The state of the payment is not known: the reading is too old, or later ones have failed.
    Stale,
    /// Something has come, which the status does not show yet.
    FundsSeen,
    /// The time to pay is over, which the status does not show yet.
    TimeOver,
    /// Funds sent without the tag would be lost.
    LacksTag,
    /// The address or the tag cannot be shown without changing it.
    UnreadableDestination,
    /// The order must not be shown: it is not known yet whether it is the one of its sale, or it is not what was asked for.
    Withheld,
    /// How much to send is not known: a part has come, and not how much of it is known, or the amounts make no sense.
    AmountUnknown,
}

impl Reading {
    /// A reading whose request was sent at this time.
    #[must_use]
    pub const fn at(read_at: DateTime<Utc>) -> Self {
        Self { read_at, outdated_since: None }
    }

    /// Whether the payment may have changed since. A reading from the future means that the clock was set back: its age
    /// is not known.
    #[must_use]
    pub fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.outdated_since.is_some() || now.signed_duration_since(self.read_at).abs() > FRESH_FOR
    }
}

impl Payable {
    /// Whether the customer may be asked to send.
    #[must_use]
    pub const fn may_ask(self) -> bool {
        !matches!(self, Self::Nothing(_))
    }

    /// The amount that the customer may be asked to send, where it is known.
    #[must_use]
    pub const fn amount(self) -> Option<Money> {
        match self {
            Self::All(amount) => amount,
            Self::Rest(amount) => Some(amount),
            Self::Nothing(_) => None,
        }
    }
}

impl PaymentFacts {
    /// Whether the customer may be asked to send at this time, and how much.
    #[must_use]
    pub fn payable(&self, reading: &Reading, now: DateTime<Utc>) -> Payable {
        use NotPayable::{
            AmountUnknown, Decided, FundsSeen, LacksTag, Stale, TimeOver, UnreadableDestination,
        };
        let is_open = matches!(self.verdict, Verdict::Unpaid | Verdict::Underpaid);
        let refused = if !is_open {
            Some(Decided)
        } else if reading.is_stale(now) {
            Some(Stale)
        } else if self.verdict == Verdict::Unpaid && self.funds_seen {
            Some(FundsSeen)
        } else if self.expires_at.is_some_and(|expiry| expiry <= now) {
            Some(TimeOver)
        } else {
            match self.destination {
                Destination::Sound => None,
                Destination::LacksTag => Some(LacksTag),
                Destination::Unreadable => Some(UnreadableDestination),
            }
        };
        let makes_no_sense = self.asked.is_some_and(|asked| !asked.is_positive());
        match (refused, self.verdict) {
            (Some(reason), _) => Payable::Nothing(reason),
            (None, _) if makes_no_sense => Payable::Nothing(AmountUnknown),
            (None, Verdict::Underpaid) => match (self.missing(), self.asked.and(self.received)) {
                (Some(missing), _) => Payable::Rest(missing),
                // By the amounts it is complete: the status has yet to follow.
                (None, Some(_)) => Payable::Nothing(FundsSeen),
                (None, None) => Payable::Nothing(AmountUnknown),
            },
            (None, _) => Payable::All(self.asked),
        }
    }

    /// What an underpaid payment lacks, whether it can still be sent or the time for that is over.
    #[must_use]
    pub fn shortfall(&self) -> Option<Money> {
        use Review::{Both, Short};
        match self.verdict {
            Verdict::Underpaid | Verdict::NeedsReview(Some(Short | Both)) => self.missing(),
            _ => None,
        }
    }

    /// What was sent in excess to an overpaid payment.
    #[must_use]
    pub fn surplus(&self) -> Option<Money> {
        if self.verdict == Verdict::Overpaid { self.excess() } else { None }
    }

    /// What a payment lacks by its own amounts although the provider calls it paid. The verdict is the provider's; the
    /// merchant should look.
    #[must_use]
    pub fn unexplained_shortfall(&self) -> Option<Money> {
        if self.verdict.may_ship() { self.missing() } else { None }
    }

    /// Whether the customer has begun to pay, or the payment has gone further than that.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.funds_seen || !matches!(self.verdict, Verdict::Unpaid | Verdict::Expired)
    }

    /// What was asked for, less what has come, when that is more than nothing.
    #[must_use]
    pub fn missing(&self) -> Option<Money> {
        self.asked?.checked_sub(self.received?).filter(|missing| missing.is_positive())
    }

    /// What has come, less what was asked for, when that is more than nothing.
    #[must_use]
    pub fn excess(&self) -> Option<Money> {
        self.received?.checked_sub(self.asked?).filter(|excess| excess.is_positive())
    }
}

#[cfg(test)]
mod tests;
