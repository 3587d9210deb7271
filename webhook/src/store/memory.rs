use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    future::ready,
    hash::BuildHasher,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use super::{EventPage, EventQuery, EventStore, Evicted, Inserted, StoreFuture, quotas::Quotas};
use crate::{
    description::Identity,
    event::{Trust, WebhookEvent},
    signature::ReplayKey,
};

/// Keeps events in memory, up to a number and for a time; the oldest goes first. Nothing is written to disk.
///
/// Events that were read from the API and webhooks that came too late have quotas of their own, so that neither pushes
/// out a validated webhook.
#[derive(Debug)]
pub struct MemoryEventStore {
    ttl: Duration,
    shelf: Mutex<Shelf>,
}

/// One request. The provider is part of the key, because replay keys of two providers may be equal.
type Request = (&'static str, ReplayKey);

fn request(event: &WebhookEvent) -> Option<Request> {
    event.replay_key().map(|key| (event.provider().id, *key))
}

/// Events by their number, which counts them in the order of their arrival.
#[derive(Debug)]
struct Shelf {
    entries: BTreeMap<u64, Arc<WebhookEvent>>,
    places: Quotas,
    last_number: u64,
    by_identity: HashMap<Identity, u64>,
    by_request: HashMap<Request, u64>,
    by_payment: HashMap<Box<str>, BTreeSet<u64>>,
    /// Hashes suffice: should two ids ever share one, an id is extended needlessly.
    ids: HashSet<u64>,
}

impl MemoryEventStore {
    /// Keeps at most `capacity` validated webhooks, as many events that were read from the API, and a tenth as many
    /// webhooks that are not trusted; each for `ttl` after it was received.
    #[must_use]
    pub fn new(capacity: NonZeroUsize, ttl: Duration) -> Self {
        Self { ttl, shelf: Mutex::new(Shelf::new(capacity.get())) }
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
        while let Some((&number, oldest)) = shelf.entries.first_key_value()
            && self.expired(oldest, now)
        {
            shelf.remove(number);
        }
        before.saturating_sub(shelf.entries.len())
    }

    fn insert_now(&self, mut event: WebhookEvent) -> Inserted {
        let mut shelf = self.shelf();
        self.drop_expired(&mut shelf, event.received_at());
        if let Some(known) = shelf.known(&event) {
            return known;
        }
        if let Some(number) = shelf.places.make_room(event.class(), event.received_at()) {
            shelf.remove(number);
        }
        if shelf.ids.contains(&shelf.hash_of_id(&event)) {
            event.extend_id();
        }
        let event = Arc::new(event);
        shelf.push(Arc::clone(&event));
        Inserted::New(event)
    }

    fn find(&self, query: &EventQuery, now: SystemTime) -> EventPage {
        let shelf = self.shelf();
        let matches = |event: &&Arc<WebhookEvent>| {
            query.provider.is_none_or(|provider| provider == event.provider())
                && (event.class() != Trust::Untrusted || !query.validated_only)
                && !self.expired(event, now)
        };
        let page = match &query.identifier {
            Some(identifier) => page(shelf.of_payment(identifier).filter(matches), query.limit),
            None => page(shelf.entries.values().rev().filter(matches), query.limit),
        };
        EventPage { evicted: shelf.evicted(query.validated_only), ..page }
    }
}

fn page<'a>(events: impl Iterator<Item = &'a Arc<WebhookEvent>>, limit: usize) -> EventPage {
    let mut page = EventPage::default();
    for event in events {
        if page.total < limit {
            page.events.push(Arc::clone(event));
        }
        page.total = page.total.saturating_add(1);
        page.validated = page.validated.saturating_add(usize::from(event.validated()));
    }
    page
}

impl Shelf {
    fn new(capacity: usize) -> Self {
        Self {
            entries: BTreeMap::new(),
            places: Quotas::new(capacity),
            last_number: 0,
            by_identity: HashMap::new(),
            by_request: HashMap::new(),
            by_payment: HashMap::new(),
            ids: HashSet::new(),
        }
    }

    /// Newest first.
    fn of_payment(&self, identifier: &str) -> impl Iterator<Item = &Arc<WebhookEvent>> {
        let numbers = self.by_payment.get(identifier).into_iter().flatten();
        numbers.rev().filter_map(|number| self.entries.get(number))
    }

    fn known(&self, event: &WebhookEvent) -> Option<Inserted> {
        let same_request = request(event).and_then(|request| self.by_request.get(&request));
        let number = same_request.or_else(|| self.by_identity.get(event.identity()))?;
        Some(Inserted::Known {
            event_id: self.entries.get(number)?.event_id().to_owned(),
            same_request: same_request.is_some(),
        })
    }

    fn evicted(&self, validated_only: bool) -> Option<Evicted> {
        let classes = [Trust::Validated, Trust::Reconciled, Trust::Untrusted];
        let wanted = classes.into_iter().filter(|class| *class != Trust::Untrusted || !validated_only);
        let (mut count, mut oldest) = (0_u64, None::<u64>);
        for place in wanted.map(|class| self.places.of(class)) {
            count = count.saturating_add(place.evicted);
            oldest = oldest.into_iter().chain(place.numbers.front().copied()).min();
        }
        let oldest = oldest.and_then(|number| self.entries.get(&number));
        (count > 0).then(|| Evicted { count, oldest_kept: oldest.map(|event| event.received_at()) })
    }

    fn hash_of_id(&self, event: &WebhookEvent) -> u64 {
        self.ids.hasher().hash_one(event.event_id())
    }

    fn push(&mut self, event: Arc<WebhookEvent>) {
        self.last_number = self.last_number.saturating_add(1);
        let number = self.last_number;
        self.by_identity.insert(*event.identity(), number);
        if let Some(request) = request(&event) {
            self.by_request.insert(request, number);
        }
        if let Some(identifier) = event.identifier() {
            self.by_payment.entry(identifier.into()).or_default().insert(number);
        }
        self.ids.insert(self.hash_of_id(&event));
        self.places.of_mut(event.class()).numbers.push_back(number);
        self.entries.insert(number, event);
    }

    fn remove(&mut self, number: u64) {
        let Some(event) = self.entries.remove(&number) else { return };
        // It is the oldest of its class, unless it has been taken out of its place already.
        let place = self.places.of_mut(event.class());
        if place.numbers.front() == Some(&number) {
            place.numbers.pop_front();
        }
        self.by_identity.remove(event.identity());
        if let Some(request) = request(&event) {
            self.by_request.remove(&request);
        }
        self.ids.remove(&self.hash_of_id(&event));
        if let Some(identifier) = event.identifier()
            && let Some(numbers) = self.by_payment.get_mut(identifier)
        {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_payment.remove(identifier);
            }
        }
    }
}

impl EventStore for MemoryEventStore {
    fn insert(&self, event: WebhookEvent) -> StoreFuture<'_, Inserted> {
        Box::pin(ready(Ok(self.insert_now(event))))
    }

    fn query(&self, query: EventQuery, now: SystemTime) -> StoreFuture<'_, EventPage> {
        Box::pin(ready(Ok(self.find(&query, now))))
    }

    fn prune(&self, now: SystemTime) -> StoreFuture<'_, usize> {
        let pruned = self.drop_expired(&mut self.shelf(), now);
        Box::pin(ready(Ok(pruned)))
    }

    fn outlives_the_process(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
