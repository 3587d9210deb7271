//! Turns an unverified request into a stored event, and wakes the subscribers. No HTTP here.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::sync::broadcast;

use crate::{
    admission::{Admission, Gate},
    event::WebhookEvent,
    outcome::ReceiveOutcome,
    provider::Provider,
    rejection::{Rejection, RejectionReason},
    rejection_counts::RejectionCounts,
    replay::ReplayEntry,
    request::Unverified,
    scheme::Scheme,
    store::{EventStore, EventStoreError, Inserted},
};

/// How many events a subscriber may lag behind before it misses some.
const BACKLOG: usize = 1024;

/// Receives the webhooks of one scheme into one store.
pub struct Receiver {
    gate: Gate,
    store: Arc<dyn EventStore>,
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
        Self {
            gate: Gate::new(Box::new(scheme), remembers_since),
            store,
            rejections: RejectionCounts::default(),
            stored: broadcast::Sender::new(BACKLOG),
        }
    }

    /// The scheme that verifies.
    #[must_use]
    pub fn scheme(&self) -> &dyn Scheme {
        self.gate.scheme()
    }

    /// The provider whose webhooks it receives.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.scheme().provider()
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
        match self.gate.admit(request, now) {
            Admission::Fresh(event, entry) => self.store_once(event, entry).await,
            Admission::Untrusted(event, rejection) => Ok(match self.record(event).await? {
                Inserted::New(_) => ReceiveOutcome::Rejected(rejection),
                Inserted::Known { .. } => ReceiveOutcome::Rejected(Rejection::Replayed),
            }),
            Admission::Rejected(rejection) => Ok(ReceiveOutcome::Rejected(rejection)),
            Admission::Full => Err(Unavailable::Full),
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

    async fn store_once(
        &self,
        event: WebhookEvent,
        entry: Option<ReplayEntry>,
    ) -> Result<ReceiveOutcome, Unavailable> {
        // A failure, or a caller that stops waiting, drops the entry and so removes it from the guard.
        let inserted = self.record(event).await?;
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
}

#[cfg(test)]
mod tests;
