//! One watch over each payment that is waited for, however many wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use super::{
    budget::Budget,
    change_listener::Hints,
    poller::{Poller, Source, urgency},
    snapshot::Snapshot,
};
use crate::Error;

/// For how long it is known how a payment stood that nobody waits for …
const KEPT_FOR: Duration = Duration::from_secs(300);
/// … and of how many.
const MOST_KEPT: usize = 500;

/// The watches of a client. One ends with the last who waits for it, in the middle of a request if need be; what is
/// known of its payment stays a while, because many ask again and again with short waits.
#[derive(Debug)]
pub(crate) struct PollerRegistry {
    places: Mutex<HashMap<Uuid, Place>>,
    budget: Arc<Budget>,
}

/// A payment that is waited for, or was a moment ago.
#[derive(Debug)]
struct Place {
    watch: Weak<Poller>,
    /// Of the last watch: what is there can still be read when it has ended.
    news: watch::Receiver<Snapshot>,
    hints: Hints,
}

/// One who waits.
#[derive(Debug)]
pub(crate) struct Seat {
    news: watch::Receiver<Snapshot>,
    /// When a read must have begun to be shown here.
    oldest: Option<Instant>,
    looked: bool,
    _watch: Arc<Poller>,
}

impl Seat {
    /// What there is at first, and then whatever is new; `None` when the watch has ended.
    pub(crate) async fn next(&mut self) -> Option<Snapshot> {
        if std::mem::replace(&mut self.looked, true) {
            self.news.changed().await.ok()?;
        }
        let news = self.news.borrow_and_update().clone();
        Some(news.since(self.oldest))
    }
}

impl PollerRegistry {
    pub(crate) fn new() -> Self {
        Self { places: Mutex::default(), budget: Arc::new(Budget::new(Instant::now())) }
    }

    /// Takes a seat at the watch over a payment, which is opened when there is none.
    pub(crate) fn join(&self, identifier: Uuid, source: &impl Source) -> Seat {
        let now = Instant::now();
        let mut places = self.places();
        forget(&mut places, now);
        let place = places.entry(identifier).or_insert_with(|| Place::new(now));
        let watch = place.running().unwrap_or_else(|| {
            let known = place.news.borrow().clone().resumed(now);
            let watch = Poller::open(
                identifier,
                source.clone(),
                Arc::clone(&self.budget),
                known,
                place.hints.clone(),
            );
            let watch = Arc::new(watch);
            (place.watch, place.news) = (Arc::downgrade(&watch), watch.news.clone());
            watch
        });
        let oldest = place.news.borrow().oldest(place.hints.last(), now);
        Seat { news: watch.news.clone(), oldest, looked: false, _watch: watch }
    }

    pub(crate) fn hint(&self, identifier: Uuid) {
        if let Some(place) = self.places().get(&identifier) {
            place.hints.give();
        }
    }

    /// Whether a change of the payment was announced that no read has shown yet.
    pub(crate) fn is_behind(&self, identifier: Uuid) -> bool {
        let places = self.places();
        places.get(&identifier).is_some_and(|place| place.news.borrow().is_behind(place.hints.last()))
    }

    /// Why the time was up before anything could be read: because the budget held it back, or the API did not answer.
    pub(crate) fn unread(&self, identifier: Uuid) -> Error {
        let places = self.places();
        let Some(news) = places.get(&identifier).map(|place| place.news.borrow()) else {
            return Error::Timeout;
        };
        let held = self.budget.held(urgency(news.asked), Instant::now());
        match held {
            Some(_) if !news.is_asking() => Error::RateLimited { retry_after: held },
            _ => Error::Timeout,
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Uuid, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the payments that nobody waits for and that were read too long ago, or are too many.
fn forget(places: &mut HashMap<Uuid, Place>, now: Instant) {
    places.retain(|_, place| {
        place.is_open() || place.asked().is_some_and(|asked| now.saturating_duration_since(asked) < KEPT_FOR)
    });
    let mut left: Vec<(Option<Instant>, Uuid)> = places
        .iter()
        .filter(|(_, place)| !place.is_open())
        .map(|(identifier, place)| (place.asked(), *identifier))
        .collect();
    if let Some(too_many @ 1..) = left.len().checked_sub(MOST_KEPT) {
        left.sort_unstable();
        for (_, identifier) in left.iter().take(too_many) {
            places.remove(identifier);
        }
    }
}

impl Place {
    fn new(now: Instant) -> Self {
        let (_, news) = watch::channel(Snapshot::new(now));
        Self { watch: Weak::new(), news, hints: Hints::new() }
    }

    fn is_open(&self) -> bool {
        self.watch.strong_count() > 0
    }

    fn running(&self) -> Option<Arc<Poller>> {
        self.watch.upgrade().filter(|watch| !watch.has_ended())
    }

    fn asked(&self) -> Option<Instant> {
        self.news.borrow().asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many payments that nobody waits for, each read a millisecond after the one before.
    fn left(many: usize, start: Instant) -> HashMap<Uuid, Place> {
        let place = |number: usize| {
            let mut news = Snapshot::new(start);
            news.ask(start + Duration::from_millis(number.try_into().unwrap()), chrono::Utc::now());
            let (_, news) = watch::channel(news);
            (Uuid::from_u128(number.try_into().unwrap()), Place { news, ..Place::new(start) })
        };
        (0..many).map(place).collect()
    }

    #[test]
    fn of_too_many_payments_those_that_were_read_last_are_kept() {
        let start = Instant::now();
        let mut places = left(MOST_KEPT + 200, start);
        forget(&mut places, start + Duration::from_secs(10));
        assert_eq!(places.len(), MOST_KEPT);
        assert!(
            (200..MOST_KEPT + 200)
                .all(|kept| places.contains_key(&Uuid::from_u128(kept.try_into().unwrap())))
        );
    }

    #[test]
    fn a_payment_is_forgotten_some_minutes_after_its_last_read_and_at_once_if_it_was_never_read() {
        let start = Instant::now();
        let mut places = left(1, start);
        places.insert(Uuid::max(), Place::new(start));
        forget(&mut places, start + KEPT_FOR - Duration::from_millis(1));
        assert_eq!(places.len(), 1);
        forget(&mut places, start + KEPT_FOR);
        assert!(places.is_empty());
    }
}
