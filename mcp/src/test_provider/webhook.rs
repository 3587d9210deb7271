//! How the provider signs its webhooks: in the body, without a time, and with a key of its own.

use std::time::Duration;

use payments_core::Language;
use payments_webhook::{
    Claim, Description, Identity, Provider, ReceiveOutcome, Receiver, Rejection, Scheme, Signature,
    Unverified, Verified, WebhookResponse,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::receiving::provider::ProviderReceiver;
use crate::test_provider::context::PROVIDER;

pub(crate) const PATH: &str = "/webhook/till";

const KEY: &str = "till-webhook-key";

struct TillScheme;

fn sign(charge: &str, state: &str) -> [u8; 32] {
    Sha256::digest(format!("{charge}:{state}:{KEY}")).into()
}

/// A webhook as the provider sends it.
pub(crate) fn signed(charge: &str, state: &str) -> String {
    let signature: String = sign(charge, state).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r#"{{"charge":"{charge}","state":"{state}","signature":"{signature}"}}"#)
}

pub(crate) fn receiver() -> ProviderReceiver {
    ProviderReceiver {
        open: Box::new(|store, remembers_since| Receiver::new(TillScheme, store, remembers_since)),
        has_new_secret: true,
        dashboard_steps: |_: Language, url: &Url| format!("Enter {url} at the till."),
    }
}

fn text(fields: &Value, name: &str) -> String {
    fields[name].as_str().unwrap_or_default().to_owned()
}

impl Scheme for TillScheme {
    fn provider(&self) -> Provider {
        PROVIDER
    }

    fn path(&self) -> &str {
        PATH
    }

    fn window(&self) -> Option<Duration> {
        None
    }

    fn claim(&self, request: &Unverified<'_>) -> Result<Claim, Rejection> {
        let malformed =
            || Rejection::MalformedSignature { expected: "the field signature holds 64 hex digits" };
        let fields: Value = serde_json::from_slice(request.body).map_err(|_| malformed())?;
        let digits = text(&fields, "signature");
        let byte = |at: usize| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok();
        let presented: Option<Vec<u8>> = (0..32).map(byte).collect();
        let presented: [u8; 32] = presented.and_then(|bytes| bytes.try_into().ok()).ok_or_else(malformed)?;
        let expected = vec![Signature::from(sign(&text(&fields, "charge"), &text(&fields, "state")))];
        Ok(Claim { presented: vec![presented.into()], expected, signed_at: None })
    }

    fn describe(&self, verified: &Verified<'_>) -> Description {
        let fields: Value = serde_json::from_slice(verified.body()).unwrap_or_default();
        let (charge, state) = (text(&fields, "charge"), text(&fields, "state"));
        Description {
            event_id: format!("{charge}:{state}"),
            identity: Identity::of(PROVIDER, &[charge.as_bytes(), state.as_bytes()]),
            identifier: Some(charge),
            status: Some(state),
        }
    }

    fn answer(&self, outcome: &ReceiveOutcome) -> WebhookResponse {
        let status = if matches!(outcome, ReceiveOutcome::Rejected(_)) { 403 } else { 200 };
        WebhookResponse { status, body: "{}".into() }
    }
}
