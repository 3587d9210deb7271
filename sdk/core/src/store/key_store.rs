//! Idempotency keys, and the records of what was created under them.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use super::{Namespace, StoreKey, Stored, ready};

/// Keeps one record for each idempotency key. A provider's client writes its own versioned encoding into the record; the
/// store does not read it.
///
/// A store that outlives the process, or that several processes share, lets one process at a time create under a key,
/// and knows what an API's list of orders does not show.
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// The record of the key.
    fn load<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, Option<KeyEntry>>;

    /// Writes the record if the key has none, and returns `None`; otherwise returns the record that the key has. Of any
    /// number of claims at once, one succeeds.
    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        entry: KeyEntry,
        now: DateTime<Utc>,
    ) -> Stored<'a, Option<KeyEntry>>;

    /// Writes the record if the key still has exactly `before`. Returns whether it did. Of any number of replacements of one
    /// record at once, one succeeds.
    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        before: &'a KeyEntry,
        entry: KeyEntry,
        now: DateTime<Utc>,
    ) -> Stored<'a, bool>;

    /// Writes the record in place of any other.
    fn save<'a>(&'a self, key: &'a StoreKey, entry: KeyEntry, now: DateTime<Utc>) -> Stored<'a, ()>;

    /// Forgets the key: nothing was created under it.
    fn remove<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, ()>;

    /// The record of what was created with this identifier.
    fn find<'a>(&'a self, namespace: &'a Namespace, reference: &'a str) -> Stored<'a, Option<KeyEntry>>;
}

/// What is kept of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// How far it is, as far as a store must know.
    pub phase: KeyPhase,
    /// The record in its provider's encoding, which begins with a version.
    pub record: Vec<u8>,
}

/// How far the create of a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPhase {
    /// The create was sent, and its outcome is not known. The store must keep the record until this time.
    Pending {
        /// From then on the record says nothing that the provider's own list does not say.
        until: DateTime<Utc>,
    },
    /// The create succeeded.
    Placed {
        /// The provider's identifier of what was created.
        reference: String,
    },
}

/// The most keys in memory: some days of a busy till, in a few megabytes.
const CAPACITY: usize = 10_000;

/// Keeps the keys of this process in memory: of 10,000 placed orders the oldest is forgotten first. A pending key is never
/// forgotten before its time.
#[derive(Debug, Default)]
pub struct MemoryKeyStore(Mutex<Keys>);

#[derive(Debug, Default)]
struct Keys {
    entries: HashMap<StoreKey, KeyEntry>,
    /// Oldest first.
    placed: VecDeque<StoreKey>,
    pending: BTreeSet<(DateTime<Utc>, StoreKey)>,
    by_reference: HashMap<StoreKey, StoreKey>,
}

