//! Turns an unverified request into a stored event, and wakes the subscribers. No HTTP here.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::sync::broadcast;

use crate::{
    event::WebhookEvent,
    outcome::ReceiveOutcome,
    provider::Provider,
    rejection::{Rejection, RejectionReason},
    rejection_counts::RejectionCounts,
    replay::{Denied, ReplayGuard},
    request::{Fresh, Unverified, Verified},
    scheme::{self, Scheme},
    store::{EventStore, EventStoreError, Inserted},
};

/// How many events a subscriber may lag behind before it misses some.
const BACKLOG: usize = 1024;

/// Receives the webhooks of one scheme into one store.
pub struct Receiver {
    scheme: Box<dyn Scheme>,
    store: Arc<dyn EventStore>,
    replays: Option<Arc<ReplayGuard>>,
    rejections: RejectionCounts,
    stored: broadcast::Sender<Arc<WebhookEvent>>,
}

/// A genuine request could not be stored now; the sender should try again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// The replay guard is full of live entries.
    #[error("more webhooks arrive within the freshness window than the replay guard holds")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] EventStoreError),
}

impl Receiver {
    /// Receives what `scheme` verifies into `store`. `started_at` is when this process began.
    pub fn new(scheme: impl Scheme + 'static, store: Arc<dyn EventStore>, started_at: SystemTime) -> Self {
        let remembers_since = if store.outlives_the_process() { UNIX_EPOCH } else { started_at };
        let replays = scheme.window().map(|window| Arc::new(ReplayGuard::new(window, remembers_since)));
        Self {
            scheme: Box::new(scheme),
            store,
            replays,
            rejections: RejectionCounts::default(),
            stored: broadcast::Sender::new(BACKLOG),
        }
    }

    /// The scheme that verifies.
    #[must_use]
    pub fn scheme(&self) -> &dyn Scheme {
        &*self.scheme
    }

    /// The provider whose webhooks it receives.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.scheme.provider()
    }

    /// The store that the events go to.
    #[must_use]
    pub fn store(&self) -> &dyn EventStore {
        &*self.store
    }

    /// Counts of rejected requests.
    #[must_use]
    pub fn rejections(&self) -> &RejectionCounts {
        &self.rejections
    }

    /// Every event from now on, right after it was stored. Events that are not validated come too: a
    /// subscriber reads the API anyway, so that a late webhook is not trusted but not lost either.
    ///
    /// A subscriber that lags far behind gets an error, and finds the events that it missed in the store.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<WebhookEvent>> {
        self.stored.subscribe()
    }

    /// Verifies a request and stores it when it is genuine. When this returns [`ReceiveOutcome::New`], the event is stored.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when a genuine request could not be kept; it may then be sent again.
    pub async fn receive(
        &self,
        request: Unverified<'_>,
        now: SystemTime,
    ) -> Result<ReceiveOutcome, Unavailable> {
        let outcome = self.judge(request, now).await;
        match &outcome {
            Ok(ReceiveOutcome::Rejected(refused)) => self.rejections.count(refused.reason(), now),
            Err(_) => self.rejections.count(RejectionReason::Unavailable, now),
            Ok(ReceiveOutcome::New(_) | ReceiveOutcome::Known { .. }) => {}
        }
        outcome
    }

    async fn judge(&self, request: Unverified<'_>, now: SystemTime) -> Result<ReceiveOutcome, Unavailable> {
        let verified = match self.scheme.verify(request) {
            Ok(verified) => verified,
            Err(refused) => return Ok(ReceiveOutcome::Rejected(refused)),
        };
        match verified.fresh(self.scheme.window(), now) {
            Ok(fresh) => self.store_once(&fresh, now).await,
            Err(refused) => self.store_untrusted(&verified, refused, now).await,
        }
    }

    /// Stores an event that did not come as a webhook, such as a reconciled one.
    ///
    /// # Errors
    ///
    /// What the store reports.
    pub async fn record(&self, event: WebhookEvent) -> Result<Inserted, EventStoreError> {
        let inserted = self.store.insert(event).await?;
        if let Inserted::New(event) = &inserted {
            // It is no failure when there is no subscriber.
            let _ = self.stored.send(Arc::clone(event));
        }
        Ok(inserted)
    }

    async fn store_once(&self, fresh: &Fresh<'_>, now: SystemTime) -> Result<ReceiveOutcome, Unavailable> {
        let verified = fresh.verified();
        let entry = match &self.replays {
            None => None,
            Some(replays) => match replays.enter(self.scheme.replay_key(verified), fresh, now) {
                Ok(entry) => Some(entry),
                Err(Denied::Full) => return Err(Unavailable::Full),
                Err(Denied::Replayed) => return Ok(ReceiveOutcome::Rejected(Rejection::Replayed)),
                Err(Denied::BeforeMemory) => {
                    return self.store_untrusted(verified, Rejection::BeforeMemory, now).await;
                }
            },
        };
        // A failure, or a caller that stops waiting, drops the entry and so removes it from the guard.
        let inserted = self.record(scheme::event_of(&*self.scheme, verified, now)).await?;
        let guarded = entry.is_some();
        if let Some(entry) = entry {
            entry.keep();
        }
        Ok(match inserted {
            Inserted::New(event) => ReceiveOutcome::New(event),
            // Another process, or this one before a restart, has accepted it.
            Inserted::Known { same_request: true, .. } if guarded => {
                ReceiveOutcome::Rejected(Rejection::Replayed)
            }
            Inserted::Known { event_id, .. } => ReceiveOutcome::Known { event_id },
        })
    }

    async fn store_untrusted(
        &self,
        verified: &Verified<'_>,
        refused: Rejection,
        now: SystemTime,
    ) -> Result<ReceiveOutcome, Unavailable> {
        let event = scheme::event_of(&*self.scheme, verified, now).untrusted(&refused);
        Ok(match self.record(event).await? {
            Inserted::New(_) => ReceiveOutcome::Rejected(refused),
            Inserted::Known { .. } => ReceiveOutcome::Rejected(Rejection::Replayed),
        })
    }
}

#[cfg(test)]
mod tests;
