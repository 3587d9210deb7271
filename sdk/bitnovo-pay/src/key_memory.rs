//! The keys of this process.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    IdempotencyKey, KeyRecord, KeyState, KeyStore, PlacedOrder, UNKNOWN_OUTCOME_WINDOW, key_store::Stored,
};

/// The most orders that are remembered: some days of a busy till, in a few megabytes. The API's list knows the others.
const CAPACITY: usize = 10_000;

/// The keys of this process, and their orders, in memory and bounded: of 10,000 orders the oldest goes first. An order
/// whose answer is still missing never goes before it has become certain.
#[derive(Debug, Default)]
pub struct MemoryKeyStore(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    records: HashMap<IdempotencyKey, KeyRecord>,
    /// The keys of placed orders, oldest first.
    placed: VecDeque<IdempotencyKey>,
    /// The keys of orders without an answer, oldest first.
    pending: BTreeMap<(DateTime<Utc>, Uuid), IdempotencyKey>,
    by_identifier: HashMap<Uuid, IdempotencyKey>,
}

impl MemoryKeyStore {
    /// The order with this identifier, as its create was answered. `None` while it must not be shown to anybody.
    #[must_use]
    pub fn order(&self, identifier: Uuid) -> Option<PlacedOrder> {
        let known = self.known();
        match &known.records.get(known.by_identifier.get(&identifier)?)?.state {
            KeyState::Placed(order) => Some(order.clone()),
            KeyState::Pending(_) | KeyState::Unchecked { .. } => None,
        }
    }

    /// Whether the order was created and must not be shown: it is not known yet whether it is the one of its key that counts.
    #[must_use]
    pub fn is_withheld(&self, identifier: Uuid) -> bool {
        let known = self.known();
        let record = known.by_identifier.get(&identifier).and_then(|key| known.records.get(key));
        record.is_some_and(|record| matches!(record.state, KeyState::Unchecked { .. }))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn write(&mut self, key: &IdempotencyKey, record: KeyRecord) {
        self.remove(key);
        match &record.state {
            KeyState::Placed(order) | KeyState::Unchecked { order, .. } => {
                self.by_identifier.insert(order.identifier, key.clone());
                self.placed.push_back(key.clone());
            }
            KeyState::Pending(attempt) => {
                self.pending.insert((attempt.since, attempt.id), key.clone());
                self.make_room(attempt.since);
            }
        }
        self.records.insert(key.clone(), record);
        if self.placed.len() > CAPACITY
            && let Some(oldest) = self.placed.pop_front()
        {
            self.forget(&oldest);
        }
    }

    /// Lets go of what has become certain without an answer: after this time a record says nothing that the API's list
    /// does not say.
    fn make_room(&mut self, now: DateTime<Utc>) {
        while self.pending.len() > CAPACITY
            && let Some(oldest) = self.pending.first_entry().filter(|entry| is_certain(entry.key().0, now))
        {
            let key = oldest.remove();
            self.records.remove(&key);
        }
    }

    fn remove(&mut self, key: &IdempotencyKey) {
        if self.forget(key) {
            self.placed.retain(|placed| placed != key);
        }
    }

    /// Whether the order was placed, and so stands in line.
    fn forget(&mut self, key: &IdempotencyKey) -> bool {
        match self.records.remove(key).map(|record| record.state) {
            Some(KeyState::Placed(order) | KeyState::Unchecked { order, .. }) => {
                self.by_identifier.remove(&order.identifier);
                true
            }
            Some(KeyState::Pending(attempt)) => {
                self.pending.remove(&(attempt.since, attempt.id));
                false
            }
            None => false,
        }
    }
}

fn is_certain(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - since).to_std().is_ok_and(|age| age >= UNKNOWN_OUTCOME_WINDOW)
}

impl KeyStore for MemoryKeyStore {
    fn load<'a>(&'a self, key: &'a IdempotencyKey) -> Stored<'a, Option<KeyRecord>> {
        Box::pin(async { Ok(self.known().records.get(key).cloned()) })
    }