impl MemoryKeyStore {
    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn write(&mut self, key: &StoreKey, entry: KeyEntry, now: DateTime<Utc>) {
        self.remove(key);
        match &entry.phase {
            KeyPhase::Placed { reference } => {
                self.by_reference.insert(key.namespace.key(reference), key.clone());
                self.placed.push_back(key.clone());
            }
            KeyPhase::Pending { until } => {
                self.pending.insert((*until, key.clone()));
            }
        }
        self.entries.insert(key.clone(), entry);
        while self.placed.len() > CAPACITY
            && let Some(oldest) = self.placed.pop_front()
        {
            self.forget(&oldest);
        }
        while self.pending.len() > CAPACITY
            && self.pending.first().is_some_and(|(until, _)| *until <= now)
            && let Some((_, oldest)) = self.pending.pop_first()
        {
            self.entries.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &StoreKey) {
        if self.forget(key) {
            self.placed.retain(|placed| placed != key);
        }
    }

    /// Returns whether the key was placed, and so stands in the queue.
    fn forget(&mut self, key: &StoreKey) -> bool {
        match self.entries.remove(key).map(|entry| entry.phase) {
            Some(KeyPhase::Placed { reference }) => {
                self.by_reference.remove(&key.namespace.key(reference));
                true
            }
            Some(KeyPhase::Pending { until }) => {
                self.pending.remove(&(until, key.clone()));
                false
            }
            None => false,
        }
    }
}

impl KeyStore for MemoryKeyStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, Option<KeyEntry>> {
        ready(self.keys().entries.get(key).cloned())
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        entry: KeyEntry,
        now: DateTime<Utc>,
    ) -> Stored<'a, Option<KeyEntry>> {
        let mut keys = self.keys();
        let present = keys.entries.get(key).cloned();
        if present.is_none() {
            keys.write(key, entry, now);
        }
        ready(present)
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        before: &'a KeyEntry,
        entry: KeyEntry,
        now: DateTime<Utc>,
    ) -> Stored<'a, bool> {
        let mut keys = self.keys();
        let unchanged = keys.entries.get(key) == Some(before);
        if unchanged {
            keys.write(key, entry, now);
        }
        ready(unchanged)
    }

    fn save<'a>(&'a self, key: &'a StoreKey, entry: KeyEntry, now: DateTime<Utc>) -> Stored<'a, ()> {
        self.keys().write(key, entry, now);
        ready(())
    }

    fn remove<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, ()> {
        self.keys().remove(key);
        ready(())
    }

    fn find<'a>(&'a self, namespace: &'a Namespace, reference: &'a str) -> Stored<'a, Option<KeyEntry>> {
        let keys = self.keys();
        let key = keys.by_reference.get(&namespace.key(reference));
        ready(key.and_then(|key| keys.entries.get(key)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;

    fn key(name: impl ToString) -> StoreKey {
        Namespace::new("a-provider", "an-account", "").key(name.to_string())
    }

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn pending(minute: i64) -> KeyEntry {
        KeyEntry { phase: KeyPhase::Pending { until: at(minute + 10) }, record: b"1 pending".to_vec() }
    }

    fn placed(number: usize) -> KeyEntry {
        KeyEntry { phase: KeyPhase::Placed { reference: number.to_string() }, record: b"1 placed".to_vec() }
    }

    #[tokio::test]
    async fn the_store_in_memory_conforms() {
        conformance::key_store(&MemoryKeyStore::default()).await;
    }

    #[tokio::test]
    async fn of_the_placed_keys_the_oldest_goes_and_a_pending_one_stays() {
        let store = MemoryKeyStore::default();
        store.save(&key("in-flight"), pending(0), at(0)).await.unwrap();
        for number in 0..=CAPACITY {
            store.save(&key(number), pending(0), at(0)).await.unwrap();
            store.save(&key(number), placed(number), at(0)).await.unwrap();
        }
        let namespace = key("").namespace;
        assert_eq!(store.load(&key(0)).await.unwrap(), None);
        assert_eq!(store.find(&namespace, "0").await.unwrap(), None);
        assert_eq!(store.load(&key(1)).await.unwrap(), Some(placed(1)));
        assert_eq!(store.find(&namespace, &CAPACITY.to_string()).await.unwrap(), Some(placed(CAPACITY)));
        assert!(store.load(&key("in-flight")).await.unwrap().is_some());
        let keys = store.keys();
        assert_eq!((keys.entries.len(), keys.pending.len()), (CAPACITY + 1, 1));
        assert_eq!((keys.placed.len(), keys.by_reference.len()), (CAPACITY, CAPACITY));
    }

    #[tokio::test]
    async fn an_outage_leaves_no_more_keys_than_fit_once_their_time_is_over() {
        let store = MemoryKeyStore::default();
        for number in 0..CAPACITY {
            store.save(&key(number), pending(0), at(0)).await.unwrap();
        }
        store.save(&key("early"), pending(9), at(9)).await.unwrap();
        assert!(store.load(&key(0)).await.unwrap().is_some(), "its outcome is not known yet");
        store.save(&key("late"), pending(10), at(10)).await.unwrap();
        assert_eq!(store.keys().entries.len(), CAPACITY);
        assert!(store.load(&key("early")).await.unwrap().is_some());
    }
}
