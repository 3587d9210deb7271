//! Announces the changes that no webhook has announced: providers do not resend, so the API is read.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use payments_core::store::{MemoryWatermarks, Namespace, Watermarks};
use payments_webhook::{
    Receiver, WebhookEvent,
    store::{EventQuery, Inserted},
};
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};

use crate::answer::failure::{Code, Failure};
use crate::receiving::announcement::{covers, mark};
use crate::receiving::provider::{ListedPayment, WebhookProvider};

/// How far before its start a process without a memory of earlier ones announces changes: what was missed in a night
/// and a day. An earlier process has announced most older ones.
const LOOK_BACK: Duration = Duration::from_secs(24 * 3600);

/// Announces the changes that no webhook has announced, each once for as long as it lives.
pub(crate) struct Backfill {
    provider: Arc<dyn WebhookProvider>,
    receiver: Arc<Receiver>,
    watermarks: Arc<dyn Watermarks>,
    arrivals: broadcast::Receiver<Arc<WebhookEvent>>,
}

impl Backfill {
    /// Follows what `receiver` stores from now on. A change is announced when it is later than a day before `started_at`.
    pub(crate) fn new(
        provider: Arc<dyn WebhookProvider>,
        receiver: Arc<Receiver>,
        started_at: SystemTime,
    ) -> Self {
        let floor = started_at.checked_sub(LOOK_BACK).map_or(DateTime::<Utc>::MIN_UTC, Into::into);
        Self::over(provider, receiver, Arc::new(MemoryWatermarks::new(floor)))
    }

    /// Announces every change of the last days, for a store that holds nothing yet.
    pub(crate) fn of_everything(provider: Arc<dyn WebhookProvider>, receiver: Arc<Receiver>) -> Self {
        Self::over(provider, receiver, Arc::new(MemoryWatermarks::default()))
    }

    fn over(
        provider: Arc<dyn WebhookProvider>,
        receiver: Arc<Receiver>,
        watermarks: Arc<dyn Watermarks>,
    ) -> Self {
        Self { arrivals: receiver.subscribe(), provider, receiver, watermarks }
    }

    /// Waits for an event, and notes what it announces. Can be given up at any time.
    pub(crate) async fn follow(&mut self) {
        match self.arrivals.recv().await {
            Ok(event) => self.note(&event).await,
            // They are in the store, which is read before anything is announced.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }

    /// Reads the payments of the last days once, and records each change that was not announced as an event with the
    /// source `reconciled`. Returns how many there were.
    ///
    /// # Errors
    /// What the API answered. The next call announces what this one has missed.
    pub(crate) async fn read(&mut self, now: SystemTime) -> Result<usize, Failure> {
        let payments = self.provider.list().await?;
        self.announce(&payments, now).await
    }

    /// `now` is when the list was requested.
    pub(crate) async fn announce(
        &mut self,
        payments: &[ListedPayment],
        now: SystemTime,
    ) -> Result<usize, Failure> {
        loop {
            match self.arrivals.try_recv() {
                Ok(event) => self.note(&event).await,
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let provider = Some(self.provider.provider());
        let query = EventQuery { provider, limit: usize::MAX, ..EventQuery::default() };
        let stored = self.receiver.store().query(query, now).await.map_err(|error| unstored(&error))?;
        for event in stored.events.iter().rev() {
            self.note(event).await;
        }
        let identifiers: Vec<String> = payments.iter().map(|payment| payment.identifier.clone()).collect();
        let known = self.watermarks.known(&self.namespace(), &identifiers).await;
        let known = known.map_err(|error| unstored(&*error))?;
        let mut missed = 0;
        // The list is newest first, and events are shown in the order of their arrival.
        for payment in payments.iter().rev() {
            let is_announced = match known.marks.get(&payment.identifier) {
                Some(mark) => covers(mark, payment, now),
                None => payment.changed_at.is_some_and(|changed_at| changed_at <= known.floor),
            };
            let Some(body) = payment.body.as_ref().filter(|_| !is_announced) else { continue };
            let event = self.provider.reconciled(body, now).map_err(|error| unstored(&*error))?;
            let inserted = self.receiver.record(event).await.map_err(|error| unstored(&error))?;
            let key = self.namespace().key(payment.identifier.as_str());
            let noted = self.watermarks.advance(&key, mark(&payment.state, now)).await;
            noted.map_err(|error| unstored(&*error))?;
            missed += usize::from(matches!(inserted, Inserted::New(_)));
        }
        Ok(missed)
    }

    async fn note(&self, event: &WebhookEvent) {
        let Some((payment, state)) = self.provider.announced(event) else { return };
        let key = self.namespace().key(payment);
        if let Err(error) = self.watermarks.advance(&key, mark(&state, event.received_at())).await {
            tracing::warn!(%error, "cannot store that a webhook was announced: it may be announced again");
        }
    }

    fn namespace(&self) -> Namespace {
        self.provider.namespace()
    }
}

fn unstored(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::ApiError, format!("Cannot store the API's response: {error}."))
}
