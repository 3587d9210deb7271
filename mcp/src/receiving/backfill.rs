//! Catching up: the provider does not resend, so what was missed is read from the API.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bitnovo_pay::{Client, Payment, PaymentStatus};
use chrono::{DateTime, Utc};
use payments_webhook::{
    Receiver, WebhookEvent,
    scheme::bitnovo,
    store::{EventQuery, Inserted},
};
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};

use crate::answer::failure::{Code, Failure};
use crate::bitnovo::errors;
use crate::receiving::watermarks::{Announced, MemoryWatermarks, Watermarks};

/// How far before its start a process without a memory of earlier ones announces changes: what was missed in a night
/// and a day. Older ones are no news, and most of them were announced by an earlier process.
const LOOK_BACK: Duration = Duration::from_secs(24 * 3600);

/// Announces the changes that no webhook has told, each once for as long as it lives.
pub(crate) struct Backfill {
    client: Client,
    receiver: Arc<Receiver>,
    watermarks: Arc<dyn Watermarks>,
    arrivals: broadcast::Receiver<Arc<WebhookEvent>>,
}

impl Backfill {
    /// Follows what `receiver` stores from now on. A change is announced when it is later than a day before `started_at`.
    pub(crate) fn new(client: Client, receiver: Arc<Receiver>, started_at: SystemTime) -> Self {
        let floor = started_at.checked_sub(LOOK_BACK).map_or(DateTime::<Utc>::MIN_UTC, Into::into);
        let watermarks: Arc<dyn Watermarks> = Arc::new(MemoryWatermarks::new(floor));
        let arrivals = receiver.subscribe();
        Self { client, receiver, watermarks, arrivals }
    }

    /// Waits for an event, and notes what it announces. Can be given up at any time.
    pub(crate) async fn follow(&mut self) {
        match self.arrivals.recv().await {
            Ok(event) => note(&*self.watermarks, &event).await,
            // They are in the store, which is looked through before anything is announced.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }

    /// Reads the orders of the last seven days once, and records each change that was not announced as an event with
    /// the source `reconciled`. Returns how many there were.
    ///
    /// # Errors
    /// What the API answered; what was missed stays missed until the next time.
    pub(crate) async fn read(&mut self, now: SystemTime) -> Result<usize, Failure> {
        let payments = list(&self.client).await?;
        loop {
            match self.arrivals.try_recv() {
                Ok(event) => note(&*self.watermarks, &event).await,
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        announce(&payments, &self.receiver, &*self.watermarks, now).await
    }
}

/// Records every change of the last seven days as an event, for a store that holds nothing yet.
///
/// # Errors
/// What the API answered.
pub(crate) async fn read_all(
    client: &Client,
    receiver: &Receiver,
    now: SystemTime,
) -> Result<usize, Failure> {
    let payments = list(client).await?;
    announce(&payments, receiver, &MemoryWatermarks::empty(), now).await
}

async fn list(client: &Client) -> Result<Vec<Payment>, Failure> {
    let listed = client.orders_list(None, None).await.map_err(|error| errors::from_api(&error))?;
    if listed.left_out_count() > 0 || listed.is_cut() {
        let left_out = listed.left_out_count();
        tracing::warn!(
            left_out,
            cut = listed.is_cut(),
            "some orders of the list could not be read: their changes are not announced"
        );
    }
    Ok(listed.into_rows())
}

/// `now` is when the list was asked for.
async fn announce(
    payments: &[Payment],
    receiver: &Receiver,
    watermarks: &dyn Watermarks,
    now: SystemTime,
) -> Result<usize, Failure> {
    let query = EventQuery { limit: usize::MAX, ..EventQuery::default() };
    let stored = receiver.store().query(query, now).await.map_err(|error| unkept(&error))?;
    for event in stored.events.iter().rev() {
        note(watermarks, event).await;
    }
    let identifiers: Vec<String> = payments.iter().map(|payment| payment.identifier.to_string()).collect();
    let known = watermarks.known(&identifiers).await.map_err(|error| unkept(&error))?;
    let mut missed = 0;
    // The list is newest first, and events are shown in the order of their arrival.
    for (payment, identifier) in payments.iter().zip(&identifiers).rev() {
        let changed_at = payment.edited_at.or(payment.created_at).map(|time| time.to_utc());
        let is_announced = match known.last.get(identifier) {
            Some(last) if last.tells(payment) => true,
            // What the list holds may be older than what was announced.
            Some(last) => match last.edited_at.zip(changed_at) {
                Some((announced, changed_at)) => announced > changed_at,
                None => last.at > now,
            },
            None => changed_at.is_some_and(|changed_at| changed_at <= known.floor),
        };
        if is_announced || !has_changed(payment) {
            continue;
        }
        let body = serde_json::to_vec(payment).map_err(|error| unkept(&error))?;
        let event = bitnovo::reconciled(&body, now).map_err(|error| unkept(&error))?;
        let inserted = receiver.record(event).await.map_err(|error| unkept(&error))?;
        let announced = watermarks.announced(identifier, Announced::of(payment, now)).await;
        announced.map_err(|error| unkept(&error))?;
        missed += usize::from(matches!(inserted, Inserted::New(_)));
    }
    Ok(missed)
}

async fn note(watermarks: &dyn Watermarks, event: &WebhookEvent) {
    if let Some((payment, state)) = Announced::by(event)
        && let Err(error) = watermarks.announced(payment, state).await
    {
        tracing::warn!(%error, "it could not be noted that a webhook was announced: it may be announced again");
    }
}

fn unkept(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::ApiError, format!("What the API answered cannot be kept: {error}."))
}

/// Nothing has happened yet to a payment that waits for its customer, and the provider sends no webhook for IA.
fn has_changed(payment: &Payment) -> bool {
    !matches!(payment.status, PaymentStatus::Nr | PaymentStatus::Pe)
}

#[cfg(test)]
mod tests;