    fn claim<'a>(&'a self, key: &'a IdempotencyKey, record: KeyRecord) -> Stored<'a, Option<KeyRecord>> {
        Box::pin(async {
            let mut known = self.known();
            let there = known.records.get(key).cloned();
            if there.is_none() {
                known.write(key, record);
            }
            Ok(there)
        })
    }

    fn save<'a>(&'a self, key: &'a IdempotencyKey, record: KeyRecord) -> Stored<'a, ()> {
        Box::pin(async {
            self.known().write(key, record);
            Ok(())
        })
    }

    fn remove<'a>(&'a self, key: &'a IdempotencyKey) -> Stored<'a, ()> {
        Box::pin(async {
            self.known().remove(key);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attempt, Fiat, NewOrder, OrderOrigin};

    fn record(state: KeyState) -> KeyRecord {
        let order = NewOrder::link("1".parse().unwrap(), Fiat::Eur);
        KeyRecord { fingerprint: order.fingerprint().unwrap(), state }
    }

    fn placed(number: usize) -> KeyRecord {
        record(KeyState::Placed(PlacedOrder {
            identifier: Uuid::from_u128(number as u128),
            address: None,
            tag_memo: None,
            told_uri: None,
            web_url: Some(format!("https://pay.example/{number}/")),
            expected_input_amount: None,
            input_currency: None,
            fiat: None,
            how: OrderOrigin::Created,
            replaces: None,
            others: Some(Vec::new()),
            unmarked: false,
        }))
    }

    fn pending(minute: i64) -> KeyRecord {
        let since = DateTime::from_timestamp(minute * 60, 0).unwrap();
        record(KeyState::Pending(Attempt { id: Uuid::new_v4(), since }))
    }

    fn key(name: impl ToString) -> IdempotencyKey {
        name.to_string().parse().unwrap()
    }

    #[tokio::test]
    async fn of_the_orders_the_oldest_goes_and_one_without_an_answer_stays() {
        let store = MemoryKeyStore::default();
        store.save(&key("in-flight"), pending(0)).await.unwrap();
        for number in 0..=CAPACITY {
            store.save(&key(number), pending(0)).await.unwrap();
            store.save(&key(number), placed(number)).await.unwrap();
        }
        assert_eq!(store.load(&key(0)).await.unwrap(), None);
        assert_eq!(store.order(Uuid::from_u128(0)), None);
        assert_eq!(store.load(&key(1)).await.unwrap(), Some(placed(1)));
        let url = store.order(Uuid::from_u128(CAPACITY as u128)).unwrap().web_url.unwrap();
        assert_eq!(url, format!("https://pay.example/{CAPACITY}/"));
        assert!(store.load(&key("in-flight")).await.unwrap().is_some());
        let known = store.known();
        assert_eq!((known.records.len(), known.pending.len()), (CAPACITY + 1, 1));
        assert_eq!((known.placed.len(), known.by_identifier.len()), (CAPACITY, CAPACITY));
    }

    #[tokio::test]
    async fn an_outage_leaves_no_more_keys_than_fit_once_they_have_become_certain() {
        let store = MemoryKeyStore::default();
        for number in 0..CAPACITY {
            store.save(&key(number), pending(0)).await.unwrap();
        }
        store.save(&key("early"), pending(9)).await.unwrap();
        assert!(store.load(&key(0)).await.unwrap().is_some(), "it may still come");
        store.save(&key("late"), pending(10)).await.unwrap();
        assert_eq!(store.known().records.len(), CAPACITY);
        assert!(store.load(&key("early")).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_key_is_claimed_once() {
        let store = MemoryKeyStore::default();
        let first = pending(1);
        assert_eq!(store.claim(&key("a"), first.clone()).await.unwrap(), None);
        assert_eq!(store.claim(&key("a"), pending(2)).await.unwrap(), Some(first));
        store.remove(&key("a")).await.unwrap();
        assert_eq!(store.claim(&key("a"), pending(3)).await.unwrap(), None);
    }
}
