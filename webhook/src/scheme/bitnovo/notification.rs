use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    event::WebhookEvent,
    json_fields::{JsonFields, readable},
};

/// The content of a webhook, as received. It is a hint: read the API to decide whether to ship.
///
/// A field is `None` when it is absent, null or `NaN`. Amounts are the digits that were sent, whether as number or as string,
/// because a floating-point number would change them; the crypto amounts are in `currency`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// The payment's identifier.
    pub identifier: Option<String>,
    /// The status code, such as `CO`; an unknown code is kept as it is.
    pub status: Option<String>,
    /// The amount asked for, in `fiat_currency`.
    pub fiat_amount: Option<String>,
    /// The fiat currency, such as `EUR`; not always sent.
    pub fiat_currency: Option<String>,
    /// The amount asked for, in `currency`.
    pub crypto_amount: Option<String>,
    /// What was seen but is not confirmed, in `currency`.
    pub unconfirmed_amount: Option<String>,
    /// What is confirmed, in `currency`.
    pub confirmed_amount: Option<String>,
    /// What was received, in fiat; not always sent.
    pub received_amount: Option<String>,
    /// The symbol of the cryptocurrency.
    pub currency: Option<String>,
    /// The merchant's own reference.
    pub reference: Option<String>,
    /// When the payment changed last, as the provider wrote it.
    pub edited_at: Option<String>,
    /// Whether the goods may be released, according to the provider.
    pub safe: Option<bool>,
    /// Every other field, as the JSON text that was sent.
    pub other: BTreeMap<String, String>,
}

impl Notification {
    /// Reads the body of an event; `None` when it is not a JSON object.
    #[must_use]
    pub fn of(event: &WebhookEvent) -> Option<Self> {
        let body = readable(event.body());
        let fields = JsonFields::parse(body.as_bytes())?;
        let mut notification = Self::default();
        for (name, value) in fields.iter() {
            let text = || value.text().map(Cow::into_owned);
            let field = match name {
                "identifier" => &mut notification.identifier,
                "status" => &mut notification.status,
                "fiat_amount" => &mut notification.fiat_amount,
                "fiat_currency" => &mut notification.fiat_currency,
                "crypto_amount" => &mut notification.crypto_amount,
                "unconfirmed_amount" => &mut notification.unconfirmed_amount,
                "confirmed_amount" => &mut notification.confirmed_amount,
                "received_amount" => &mut notification.received_amount,
                "currency" => &mut notification.currency,
                "reference" => &mut notification.reference,
                "edited_at" => &mut notification.edited_at,
                "safe" => {
                    notification.safe = value.flag();
                    continue;
                }
                _ => {
                    notification.other.insert(name.to_owned(), value.json().to_owned());
                    continue;
                }
            };
            *field = text();
        }
        Some(notification)
    }
}
