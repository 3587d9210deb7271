//! The part of the API's rate limit that waiting may use: 60 requests a minute and 2,000 a day for each device, of which
//! creates and all other reads must find theirs.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// How much a read matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Somebody has begun to wait, and must learn how things stand.
    First,
    /// Something has changed, as far as is known.
    News,
    /// Nothing is known to have changed.
    Routine,
}

/// How long to stay away when the API refuses a request for its rate limit and does not say how long.
const UNSAID: Duration = Duration::from_secs(15);

/// What all waits of a client may ask together.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<Accounts>);

#[derive(Debug)]
struct Accounts {
    /// At most 50 in any minute.
    minute: Bucket,
    /// At most 1,500 in any day. News come out of it too and are never refused for it: there is no other way to learn
    /// them.
    day: Bucket,
    held_until: Instant,
}

impl Budget {
    pub(crate) fn new(now: Instant) -> Self {
        let minute = Bucket::new(10, Duration::from_millis(1500), now);
        let day = Bucket::new(1000, Duration::from_secs(173), now);
        Self(Mutex::new(Accounts { minute, day, held_until: now }))
    }

    /// Waits for the turn of one read. Dropped before it is over, it has used nothing.
    pub(crate) async fn turn(&self, urgency: Urgency) {
        while let Err(not_before) = self.take(urgency, Instant::now()) {
            sleep_until(not_before).await;
        }
    }

    /// Keeps all reads but the first of a wait back, because the API asks for it.
    pub(crate) fn hold(&self, wait: Option<Duration>) {
        let until = Instant::now() + wait.unwrap_or(UNSAID);
        self.with(|accounts| accounts.held_until = accounts.held_until.max(until));
    }

    fn take(&self, urgency: Urgency, now: Instant) -> Result<(), Instant> {
        self.with(|Accounts { minute, day, held_until }| {
            let earliest = match urgency {
                Urgency::First => now,
                Urgency::News => minute.next().max(*held_until),
                Urgency::Routine => minute.next().max(day.next()).max(*held_until),
            };
            if earliest > now {
                return Err(earliest);
            }
            minute.spend(now);
            day.spend(now);
            Ok(())
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Accounts) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Holds so many at most, and gains one in every `each`.
#[derive(Debug)]
struct Bucket {
    each: Duration,
    /// How long it takes to fill an empty one but for the last.
    burst: Duration,
    full_at: Instant,
}

impl Bucket {
    fn new(capacity: u32, each: Duration, now: Instant) -> Self {
        Self { each, burst: each.saturating_mul(capacity.saturating_sub(1)), full_at: now }
    }

    /// From when on one can be taken.
    fn next(&self) -> Instant {
        self.full_at.checked_sub(self.burst).unwrap_or(self.full_at)
    }

    /// Takes one; from an empty bucket nothing.
    fn spend(&mut self, now: Instant) {
        let empty = now + self.burst + self.each;
        self.full_at = (self.full_at.max(now) + self.each).min(empty);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// How many turns there are in a time, for somebody who asks without pause.
    fn turns(budget: &Budget, urgency: Urgency, from: Instant, length: Duration) -> usize {
        let (mut now, mut taken) = (from, 0);
        while now < from + length {
            match budget.take(urgency, now) {
                Ok(()) => taken += 1,
                Err(not_before) => now = not_before,
            }
        }
        taken
    }

    #[test]
    fn a_minute_leaves_room_for_whoever_does_not_wait() {
        for urgency in [Urgency::News, Urgency::Routine] {
            let start = Instant::now();
            let budget = Budget::new(start);
            assert_eq!(turns(&budget, urgency, start, MINUTE), 49, "{urgency:?}");
            assert_eq!(turns(&budget, urgency, start + MINUTE, MINUTE), 40, "{urgency:?}");
        }
    }

    #[test]
    fn a_day_of_routine_leaves_a_quarter_of_its_limit() {
        let start = Instant::now();
        let budget = Budget::new(start);
        let day = MINUTE * 60 * 24;
        assert!((1450..=1500).contains(&turns(&budget, Urgency::Routine, start, day)));
    }

    #[test]
    fn the_first_read_of_a_wait_is_never_kept_back_and_still_counts() {
        let start = Instant::now();
        let budget = Budget::new(start);
        for _ in 0..200 {
            assert_eq!(budget.take(Urgency::First, start), Ok(()));
        }
        // Empty, and not in debt.
        assert_eq!(budget.take(Urgency::Routine, start), Err(start + Duration::from_millis(1500)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_keeps_everything_back_for_as_long_as_the_api_asks() {
        let start = Instant::now();
        let budget = Budget::new(start);
        budget.hold(Some(Duration::from_secs(42)));
        budget.hold(Some(Duration::from_secs(1)));
        budget.turn(Urgency::First).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        budget.turn(Urgency::News).await;
        assert_eq!(start.elapsed(), Duration::from_secs(42));
    }
}
