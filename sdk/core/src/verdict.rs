//! What a payment means to the merchant: whether the goods may be handed over.

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
    /// Less than asked for so far; [`PaymentFacts::shortfall`](crate::PaymentFacts::shortfall) is missing.
    Underpaid,
    /// Paid: hand over the goods.
    Paid,
    /// More than asked for: hand over the goods; [`PaymentFacts::surplus`](crate::PaymentFacts::surplus) was too much.
    Overpaid,
    /// The merchant has to decide. `None` when the payment does not show why.
    NeedsReview(Option<Review>),
    /// Nothing was received in time, or the payment was cancelled.
    Expired,
    /// Refunded.
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

    /// Whether the payment can no longer be made: it has expired, was cancelled, has failed or was refunded.
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
