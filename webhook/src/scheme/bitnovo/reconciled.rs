use std::{borrow::Cow, time::SystemTime};

use super::{PROVIDER, identifier};
use crate::{
    description::{Description, Identity},
    event::WebhookEvent,
    json_fields::JsonFields,
};

mod instant;

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
/// use payments_webhook::scheme::bitnovo;
///
/// let payment = br#"{"identifier": "1040095a-737d-41a2-a2e1-d031d19ec8cd", "status": "CO"}"#;
/// let event = bitnovo::reconciled(payment, SystemTime::now())?;
/// assert_eq!(event.status(), Some("CO"));
/// # Ok::<(), bitnovo::NotAPayment>(())
/// ```
pub fn reconciled(payment: &[u8], read_at: SystemTime) -> Result<WebhookEvent, NotAPayment> {
    let fields = JsonFields::parse(payment).ok_or(NotAPayment)?;
    let identifier = identifier(&fields).ok_or(NotAPayment)?;
    let identity = state(&identifier, &fields);
    let [first, second, third, fourth, ..] = *identity.as_bytes();
    let description = Description {
        // There is no nonce; part of the digest gives every reader of this state the same id.
        event_id: format!("{identifier}:read-{first:02x}{second:02x}{third:02x}{fourth:02x}"),
        identity,
        status: fields.text("status").map(Cow::into_owned),
        identifier: Some(identifier),
    };
    Ok(WebhookEvent::reconciled(PROVIDER, description, payment, read_at))
}

/// Equal for two readings of one state of a payment, whatever else the object holds and however it is written.
///
/// Pinned, because event stores hold it: docs/decisions/pinned-formats.md. A change needs a new version.
fn state(identifier: &str, fields: &JsonFields<'_>) -> Identity {
    let word = |name| fields.text(name).unwrap_or_default();
    let edited_at = word("edited_at");
    let edited_at = instant::utc(&edited_at).map_or(edited_at, Cow::Owned);
    let safe = fields.iter().filter(|(name, _)| *name == "safe").last().map_or("", |(_, field)| field.json());
    // Accounts and scopes are not distinguished yet.
    let (version, account, scope) = ("reconciled event 1", "", "");
    let parts = [version, account, scope, identifier, &word("status"), safe, &edited_at];
    Identity::of(PROVIDER, &parts.map(str::as_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(payment: &str) -> String {
        let event = reconciled(payment.as_bytes(), SystemTime::UNIX_EPOCH).unwrap();
        event.event_id().to_owned()
    }

    const FULL: &str = r#"{"identifier":"1040095a-737d-41a2-a2e1-d031d19ec8cd","status":"AC","safe":true,"edited_at":"2025-02-03T10:04:10.551200+01:00","notes":"ñ"}"#;

    #[test]
    fn the_identity_is_pinned() {
        let least = r#"{"identifier":"1040095a-737d-41a2-a2e1-d031d19ec8cd"}"#;
        for (payment, expected) in [
            (FULL, "eadf06ae4814f170e688c1cd409682aeece1edded3e4fbecce098514e0851829"),
            (least, "d43b0d2a6d636ac8ff01ee26c2ab04a14a5f95c4fa05ea99065a659601a32358"),
        ] {
            let event = reconciled(payment.as_bytes(), SystemTime::UNIX_EPOCH).unwrap();
            assert_eq!(hex::encode(event.identity().as_bytes()), expected);
            assert_eq!(
                event.event_id(),
                format!("1040095a-737d-41a2-a2e1-d031d19ec8cd:read-{}", &expected[..8])
            );
        }
    }

    #[test]
    fn the_same_state_is_the_same_event_however_it_is_written() {
        for same in [
            FULL.replace("10:04:10.551200+01:00", "09:04:10.5512Z"),
            FULL.replace("\"ñ\"", "null"),
            FULL.replace(',', " , "),
            FULL.replace("1040095a", "1040095A"),
        ] {
            assert_eq!(identity(&same), identity(FULL), "{same}");
        }
        for other in [
            FULL.replace("AC", "CO"),
            FULL.replace("true", "false"),
            FULL.replace("10.55", "10.56"),
            FULL.replace("\"safe\":true,", ""),
            FULL.replace("2025-02-03T10:04:10.551200+01:00", "some time"),
        ] {
            assert_ne!(identity(&other), identity(FULL), "{other}");
        }
    }
}
