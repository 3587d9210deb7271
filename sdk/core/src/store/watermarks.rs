//! How far something has been announced, for each of many things.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use super::{Namespace, StoreKey, Stored, ready};

/// Remembers the last announced state of each payment, so that no change is announced twice.
pub trait Watermarks: fmt::Debug + Send + Sync {
    /// What is known of these names.
    fn known<'a>(&'a self, namespace: &'a Namespace, names: &'a [String]) -> Stored<'a, KnownMarks>;

    /// Notes what has just been announced, unless a later announcement is known. Returns whether it was noted.
    fn advance<'a>(&'a self, key: &'a StoreKey, mark: Watermark) -> Stored<'a, bool>;
}

/// What was announced last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// When it was announced. A mark never takes the place of one that was announced later.
    pub announced_at: DateTime<Utc>,
    /// When what it announces changed, by the provider's clock.
    pub changed_at: DateTime<Utc>,
    /// The announced state, in the encoding of its owner, which begins with a version.
    pub state: Vec<u8>,
}

/// What is known of some names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMarks {
    /// Whatever changed up to this time counts as announced when nothing is known of it.
    pub floor: DateTime<Utc>,
    /// The last mark of each name that has one.
    pub marks: HashMap<String, Watermark>,
}

/// How many marks are remembered in memory for each namespace.
const CAPACITY: usize = 50_000;

/// Remembers the marks of this process in memory; of 50,000 in a namespace, what changed longest ago is forgotten first.
#[derive(Debug)]
pub struct MemoryWatermarks {
    capacity: usize,
    floor: DateTime<Utc>,
    namespaces: Mutex<HashMap<Namespace, Marks>>,
}

#[derive(Debug)]
struct Marks {
    floor: DateTime<Utc>,
    last: HashMap<String, Watermark>,
    by_change: BTreeSet<(DateTime<Utc>, String)>,
}

impl MemoryWatermarks {
    /// Takes every change up to `floor` as announced.
    #[must_use]
    pub fn new(floor: DateTime<Utc>) -> Self {
        Self { capacity: CAPACITY, floor, namespaces: Mutex::default() }
    }

    fn namespaces(&self) -> MutexGuard<'_, HashMap<Namespace, Marks>> {
        self.namespaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes nothing as announced.
impl Default for MemoryWatermarks {
    fn default() -> Self {
        Self::new(DateTime::<Utc>::MIN_UTC)
    }
}

impl Marks {
    fn advance(&mut self, name: &str, mark: Watermark, capacity: usize) -> bool {
        if let Some(known) = self.last.get(name) {
            if known.announced_at > mark.announced_at {
                return false;
            }
            self.by_change.remove(&(known.changed_at, name.to_owned()));
        }
        self.by_change.insert((mark.changed_at, name.to_owned()));
        self.last.insert(name.to_owned(), mark);
        while self.last.len() > capacity
            && let Some((changed_at, oldest)) = self.by_change.pop_first()
        {
            self.last.remove(&oldest);
            // A change whose mark is forgotten must not be announced again.
            self.floor = self.floor.max(changed_at);
        }
        true
    }
}

impl Watermarks for MemoryWatermarks {
    fn known<'a>(&'a self, namespace: &'a Namespace, names: &'a [String]) -> Stored<'a, KnownMarks> {
        let namespaces = self.namespaces();
        let Some(known) = namespaces.get(namespace) else {
            return ready(KnownMarks { floor: self.floor, marks: HashMap::new() });
        };
        let marks = names.iter().filter_map(|name| known.last.get_key_value(name));
        let marks = marks.map(|(name, mark)| (name.clone(), mark.clone())).collect();
        ready(KnownMarks { floor: known.floor, marks })
    }

    fn advance<'a>(&'a self, key: &'a StoreKey, mark: Watermark) -> Stored<'a, bool> {
        let mut namespaces = self.namespaces();
        let marks = namespaces.entry(key.namespace.clone()).or_insert_with(|| Marks {
            floor: self.floor,
            last: HashMap::new(),
            by_change: BTreeSet::new(),
        });
        ready(marks.advance(&key.name, mark, self.capacity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_marks_in_memory_conform() {
        crate::store::conformance::watermarks(&MemoryWatermarks::default()).await;
    }

    #[tokio::test]
    async fn what_is_forgotten_counts_as_announced_by_its_time() {
        let store = MemoryWatermarks { capacity: 2, ..MemoryWatermarks::default() };
        let namespace = Namespace::new("a-provider", "an-account", "");
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        for (name, second) in [("b", 20), ("a", 10), ("c", 30)] {
            let mark = Watermark { announced_at: at(7), changed_at: at(second), state: Vec::new() };
            assert!(store.advance(&namespace.key(name), mark).await.unwrap());
        }
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        let known = store.known(&namespace, &names).await.unwrap();
        let mut remembered: Vec<_> = known.marks.into_keys().collect();
        remembered.sort();
        assert_eq!(remembered, ["b", "c"]);
        assert_eq!(known.floor, at(10));
        let elsewhere = Namespace::new("a-provider", "another-account", "");
        assert_eq!(store.known(&elsewhere, &names).await.unwrap().floor, DateTime::<Utc>::MIN_UTC);
    }
}
