//! What to tell the customer about a payment, and what to do next. Money is lost where this is vague: every amount is
//! exact, and whoever has to send something reads where to, with which tag, and until when.

use bitnovo_pay::{CurrencyFacts, Fiat, Language, Money, Payment, Review, TagError, Verdict, clean_text};
use chrono::SecondsFormat;

use crate::foreign::is_plain;

mod english;
mod spanish;

/// Where a payment stands, as far as somebody has to act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// Nothing was sent, and no currency is chosen.
    Choose { price: String },
    /// Nothing was sent.
    Send { amount: Option<String>, target: Target },
    /// A part was sent.
    SendRest { missing: Option<String>, target: Target },
    /// Whatever is sent is lost.
    TagMissing { currency: String },
    /// On its way.
    Confirming { price: String },
    /// Something has come, and the status does not say yet what it makes.
    Seen,
    /// Paid.
    Paid { price: String },
    /// Paid, and more than that.
    Overpaid { price: String, surplus: Option<String> },
    /// Not in full in time.
    Short { missing: Option<String> },
    /// In full, too late.
    Late { price: String },
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
    address: Option<String>,
    tag: Option<String>,
    until: Option<String>,
}

impl Settlement {
    pub(crate) fn of(payment: &Payment, facts: &CurrencyFacts) -> Self {
        let price = {
            let code = &fiat_code(payment);
            format!("{} {code}", in_fiat(payment.fiat_amount, code))
        };
        let currency = payment.currency_id.as_deref().map(clean_text).filter(|symbol| !symbol.is_empty());
        let crypto = |amount: Option<Money>| Some(format!("{} {}", amount?, currency.as_deref()?));
        match (payment.verdict(), &currency) {
            (Verdict::Unpaid, _) if payment.has_funds() => Self::Seen,
            (Verdict::Unpaid, Some(currency)) if payment.lacks_tag(facts) => {
                Self::TagMissing { currency: currency.clone() }
            }
            // More would be lost, and a new payment would have them pay what has come once more.
            (Verdict::Underpaid, _) if payment.lacks_tag(facts) => Self::Unclear,
            (Verdict::Expired, _) if payment.has_funds() => Self::Unclear,
            (Verdict::Failed, _) if payment.confirmed_amount.is_some_and(Money::is_positive) => Self::Unclear,
            // Where money goes is told exactly or not at all.
            (Verdict::Unpaid | Verdict::Underpaid, _) if !is_exact(payment, facts) => Self::Unclear,
            (Verdict::Unpaid, None) => Self::Choose { price },
            (Verdict::Unpaid, Some(currency)) => Self::Send {
                amount: crypto(payment.crypto_amount),
                target: Target::of(payment, Some(currency), facts),
            },
            (Verdict::Underpaid, currency) => Self::SendRest {
                missing: crypto(payment.shortfall()),
                target: Target::of(payment, currency.as_ref(), facts),
            },
            (Verdict::Detected, _) => Self::Confirming { price },
            (Verdict::Paid, _) => Self::Paid { price },
            (Verdict::Overpaid, _) => Self::Overpaid { price, surplus: crypto(payment.surplus()) },
            (Verdict::NeedsReview(Some(Review::Short)), _) => {
                Self::Short { missing: crypto(payment.shortfall()) }
            }
            (Verdict::NeedsReview(Some(Review::Late)), _) => Self::Late { price },
            (Verdict::NeedsReview(Some(Review::Both)), _) => {
                Self::ShortAndLate { missing: crypto(payment.shortfall()) }
            }
            (Verdict::Expired, _) => Self::Expired,
            (Verdict::Failed, _) => Self::Failed,
            (Verdict::Refunded, _) => Self::Refunded,
            // What an SDK of tomorrow may add is for a person to look at.
            _ => Self::Unclear,
        }
    }

    /// One sentence that can be shown to the customer as it is.
    pub(crate) fn customer_message(&self, language: Language) -> String {
        match language {
            Language::En => english::sentence(self),
            Language::Es => spanish::sentence(self),
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
    fn of(payment: &Payment, currency: Option<&String>, facts: &CurrencyFacts) -> Self {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Self {
            currency: currency.cloned(),
            address: filled(&payment.address),
            // None on a network that has none, whatever the API says.
            tag: facts.checked_tag(payment.tag_memo.as_deref()).ok().flatten().map(str::to_owned),
            until: payment.expired_time.map(|time| time.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true)),
        }
    }
}

/// Whether address and tag can be shown without changing a character, and a wallet can send the tag.
fn is_exact(payment: &Payment, facts: &CurrencyFacts) -> bool {
    [&payment.address, &payment.tag_memo].into_iter().flatten().all(|text| is_plain(text))
        && facts.checked_tag(payment.tag_memo.as_deref()) != Err(TagError::Malformed)
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
