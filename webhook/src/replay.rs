//! Lets each signature pass once, for as long as its nonce is fresh.
//!
//! A cache makes room by forgetting a live entry, and a forgotten entry is a replay that passes. This guard forgets
//! only what can no longer be fresh, and returns an error when it is full.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{request::Fresh, signature::ReplayKey};

mod forgotten;

use forgotten::Forgotten;

/// How many keys a guard holds by default: 50,000 requests a second through the whole window.
const CAPACITY: usize = 1_000_000;

/// Remembers which requests have been accepted, in about 20 bytes for each.
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
    forgotten: Forgotten,
    /// The latest time that `now` had, to notice a clock that was set back.
    latest: u64,
}

/// Why a fresh request may not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It has entered before.
    Replayed,
    /// It was signed in a second that the guard has forgotten or never knew, so it may have entered before.
    BeforeMemory,
    /// Every entry is live and there is room for no more.
    Full,
}

impl ReplayGuard {
    /// A guard for a scheme with this `window`, whose memory begins after the second of `since`: the start of the
    /// process, or `UNIX_EPOCH` when the store remembers what earlier processes accepted.
    ///
    /// A nonce of the second of `since` itself is denied: the process before this one may have accepted it.
    #[must_use]
    pub fn new(window: Duration, since: SystemTime) -> Self {
        let since = unix_seconds(since);
        let memory = Memory {
            seconds: BTreeMap::new(),
            entries: 0,
            forgotten: Forgotten::up_to(since),
            latest: since,
        };
        Self { window: window.as_secs(), capacity: CAPACITY, memory: Mutex::new(memory) }
    }

    /// Holds at most `capacity` keys instead of a million.
    #[must_use]
    pub fn with_capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// Enters a fresh request. Unless the entry is [kept](ReplayEntry::keep), it is taken out again.
    ///
    /// # Errors
    ///
    /// [`Denied`], with the reason.
    pub fn enter(
        self: &Arc<Self>,
        key: ReplayKey,
        fresh: &Fresh<'_>,
        now: SystemTime,
    ) -> Result<ReplayEntry, Denied> {
        let second = unix_seconds(fresh.verified().signed_at().unwrap_or(UNIX_EPOCH));
        let now = unix_seconds(now);
        let mut memory = self.memory();
        memory.notice_clock(now, self.window);
        memory.enter(key, second, now.saturating_sub(self.window), self.capacity)?;
        drop(memory);
        Ok(ReplayEntry { guard: Arc::clone(self), key, second, kept: false })
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
        if self.forgotten.contains(second) {
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

    fn forget_before(&mut self, oldest_fresh: u64) {
        while let Some(oldest) = self.seconds.first_entry()
            && *oldest.key() < oldest_fresh
        {
            let (second, keys) = oldest.remove_entry();
            self.entries = self.entries.saturating_sub(keys.len());
            self.forgotten.add(second);
        }
    }

    /// A clock that was set back by more than the window makes forgotten seconds fresh again.
    fn notice_clock(&mut self, now: u64, window: u64) {
        let back = self.latest.saturating_sub(now);
        if back > window {
            #[cfg(feature = "axum")]
            tracing::warn!(
                seconds = back,
                "the clock was set back: webhooks signed in a time that this process has already forgotten are refused"
            );
            self.latest = now;
        }
        self.latest = self.latest.max(now);
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
pub struct ReplayEntry {
    guard: Arc<ReplayGuard>,
    key: ReplayKey,
    second: u64,
    kept: bool,
}

impl ReplayEntry {
    /// The request has had its effect: from now on another copy is a replay.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for ReplayEntry {
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
