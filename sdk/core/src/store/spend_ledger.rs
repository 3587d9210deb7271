//! Sums under a limit, such as what may be sold in a day.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{StoreKey, Stored, ready};
use crate::Money;

/// Keeps sums that must not exceed a limit. The name in the key chooses the sum, such as a day and a currency:
/// `2026-11-28 EUR`.
///
/// An amount is reserved before anything is created, and then committed or released. Checking and reserving are one
/// step, so that several processes on one ledger never exceed the limit together.
pub trait SpendLedger: fmt::Debug + Send + Sync {
    /// Reserves the amount, unless the sum would exceed `limit`. Reserving again under the same `id` replaces the
    /// first reservation.
    fn reserve<'a>(
        &'a self,
        key: &'a StoreKey,
        entry: LedgerEntry,
        limit: Money,
        now: DateTime<Utc>,
    ) -> Stored<'a, SpendDecision>;

    /// Makes a reservation permanent: what it was for exists. Returns whether the ledger still had it.
    fn commit<'a>(&'a self, key: &'a StoreKey, id: Uuid) -> Stored<'a, bool>;

    /// Gives the amount back, reserved or committed: what it was for does not exist.
    fn release<'a>(&'a self, key: &'a StoreKey, id: Uuid) -> Stored<'a, ()>;

    /// The sum of what is committed and of what is reserved at this time. `None` when no amount can hold it.
    fn sum<'a>(&'a self, key: &'a StoreKey, now: DateTime<Utc>) -> Stored<'a, Option<Money>>;

    /// Forgets the sum.
    fn forget<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, ()>;
}

/// One amount in a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Identifies the reservation.
    pub id: Uuid,
    /// How much is reserved.
    pub amount: Money,
    /// From this time on the reservation no longer counts, unless it was committed.
    pub until: DateTime<Utc>,
}

/// Whether an amount was reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpendDecision {
    /// The amount is reserved.
    Reserved,
    /// The sum would exceed the limit; nothing is reserved.
    Exceeded {
        /// The sum without the amount. `None` when no amount can hold it.
        sum: Option<Money>,
    },
}

/// Keeps the sums of this process in memory.
#[derive(Debug, Default)]
pub struct MemorySpendLedger(Mutex<HashMap<StoreKey, Sum>>);

/// The amounts by the identifiers of their reservations; committed ones have no end.
type Sum = HashMap<Uuid, (Money, Option<DateTime<Utc>>)>;

impl MemorySpendLedger {
    fn sums(&self) -> MutexGuard<'_, HashMap<StoreKey, Sum>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn total(sum: &Sum, now: DateTime<Utc>) -> Option<Money> {
    let counting = sum.values().filter(|(_, until)| until.is_none_or(|until| until > now));
    counting.map(|(amount, _)| *amount).try_fold(Money::ZERO, Money::checked_add)
}

impl SpendLedger for MemorySpendLedger {
    fn reserve<'a>(
        &'a self,
        key: &'a StoreKey,
        entry: LedgerEntry,
        limit: Money,
        now: DateTime<Utc>,
    ) -> Stored<'a, SpendDecision> {
        let LedgerEntry { id, amount, until } = entry;
        let mut sums = self.sums();
        let sum = sums.entry(key.clone()).or_default();
        sum.retain(|other, (_, until)| *other != id && until.is_none_or(|until| until > now));
        let before = total(sum, now);
        let fits = before.and_then(|before| before.checked_add(amount)).is_some_and(|after| after <= limit);
        if !fits {
            return ready(SpendDecision::Exceeded { sum: before });
        }
        sum.insert(id, (amount, Some(until)));
        ready(SpendDecision::Reserved)
    }

    fn commit<'a>(&'a self, key: &'a StoreKey, id: Uuid) -> Stored<'a, bool> {
        let mut sums = self.sums();
        let entry = sums.get_mut(key).and_then(|sum| sum.get_mut(&id));
        ready(entry.map(|(_, until)| *until = None).is_some())
    }

    fn release<'a>(&'a self, key: &'a StoreKey, id: Uuid) -> Stored<'a, ()> {
        if let Some(sum) = self.sums().get_mut(key) {
            sum.remove(&id);
        }
        ready(())
    }

    fn sum<'a>(&'a self, key: &'a StoreKey, now: DateTime<Utc>) -> Stored<'a, Option<Money>> {
        ready(self.sums().get(key).map_or(Some(Money::ZERO), |sum| total(sum, now)))
    }

    fn forget<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, ()> {
        self.sums().remove(key);
        ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_ledger_in_memory_conforms() {
        crate::store::conformance::spend_ledger(&MemorySpendLedger::default()).await;
    }
}
