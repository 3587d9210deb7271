//! What every provider's way of signing has in common, and what each provider defines for itself.
//!
//! Receiver, stores and server know no provider. A [`Scheme`] defines where the signature lies, what it covers, how long
//! it stays fresh, what makes two events the same event, and what the sender gets as the response.

use std::time::Duration;

use crate::{
    description::Description,
    outcome::{ReceiveOutcome, WebhookResponse},
    provider::Provider,
    rejection::Rejection,
    request::{Unverified, Verified},
    signature::{Claim, ReplayKey},
};

pub mod bitnovo;

/// A provider's way of signing, naming and answering webhooks. Pure: it reads no clock and does no I/O.
///
/// A scheme returns the signature that a request presents and the signatures that would be genuine. It does not compare
/// them, so that no scheme can compare carelessly.
pub trait Scheme: Send + Sync {
    /// The provider that sends these webhooks.
    fn provider(&self) -> Provider;

    /// The path that the provider's requests are posted to, such as `/webhook/bitnovo`.
    fn path(&self) -> &str;

    /// How far the time of signing may lie from the receiver's clock; `None` when no time is signed.
    ///
    /// Without a window the replay guard cannot know how long to remember: the identity then
    /// reveals a repeat, for as long as the store holds the event.
    fn window(&self) -> Option<Duration>;

    /// Finds the signature, in the headers or in the body, and computes what it should have been.
    ///
    /// # Errors
    ///
    /// The [`Rejection`], with the part that is missing, repeated or malformed.
    fn claim(&self, request: &Unverified<'_>) -> Result<Claim, Rejection>;

    /// Reads the payment and the event from a verified request. Lenient, because the signature was good.
    fn describe(&self, verified: &Verified<'_>) -> Description;

    /// The response to the sender. All rejections of strangers must look alike.
    fn answer(&self, outcome: &ReceiveOutcome) -> WebhookResponse;

    /// Equal for two copies of one request: by default the first half of the computed signature.
    fn replay_key(&self, verified: &Verified<'_>) -> ReplayKey {
        verified.signature().replay_key()
    }

    /// Whether a request carries what only the provider's webhooks carry, at any path. The server counts and logs such a
    /// request when its path is not [`path`](Self::path), because the provider does not send it again.
    fn looks_signed(&self, headers: &[(&str, &[u8])]) -> bool {
        let _ = headers;
        false
    }

    /// The probable mistake when no secret gives the signature of `request`, for the log of the receiver.
    fn explain(&self, request: &Unverified<'_>) -> Option<String> {
        let _ = request;
        None
    }

    /// Proves that a holder of a secret signed the request, at any time.
    ///
    /// # Errors
    ///
    /// What [`claim`](Self::claim) found wrong, or [`Rejection::BadSignature`].
    fn verify<'a>(&self, request: Unverified<'a>) -> Result<Verified<'a>, Rejection> {
        Verified::prove(request, &self.claim(&request)?)
    }
}
