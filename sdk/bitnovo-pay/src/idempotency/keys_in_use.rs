//! Concurrent calls with one key share one request.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

use crate::{Error, Fingerprint, IdempotencyKey, PlacedOrder};

/// The keys under which calls are at work in this process.
#[derive(Debug, Default)]
pub(super) struct KeysInUse(Mutex<HashMap<IdempotencyKey, Calls>>);

/// The calls of one key. The one that holds the lock is at work; the others wait for the lock, and find its result.
#[derive(Clone, Debug)]
struct Calls {
    fingerprint: Fingerprint,
    result: Arc<tokio::sync::Mutex<Finished>>,
}

type Finished = Option<Result<PlacedOrder, Error>>;

/// What a call finds when it has waited.
pub(super) enum Joined<'a> {
    /// The call before this one has finished.
    Finished(Result<PlacedOrder, Error>),
    /// This call is at work now.
    Turn(Turn<'a>),
}

/// The right of one call to work under a key. When it is dropped without a result, the next in line has its turn.
pub(super) struct Turn<'a> {
    // Dropped before the seat, which counts those that are left.
    result: OwnedMutexGuard<Finished>,
    seat: Seat<'a>,
}

impl KeysInUse {
    /// Waits for the calls that work under the key already.
    ///
    /// # Errors
    /// [`Error::IdempotencyConflict`] at once when they ask for something else.
    pub(super) async fn join(
        &self,
        key: &IdempotencyKey,
        fingerprint: Fingerprint,
    ) -> Result<Joined<'_>, Error> {
        let seat = self.seat(key, fingerprint)?;
        let result = Arc::clone(&seat.calls.result).lock_owned().await;
        Ok(match &*result {
            Some(result) => Joined::Finished(result.clone()),
            None => Joined::Turn(Turn { result, seat }),
        })
    }

    fn seat(&self, key: &IdempotencyKey, fingerprint: Fingerprint) -> Result<Seat<'_>, Error> {
        let calls = match self.locked().entry(key.clone()) {
            Entry::Occupied(entry) if entry.get().fingerprint != fingerprint => {
                let differing = fingerprint.differences(&entry.get().fingerprint);
                return Err(Error::IdempotencyConflict { created: None, existing: None, differing });
            }
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => entry.insert(Calls { fingerprint, result: Arc::default() }).clone(),
        };
        Ok(Seat { keys: self, key: key.clone(), calls })
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.locked().is_empty()
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<IdempotencyKey, Calls>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Gives the result to the calls that wait. A call that comes later looks for itself: by then more may be known of the
    /// key than this result.
    pub(super) fn finish(mut self, result: Result<PlacedOrder, Error>) -> Result<PlacedOrder, Error> {
        *self.result = Some(result.clone());
        self.seat.remove_if(|_| true);
        result
    }
}

/// A place among the calls that wait. The last to leave removes the key, even when no call has finished.
struct Seat<'a> {
    keys: &'a KeysInUse,
    key: IdempotencyKey,
    calls: Calls,
}

impl Seat<'_> {
    fn remove_if(&self, condition: impl FnOnce(&Calls) -> bool) {
        let mut keys = self.keys.locked();
        let current = keys.get(&self.key).filter(|calls| Arc::ptr_eq(&calls.result, &self.calls.result));
        if current.is_some_and(condition) {
            keys.remove(&self.key);
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        // The map's and ours: no other call can take a seat while the map is locked.
        self.remove_if(|calls| Arc::strong_count(&calls.result) == 2);
    }
}
