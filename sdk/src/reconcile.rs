//! At most one payable order for each key.
//!
//! The API knows no idempotency key, but it lists the orders of the last seven days, each with the `internal_data` it
//! was created with. There the key is found again: after a lost answer; before anything is created under a key that
//! nobody here remembers; and once more afterwards, because another process may have had the same key at the same time.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    Attempt, CreatedOrder, DeviceMark, Error, Fingerprint, IdempotencyKey, KeyRecord, KeyState, KeyStore,
    NewOrder, Outcome, Payment, PlacedOrder, RetryPolicy, flights::Flights, generated::types::OrderRequest,
    key_store::StoreError,
};

mod compared;
mod listed;
mod sent;

use listed::Found;
use sent::Sent;

/// How long an order that was sent and not answered may still come into being. A create took 7.6 seconds once, servers
/// and balancers give up on a request after a minute or two: this is several times that. Until then nothing is created
/// under the same key unless the API's list tells what came of it.
pub const AMBIGUOUS_FOR: Duration = Duration::from_secs(10 * 60);

/// The two operations that this is about.
pub(crate) trait Orders: Sync {
    fn create(&self, request: &OrderRequest) -> impl Future<Output = Result<CreatedOrder, Error>> + Send;
    fn list(&self) -> impl Future<Output = Result<Vec<Payment>, Error>> + Send;
    fn policy(&self) -> RetryPolicy;
    /// Tells the orders of this device from those of another, which may use the same keys.
    fn device(&self) -> DeviceMark;
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
    let sale = Sale { orders, keys, key, device: orders.device(), request, fingerprint };
    // Before anything else, so that data without room for the key is refused and not cut.
    sale.imprint(Uuid::nil())?;
    keys.flights.join(key, fingerprint, sale.place(admit)).await
}

struct Sale<'a, O> {
    orders: &'a O,
    keys: &'a Keys,
    key: &'a IdempotencyKey,
    device: DeviceMark,
    request: OrderRequest,
    fingerprint: Fingerprint,
}

