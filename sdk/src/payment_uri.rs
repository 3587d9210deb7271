//! What a wallet reads from a payment's QR code.
//!
//! The rules here keep money from being sent to another address, in another coin, or without its tag.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::{Coin, CurrencyFacts, Money};

mod told;

use told::Told;

/// What is known of a payment, from which its URI is made.
///
/// ```
/// use bitnovo_pay::{Currency, CurrencyFacts, payment_uri::PaymentUri};
///
/// # let json = r#"{"symbol":"XRP_TEST","name":"Ripple Test XRP","min_amount":"0.01","blockchain":"XRP_TEST"}"#;
/// # let entry: Currency = serde_json::from_str(json).unwrap();
/// // `entry` is what `Client::currencies_list` has of this currency.
/// let payment = PaymentUri {
///     told: None,
///     currency: "XRP_TEST",
///     facts: CurrencyFacts::of_currency(&entry),
///     address: "rrrrrrrrrrrrrrrrrrrrrhoLvTp",
///     amount: "4.534059".parse().ok(),
///     tag: Some("1234567890"),
/// };
/// let uri = "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890";
/// assert_eq!(payment.resolve()?.as_deref(), Some(uri));
/// # Ok::<(), bitnovo_pay::payment_uri::UriError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PaymentUri<'a> {
    /// The URI that the API told at creation, if it is at hand.
    pub told: Option<&'a ToldUri>,
    /// Symbol of the currency.
    pub currency: &'a str,
    /// What the catalogue's entry says of the currency.
    pub facts: CurrencyFacts,
    /// Where the funds go.
    pub address: &'a str,
    /// The crypto amount.
    pub amount: Option<Money>,
    /// The destination tag or memo.
    pub tag: Option<&'a str>,
}

/// The payment URI as the API told it. It cannot be read: nothing vouches for it until [`PaymentUri::resolve`] has held it
/// against the payment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct ToldUri(String);

impl ToldUri {
    /// The text of [`CreatedOrder::payment_uri`](crate::CreatedOrder::payment_uri); `None` when it is empty.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }
}

/// Why a payment must not be offered for scanning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UriError {
    /// Funds sent without the tag would be lost.
    #[error(
        "{currency} needs a destination tag or memo and this payment has none; funds sent without it are lost"
    )]
    TagRequired {
        /// Symbol of the currency.
        currency: String,
    },
    /// The URI that the API told and the payment's own fields are not about the same payment.
    #[error("the payment URI that the API told has another {field} than the payment itself")]
    Contradiction {
        /// What differs: `address`, `amount` or `tag`.
        field: &'static str,
    },
}

/// What an address or a tag may hold in a URI as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl PaymentUri<'_> {
    /// The URI to be scanned: the API's own where it is sound, otherwise one of ours.
    ///
    /// `None` when no URI would be safe: a token's contract and network are not known for certain, and a wallet would
    /// read a URI without them as an amount of the network's own coin. The address can still be shown.
    ///
    /// # Errors
    /// When a tag that the currency needs is missing, and when the API contradicts itself.
    pub fn resolve(&self) -> Result<Option<String>, UriError> {
        let facts = self.facts;
        let tag = self.tag.filter(|tag| !tag.is_empty());
        if facts.requires_tag() && tag.is_none() {
            return Err(UriError::TagRequired { currency: self.currency.to_owned() });
        }
        let scheme = facts.coin.and_then(|coin| scheme(coin, self.currency));
        match self.told.and_then(|told| Told::parse(&told.0)) {
            Some(told) if told.serves(self, tag, scheme, facts.is_token)? => Ok(Some(told.text.to_owned())),
            _ => Ok(scheme.and_then(|scheme| self.build(scheme, tag))),
        }
    }

    fn build(&self, scheme: &str, tag: Option<&str>) -> Option<String> {
        let bare =
            self.address.strip_prefix(scheme).and_then(|rest| rest.strip_prefix(':')).unwrap_or(self.address);
        let amount = self.amount.map(|amount| format!("amount={amount}"));
        let tag = match (tag, scheme) {
            (Some(tag), "ripple") => Some(format!("dt={}", utf8_percent_encode(tag, PLAIN))),
            (None, _) => None,
            // A tag that the scheme has no place for: without it the URI would be half the truth.
            (Some(_), _) => return None,
        };
        let query: Vec<String> = amount.into_iter().chain(tag).collect();
        let separator = if query.is_empty() { "" } else { "?" };
        Some(format!("{scheme}:{}{separator}{}", utf8_percent_encode(bare, PLAIN), query.join("&")))
    }
}

/// The scheme under which wallets take a plain amount of the coin; `None` where there is none that they agree on.
fn scheme(coin: Coin, symbol: &str) -> Option<&'static str> {
    match coin {
        Coin::Bitcoin => Some("bitcoin"),
        Coin::BitcoinCash if symbol == "BCH" => Some("bitcoincash"),
        Coin::BitcoinCash => Some("bchtest"),
        Coin::Dash => Some("dash"),
        Coin::Ethereum => Some("ethereum"),
        Coin::Litecoin => Some("litecoin"),
        Coin::Ripple => Some("ripple"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
