//! What a wallet reads from a payment's QR code.
//!
//! The rules here keep money from being sent to another address, in another coin, or without its tag.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::{Coin, CurrencyFacts, Money, TagError};

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
    /// The URI that the API returned at creation, if it is known.
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

/// The payment URI as the API returned it. Its text cannot be read, because it is not trusted until [`PaymentUri::resolve`] has
/// compared it with the payment.
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
    /// No wallet can send the tag.
    #[error(
        "the destination tag or memo of this payment has a form that the network of {currency} does not know"
    )]
    MalformedTag {
        /// Symbol of the currency.
        currency: String,
    },
    /// The URI that the API returned and the payment's own fields contradict each other.
    #[error("the payment URI from the API has another {field} than the payment itself")]
    Contradiction {
        /// What differs: `address`, `amount`, `tag` or `network`.
        field: &'static str,
    },
}

/// What an address or a tag may hold in a URI as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How wallets take a payment in a network's own coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `scheme:address?amount=…`.
    Plain(&'static str),
    /// The same with the tag as `dt`.
    Ripple,
    /// EIP-681: `ethereum:address@chain?value=…`, in wei. Wallets ignore `amount`.
    Ethereum(u64),
    /// SEP-7. What kind of memo it is only the API's own URI says, and another kind is another recipient.
    Stellar,
    /// Solana Pay, where the API's own URI is one.
    Solana,
}

impl PaymentUri<'_> {
    /// The URI to be scanned. It is always built from the payment's own fields; the API's URI is compared with them, and
    /// only those of its other parameters are kept that are known to be harmless.
    ///
    /// `None` when no URI would be safe: a token's contract and network are not known for certain, and a wallet would
    /// read a URI without them as an amount of the network's own coin. The address can still be shown.
    ///
    /// # Errors
    /// When a tag that the currency needs is missing or malformed, and when the API contradicts itself.
    pub fn resolve(&self) -> Result<Option<String>, UriError> {
        let tag = match self.facts.checked_tag(self.tag) {
            Ok(tag) => tag,
            Err(TagError::Missing) => {
                return Err(UriError::TagRequired { currency: self.currency.to_owned() });
            }
            Err(TagError::Malformed) => {
                return Err(UriError::MalformedTag { currency: self.currency.to_owned() });
            }
            // No URI of the network has a place for the tag, and a URI without it would lose the funds.
            Err(TagError::Unexpected) => return Ok(None),
        };
        let told = self.told.and_then(|told| Told::parse(&told.0));
        let form = form(&self.facts);
        let decimals = self.facts.decimals;
        let amount = self.amount.map(|amount| decimals.map_or(amount, |most| amount.rounded_up(most)));
        let payment = Self { amount, ..*self };
        if let Some(told) = &told {
            told.compare(&payment, form, tag)?;
        }
        Ok(form.and_then(|form| payment.build(form, told.as_ref(), tag)))
    }

    fn build(&self, form: Form, told: Option<&Told<'_>>, tag: Option<&str>) -> Option<String> {
        let mut query = Vec::new();
        let (scheme, address) = match form {
            Form::Plain(scheme) => {
                query.extend(self.amount.map(|amount| format!("amount={amount}")));
                // Asks for a transaction that cannot be replaced by one to another recipient.
                query.extend(
                    told.and_then(|told| told.parameter("rbf"))
                        .filter(|rbf| *rbf == "false")
                        .map(|_| "rbf=false".to_owned()),
                );
                (scheme, self.bare_address(scheme))
            }
            Form::Ripple => {
                query.extend(self.amount.map(|amount| format!("amount={amount}")));
                query.extend(tag.map(|tag| format!("dt={}", encoded(tag))));
                ("ripple", self.bare_address("ripple"))
            }
            Form::Ethereum(chain) => {
                if let Some(amount) = self.amount {
                    query.push(format!("value={}", smallest_units(amount, self.facts.decimals?)?));
                }
                let address = self.bare_address("ethereum");
                is_hex_address(address).then_some(())?;
                return Some(joined(&format!("ethereum:{}@{chain}", encoded(address)), &query));
            }
            Form::Stellar => {
                let (told, tag) = (told.filter(|told| told.is("web+stellar"))?, tag?);
                if told.parameter("asset_code").is_some() {
                    return None;
                }
                let kind = told.parameter("memo_type").filter(|kind| is_memo_of(tag, kind))?;
                query.push(format!("destination={}", encoded(self.address)));
                query.extend(self.amount.map(|amount| format!("amount={amount}")));
                query.extend([format!("memo={}", encoded(tag)), format!("memo_type={kind}")]);
                return Some(joined("web+stellar:pay", &query));
            }
            Form::Solana => {
                told.filter(|told| told.is("solana"))?;
                query.extend(self.amount.map(|amount| format!("amount={amount}")));
                ("solana", self.bare_address("solana"))
            }
        };
        Some(joined(&format!("{scheme}:{}", encoded(address)), &query))
    }

    /// The address without the prefix that some write before it.
    fn bare_address(&self, scheme: &str) -> &str {
        self.address.strip_prefix(scheme).and_then(|rest| rest.strip_prefix(':')).unwrap_or(self.address)
    }
}

/// How wallets take the coin; `None` where there is no way that they agree on, and for what is no coin for certain.
fn form(facts: &CurrencyFacts) -> Option<Form> {
    Some(match facts.coin? {
        Coin::Bitcoin => Form::Plain("bitcoin"),
        Coin::BitcoinCash if facts.is_test => Form::Plain("bchtest"),
        Coin::BitcoinCash => Form::Plain("bitcoincash"),
        Coin::Dash => Form::Plain("dash"),
        Coin::Ethereum => Form::Ethereum(facts.chain_id?),
        Coin::Litecoin => Form::Plain("litecoin"),
        Coin::Ripple => Form::Ripple,
        Coin::Stellar => Form::Stellar,
        Coin::Solana => Form::Solana,
        _ => return None,
    })
}

fn encoded(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, PLAIN)
}

fn joined(base: &str, query: &[String]) -> String {
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{base}{separator}{}", query.join("&"))
}

/// `0.5` with 18 decimals is `500000000000000000`; `None` when there is a part of a unit.
fn smallest_units(amount: Money, decimals: u32) -> Option<String> {
    if amount.scale() > decimals {
        return None;
    }
    let digits = amount.to_string_with_scale(decimals).replace('.', "");
    let digits = digits.trim_start_matches('0');
    Some(if digits.is_empty() { "0".to_owned() } else { digits.to_owned() })
}

/// An Ethereum URI may name its recipient in other ways, which are looked up.
fn is_hex_address(address: &str) -> bool {
    address
        .strip_prefix("0x")
        .is_some_and(|hex| hex.len() == 40 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a memo can be of this kind, of those that are written as they are.
fn is_memo_of(memo: &str, kind: &str) -> bool {
    match kind {
        "MEMO_ID" => memo.bytes().all(|byte| byte.is_ascii_digit()) && memo.parse::<u64>().is_ok(),
        "MEMO_TEXT" => memo.len() <= 28,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