impl<O: Orders> Sale<'_, O> {
    async fn place(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        match self.keys.store.load(self.key).await.map_err(store_failed)? {
            Some(record) if record.fingerprint != self.fingerprint => match record.state {
                KeyState::Pending(attempt) if self.is_certain(attempt) => self.take_over(admit).await,
                _ => Err(Error::IdempotencyConflict { created: None }),
            },
            // The list did not show it in time: whether it is the first of its key is still to be learnt.
            Some(KeyRecord { state: KeyState::Placed(order), .. }) if order.others.is_none() => {
                self.compare_again(order.repeated()).await
            }
            Some(KeyRecord { state: KeyState::Placed(order), .. }) => Ok(order.repeated()),
            Some(KeyRecord { state: KeyState::Pending(attempt), .. }) => self.resume(attempt, admit).await,
            None => self.begin(admit).await,
        }
    }

    /// Nobody here knows the key.
    async fn begin(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        let shared = !self.key.first_use();
        if shared {
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
            None => self.create(attempt, shared).await,
            // Another process, with the same store, was a moment faster.
            Some(_) => Err(Error::InDoubt),
        }
    }

    /// The request was sent before, and whoever sent it did not see an answer.
    async fn resume(&self, lost: Attempt, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        match self.search(None).await {
            Ok(Some(found)) => self.adopt(found, Some(lost)).await,
            Ok(None) if self.is_certain(lost) => self.create_anew(admit).await,
            Ok(None) | Err(_) => Err(Error::InDoubt),
        }
    }

    /// Another sale was sent under the key, and never answered. When it is not in the list after all this time, it is none,
    /// and the key is free.
    async fn take_over(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        match self.search(None).await {
            Ok(Some(found)) if found.imprint.request == self.fingerprint => self.adopt(found, None).await,
            Ok(Some(_)) => Err(Error::IdempotencyConflict { created: None }),
            Ok(None) => self.create_anew(admit).await,
            Err(error) => Err(Error::NotLookedUp { source: error.into() }),
        }
    }

    /// What was sent before came to nothing.
    async fn create_anew(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        if !admit.await {
            return Err(Error::NotAdmitted);
        }
        let (attempt, record) = self.attempt();
        self.keys.store.save(self.key, record).await.map_err(store_failed)?;
        self.create(attempt, true).await
    }

    /// `shared` when the key may be known to others.
    async fn create(&self, attempt: Attempt, shared: bool) -> Result<PlacedOrder, Error> {
        match self.send(attempt, None).await {
            Ok(Sent::Answered(created)) if shared => self.compare(created.into(), attempt).await,
            Ok(Sent::Answered(created)) => self.keep(created.into()).await,
            Ok(Sent::Found(found)) => self.adopt(found, Some(attempt)).await,
            Err(error) => {
                if error.outcome() == Outcome::NotCreated {
                    self.forget().await;
                }
                Err(error)
            }
        }
    }

    /// Makes the order that was found ours, if it can be paid by whoever asks.
    async fn adopt(&self, found: Found, attempt: Option<Attempt>) -> Result<PlacedOrder, Error> {
        let Found { payment, imprint, .. } = &found;
        let identifier = payment.identifier;
        if imprint.request != self.fingerprint {
            let created = attempt.and_then(|attempt| found.made_by(attempt.id));
            // What we sent ourselves may be on its way.
            let in_doubt = created.is_none() && attempt.is_some_and(|attempt| !self.is_certain(attempt));
            return Err(if in_doubt { Error::InDoubt } else { self.conflict(created).await });
        }
        if found.is_spent() {
            return Err(Error::KeySpent { identifier, status: payment.status.clone() });
        }
        if found.is_whole() {
            let order = PlacedOrder::recovered(payment, imprint.replaces);
            return self.keep(PlacedOrder { others: Some(found.others()), ..order }).await;
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
                self.keep(PlacedOrder { replaces: Some(lost), ..created.into() }).await
            }
            Ok(Sent::Found(Found { payment, .. })) => Err(Error::LinkLost { identifier: payment.identifier }),
            // Whatever came of it, the link that was to be replaced exists.
            Err(error) => {
                tracing::debug!(%error, "a link whose page nobody knows could not be replaced");
                Err(Error::LinkLost { identifier: lost })
            }
        }
    }

    /// Remembers the order, and tells it.
    async fn keep(&self, order: PlacedOrder) -> Result<PlacedOrder, Error> {
        let record = self.record(KeyState::Placed(order.clone()));
        if let Err(error) = self.keys.store.save(self.key, record).await {
            tracing::warn!(%error, "the store of idempotency keys did not keep an order");
            // The next call finds an order on chain again, and tells the same address. A link it would replace, as one
            // whose page nobody has seen: so nobody may see it.
            if order.address.as_deref().is_none_or(str::is_empty) {
                return Err(Error::LinkLost { identifier: order.identifier });
            }
        }
        Ok(order)
    }

    /// The key belongs to another sale, which the list knows: what was noted of ours would keep that one out.
    async fn conflict(&self, created: Option<Uuid>) -> Error {
        self.forget().await;
        Error::IdempotencyConflict { created }
    }

    async fn forget(&self) {
        if let Err(error) = self.keys.store.remove(self.key).await {
            tracing::warn!(%error, "the store of idempotency keys did not forget a key");
        }
    }

    fn attempt(&self) -> (Attempt, KeyRecord) {
        let attempt = Attempt { id: Uuid::new_v4(), since: self.keys.now() };
        (attempt, self.record(KeyState::Pending(attempt)))
    }

    /// Whether the order of an attempt is in the list if there is one.
    fn is_certain(&self, attempt: Attempt) -> bool {
        (self.keys.now() - attempt.since).to_std().is_ok_and(|age| age >= AMBIGUOUS_FOR)
    }

    fn record(&self, state: KeyState) -> KeyRecord {
        KeyRecord { fingerprint: self.fingerprint, state }
    }
}

fn store_failed(error: StoreError) -> Error {
    Error::KeyStore { source: error.into() }
}

#[cfg(test)]
mod tests;
