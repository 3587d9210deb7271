//! At most one payable order for each key.
//!
//! The API knows no idempotency key, but it lists the orders of the last seven days, each with the `internal_data` it
//! was created with. There the key is found again: after a lost answer; before anything is created under a key that
//! nobody here remembers; and once more afterwards, because another process may have had the same key at the same time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    Attempt, CreatedOrder, DeviceMark, Error, HttpRetry, IdempotencyKey, KeyRecord, KeyState, KeyStore,
    NewOrder, Outcome, PlacedOrder, fingerprint::Fingerprints, generated::types::OrderRequest,
    key_clock::KeyClock, key_store::StoreError, single_flight::SingleFlight,
};

mod lookup;
mod row;
mod send;
mod verify_winner;

use lookup::Found;
pub(crate) use row::{KeyQuery, KeyRow};
use send::Sent;

/// How long an order that was sent and not answered may still come into being. A create took 7.6 seconds once, servers
/// and balancers give up on a request after a minute or two: this is several times that. Until then nothing is created
/// under the same key unless the API's list tells what came of it.
pub const UNKNOWN_OUTCOME_WINDOW: Duration = Duration::from_secs(10 * 60);

/// The two operations that this is about.
pub(crate) trait Orders: Sync {
    fn create(&self, request: &OrderRequest) -> impl Future<Output = Result<CreatedOrder, Error>> + Send;
    /// The rows that matter to the query, of all that the API lists.
    fn list(
        &self,
        query: KeyQuery,
        attempts: Attempts,
    ) -> impl Future<Output = Result<Vec<KeyRow>, Error>> + Send;
    fn policy(&self) -> HttpRetry;
    /// Tells the orders of this device from those of another, which may use the same keys.
    fn device(&self) -> DeviceMark;
}

/// How often a list is asked for that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempts {
    /// As the policy says.
    All,
    /// Once, for a search, which has a rhythm of its own.
    One,
}

/// What a client knows of keys.
#[derive(Debug)]
pub(crate) struct Keys {
    store: Arc<dyn KeyStore>,
    flights: SingleFlight,
    clock: KeyClock,
    /// The list has shown an order without the marker it was created with: what is not found there may exist all the same.
    unmarked: AtomicBool,
}

impl Keys {
    /// `wall` is the wall clock.
    pub(crate) fn new(
        store: Arc<dyn KeyStore>,
        wall: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        let clock = KeyClock::new(wall);
        Self { store, flights: SingleFlight::default(), clock, unmarked: AtomicBool::new(false) }
    }

    #[cfg(test)]
    fn flights_are_empty(&self) -> bool {
        self.flights.is_empty()
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
    let prints = Fingerprints::of(&request)?;
    let sale = Sale { orders, keys, key, device: orders.device(), request, prints };
    // Before anything else, so that data without room for the key is refused and not cut.
    sale.imprint(Uuid::nil())?;
    keys.flights.join(key, prints.current, sale.place(admit)).await
}

struct Sale<'a, O> {
    orders: &'a O,
    keys: &'a Keys,
    key: &'a IdempotencyKey,
    device: DeviceMark,
    request: OrderRequest,
    prints: Fingerprints,
}

