//! Bitnovo Pay signs with HMAC-SHA256, keyed with the device secret decoded from hex, over the nonce and the raw body.
//!
//! `X-NONCE` holds the Unix time in seconds and `X-SIGNATURE` the tag in hex. Nothing separates the nonce from the body
//! in what is signed: a nonce of another length than ten digits is rejected, or bytes could move from one to the other.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Scheme;
use crate::{
    description::{Description, Identity},
    json_fields::{JsonFields, readable},
    outcome::{ReceiveOutcome, WebhookResponse},
    provider::Provider,
    rejection::Rejection,
    request::{Unverified, Verified},
    signature::{Claim, Signature},
};

mod diagnosis;
mod notification;
pub mod python;
mod reconciled;
mod secret;

use diagnosis::Explained;
pub use diagnosis::{Mistake, Reprint, diagnose};
pub use notification::Notification;
pub use reconciled::{NotAPayment, reconciled};
pub use secret::{NoSecret, Secret, SecretError};

/// The provider. Its id is the one that event identities and idempotency markers hold.
pub const PROVIDER: Provider = Provider { id: "bitnovo", name: "Bitnovo Pay" };
/// Name of the header that holds the Unix time of signing, in seconds.
pub const NONCE_HEADER: &str = "X-NONCE";
/// Name of the header that holds the tag, as 64 hex digits.
pub const SIGNATURE_HEADER: &str = "X-SIGNATURE";
/// How far the nonce may lie from the receiver's clock; the provider advises 15 to 20 seconds.
pub const TOLERANCE: Duration = Duration::from_secs(20);
/// The path in the product's documentation.
pub const PATH: &str = "/webhook/bitnovo";

