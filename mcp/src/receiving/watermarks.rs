//! What has been announced of each payment. Kept apart from the events, which expire and make room for newer ones: an
//! event that has gone is no reason to announce the same change again.

use std::{
    collections::{BTreeSet, HashMap},
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use bitnovo_pay::{Payment, PaymentStatus};
use chrono::{DateTime, Utc};
use payments_webhook::{WebhookEvent, scheme::bitnovo::Notification, store::StoreFuture};

/// How many payments are remembered in memory. Of the others the time of their last change decides.
const CAPACITY: usize = 50_000;

/// Remembers which state of each payment was announced last, for one account of one provider.
pub(crate) trait Watermarks: Send + Sync {
    /// What was announced of these payments.
    fn known<'a>(&'a self, payments: &'a [String]) -> StoreFuture<'a, Known>;

    /// Notes what has just been announced of a payment, unless something later is known of it.
    fn announced<'a>(&'a self, payment: &'a str, state: Announced) -> StoreFuture<'a, ()>;
}

/// What was announced of some payments.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// A payment of which nothing is known counts as announced when it changed last at this time or before.
    pub(crate) floor: DateTime<Utc>,
    /// The last announcement of each payment of which one is known.
    pub(crate) last: HashMap<String, Announced>,
}

/// A state of a payment, and when it was announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    status: String,
    /// AC is two states: `safe` releases the goods. Of other statuses it is not compared.
    safe: bool,
    /// When the payment changed, by the provider's account; not every webhook says.
    pub(crate) edited_at: Option<DateTime<Utc>>,
    /// By the clock of this machine.
    pub(crate) at: SystemTime,
}

impl Announced {
    /// What an event announces. A webhook that came too late to be trusted announces nothing.
    pub(crate) fn by(event: &WebhookEvent) -> Option<(&str, Self)> {
        if event.rejection().is_some() {
            return None;
        }
        let notification = Notification::of(event).unwrap_or_default();
        let edited_at = notification.edited_at.and_then(|time| DateTime::parse_from_rfc3339(&time).ok());
        let state = Self {
            status: event.status()?.to_owned(),
            safe: notification.safe.unwrap_or(false),
            edited_at: edited_at.map(|time| time.to_utc()),
            at: event.received_at(),
        };
        Some((event.identifier()?, state))
    }

    /// What the API reports, announced now.
    pub(crate) fn of(payment: &Payment, now: SystemTime) -> Self {
        Self {
            status: payment.status.code().to_owned(),
            safe: payment.safe.unwrap_or(false),
            edited_at: payment.edited_at.map(|time| time.to_utc()),
            at: now,
        }
    }

    /// Whether this is the state that the API reports.
    pub(crate) fn tells(&self, payment: &Payment) -> bool {
        let same_safety = payment.status != PaymentStatus::Ac || self.safe == payment.safe.unwrap_or(false);
        self.status == payment.status.code() && same_safety
    }
}

/// Remembers in memory, up to a number of payments; those that changed longest ago go first.
#[derive(Debug)]
pub(crate) struct MemoryWatermarks {
    capacity: usize,
    memory: Mutex<Memory>,
}

#[derive(Debug)]
struct Memory {
    floor: DateTime<Utc>,
    last: HashMap<String, Announced>,
    by_age: BTreeSet<(DateTime<Utc>, String)>,
}

impl MemoryWatermarks {
    /// Takes every change up to `floor` as announced.
    pub(crate) fn new(floor: DateTime<Utc>) -> Self {
        let memory = Memory { floor, last: HashMap::new(), by_age: BTreeSet::new() };
        Self { capacity: CAPACITY, memory: Mutex::new(memory) }
    }

    /// Takes nothing as announced.
    pub(crate) fn empty() -> Self {
        Self::new(DateTime::<Utc>::MIN_UTC)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn note(&mut self, payment: &str, state: Announced, capacity: usize) {
        if let Some(known) = self.last.get(payment) {
            if known.at > state.at {
                return;
            }
            self.by_age.remove(&(age(known), payment.to_owned()));
        }
        self.by_age.insert((age(&state), payment.to_owned()));
        self.last.insert(payment.to_owned(), state);
        while self.last.len() > capacity {
            let Some((changed_at, oldest)) = self.by_age.pop_first() else { return };
            self.last.remove(&oldest);
            // What is forgotten must not become news again.
            self.floor = self.floor.max(changed_at);
        }
    }
}

fn age(state: &Announced) -> DateTime<Utc> {
    state.edited_at.unwrap_or_else(|| state.at.into())
}

impl Watermarks for MemoryWatermarks {
    fn known<'a>(&'a self, payments: &'a [String]) -> StoreFuture<'a, Known> {
        let memory = self.memory();
        let last = payments.iter().filter_map(|payment| memory.last.get_key_value(payment));
        let last = last.map(|(payment, state)| (payment.clone(), state.clone())).collect();
        Box::pin(ready(Ok(Known { floor: memory.floor, last })))
    }

    fn announced<'a>(&'a self, payment: &'a str, state: Announced) -> StoreFuture<'a, ()> {
        self.memory().note(payment, state, self.capacity);
        Box::pin(ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn state(edited_second: i64) -> Announced {
        let edited_at = DateTime::from_timestamp(edited_second, 0);
        Announced { status: "CO".into(), safe: true, edited_at, at: UNIX_EPOCH + Duration::from_secs(7) }
    }

    async fn known(marks: &MemoryWatermarks, payments: &[&str]) -> Known {
        let payments: Vec<String> = payments.iter().map(|payment| (*payment).to_owned()).collect();
        marks.known(&payments).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_forgotten_counts_as_announced_by_its_time() {
        let marks = MemoryWatermarks { capacity: 2, ..MemoryWatermarks::empty() };
        for (payment, second) in [("b", 20), ("a", 10), ("c", 30)] {
            marks.announced(payment, state(second)).await.unwrap();
        }
        let known = known(&marks, &["a", "b", "c", "d"]).await;
        let mut remembered: Vec<_> = known.last.keys().cloned().collect();
        remembered.sort();
        assert_eq!(remembered, ["b", "c"]);
        assert_eq!(Some(known.floor), DateTime::from_timestamp(10, 0));
    }

    #[tokio::test]
    async fn what_was_announced_earlier_takes_no_later_ones_place() {
        let marks = MemoryWatermarks::empty();
        marks.announced("a", state(10)).await.unwrap();
        let earlier = Announced { status: "AC".into(), at: UNIX_EPOCH, ..state(20) };
        marks.announced("a", earlier).await.unwrap();
        assert_eq!(known(&marks, &["a"]).await.last["a"], state(10));
        assert_eq!(marks.memory().by_age.len(), 1);
    }
}
