//! The text for the customer about a payment, and the next step. Vague texts lose money: every amount is exact, and a
//! customer who has to send something reads the address, the tag and the deadline.

use bitnovo_pay::{Language, Money, NotPayable, Payable, Review, Verdict};
use chrono::{DateTime, Utc};

use crate::bitnovo::payment_view::PaymentView;
use crate::config::forms::{Forms, Price};

mod english;
mod refusal;
mod spanish;

/// The state of a payment, as far as it needs an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CustomerMessage {
    /// Nothing was sent, and no currency is chosen.
    Choose { price: Price },
    /// Nothing was sent.
    Send { amount: Option<String>, target: Target },
    /// A part was sent.
    SendRest { missing: String, target: Target },
    /// The state is not known: it could not be read again.
    Unread,
    /// The time is over, and the status has yet to follow.
    TimeOver { begun: bool },
    /// The order must not be shown.
    Withheld,
    /// Whatever is sent is lost.
    TagMissing { currency: String },
    /// On its way.
    Confirming { price: Price },
    /// Something has come, and the status does not say yet what it makes.
    Seen,
    /// Paid.
    Paid { price: Price },
    /// Paid, and more than that.
    Overpaid { price: Price, surplus: Option<String> },
    /// Not in full in time.
    Short { missing: Option<String> },
    /// In full, too late.
    Late { price: Price },
    /// Neither in full nor in time.
    ShortAndLate { missing: Option<String> },
    /// The API does not say why.
    Unclear,
    /// Nothing came in time.
    Expired,
    /// What came was never confirmed.
    Failed,
    /// Given back.
    Refunded,
}

/// Where funds are to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    currency: Option<String>,
    network: Option<String>,
    address: Option<String>,
    tag: Option<String>,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl CustomerMessage {
    pub(crate) fn of(view: &PaymentView) -> Self {
        let price = view.price.clone();
        let facts = &view.facts;
        let crypto = |amount: Option<Money>| Some(format!("{} {}", amount?, view.currency.as_deref()?));
        match view.payable {
            Payable::All(_) if view.currency.is_none() => Self::Choose { price },
            Payable::All(amount) => Self::Send { amount: crypto(amount), target: Target::of(view) },
            Payable::Rest(missing) => Self::SendRest {
                missing: crypto(Some(missing)).unwrap_or_else(|| missing.to_string()),
                target: Target::of(view),
            },
            Payable::Nothing(NotPayable::Stale) => Self::Unread,
            Payable::Nothing(NotPayable::Withheld) => Self::Withheld,
            Payable::Nothing(NotPayable::FundsSeen) => Self::Seen,
            Payable::Nothing(NotPayable::TimeOver) => Self::TimeOver { begun: facts.funds_seen },
            Payable::Nothing(NotPayable::LacksTag) if facts.verdict == Verdict::Unpaid => {
                Self::TagMissing { currency: view.currency.clone().unwrap_or_default() }
            }
            // With the tag missing, a new payment would have them pay what has come once more.
            Payable::Nothing(
                NotPayable::LacksTag | NotPayable::UnreadableDestination | NotPayable::AmountUnknown,
            ) => Self::Unclear,
            Payable::Nothing(NotPayable::Decided) => match facts.verdict {
                Verdict::Detected => Self::Confirming { price },
                Verdict::Paid => Self::Paid { price },
                Verdict::Overpaid => Self::Overpaid { price, surplus: crypto(facts.surplus()) },
                Verdict::NeedsReview(Some(Review::Short)) => {
                    Self::Short { missing: crypto(facts.shortfall()) }
                }
                Verdict::NeedsReview(Some(Review::Late)) => Self::Late { price },
                Verdict::NeedsReview(Some(Review::Both)) => {
                    Self::ShortAndLate { missing: crypto(facts.shortfall()) }
                }
                Verdict::Expired if !facts.funds_seen => Self::Expired,
                Verdict::Failed if !facts.received.is_some_and(Money::is_positive) => Self::Failed,
                Verdict::Refunded => Self::Refunded,
                // What an SDK of tomorrow may add is for a person to look at.
                _ => Self::Unclear,
            },
        }
    }

    /// One sentence that can be shown to the customer as it is.
    pub(crate) fn customer_message(&self, forms: &Forms) -> String {
        match forms.language {
            Language::En => english::sentence(self, forms),
            Language::Es => spanish::sentence(self, forms),
        }
    }

    /// One sentence for the agent.
    pub(crate) fn next_action(&self) -> &'static str {
        match self {
            Self::Choose { .. } | Self::Send { .. } => {
                "Show the customer how to pay, then call wait_for_payment; do not create another payment for the same sale."
            }
            Self::SendRest { .. } => {
                "Give the customer the customer_message, then call wait_for_payment; do not create another payment for the \
                 rest."
            }
            Self::Unread => {
                "Call get_payment_status first: the payment could not be read again since read_at and may have changed. Until \
                 then do not ask the customer to send anything, do not hand over goods, and create no other payment."
            }
            Self::TimeOver { .. } => {
                "Do not let the customer send anything. Call get_payment_status again for the final status before you do \
                 anything else, and create no other payment until then."
            }
            Self::Withheld => {
                "Do not show this payment to the customer. Repeat its create with the same idempotency_key: the answer names the \
                 payment to show. Create no other payment for the sale."
            }
            Self::TagMissing { .. } => {
                "Do not let the customer pay this one: create a new payment with a new idempotency_key, or a payment link."
            }
            Self::Confirming { .. } | Self::Seen => {
                "Do not hand over the goods yet: call wait_for_payment until the verdict is paid."
            }
            Self::Paid { .. } => "Hand over the goods.",
            Self::Overpaid { .. } => {
                "Hand over the goods, and tell the merchant the surplus_amount: refunds are made by the merchant, not here."
            }
            Self::Short { .. } | Self::Late { .. } | Self::ShortAndLate { .. } | Self::Unclear => {
                "Do not hand over the goods and create no other payment: tell the merchant, who accepts or refunds this one."
            }
            Self::Expired | Self::Failed => {
                "Do not hand over the goods. Ask the customer whether they have sent anything: then tell the merchant, and \
                 create nothing. If they have not and still want to pay, create a new payment with a new idempotency_key."
            }
            Self::Refunded => "Do not hand over the goods: the money went back to the customer.",
        }
    }
}

impl Target {
    fn of(view: &PaymentView) -> Self {
        Self {
            currency: view.currency.clone(),
            network: view.coin.network.clone(),
            address: view.address.clone(),
            tag: view.tag.clone(),
            until: view.facts.expires_at,
            now: view.now,
        }
    }
}

impl PaymentView {
    /// One sentence for the agent.
    pub(crate) fn next_action(&self) -> &'static str {
        let customer_message =
            if self.is_stale() { CustomerMessage::Unread } else { CustomerMessage::of(self) };
        customer_message.next_action()
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
}

#[cfg(test)]
mod tests;
