//! What the providers' ways of signing have in common, and what each must say of its own.
//!
//! Receiver, stores and server know no provider. Where the signature lies, what it covers, how long it stays fresh, what
//! makes two events the same one and how a sender is answered is said by a [`Scheme`].

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use crate::{
    outcome::{ReceiveOutcome, WebhookResponse},
    rejection::Rejection,
    replay::ReplayKey,
    request::{Unverified, Verified},
};

pub mod bitnovo;

/// A provider's way of signing, naming and answering webhooks. Pure: it reads no clock and does no I/O.
///
/// A scheme says what was presented and what a genuine sender would have presented; comparing the two is not its
/// business, so that no scheme can compare carelessly.
pub trait Scheme: Send + Sync {
    /// The path that the provider's requests are posted to, such as `/webhook/bitnovo`.
    fn path(&self) -> &str;

    /// How far the time of signing may lie from the receiver's clock; `None` when no time is signed.
    ///
    /// Without a window the replay guard cannot know how long to remember: repeats are then told by their identity,
    /// for as long as the store holds the event.
    fn window(&self) -> Option<Duration>;

    /// Finds the signature, in the headers or in the body, and computes what it should have been.
    ///
    /// # Errors
    ///
    /// The [`Rejection`] that says which part is missing, repeated or malformed.
    fn claim(&self, request: &Unverified<'_>) -> Result<Claim, Rejection>;

    /// Names the payment and the event that a verified request speaks of. Lenient: the signature was good.
    fn describe(&self, verified: &Verified<'_>) -> Description;

    /// What the sender is told. All refusals of strangers must look alike.
    fn answer(&self, outcome: &ReceiveOutcome) -> WebhookResponse;

    /// What makes two requests the very same one: by default the first half of the computed signature.
    fn replay_key(&self, verified: &Verified<'_>) -> ReplayKey {
        verified.signature().key()
    }

    /// Whether a request carries what only the provider's webhooks carry, at whatever path it came in: one that went
    /// past [`path`](Self::path) is then counted and logged, because it is never sent again.
    fn looks_signed(&self, headers: &[(&str, &[u8])]) -> bool {
        let _ = headers;
        false
    }

    /// What was probably done wrong when no secret gives the signature of `request`, for the log of the receiver.
    fn explain(&self, request: &Unverified<'_>) -> Option<String> {
        let _ = request;
        None
    }

    /// Proves that a holder of a secret signed the request, whenever that was.
    ///
    /// # Errors
    ///
    /// What [`claim`](Self::claim) found wrong, or [`Rejection::BadSignature`].
    fn verify<'a>(&self, request: Unverified<'a>) -> Result<Verified<'a>, Rejection> {
        Verified::prove(request, &self.claim(&request)?)
    }
}

/// What a request presents as its signature, and what would be genuine.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What the request holds; some schemes allow several.
    pub presented: Vec<Signature>,
    /// What each configured secret gives over this request.
    pub expected: Vec<Signature>,
    /// When the sender says it signed, covered by the signature.
    pub signed_at: Option<SystemTime>,
}

/// What a verified request speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The payment, as the provider names it.
    pub identifier: Option<String>,
    /// The status, as the provider names it.
    pub status: Option<String>,
    /// A name for the event. A store extends it when another event has it already.
    pub event_id: String,
    /// What makes two events the same one.
    pub identity: Identity,
}

/// What makes two events the same one, as a SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity([u8; 32]);

impl Identity {
    /// The identity that `parts` give together; the first should name the provider. Parts cannot run into each other.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let digest = parts.iter().fold(Sha256::new(), |digest, part| {
            digest.chain_update((part.len() as u64).to_be_bytes()).chain_update(part)
        });
        Self(digest.finalize().into())
    }

    /// The digest, for use as a unique key in a database.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A computed or presented signature. `Display` prints its 64 lower-case hex digits; `Debug` masks it, for logs.
#[derive(Clone)]
pub struct Signature([u8; 32]);

impl Signature {
    /// The bytes of the tag.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first six digits, which are all that a log may show.
    #[must_use]
    pub fn masked(&self) -> String {
        let [first, second, third, ..] = self.0;
        format!("{first:02x}{second:02x}{third:02x}…")
    }

    fn key(&self) -> ReplayKey {
        let mut key = ReplayKey::default();
        for (to, from) in key.iter_mut().zip(self.0) {
            *to = from;
        }
        key
    }
}

impl From<[u8; 32]> for Signature {
    /// A scheme with shorter tags fills up with zeros.
    fn from(tag: [u8; 32]) -> Self {
        Self(tag)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signature({})", self.masked())
    }
}
