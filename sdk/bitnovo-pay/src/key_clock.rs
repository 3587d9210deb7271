//! The time that attempts are stamped with, and how old one is.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use crate::key_records::{Attempt, UNKNOWN_OUTCOME_WINDOW};

/// So many attempts without an answer are kept before the old ones among them are looked for.
const FEW: usize = 1024;

/// The wall clock, asked each time: a machine that was suspended must not stamp an attempt with a time long past, or another
/// process takes it for one that came to nothing. It does not go back: neither after a wrong setting that is corrected, nor
/// while the clock is wrong.
pub(crate) struct KeyClock {
    wall: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The latest time, at a moment of the timer's, which cannot be set back.
    latest: (DateTime<Utc>, Instant),
    /// Since when the wall clock has been behind that.
    behind_since: Option<Instant>,
    /// The attempts of this process that may still come to something, whatever the wall clock says meanwhile.
    begun: HashMap<Uuid, Instant>,
    /// At so many of them the old ones are looked for: twice as many as were left the last time.
    look_at: usize,
}

impl KeyClock {
    pub(crate) fn new(wall: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let state = State {
            latest: (wall(), Instant::now()),
            behind_since: None,
            begun: HashMap::new(),
            look_at: FEW,
        };
        Self { wall: Arc::new(wall), state: Mutex::new(state) }
    }

    /// A new attempt, stamped with the time.
    pub(crate) fn attempt(&self) -> Attempt {
        let since = self.now();
        let attempt = Attempt { id: Uuid::new_v4(), since };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = Instant::now();
        if state.begun.len() >= state.look_at {
            state.begun.retain(|_, begun| moment.duration_since(*begun) < UNKNOWN_OUTCOME_WINDOW);
            state.look_at = FEW.max(state.begun.len().saturating_mul(2));
        }
        state.begun.insert(attempt.id, moment);
        attempt
    }

    /// The result of the attempt is known.
    pub(crate) fn settled(&self, attempt: Attempt) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).begun.remove(&attempt.id);
    }

    /// Whether the order of an attempt is in the list if there is one.
    pub(crate) fn is_certain(&self, attempt: Attempt) -> bool {
        let by_the_wall =
            (self.now() - attempt.since).to_std().is_ok_and(|age| age >= UNKNOWN_OUTCOME_WINDOW);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that is set right by years makes an attempt of a second ago look old.
        let begun = state.begun.get(&attempt.id);
        by_the_wall && begun.is_none_or(|begun| begun.elapsed() >= UNKNOWN_OUTCOME_WINDOW)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let (wall, moment) = ((self.wall)(), Instant::now());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (latest, at) = state.latest;
        let expected = latest + moment.duration_since(at);
        if wall >= expected {
            state.behind_since = None;
            state.latest = (wall, moment);
            return wall;
        }
        let behind_since = *state.behind_since.get_or_insert(moment);
        // By then no attempt that was stamped before is of any interest: the clock may have been ahead until then.
        let now = if moment.duration_since(behind_since) >= UNKNOWN_OUTCOME_WINDOW { wall } else { expected };
        if now == wall {
            state.behind_since = None;
        }
        state.latest = (now, moment);
        now
    }
}

impl fmt::Debug for KeyClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyClock").field("state", &self.state).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicI64, Ordering},
        time::Duration,
    };

    use super::*;

    const HOUR: i64 = 3600;

    /// A clock that runs with the timer, and can be set.
    fn clock() -> (KeyClock, Arc<AtomicI64>) {
        let (started, set) = (Instant::now(), Arc::new(AtomicI64::new(0)));
        let offset = Arc::clone(&set);
        let wall = move || {
            let seconds =
                started.elapsed().as_secs().cast_signed() + 100 * HOUR + offset.load(Ordering::SeqCst);
            DateTime::from_timestamp(seconds, 0).unwrap()
        };
        (KeyClock::new(wall), set)
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_after_a_suspend_has_the_time_of_the_wall() {
        let (here, set) = clock();
        // The timer stands still meanwhile.
        set.store(8 * HOUR, Ordering::SeqCst);
        let attempt = here.attempt();
        assert_eq!(attempt.since.timestamp(), 108 * HOUR);
        let (elsewhere, there) = clock();
        there.store(8 * HOUR, Ordering::SeqCst);
        assert!(!elsewhere.is_certain(attempt), "another process would create again");
        tokio::time::advance(UNKNOWN_OUTCOME_WINDOW).await;
        assert!(here.is_certain(attempt) && elsewhere.is_certain(attempt));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_is_not_old_because_the_clock_was_set() {
        let (clock, set) = clock();
        // Set back and corrected; set right by years, as on a machine without a battery.
        for steps in [[-HOUR, 0], [0, 400 * 24 * HOUR], [HOUR, -HOUR]] {
            set.store(steps[0], Ordering::SeqCst);
            let attempt = clock.attempt();
            set.store(steps[1], Ordering::SeqCst);
            assert!(!clock.is_certain(attempt), "{steps:?}");
            tokio::time::advance(UNKNOWN_OUTCOME_WINDOW - Duration::from_secs(1)).await;
            assert!(!clock.is_certain(attempt), "{steps:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_was_ahead_is_followed_back_after_a_while() {
        let (clock, set) = clock();
        set.store(HOUR, Ordering::SeqCst);
        assert_eq!(clock.now().timestamp(), 101 * HOUR);
        set.store(0, Ordering::SeqCst);
        assert_eq!(clock.now().timestamp(), 101 * HOUR, "not back at once");
        tokio::time::advance(UNKNOWN_OUTCOME_WINDOW).await;
        assert_eq!(clock.now().timestamp(), 100 * HOUR + 600);
        let attempt = clock.attempt();
        tokio::time::advance(UNKNOWN_OUTCOME_WINDOW).await;
        assert!(clock.is_certain(attempt));
    }

    #[tokio::test(start_paused = true)]
    async fn only_attempts_without_an_answer_are_kept_and_those_for_ten_minutes() {
        let (clock, _) = clock();
        for _ in 0..10 * FEW {
            clock.settled(clock.attempt());
        }
        assert_eq!(clock.state.lock().unwrap().begun.len(), 0);
        for _ in 0..3 * FEW {
            clock.attempt();
        }
        tokio::time::advance(UNKNOWN_OUTCOME_WINDOW).await;
        for _ in 0..2 * FEW {
            clock.attempt();
        }
        let left = clock.state.lock().unwrap().begun.len();
        assert!((2 * FEW..=4 * FEW).contains(&left), "{left}");
    }
}