impl<O: Orders> Sale<'_, O> {
    async fn place(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        let Some(record) = self.keys.store.load(self.key).await.map_err(store_failed)? else {
            return self.begin(admit).await;
        };
        if !self.prints.include(&record.fingerprint) {
            return match record.state {
                KeyState::Pending(attempt) if self.keys.clock.is_certain(attempt) => {
                    self.take_over(admit).await
                }
                state => Err(Error::IdempotencyConflict {
                    created: None,
                    existing: state.identifier(),
                    differing: self.prints.current.differences(&record.fingerprint),
                }),
            };
        }
        match record.state {
            // The customer may be paying another of the key's orders, or it is not known yet whether there is one.
            KeyState::Placed(order) if order.is_alone() => Ok(order.repeated()),
            KeyState::Placed(order) => self.compare_again(order.repeated()).await,
            KeyState::Unchecked { order, attempt } => self.compare_late(order.repeated(), attempt).await,
            KeyState::Pending(attempt) => self.resume(attempt, admit).await,
        }
    }

    /// Nobody here knows the key.
    async fn begin(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        let shared = !self.key.first_use();
        if shared {
            let looked = self.look(None).await.map_err(Error::not_looked_up)?;
            if let Some(found) = looked.found {
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
            Ok(None) if self.came_to_nothing(lost) => self.create_anew(admit).await,
            Err(error @ (Error::NewerMarker { .. } | Error::Unreadable { .. })) => Err(error),
            Ok(None) | Err(_) => Err(Error::InDoubt),
        }
    }

    /// Another sale was sent under the key, and never answered. When it is not in the list after all this time, it is none,
    /// and the key is free.
    async fn take_over(&self, admit: impl Future<Output = bool>) -> Result<PlacedOrder, Error> {
        match self.search(None).await {
            Ok(Some(found)) if self.is_ours(&found) => self.adopt(found, None).await,
            Ok(Some(found)) => Err(self.conflicting(&found, None)),
            Ok(None) if self.keys.unmarked.load(Ordering::Relaxed) => Err(Error::InDoubt),
            Ok(None) => self.create_anew(admit).await,
            Err(error) => Err(error.not_looked_up()),
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
        let result = match self.send(attempt, None).await {
            Ok(Sent::Answered(created)) if shared => self.compare((*created).into(), attempt).await,
            Ok(Sent::Answered(created)) => self.keep((*created).into()).await,
            Ok(Sent::Found(found)) => self.adopt(found, Some(attempt)).await,
            Err(error) => {
                if error.outcome() == Outcome::NotCreated {
                    self.forget().await;
                    self.keys.clock.settled(attempt);
                }
                Err(error)
            }
        };
        if result.is_ok() {
            self.keys.clock.settled(attempt);
        }
        result
    }

    /// Makes the order that was found ours, if it can be paid by whoever asks.
    async fn adopt(&self, found: Found, attempt: Option<Attempt>) -> Result<PlacedOrder, Error> {
        let order = &*found.order;
        let (identifier, imprint) = (order.identifier, &order.imprint);
        if !self.is_ours(&found) {
            let created = attempt.and_then(|attempt| found.made_by(attempt.id));
            // What we sent ourselves may be on its way.
            let in_doubt =
                created.is_none() && attempt.is_some_and(|attempt| !self.keys.clock.is_certain(attempt));
            return Err(if in_doubt { Error::InDoubt } else { self.conflict(&found, created).await });
        }
        if order.is_closed {
            return Err(Error::KeySpent { identifier, status: order.status.clone() });
        }
        if order.is_whole() {
            let recovered = PlacedOrder::recovered(order.payment()?, imprint.replaces);
            return self.keep(PlacedOrder { others: Some(found.others()), ..recovered }).await;
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
                self.keep(PlacedOrder { replaces: Some(lost), ..(*created).into() }).await
            }
            Ok(Sent::Found(found)) => Err(Error::LinkLost { identifier: found.order.identifier }),
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

    /// Remembers the order, and tells it to nobody: whether it is the first of its key is not known yet.
    async fn withhold(&self, order: PlacedOrder, attempt: Attempt, error: Error) -> Error {
        let identifier = order.identifier;
        let record = self.record(KeyState::Unchecked { order, attempt });
        if let Err(error) = self.keys.store.save(self.key, record).await {
            tracing::warn!(%error, "the store of idempotency keys did not keep an order");
        }
        Error::NotCompared { identifier, source: error.into() }
    }

    /// Whether the order that was found is the one that is asked for.
    fn is_ours(&self, found: &Found) -> bool {
        self.prints.include(&found.order.imprint.request)
    }

    /// The key belongs to another sale, which the list knows: what was noted of ours would keep that one out.
    async fn conflict(&self, found: &Found, created: Option<Uuid>) -> Error {
        self.forget().await;
        self.conflicting(found, created)
    }

    fn conflicting(&self, found: &Found, created: Option<Uuid>) -> Error {
        let differing = self.prints.current.differences(&found.order.imprint.request);
        Error::IdempotencyConflict { created, existing: Some(found.order.identifier), differing }
    }

    async fn forget(&self) {
        if let Err(error) = self.keys.store.remove(self.key).await {
            tracing::warn!(%error, "the store of idempotency keys did not forget a key");
        }
    }

    fn attempt(&self) -> (Attempt, KeyRecord) {
        let attempt = self.keys.clock.attempt();
        (attempt, self.record(KeyState::Pending(attempt)))
    }

    /// Whether an attempt that the list does not show made no order.
    fn came_to_nothing(&self, attempt: Attempt) -> bool {
        self.keys.clock.is_certain(attempt) && !self.keys.unmarked.load(Ordering::Relaxed)
    }

    fn record(&self, state: KeyState) -> KeyRecord {
        KeyRecord { fingerprint: self.prints.current, state }
    }
}

fn store_failed(error: StoreError) -> Error {
    Error::KeyStore { source: error.into() }
}

#[cfg(test)]
mod tests;
