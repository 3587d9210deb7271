//! At most one payable order for each key.
//!
//! The API knows no idempotency key, but it lists the orders of the last seven days, each with the `internal_data` it
//! was created with. There the key is found again: after a lost answer, and before anything is created under a key that
//! nobody here remembers.

use std::{iter::once, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{
    Attempt, CreatedOrder, Error, Fingerprint, IdempotencyKey, KeyRecord, KeyState, KeyStore, NewOrder,
    Outcome, Payment, PaymentStatus, PlacedOrder, RetryPolicy, flights::Flights,
    generated::types::OrderRequest, imprint::Imprint, key_store::StoreError, retry::delays,
};

/// How long an order that was sent and not answered may still come into being. A create took 7.6 seconds once, servers
/// and balancers give up on a request after a minute or two: this is several times that. Until then nothing is created
/// under the same key unless the API's list tells what came of it.
pub const AMBIGUOUS_FOR: Duration = Duration::from_secs(10 * 60);

/// The looks into the list after a lost answer: one at once, the others after growing pauses, because a slow create may
/// be carried out after we have stopped waiting for it.
const FURTHER_LOOKS: u32 = 3;

/// The two operations that this is about.
pub(crate) trait Orders: Sync {
    fn create(&self, request: &OrderRequest) -> impl Future<Output = Result<CreatedOrder, Error>> + Send;
    fn list(&self) -> impl Future<Output = Result<Vec<Payment>, Error>> + Send;
    fn policy(&self) -> RetryPolicy;
}

/// What a client knows of keys.
#[derive(Debug)]
pub(crate) struct Keys {
    store: Arc<dyn KeyStore>,
    flights: Flights,
    /// Wall-clock time, which a store keeps, at a moment of the timer's, which cannot be set back.
    started: (DateTime<Utc>, Instant),
}

impl Keys {
    pub(crate) fn new(store: Arc<dyn KeyStore>, now: DateTime<Utc>) -> Self {
        Self { store, flights: Flights::default(), started: (now, Instant::now()) }
    }

    #[cfg(test)]
    fn flights_are_empty(&self) -> bool {
        self.flights.is_empty()
    }

    fn now(&self) -> DateTime<Utc> {
        let (wall, moment) = self.started;
        wall + moment.elapsed()
    }
}

/// Places the order, or finds the one that was placed under the key before. `admit` is asked only when something is about
/// to be created that was not asked for before.
pub(crate) async fn place(
    orders: &impl Orders,
    keys: &Keys,
    order: &NewOrder,
    key: &IdempotencyKey,
    admit: impl Future<Output = bool>,
) -> Result<PlacedOrder, Error> {
    let request = order.request()?;
    let fingerprint = Fingerprint::of(&request)?;
    // Before anything else, so that data without room for the key is refused and not cut.
    Imprint::new(key, fingerprint, Uuid::nil(), request.internal_data.as_deref().map(String::as_str))?;
    let sale = Sale { orders, keys, key, request, fingerprint };
    keys.flights.join(key, fingerprint, sale.place(admit)).await
}

struct Sale<'a, O> {
    orders: &'a O,
    keys: &'a Keys,
    key: &'a IdempotencyKey,
    request: OrderRequest,
    fingerprint: Fingerprint,
}

/// An order in the list that carries the key.
struct Found {
    payment: Box<Payment>,
    imprint: Imprint,
}

/// What came of sending the request.
enum Sent {
    Answered(CreatedOrder),
    /// The answer was lost, and the order is in the list.
    Found(Found),
}

