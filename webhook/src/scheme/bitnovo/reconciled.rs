use std::{borrow::Cow, time::SystemTime};

use super::{identifier, identity};
use crate::{event::WebhookEvent, json_fields::JsonFields, scheme::Description};

/// Why a text is not a payment of the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a payment: a JSON object with an \"identifier\" is expected, one element of what GET /orders/ returns"
)]
pub struct NotAPayment;

/// Makes an event of a payment that was read from the API, for a webhook that never arrived.
///
/// `payment` is one payment object, as the API sent it. Reading the same state twice gives the same event, so that it is
/// stored once; [`Receiver::record`](crate::Receiver::record) stores it.
///
/// # Errors
///
/// [`NotAPayment`] when it is not a JSON object with an identifier.
///
/// ```
/// use std::time::SystemTime;
/// use bitnovo_pay_webhook::scheme::bitnovo;
///
/// let payment = br#"{"identifier": "1040095a-737d-41a2-a2e1-d031d19ec8cd", "status": "CO"}"#;
/// let event = bitnovo::reconciled(payment, SystemTime::now())?;
/// assert_eq!(event.status(), Some("CO"));
/// # Ok::<(), bitnovo::NotAPayment>(())
/// ```
pub fn reconciled(payment: &[u8], read_at: SystemTime) -> Result<WebhookEvent, NotAPayment> {
    let fields = JsonFields::parse(payment).ok_or(NotAPayment)?;
    let identifier = identifier(&fields).ok_or(NotAPayment)?;
    let identity = identity(Some(&identifier), payment);
    let [first, second, third, fourth, ..] = *identity.as_bytes();
    let description = Description {
        // There is no nonce; part of the digest gives every reader of this state the same id.
        event_id: format!("{identifier}:read-{first:02x}{second:02x}{third:02x}{fourth:02x}"),
        identity,
        status: fields.text("status").map(Cow::into_owned),
        identifier: Some(identifier),
    };
    Ok(WebhookEvent::reconciled(description, payment, read_at))
}