const REFUSED: WebhookResponse =
    WebhookResponse { status: 401, body: Cow::Borrowed(r#"{"error":{"code":"INVALID_SIGNATURE"}}"#) };

/// Signs `body` as the provider does. `nonce` is the Unix time in seconds, as text, and goes into [`NONCE_HEADER`].
#[must_use]
pub fn sign(secret: &Secret, nonce: &str, body: &[u8]) -> Signature {
    let tag = Hmac::<Sha256>::new(secret.block().into())
        .chain_update(nonce.as_bytes())
        .chain_update(body)
        .finalize();
    Signature::from(<[u8; 32]>::from(tag.into_bytes()))
}

/// The nonce for a request signed at `time`: ten digits until the year 2286.
#[must_use]
pub fn nonce(time: SystemTime) -> String {
    format!("{:010}", time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

/// Bitnovo Pay's webhooks: their secrets, their path, and the tolerance for their age.
#[derive(Debug)]
pub struct Bitnovo {
    secrets: Vec<Secret>,
    path: String,
    tolerance: Duration,
    replays: WebhookResponse,
}

impl Bitnovo {
    /// Verifies with any of `secrets`: the device's, and for a while the previous one when it was rotated.
    ///
    /// # Errors
    ///
    /// [`NoSecret`] when the list is empty.
    pub fn new(secrets: Vec<Secret>) -> Result<Self, NoSecret> {
        if secrets.is_empty() {
            return Err(NoSecret);
        }
        Ok(Self { secrets, path: PATH.to_owned(), tolerance: TOLERANCE, replays: REFUSED })
    }

    /// Receives at another path than [`PATH`].
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Accepts a nonce this far from the clock, in whole seconds, instead of [`TOLERANCE`].
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Answers a replay with 200 instead of 401, for senders that repeat a request until they see success.
    /// It has no effect either way.
    #[must_use]
    pub fn acknowledging_replays(mut self) -> Self {
        self.replays = WebhookResponse { status: 200, body: Cow::Borrowed(r#"{"success":true}"#) };
        self
    }
}

impl Scheme for Bitnovo {
    fn provider(&self) -> Provider {
        PROVIDER
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn window(&self) -> Option<Duration> {
        Some(self.tolerance)
    }

    fn claim(&self, request: &Unverified<'_>) -> Result<Claim, Rejection> {
        let nonce = request.only_header(NONCE_HEADER)?;
        let presented = request.only_header(SIGNATURE_HEADER)?;
        let (nonce, signed_at) = parse_nonce(nonce)?;
        let mut tag = [0; 32];
        hex::decode_to_slice(presented, &mut tag)
            .map_err(|_| Rejection::MalformedSignature { expected: "X-SIGNATURE holds 64 hex digits" })?;
        let expected = |secret| sign(secret, nonce, request.body);
        Ok(Claim {
            presented: vec![tag.into()],
            expected: self.secrets.iter().map(expected).collect(),
            signed_at: Some(signed_at),
        })
    }

    fn describe(&self, verified: &Verified<'_>) -> Description {
        let nonce = verified.signed_at().map(nonce).unwrap_or_default();
        let body = readable(verified.body());
        let fields = JsonFields::parse(body.as_bytes()).unwrap_or_default();
        let identifier = identifier(&fields);
        Description {
            event_id: format!("{}:{nonce}", identifier.as_deref().unwrap_or("unidentified")),
            identity: identity(identifier.as_deref(), verified.body()),
            status: fields.text("status").map(Cow::into_owned),
            identifier,
        }
    }

    fn looks_signed(&self, headers: &[(&str, &[u8])]) -> bool {
        headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE_HEADER))
    }

    fn explain(&self, request: &Unverified<'_>) -> Option<String> {
        let header = |name| request.only_header(name).ok().and_then(|value| str::from_utf8(value).ok());
        let (nonce, signature) = (header(NONCE_HEADER)?, header(SIGNATURE_HEADER)?);
        let explain = |secret| diagnose(secret, nonce, signature, request.body);
        let mistakes = self.secrets.iter().map(explain).find(|mistakes| !mistakes.is_empty())?;
        Some(Explained(&mistakes).to_string())
    }

    fn answer(&self, outcome: &ReceiveOutcome) -> WebhookResponse {
        match outcome {
            ReceiveOutcome::New(event) => stored(event.event_id()),
            ReceiveOutcome::Known { event_id } => stored(event_id),
            ReceiveOutcome::Rejected(Rejection::Replayed) => self.replays.clone(),
            ReceiveOutcome::Rejected(_) => REFUSED,
        }
    }
}

fn stored(event_id: &str) -> WebhookResponse {
    let event_id = serde_json::Value::from(event_id);
    WebhookResponse { status: 200, body: format!(r#"{{"success":true,"event_id":{event_id}}}"#).into() }
}

/// The payment as the API writes it: a UUID in lower case, which is the form of queries.
fn identifier(fields: &JsonFields<'_>) -> Option<String> {
    let identifier = fields.text("identifier").filter(|text| !text.is_empty())?;
    let is_uuid = identifier.len() == 36
        && identifier.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    Some(if is_uuid { identifier.to_ascii_lowercase() } else { identifier.into_owned() })
}

/// The same notification about the same payment is one event, however often it is signed.
fn identity(identifier: Option<&str>, body: &[u8]) -> Identity {
    Identity::of(PROVIDER, &[identifier.unwrap_or_default().as_bytes(), body])
}

fn parse_nonce(value: &[u8]) -> Result<(&str, SystemTime), Rejection> {
    let malformed = Rejection::MalformedNonce {
        expected: "X-NONCE holds the Unix time of signing in seconds, as ten digits",
    };
    let digits = value.len() == 10 && value.iter().all(u8::is_ascii_digit);
    let Some(text) = str::from_utf8(value).ok().filter(|_| digits) else { return Err(malformed) };
    let Ok(unix_seconds) = text.parse() else { return Err(malformed) };
    match UNIX_EPOCH.checked_add(Duration::from_secs(unix_seconds)) {
        Some(signed_at) => Ok((text, signed_at)),
        None => Err(malformed),
    }
}

#[cfg(test)]
mod tests;
