//! The one way from a request to an event: verify the signature, check the age, enter the replay guard.

use std::{sync::Arc, time::SystemTime};

use crate::{
    event::WebhookEvent,
    rejection::Rejection,
    replay::{Denied, ReplayEntry, ReplayGuard},
    request::{Unverified, Verified},
    scheme::Scheme,
};

/// A scheme, and the memory of what it has accepted.
pub(crate) struct Gate {
    scheme: Box<dyn Scheme>,
    replays: Option<Arc<ReplayGuard>>,
}

/// What a request is, before anything is stored.
pub(crate) enum Admission {
    /// Genuine, recent and new. Dropping the entry lets the same request in again.
    Fresh(WebhookEvent, Option<ReplayEntry>),
    /// Genuine, and too late to be trusted.
    Untrusted(WebhookEvent, Rejection),
    /// Not genuine, or accepted before.
    Rejected(Rejection),
    /// The replay guard is full of live entries.
    Full,
}

impl Gate {
    /// A gate whose memory begins after the second of `remembers_since`.
    pub(crate) fn new(scheme: Box<dyn Scheme>, remembers_since: SystemTime) -> Self {
        let replays = scheme.window().map(|window| Arc::new(ReplayGuard::new(window, remembers_since)));
        Self { scheme, replays }
    }

    pub(crate) fn scheme(&self) -> &dyn Scheme {
        &*self.scheme
    }

    /// Verifies a request at `now`.
    pub(crate) fn admit(&self, request: Unverified<'_>, now: SystemTime) -> Admission {
        let verified = match self.scheme.verify(request) {
            Ok(verified) => verified,
            Err(rejection) => return Admission::Rejected(rejection),
        };
        let untrusted = |rejection: Rejection| {
            Admission::Untrusted(event_of(&*self.scheme, &verified, now).untrusted(&rejection), rejection)
        };
        let fresh = match verified.fresh(self.scheme.window(), now) {
            Ok(fresh) => fresh,
            Err(stale) => return untrusted(stale),
        };
        let Some(replays) = &self.replays else {
            return Admission::Fresh(event_of(&*self.scheme, &verified, now), None);
        };
        match replays.enter(self.scheme.replay_key(&verified), &fresh, now) {
            Ok(entry) => Admission::Fresh(event_of(&*self.scheme, &verified, now), Some(entry)),
            Err(Denied::Replayed) => Admission::Rejected(Rejection::Replayed),
            Err(Denied::BeforeMemory) => untrusted(Rejection::BeforeMemory),
            Err(Denied::Full) => Admission::Full,
        }
    }
}

/// The event of a verified request.
pub(crate) fn event_of(
    scheme: &dyn Scheme,
    verified: &Verified<'_>,
    received_at: SystemTime,
) -> WebhookEvent {
    let (description, replay_key) = (scheme.describe(verified), scheme.replay_key(verified));
    WebhookEvent::verified(scheme.provider(), description, verified, replay_key, received_at)
}
