//! An order that exists, however it came about.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CreatedOrder, CurrencyFacts, Money, Payment, TagError,
    payment_uri::{PaymentUri, ToldUri, UriError},
};

/// An order that exists, with what the customer needs to pay it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct PlacedOrder {
    /// Identifies the order from now on.
    pub identifier: Uuid,
    /// Where the customer sends the funds; none for a link.
    pub address: Option<String>,
    /// Destination tag or memo. Funds sent without a tag that is required are lost.
    pub tag_memo: Option<String>,
    /// The payment URI that the API told, for [`payment_uri`](Self::payment_uri); none when the order was recovered.
    #[serde(default)]
    pub told_uri: Option<ToldUri>,
    /// The hosted checkout page. The API tells it once: an order that was recovered has none.
    pub web_url: Option<String>,
    /// The crypto amount that is to arrive.
    pub expected_input_amount: Option<Money>,
    /// Symbol of the cryptocurrency.
    pub input_currency: Option<String>,
    /// ISO 4217 code of the order's fiat currency.
    pub fiat: Option<String>,
    /// How this answer came about.
    pub how: How,
    /// The order that this one takes the place of: its answer was lost, and with it the only word of its page. It cannot
    /// be paid, because nobody knows where.
    pub replaces: Option<Uuid>,
    /// Other orders of the key that could be paid as well, none as a rule: a process that lost its answer, or that had
    /// the key at the same moment, has made them. The customer must be shown none of them. `None` when that could not be
    /// learnt, because the API's list did not show the order in time.
    #[serde(default)]
    pub others: Option<Vec<Uuid>>,
}

/// How an answer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum How {
    /// By this call.
    Created,
    /// By an earlier or concurrent call with the same key.
    Repeated,
    /// The order was found in the API's list: its answer had been lost, or another process had created it.
    Recovered,
}

impl PlacedOrder {
    /// What a wallet reads from the QR code, from the facts of the order's currency
    /// ([`Client::currency_facts`](crate::Client::currency_facts)). `None` for a link, and when no URI would be safe: the
    /// customer then sends to the address, on the currency's network, and enters the amount.
    ///
    /// # Errors
    /// When the order must not be paid: a tag that the currency needs is missing, or the API contradicts itself.
    pub fn payment_uri(&self, facts: &CurrencyFacts) -> Result<Option<String>, UriError> {
        let Some(address) = self.address.as_deref() else { return Ok(None) };
        let currency = self.input_currency.as_deref().unwrap_or("the currency");
        let told = self.told_uri.as_ref();
        let (amount, tag) = (self.expected_input_amount, self.tag_memo.as_deref());
        PaymentUri { told, currency, facts: *facts, address, amount, tag }.resolve()
    }

    /// Whether the currency needs a destination tag or memo and the order has none: funds sent to it are lost.
    #[must_use]
    pub fn lacks_tag(&self, facts: &CurrencyFacts) -> bool {
        self.address.is_some() && facts.checked_tag(self.tag_memo.as_deref()) == Err(TagError::Missing)
    }

    pub(crate) fn recovered(payment: &Payment, replaces: Option<Uuid>) -> Self {
        let Payment { identifier, address, tag_memo, currency_id, crypto_amount, fiat, .. } = payment.clone();
        Self {
            identifier,
            address: filled(address),
            tag_memo: filled(tag_memo),
            told_uri: None,
            web_url: None,
            expected_input_amount: crypto_amount,
            input_currency: filled(currency_id),
            fiat: filled(fiat),
            how: How::Recovered,
            replaces,
            others: Some(Vec::new()),
        }
    }

    pub(crate) fn repeated(self) -> Self {
        Self { how: How::Repeated, ..self }
    }
}

impl From<CreatedOrder> for PlacedOrder {
    fn from(created: CreatedOrder) -> Self {
        Self {
            identifier: created.identifier,
            address: filled(created.address),
            tag_memo: filled(created.tag_memo),
            told_uri: created.payment_uri.as_deref().and_then(ToldUri::new),
            web_url: filled(created.web_url),
            expected_input_amount: created.expected_input_amount,
            input_currency: filled(created.input_currency),
            fiat: filled(created.fiat),
            how: How::Created,
            replaces: None,
            others: Some(Vec::new()),
        }
    }
}

/// The API writes "" where it has nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
