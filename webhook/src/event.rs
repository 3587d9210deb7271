//! An event: a provider's notification about a payment, as received, with its sender and its time.

use std::time::SystemTime;

use serde_json::value::{RawValue, to_raw_value};

use crate::{
    description::{Description, Identity},
    provider::Provider,
    rejection::Rejection,
    request::Verified,
    signature::{ReplayKey, Signature},
};

/// Where an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventSource {
    /// The provider sent a webhook.
    Webhook,
    /// We read the payment from the API, because the webhook was missed.
    Reconciled,
}

impl EventSource {
    /// The name, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Reconciled => "reconciled",
        }
    }
}

/// How an event was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// A signature, recent and new.
    Validated,
    /// The API, which was read over a connection of ours.
    Reconciled,
    /// A signature that came too late.
    Untrusted,
}

/// A provider's notification about a payment. It is made from a verified request, or from what the API returned.
///
/// An event is a hint, kept as received: the status and whether to ship are read from the API.
#[derive(Clone, Debug)]
pub struct WebhookEvent {
    provider: Provider,
    event_id: Box<str>,
    identifier: Option<Box<str>>,
    status: Option<Box<str>>,
    body: Box<[u8]>,
    received_at: SystemTime,
    source: EventSource,
    rejection: Option<Box<str>>,
    proof: Option<Proof>,
    identity: Identity,
}

#[derive(Clone, Debug)]
struct Proof {
    signature: Signature,
    replay_key: ReplayKey,
    signed_at: Option<SystemTime>,
}

impl WebhookEvent {
    pub(crate) fn verified(
        provider: Provider,
        description: Description,
        verified: &Verified<'_>,
        replay_key: ReplayKey,
        received_at: SystemTime,
    ) -> Self {
        let (signature, signed_at) = (verified.signature().clone(), verified.signed_at());
        Self {
            source: EventSource::Webhook,
            proof: Some(Proof { signature, replay_key, signed_at }),
            ..Self::reconciled(provider, description, verified.body(), received_at)
        }
    }

    /// This event, from a genuine request that came too late to be trusted. It is not the same event as the
    /// same notification in time: otherwise a late copy could take the place of the trusted one.
    pub(crate) fn untrusted(self, why: &Rejection) -> Self {
        let signature = self.signature().map_or(&[][..], |signature| signature.as_bytes());
        let identity = Identity::of(self.provider, &[b"untrusted", signature]);
        Self { rejection: Some(why.to_string().into()), identity, ..self }
    }

    /// An event for what `provider`'s API returned, because the webhook was missed. `body` is the API's JSON, as it was
    /// sent. Such an event is never [validated](Self::validated).
    #[must_use]
    pub fn reconciled(
        provider: Provider,
        description: Description,
        body: &[u8],
        read_at: SystemTime,
    ) -> Self {
        let Description { identifier, status, event_id, identity } = description;
        Self {
            provider,
            event_id: event_id.into(),
            identifier: identifier.map(Into::into),
            status: status.map(Into::into),
            body: body.into(),
            received_at: read_at,
            source: EventSource::Reconciled,
            rejection: None,
            proof: None,
            identity,
        }
    }

    /// The provider of the payment.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The name of the event: payment and nonce, with a part of the signature when two events would share it.
    #[must_use]
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// The payment, as the provider names it; `None` when the body does not hold it.
    #[must_use]
    pub fn identifier(&self) -> Option<&str> {
        self.identifier.as_deref()
    }

    /// The status, as the provider names it; `None` when the body does not hold it.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// The raw body, byte for byte as it was signed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON, digit for digit; `{"raw": "…"}` when it is not JSON, or not one that other readers can read,
    /// because it is nested too deeply or a number is out of all range.
    ///
    /// Turning it into a `serde_json::Value` would lose digits.
    #[must_use]
    pub fn payload(&self) -> Box<RawValue> {
        let as_sent = str::from_utf8(&self.body)
            .ok()
            // A raw value has no limits; a value has the usual ones.
            .filter(|text| serde_json::from_str::<serde_json::Value>(text).is_ok())
            .and_then(|text| RawValue::from_string(text.to_owned()).ok());
        as_sent.unwrap_or_else(|| {
            let raw = serde_json::json!({ "raw": String::from_utf8_lossy(&self.body) });
            to_raw_value(&raw).unwrap_or_default()
        })
    }

    /// When the event reached us.
    #[must_use]
    pub fn received_at(&self) -> SystemTime {
        self.received_at
    }

    /// Whether the event came in a request that was genuine, recent and new. False for a genuine request that came too
    /// late, and for what was read from the API, which signs nothing.
    #[must_use]
    pub fn validated(&self) -> bool {
        self.class() == Trust::Validated
    }

    /// How far the event can be trusted; this also decides which events it may displace in a store.
    pub(crate) fn class(&self) -> Trust {
        match (self.source, &self.rejection) {
            (_, Some(_)) => Trust::Untrusted,
            (EventSource::Webhook, None) => Trust::Validated,
            (EventSource::Reconciled, None) => Trust::Reconciled,
        }
    }

    /// Why a genuine request was not trusted; `None` for every other event.
    #[must_use]
    pub fn rejection(&self) -> Option<&str> {
        self.rejection.as_deref()
    }

    /// The origin of the event.
    #[must_use]
    pub fn source(&self) -> EventSource {
        self.source
    }

    /// The signature of the webhook, to forward it with; `None` for a reconciled event.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        self.proof.as_ref().map(|proof| &proof.signature)
    }

    /// When the webhook was signed, by the sender's clock.
    #[must_use]
    pub fn signed_at(&self) -> Option<SystemTime> {
        self.proof.as_ref().and_then(|proof| proof.signed_at)
    }

    /// What makes the very same request recognisable; `None` for a reconciled event.
    #[must_use]
    pub fn replay_key(&self) -> Option<&ReplayKey> {
        self.proof.as_ref().map(|proof| &proof.replay_key)
    }

    /// What makes two events the same one: the unique key of a store.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Extends the id with a part of the signature, because another event has it already.
    pub fn extend_id(&mut self) {
        let [first, second, third, fourth, ..] = match &self.proof {
            Some(proof) => *proof.signature.as_bytes(),
            None => *self.identity.as_bytes(),
        };
        self.event_id = format!("{}-{first:02x}{second:02x}{third:02x}{fourth:02x}", self.event_id).into();
    }
}
