//! An order that exists, however it came about.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CreatedOrder, Money, Payment, payment_uri::PaymentUri};

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
    /// What a wallet reads from the QR code.
    pub payment_uri: Option<String>,
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
    pub(crate) fn recovered(payment: &Payment, replaces: Option<Uuid>) -> Self {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (address, tag_memo, currency) =
            (filled(&payment.address), filled(&payment.tag_memo), filled(&payment.currency_id));
        // Of a payment that must not be scanned no URI is made; whoever shows it finds the same reason.
        let payment_uri = address.as_deref().zip(currency.as_deref()).and_then(|(address, currency)| {
            let (amount, tag) = (payment.crypto_amount, tag_memo.as_deref());
            PaymentUri { told: None, currency, address, amount, tag }.resolve().ok().flatten()
        });
        Self {
            identifier: payment.identifier,
            address,
            tag_memo,
            payment_uri,
            web_url: None,
            expected_input_amount: payment.crypto_amount,
            input_currency: currency,
            fiat: payment.fiat.clone(),
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
            address: created.address,
            tag_memo: created.tag_memo,
            payment_uri: created.payment_uri,
            web_url: Some(created.web_url),
            expected_input_amount: created.expected_input_amount,
            input_currency: created.input_currency,
            fiat: created.fiat,
            how: How::Created,
            replaces: None,
            others: Some(Vec::new()),
        }
    }
}
