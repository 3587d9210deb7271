use std::{
    collections::{HashMap, HashSet, VecDeque},
    future::ready,
    hash::BuildHasher,
    iter::successors,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use super::{Inserted, Page, Pending, Query, Store};
use crate::{event::WebhookEvent, replay::ReplayKey, scheme::Identity};

/// Keeps events in memory, up to a number and for a time; the oldest goes first. Nothing is written to disk.
#[derive(Debug)]
pub struct MemoryStore {
    capacity: usize,
    ttl: Duration,
    shelf: Mutex<Shelf>,
}

/// Events in the order of their arrival. An event's number says how many came before it, and so where it stands however
/// many have left at the front.
#[derive(Debug, Default)]
struct Shelf {
    entries: VecDeque<Entry>,
    gone: usize,
    by_identity: HashMap<Identity, usize>,
    by_request: HashMap<ReplayKey, usize>,
    newest_of_payment: HashMap<Box<str>, usize>,
    /// Hashes suffice: should two ids ever share one, an id is extended needlessly.
    ids: HashSet<u64>,
}

#[derive(Debug)]
struct Entry {
    event: Arc<WebhookEvent>,
    /// The event before this one of the same payment, if it has not left.
    previous: Option<usize>,
}

impl MemoryStore {
    /// Keeps at most `capacity` events, each for `ttl` after it was received.
    #[must_use]
    pub fn new(capacity: NonZeroUsize, ttl: Duration) -> Self {
        Self { capacity: capacity.get(), ttl, shelf: Mutex::default() }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An event of the future, after the clock was set back, has not expired.
    fn expired(&self, event: &WebhookEvent, now: SystemTime) -> bool {
        now.duration_since(event.received_at()).is_ok_and(|age| age >= self.ttl)
    }

    fn drop_expired(&self, shelf: &mut Shelf, now: SystemTime) -> usize {
        let before = shelf.entries.len();
        while shelf.entries.front().is_some_and(|oldest| self.expired(&oldest.event, now)) {
            shelf.remove_oldest();
        }
        before.saturating_sub(shelf.entries.len())
    }

    fn insert_now(&self, mut event: WebhookEvent) -> Inserted {
        let mut shelf = self.shelf();
        self.drop_expired(&mut shelf, event.received_at());
        if let Some(known) = shelf.known(&event) {
            return known;
        }
        while shelf.entries.len() >= self.capacity {
            shelf.remove_oldest();
        }
        if shelf.ids.contains(&shelf.hash_of_id(&event)) {
            event.extend_id();
        }
        let event = Arc::new(event);
        shelf.push(Arc::clone(&event));
        Inserted::New(event)
    }

    fn find(&self, query: &Query, now: SystemTime) -> Page {
        let shelf = self.shelf();
        let matches = |event: &&Arc<WebhookEvent>| {
            (event.validated() || !query.validated_only) && !self.expired(event, now)
        };
        match &query.identifier {
            Some(identifier) => page(shelf.of_payment(identifier).filter(matches), query.limit),
            None => page(shelf.entries.iter().rev().map(|entry| &entry.event).filter(matches), query.limit),
        }
    }
}

fn page<'a>(events: impl Iterator<Item = &'a Arc<WebhookEvent>>, limit: usize) -> Page {
    let mut page = Page::default();
    for event in events {
        if page.total < limit {
            page.events.push(Arc::clone(event));
        }
        page.total = page.total.saturating_add(1);
    }
    page
}

impl Shelf {
    fn at(&self, number: usize) -> Option<&Entry> {
        self.entries.get(number.checked_sub(self.gone)?)
    }

    /// Newest first.
    fn of_payment(&self, identifier: &str) -> impl Iterator<Item = &Arc<WebhookEvent>> {
        let newest = self.newest_of_payment.get(identifier).and_then(|&number| self.at(number));
        successors(newest, |entry| self.at(entry.previous?)).map(|entry| &entry.event)
    }

    fn known(&self, event: &WebhookEvent) -> Option<Inserted> {
        let same_request = event.replay_key().and_then(|key| self.by_request.get(key));
        let number = same_request.or_else(|| self.by_identity.get(event.identity()))?;
        Some(Inserted::Known {
            event_id: self.at(*number)?.event.event_id().to_owned(),
            same_request: same_request.is_some(),
        })
    }

    fn hash_of_id(&self, event: &WebhookEvent) -> u64 {
        self.ids.hasher().hash_one(event.event_id())
    }

    fn push(&mut self, event: Arc<WebhookEvent>) {
        let number = self.gone.saturating_add(self.entries.len());
        self.by_identity.insert(*event.identity(), number);
        if let Some(key) = event.replay_key() {
            self.by_request.insert(*key, number);
        }
        let previous = event
            .identifier()
            .and_then(|identifier| self.newest_of_payment.insert(identifier.into(), number));
        self.ids.insert(self.hash_of_id(&event));
        self.entries.push_back(Entry { event, previous });
    }

    fn remove_oldest(&mut self) {
        let Some(Entry { event, .. }) = self.entries.pop_front() else { return };
        let number = self.gone;
        self.gone = number.saturating_add(1);
        self.by_identity.remove(event.identity());
        if let Some(key) = event.replay_key() {
            self.by_request.remove(key);
        }
        self.ids.remove(&self.hash_of_id(&event));
        if let Some(identifier) = event.identifier()
            && self.newest_of_payment.get(identifier) == Some(&number)
        {
            self.newest_of_payment.remove(identifier);
        }
    }
}

impl Store for MemoryStore {
    fn insert(&self, event: WebhookEvent) -> Pending<'_, Inserted> {
        Box::pin(ready(Ok(self.insert_now(event))))
    }

    fn query(&self, query: Query, now: SystemTime) -> Pending<'_, Page> {
        Box::pin(ready(Ok(self.find(&query, now))))
    }

    fn prune(&self, now: SystemTime) -> Pending<'_, usize> {
        let pruned = self.drop_expired(&mut self.shelf(), now);
        Box::pin(ready(Ok(pruned)))
    }

    fn outlives_the_process(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
