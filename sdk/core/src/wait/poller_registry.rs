//! One poller for each thing that is waited for, however many callers wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::{
    WaitSource, Waitable,
    budget::ReadBudget,
    change_listener::Hints,
    poller::{Poller, urgency},
    snapshot::Snapshot,
};

/// For how long a snapshot is kept for which no caller waits …
const KEPT_FOR: Duration = Duration::from_secs(300);
/// … and how many of them.
const MOST_KEPT: usize = 500;

/// The pollers of a client. One ends with the last caller that waits for it, in the middle of a request if need be; its
/// snapshot stays a while, because many callers ask again and again with short waits.
#[derive(Debug)]
pub struct PollerRegistry<W: Waitable> {
    places: Mutex<HashMap<W::Id, Place<W>>>,
    budget: Arc<ReadBudget>,
}

/// What is waited for, or was a moment ago.
#[derive(Debug)]
struct Place<W: Waitable> {
    poller: Weak<Poller<W>>,
    /// Of the last poller: they can still be read when it has ended.
    snapshots: watch::Receiver<Snapshot<W>>,
    hints: Hints,
}

/// A caller that waits.
#[derive(Debug)]
pub(crate) struct Seat<W: Waitable> {
    snapshots: watch::Receiver<Snapshot<W>>,
    /// When a read must have begun to be shown here.
    oldest: Option<Instant>,
    looked: bool,
    _poller: Arc<Poller<W>>,
}

impl<W: Waitable> Seat<W> {
    /// The snapshot that there is, and then each new one; `None` when the poller has ended.
    pub(crate) async fn next(&mut self) -> Option<Snapshot<W>> {
        if std::mem::replace(&mut self.looked, true) {
            self.snapshots.changed().await.ok()?;
        }
        let snapshot = self.snapshots.borrow_and_update().clone();
        Some(snapshot.since(self.oldest))
    }
}

impl<W: Waitable> Default for PollerRegistry<W> {
    fn default() -> Self {
        Self { places: Mutex::default(), budget: Arc::new(ReadBudget::new(W::LIMITS, Instant::now())) }
    }
}

impl<W: Waitable> PollerRegistry<W> {
    /// Takes a seat at the poller, which is started when there is none.
    pub(crate) fn join(&self, id: &W::Id, source: &impl WaitSource<W>) -> Seat<W> {
        let now = Instant::now();
        let mut places = self.places();
        forget(&mut places, now);
        let place = places.entry(id.clone()).or_insert_with(|| Place::new(now));
        let poller = place.running().unwrap_or_else(|| {
            let known = place.snapshots.borrow().clone().resumed(now);
            let poller = Poller::start(
                id.clone(),
                source.clone(),
                Arc::clone(&self.budget),
                known,
                place.hints.clone(),
            );
            let poller = Arc::new(poller);
            (place.poller, place.snapshots) = (Arc::downgrade(&poller), poller.snapshots.clone());
            poller
        });
        let oldest = place.snapshots.borrow().oldest(place.hints.last(), now);
        Seat { snapshots: poller.snapshots.clone(), oldest, looked: false, _poller: poller }
    }

    /// Says that something may have changed: a poller that runs reads at once, and the next one begins with a read.
    pub fn hint(&self, id: &W::Id) {
        if let Some(place) = self.places().get(id) {
            place.hints.give();
        }
    }

    /// Whether a change was announced that no read has shown yet.
    pub(crate) fn is_behind(&self, id: &W::Id) -> bool {
        let places = self.places();
        places.get(id).is_some_and(|place| place.snapshots.borrow().is_behind(place.hints.last()))
    }

    /// How long the budget keeps the next read back, if no read is under way.
    pub(crate) fn held(&self, id: &W::Id, now: Instant) -> Option<Duration> {
        let places = self.places();
        let snapshot = places.get(id).map(|place| place.snapshots.borrow())?;
        if snapshot.is_asking() { None } else { self.budget.held(urgency(snapshot.asked), now) }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<W::Id, Place<W>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what no caller waits for and what was read too long ago, or is too much.
fn forget<W: Waitable>(places: &mut HashMap<W::Id, Place<W>>, now: Instant) {
    places.retain(|_, place| {
        place.is_open() || place.asked().is_some_and(|asked| now.saturating_duration_since(asked) < KEPT_FOR)
    });
    let mut left: Vec<(Option<Instant>, W::Id)> = places
        .iter()
        .filter(|(_, place)| !place.is_open())
        .map(|(id, place)| (place.asked(), id.clone()))
        .collect();
    if let Some(too_many @ 1..) = left.len().checked_sub(MOST_KEPT) {
        left.sort_unstable();
        for (_, id) in left.iter().take(too_many) {
            places.remove(id);
        }
    }
}

impl<W: Waitable> Place<W> {
    fn new(now: Instant) -> Self {
        let (_, snapshots) = watch::channel(Snapshot::new(now));
        Self { poller: Weak::new(), snapshots, hints: Hints::new() }
    }

    fn is_open(&self) -> bool {
        self.poller.strong_count() > 0
    }

    fn running(&self) -> Option<Arc<Poller<W>>> {
        self.poller.upgrade().filter(|poller| !poller.has_ended())
    }

    fn asked(&self) -> Option<Instant> {
        self.snapshots.borrow().asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::{ReadFailure, ReadLimits, budget::tests::LIMITS};

    #[derive(Clone, Debug)]
    struct Numbers;

    impl Waitable for Numbers {
        type Id = u64;
        type State = u64;
        type Error = ();

        const LIMITS: ReadLimits = LIMITS;

        fn has_changed(before: &u64, now: &u64) -> bool {
            before != now
        }

        fn failure((): &()) -> ReadFailure {
            ReadFailure::Passing
        }

        fn not_read(_: Option<Duration>) {}
    }

    /// So many payments that no caller waits for, each read a millisecond after the one before.
    fn left(many: usize, start: Instant) -> HashMap<u64, Place<Numbers>> {
        let place = |number: usize| {
            let mut snapshot = Snapshot::new(start);
            snapshot.ask(start + Duration::from_millis(number.try_into().unwrap()), chrono::Utc::now());
            let (_, snapshots) = watch::channel(snapshot);
            (number.try_into().unwrap(), Place { snapshots, ..Place::new(start) })
        };
        (0..many).map(place).collect()
    }

    #[test]
    fn of_too_many_payments_those_that_were_read_last_are_kept() {
        let start = Instant::now();
        let mut places = left(MOST_KEPT + 200, start);
        forget(&mut places, start + Duration::from_secs(10));
        assert_eq!(places.len(), MOST_KEPT);
        assert!((200..MOST_KEPT + 200).all(|kept| places.contains_key(&kept.try_into().unwrap())));
    }

    #[test]
    fn a_payment_is_forgotten_some_minutes_after_its_last_read_and_at_once_if_it_was_never_read() {
        let start = Instant::now();
        let mut places = left(1, start);
        places.insert(u64::MAX, Place::new(start));
        forget(&mut places, start + KEPT_FOR - Duration::from_millis(1));
        assert_eq!(places.len(), 1);
        forget(&mut places, start + KEPT_FOR);
        assert!(places.is_empty());
    }
}
