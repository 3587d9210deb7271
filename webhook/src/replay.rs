//! Lets each signature pass once, for as long as its nonce is fresh.
//!
//! A cache would make room by forgetting a live entry, and a forgotten entry is a replay that passes. This guard forgets
//! only what can no longer be fresh, and when it is full it says so.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::request::Fresh;

/// What is remembered of a request: half of its computed signature. Never the nonce, which two payments of the same
/// second share, nor the text of a header, whose case may vary.
pub type ReplayKey = [u8; 16];

/// How many keys a guard holds unless told otherwise: 50,000 requests a second through the whole window.
const CAPACITY: usize = 1_000_000;

/// Remembers which requests have been accepted. Memory is taken as entries come, about 20 bytes for each.
#[derive(Debug)]
pub struct ReplayGuard {
    window: u64,
    capacity: usize,
    memory: Mutex<Memory>,
}

/// Keys by the second of their nonce: a whole second is forgotten at once, and no key needs an expiry of its own.
#[derive(Debug)]
struct Memory {
    seconds: BTreeMap<u64, HashSet<ReplayKey>>,
    entries: usize,
    /// Whatever was signed before this second is unknown: forgotten, or never seen. It only moves forward, so that a
    /// clock set back does not make forgotten nonces fresh again.
    begins: u64,
}

/// Why a fresh request may not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It has entered before.
    Replayed,
    /// It was signed before the guard's memory begins, so nobody can tell.
    BeforeMemory,
    /// Every entry is live and there is room for no more.
    Full,
}

impl ReplayGuard {
    /// A guard for a scheme with this `window`, whose memory begins at `since`: the start of the process, or
    /// `UNIX_EPOCH` when the store remembers what earlier processes accepted.
    ///
    /// A nonce of the very second of `since` passes, or the first webhooks of a process would be refused.
    #[must_use]
    pub fn new(window: Duration, since: SystemTime) -> Self {
        let memory = Memory { seconds: BTreeMap::new(), entries: 0, begins: unix_seconds(since) };
        Self { window: window.as_secs(), capacity: CAPACITY, memory: Mutex::new(memory) }
    }

    /// Holds at most `capacity` keys instead of a million.
    #[must_use]
    pub fn with_capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// Enters a fresh request. Unless the entry is [kept](Entry::keep), it is taken out again.
    ///
    /// # Errors
    ///
    /// [`Denied`] says why it may not enter.
    pub fn enter(
        self: &Arc<Self>,
        key: ReplayKey,
        fresh: &Fresh<'_>,
        now: SystemTime,
    ) -> Result<Entry, Denied> {
        let second = unix_seconds(fresh.verified().signed_at().unwrap_or(UNIX_EPOCH));
        self.memory().enter(key, second, unix_seconds(now).saturating_sub(self.window), self.capacity)?;
        Ok(Entry { guard: Arc::clone(self), key, second, kept: false })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn enter(
        &mut self,
        key: ReplayKey,
        second: u64,
        oldest_fresh: u64,
        capacity: usize,
    ) -> Result<(), Denied> {
        self.forget_before(oldest_fresh);
        if second < self.begins {
            return Err(Denied::BeforeMemory);
        }
        if self.seconds.get(&second).is_some_and(|keys| keys.contains(&key)) {
            return Err(Denied::Replayed);
        }
        if self.entries >= capacity {
            return Err(Denied::Full);
        }
        self.seconds.entry(second).or_default().insert(key);
        self.entries = self.entries.saturating_add(1);
        Ok(())
    }

    fn forget_before(&mut self, second: u64) {
        if second > self.begins {
            self.begins = second;
            let live = self.seconds.split_off(&second);
            let forgotten = std::mem::replace(&mut self.seconds, live);
            let forgotten: usize = forgotten.values().map(HashSet::len).sum();
            self.entries = self.entries.saturating_sub(forgotten);
        }
    }

    fn leave(&mut self, key: &ReplayKey, second: u64) {
        if self.seconds.get_mut(&second).is_some_and(|keys| keys.remove(key)) {
            self.entries = self.entries.saturating_sub(1);
        }
    }
}

/// The place of a request in the guard. Dropped without [`keep`](Self::keep), because storing failed or was given up,
/// it frees the place, so that the sender can deliver the request again.
#[derive(Debug)]
#[must_use = "an entry that is dropped is taken out of the guard again"]
pub struct Entry {
    guard: Arc<ReplayGuard>,
    key: ReplayKey,
    second: u64,
    kept: bool,
}

impl Entry {
    /// The request has had its effect: from now on it is a replay.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.kept {
            self.guard.memory().leave(&self.key, self.second);
        }
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
