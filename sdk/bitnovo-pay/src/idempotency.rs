//! At most one payable order for each key.
//!
//! The API knows no idempotency key, but it lists the orders of the last seven days, each with the `internal_data` it
//! was created with. The list is searched for the key after a lost answer; before a create under a key that this process
//! does not remember; and once more afterwards, because another process may have had the same key at the same time.

use std::sync::atomic::AtomicBool;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    CreatedOrder, DeviceMark, Error, HttpRetry, IdempotencyKey, KeyRecord, KeyState, NewOrder, PlacedOrder,
    StoreError, StoredOrder, fingerprint::Fingerprints, generated::types::OrderRequest, key_clock::KeyClock,
    key_records::KeyRecords,
};

mod adopt;
mod find;
mod keep;
mod keys_in_use;
mod lookup;
mod row;
mod send;
mod verify_winner;

use find::{Found, Step};
use keys_in_use::{Joined, KeysInUse, Turn};
use lookup::FoundOrder;
pub(crate) use row::{KeyQuery, KeyRow};

/// The two operations that a create under a key needs.
pub(crate) trait Orders: Sync {
    fn create(&self, request: &OrderRequest) -> impl Future<Output = Result<CreatedOrder, Error>> + Send;
    /// The rows that matter to the query, of all that the API lists.
    fn list(
        &self,
        query: KeyQuery,
        attempts: Attempts,
    ) -> impl Future<Output = Result<Vec<KeyRow>, Error>> + Send;
    fn policy(&self) -> HttpRetry;
    /// Distinguishes the orders of this device from those of another device, which may use the same keys.
    fn device(&self) -> DeviceMark;
}

/// How often a list is asked for that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempts {
    /// As the policy says.
    All,
    /// Once, for a search, which has pauses of its own.
    One,
}

/// What a client knows of keys.
#[derive(Debug)]
pub(crate) struct Keys {
    store: KeyRecords,
    in_use: KeysInUse,
    clock: KeyClock,
    /// The list has shown an order without the marker it was created with: what is not found there may exist all the same.
    unmarked: AtomicBool,
}

impl Keys {
    /// `wall` is the wall clock.
    pub(crate) fn new(store: KeyRecords, wall: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let clock = KeyClock::new(wall);
        Self { store, in_use: KeysInUse::default(), clock, unmarked: AtomicBool::new(false) }
    }

    /// What is known of the order with this identifier.
    pub(crate) async fn order(&self, identifier: Uuid) -> Result<StoredOrder, Error> {
        self.store.order(identifier).await.map_err(store_failed)
    }

    #[cfg(test)]
    fn none_in_use(&self) -> bool {
        self.in_use.is_empty()
    }
}

/// What a look for the order of a key has shown.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is matched at once, and never kept")]
pub enum KeyCheck<Reservation> {
    /// The order that an earlier or concurrent call has created.
    Exists(PlacedOrder),
    /// No order exists. The key is reserved for this caller.
    Free(Reservation),
}

/// The right to create the order of one key. Dropped, it leaves the key as it was.
pub(crate) struct Claim<'a, O> {
    create: Box<KeyedCreate<'a, O>>,
    turn: Turn<'a>,
    step: Step,
}

/// Finds the order of the key, or reserves the key for a create. A link whose answer was lost here is replaced on the way:
/// that finishes a create which was begun before.
pub(crate) async fn check<'a, O: Orders>(
    orders: &'a O,
    keys: &'a Keys,
    order: &NewOrder,
    key: &IdempotencyKey,
) -> Result<KeyCheck<Claim<'a, O>>, Error> {
    let request = order.request()?;
    let prints = Fingerprints::of(&request)?;
    let create =
        Box::new(KeyedCreate { orders, keys, key: key.clone(), device: orders.device(), request, prints });
    // Before anything else, so that data without room for the key is refused and not cut.
    create.marker(Uuid::nil())?;
    let turn = match keys.in_use.join(key, prints.current).await? {
        Joined::Finished(result) => return result.map(PlacedOrder::repeated).map(KeyCheck::Exists),
        Joined::Turn(turn) => turn,
    };
    match create.find().await {
        Ok(Found::Nothing(step)) => Ok(KeyCheck::Free(Claim { create, turn, step })),
        Ok(Found::Order(order)) => turn.finish(Ok(order)).map(KeyCheck::Exists),
        Err(error) => turn.finish(Err(error)).map(KeyCheck::Exists),
    }
}

impl<O> Claim<'_, O> {
    pub(crate) fn key(&self) -> &IdempotencyKey {
        &self.create.key
    }
}

impl<O: Orders> Claim<'_, O> {
    /// Sends the order, and verifies afterwards that it is the one of its key.
    pub(crate) async fn create(self) -> Result<PlacedOrder, Error> {
        let Self { create, turn, step } = self;
        turn.finish(create.run(step).await)
    }
}

struct KeyedCreate<'a, O> {
    orders: &'a O,
    keys: &'a Keys,
    key: IdempotencyKey,
    device: DeviceMark,
    request: OrderRequest,
    prints: Fingerprints,
}

impl<O: Orders> KeyedCreate<'_, O> {
    /// Whether the order that was found is the one that is asked for.
    fn is_ours(&self, found: &FoundOrder) -> bool {
        self.prints.include(&found.order.imprint.request)
    }

    fn conflicting(&self, found: &FoundOrder, created: Option<Uuid>) -> Error {
        let differing = self.prints.current.differences(&found.order.imprint.request);
        Error::IdempotencyConflict { created, existing: Some(found.order.identifier), differing }
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
