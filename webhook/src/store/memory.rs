use std::{
    collections::{HashMap, HashSet, VecDeque},
    future::ready,
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
    events: VecDeque<Arc<WebhookEvent>>,
    gone: usize,
    by_identity: HashMap<Identity, usize>,
    by_request: HashMap<ReplayKey, usize>,
    by_payment: HashMap<Box<str>, VecDeque<usize>>,
    ids: HashSet<Box<str>>,
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
        let before = shelf.events.len();
        while shelf.events.front().is_some_and(|event| self.expired(event, now)) {
            shelf.remove_oldest();
        }
        before.saturating_sub(shelf.events.len())
    }

    fn insert_now(&self, mut event: WebhookEvent) -> Inserted {
        let mut shelf = self.shelf();
        self.drop_expired(&mut shelf, event.received_at());
        if let Some(known) = shelf.known(&event) {
            return known;
        }
        while shelf.events.len() >= self.capacity {
            shelf.remove_oldest();
        }
        if shelf.ids.contains(event.event_id()) {
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
            Some(identifier) => {
                let numbers = shelf.by_payment.get(identifier.as_str()).into_iter().flatten().rev();
                page(numbers.filter_map(|&number| shelf.at(number)).filter(matches), query.limit)
            }
            None => page(shelf.events.iter().rev().filter(matches), query.limit),
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
    fn at(&self, number: usize) -> Option<&Arc<WebhookEvent>> {
        self.events.get(number.checked_sub(self.gone)?)
    }

    fn known(&self, event: &WebhookEvent) -> Option<Inserted> {
        let same_request = event.replay_key().and_then(|key| self.by_request.get(key));
        let number = same_request.or_else(|| self.by_identity.get(event.identity()))?;
        Some(Inserted::Known {
            event_id: self.at(*number)?.event_id().to_owned(),
            same_request: same_request.is_some(),
        })
    }

    fn push(&mut self, event: Arc<WebhookEvent>) {
        let number = self.gone.saturating_add(self.events.len());
        self.by_identity.insert(*event.identity(), number);
        if let Some(key) = event.replay_key() {
            self.by_request.insert(*key, number);
        }
        if let Some(identifier) = event.identifier() {
            // One slot suffices for most payments; growing from none would take four.
            let numbers =
                self.by_payment.entry(identifier.into()).or_insert_with(|| VecDeque::with_capacity(1));
            numbers.push_back(number);
        }
        self.ids.insert(event.event_id().into());
        self.events.push_back(event);
    }

    fn remove_oldest(&mut self) {
        let Some(event) = self.events.pop_front() else { return };
        self.gone = self.gone.saturating_add(1);
        self.by_identity.remove(event.identity());
        if let Some(key) = event.replay_key() {
            self.by_request.remove(key);
        }
        self.ids.remove(event.event_id());
        if let Some(identifier) = event.identifier()
            && let Some(numbers) = self.by_payment.get_mut(identifier)
        {
            numbers.pop_front();
            if numbers.is_empty() {
                self.by_payment.remove(identifier);
            }
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
