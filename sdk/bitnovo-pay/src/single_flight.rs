//! Concurrent calls with one key share one request.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Error, Fingerprint, IdempotencyKey, PlacedOrder};

/// The keys under which somebody is at work.
#[derive(Debug, Default)]
pub(crate) struct SingleFlight(Mutex<HashMap<IdempotencyKey, Arc<Flight>>>);

#[derive(Debug)]
struct Flight {
    fingerprint: Fingerprint,
    /// Whoever holds the lock does the work; the others wait for it, and find the result. When the one at work is
    /// dropped, the next in line finds nothing, and takes over.
    landed: tokio::sync::Mutex<Option<Result<PlacedOrder, Error>>>,
}

impl SingleFlight {
    /// Does the work, unless somebody is doing it already: then waits for what comes of it.
    pub(crate) async fn join(
        &self,
        key: &IdempotencyKey,
        fingerprint: Fingerprint,
        work: impl Future<Output = Result<PlacedOrder, Error>>,
    ) -> Result<PlacedOrder, Error> {
        let seat = self.seat(key, fingerprint)?;
        let mut landed = seat.flight.landed.lock().await;
        if let Some(result) = &*landed {
            return result.clone().map(PlacedOrder::repeated);
        }
        let result = work.await;
        // Whether something may be created is each caller's own question: the next in line asks it anew.
        if matches!(result, Err(Error::NotAdmitted)) {
            return result;
        }
        *landed = Some(result.clone());
        // Whoever comes from now on finds what is known of the key, which may be more than this result.
        self.leave(key, &seat.flight);
        result
    }

    fn seat(&self, key: &IdempotencyKey, fingerprint: Fingerprint) -> Result<Seat<'_>, Error> {
        let flight = match self.flights().entry(key.clone()) {
            Entry::Occupied(entry) if entry.get().fingerprint != fingerprint => {
                let differing = fingerprint.differences(&entry.get().fingerprint);
                return Err(Error::IdempotencyConflict { created: None, existing: None, differing });
            }
            Entry::Occupied(entry) => Arc::clone(entry.get()),
            Entry::Vacant(entry) => Arc::clone(
                entry.insert(Arc::new(Flight { fingerprint, landed: tokio::sync::Mutex::default() })),
            ),
        };
        Ok(Seat { flights: self, key: key.clone(), flight })
    }

    fn leave(&self, key: &IdempotencyKey, flight: &Arc<Flight>) {
        let mut flights = self.flights();
        if flights.get(key).is_some_and(|current| Arc::ptr_eq(current, flight)) {
            flights.remove(key);
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.flights().is_empty()
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<IdempotencyKey, Arc<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those who wait. The last to go closes the door, even when the work was never finished.
struct Seat<'a> {
    flights: &'a SingleFlight,
    key: IdempotencyKey,
    flight: Arc<Flight>,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut flights = self.flights.flights();
        let current = flights.get(&self.key).is_some_and(|current| Arc::ptr_eq(current, &self.flight));
        // The map's and ours: nobody can take another while the map is locked.
        if current && Arc::strong_count(&self.flight) == 2 {
            flights.remove(&self.key);
        }
    }
}