impl<O: Orders> Sale<'_, O> {
    async fn place(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        match self.keys.store.load(self.key).await.map_err(store_failed)? {
            Some(record) if record.fingerprint != self.fingerprint => Err(Error::IdempotencyConflict),
            Some(KeyRecord { state: KeyState::Placed(order), .. }) => Ok(order.repeated()),
            Some(KeyRecord { state: KeyState::Pending(attempt), .. }) => self.resume(attempt, admit).await,
            None => self.begin(admit).await,
        }
    }

    /// Nobody here knows the key.
    async fn begin(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        if !self.key.first_use() {
            let found = self.look(None).await.map_err(|error| Error::NotLookedUp { source: error.into() })?;
            if let Some(found) = found {
                return self.adopt(found, None).await;
            }
        }
        if !admit.await {
            return Err(Error::NotAdmitted);
        }
        let (attempt, record) = self.attempt();
        match self.keys.store.claim(self.key, record).await.map_err(store_failed)? {
            None => self.create(attempt).await,
            // Another process, with the same store, was a moment faster.
            Some(_) => Err(Error::InDoubt),
        }
    }

    /// The request was sent before, and whoever sent it did not see an answer.
    async fn resume(&self, lost: Attempt, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        match self.search(None).await {
            Ok(Some(found)) => self.adopt(found, Some(lost)).await,
            Ok(None) if (self.keys.now() - lost.since).to_std().is_ok_and(|age| age >= AMBIGUOUS_FOR) => {
                if !admit.await {
                    return Err(Error::NotAdmitted);
                }
                let (attempt, record) = self.attempt();
                self.keys.store.save(self.key, record).await.map_err(store_failed)?;
                self.create(attempt).await
            }
            Ok(None) | Err(_) => Err(Error::InDoubt),
        }
    }

    async fn create(&self, attempt: Attempt) -> Result<PlacedOrder, Error> {
        match self.send(attempt, None).await {
            Ok(Sent::Answered(created)) => Ok(self.keep(created.into()).await),
            Ok(Sent::Found(found)) => self.adopt(found, Some(attempt)).await,
            Err(error) => {
                if error.outcome() == Outcome::NotCreated
                    && let Err(error) = self.keys.store.remove(self.key).await
                {
                    tracing::warn!(%error, "the store of idempotency keys did not forget a key");
                }
                Err(error)
            }
        }
    }

    /// Makes the order that was found ours, if it can be paid by whoever asks.
    async fn adopt(&self, found: Found, attempt: Option<Attempt>) -> Result<PlacedOrder, Error> {
        let Found { payment, imprint } = found;
        let identifier = payment.identifier;
        if imprint.request != self.fingerprint {
            return Err(Error::IdempotencyConflict);
        }
        if is_spent(&payment.status) {
            return Err(Error::KeySpent { identifier, status: payment.status });
        }
        if payment.address.as_deref().is_some_and(|address| !address.is_empty()) {
            return Ok(self.keep(PlacedOrder::recovered(&payment, imprint.replaces)).await);
        }
        match attempt {
            // Our own attempt, whose answer nobody ever saw: no customer can have the page. Once, and no further.
            Some(attempt) if attempt.id == imprint.attempt && imprint.replaces.is_none() => {
                self.replace(attempt, identifier).await
            }
            // The page may be in a customer's hands: another one would be a second order that can be paid.
            _ => Err(Error::LinkLost { identifier }),
        }
    }

    async fn replace(&self, attempt: Attempt, lost: Uuid) -> Result<PlacedOrder, Error> {
        match self.send(attempt, Some(lost)).await {
            Ok(Sent::Answered(created)) => {
                let order = PlacedOrder { replaces: Some(lost), ..created.into() };
                Ok(self.keep(order).await)
            }
            Ok(Sent::Found(Found { payment, .. })) => Err(Error::LinkLost { identifier: payment.identifier }),
            // Whatever came of it, the link that was to be replaced exists.
            Err(error) => {
                tracing::info!(%error, "a link whose page nobody knows could not be replaced");
                Err(Error::LinkLost { identifier: lost })
            }
        }
    }

    /// Sends the request, and looks into the list when there is no answer.
    async fn send(&self, attempt: Attempt, replaces: Option<Uuid>) -> Result<Sent, Error> {
        let request = self.imprinted(attempt, replaces)?;
        let mut pauses = delays(self.orders.policy());
        let mut refused_before = None;
        loop {
            let error = match self.orders.create(&request).await {
                Ok(created) => return Ok(Sent::Answered(created)),
                // What came of an earlier attempt stays as uncertain as it was.
                Err(error) if error.outcome() == Outcome::NotCreated => {
                    return Err(refused_before.unwrap_or(error));
                }
                Err(error) => error,
            };
            // A whole 503 says that nobody took the request on. After anything else it may still be carried out.
            if matches!(error, Error::ServerError { status: 503 })
                && let Some(pause) = pauses.next()
            {
                sleep(pause).await;
                // It was somebody in between, perhaps: the order has some seconds to appear.
                match self.search(replaces).await {
                    Ok(Some(found)) => return Ok(Sent::Found(found)),
                    Ok(None) => {
                        refused_before = Some(error);
                        continue;
                    }
                    Err(_) => return Err(error),
                }
            }
            return match self.search(replaces).await {
                Ok(Some(found)) => Ok(Sent::Found(found)),
                Ok(None) | Err(_) => Err(error),
            };
        }
    }

    /// Several looks, while the order may be on its way into the list.
    async fn search(&self, replaced: Option<Uuid>) -> Result<Option<Found>, Error> {
        let pauses = delays(RetryPolicy { max_retries: FURTHER_LOOKS, ..self.orders.policy() });
        for pause in once(Duration::ZERO).chain(pauses) {
            sleep(pause).await;
            if let Some(found) = self.look(replaced).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The order of the key in the API's list, apart from those that another one has taken the place of. Of several, one
    /// that can still be paid, and then the first.
    async fn look(&self, replaced: Option<Uuid>) -> Result<Option<Found>, Error> {
        let list = self.orders.list().await?;
        let ours = list.into_iter().filter_map(|payment| {
            let imprint = Imprint::of(&payment).filter(|imprint| imprint.key == *self.key)?;
            Some(Found { payment: Box::new(payment), imprint })
        });
        let mut ours: Vec<Found> = ours.collect();
        let replaced: Vec<Uuid> =
            ours.iter().filter_map(|found| found.imprint.replaces).chain(replaced).collect();
        ours.retain(|found| !replaced.contains(&found.payment.identifier));
        Ok(ours.into_iter().min_by_key(|found| (is_spent(&found.payment.status), found.payment.created_at)))
    }

    async fn keep(&self, order: PlacedOrder) -> PlacedOrder {
        let record = self.record(KeyState::Placed(order.clone()));
        // The order exists: it is told, whatever becomes of the memory.
        if let Err(error) = self.keys.store.save(self.key, record).await {
            tracing::warn!(%error, "the store of idempotency keys did not keep an order");
        }
        order
    }

    fn attempt(&self) -> (Attempt, KeyRecord) {
        let attempt = Attempt { id: Uuid::new_v4(), since: self.keys.now() };
        (attempt, self.record(KeyState::Pending(attempt)))
    }

    fn record(&self, state: KeyState) -> KeyRecord {
        KeyRecord { fingerprint: self.fingerprint, state }
    }

    fn imprinted(&self, attempt: Attempt, replaces: Option<Uuid>) -> Result<OrderRequest, Error> {
        let data = self.request.internal_data.as_deref().map(String::as_str);
        let mut imprint = Imprint::new(self.key, self.fingerprint, attempt.id, data)?;
        imprint.replaces = replaces;
        Ok(OrderRequest { internal_data: Some(imprint.field()?), ..self.request.clone() })
    }
}

/// Whether nobody can pay the order any more.
fn is_spent(status: &PaymentStatus) -> bool {
    use PaymentStatus::{Ca, De, Ex, Fa, Rf};
    matches!(status, Ex | Ca | De | Fa | Rf)
}

fn store_failed(error: StoreError) -> Error {
    Error::KeyStore { source: error.into() }
}

#[cfg(test)]
mod tests;
