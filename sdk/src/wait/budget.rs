//! The part of the API's rate limit that waiting may use: 60 requests a minute and 2,000 a day for each device, of which
//! creates and all other reads must find theirs.

use std::{
    collections::VecDeque,
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

impl Urgency {
    /// How many requests there may be in a minute, this one and all others included. What matters less leaves room for
    /// what matters more, and goes on last when the room was used up.
    fn share(self) -> usize {
        match self {
            Self::News => 50,
            Self::First => 45,
            Self::Routine => 40,
        }
    }
}

/// The API's minute, and a second for what is longer on its way than another.
const MINUTE: Duration = Duration::from_secs(61);

/// How long to stay away when the API refuses a request for its rate limit and does not say how long.
const UNSAID: Duration = Duration::from_secs(15);

/// What all waits of a client may ask together.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<Accounts>);

#[derive(Debug)]
struct Accounts {
    /// When the last requests were made, as many as the largest share.
    recent: VecDeque<Instant>,
    /// Spreads all but the first reads over the minute; half of it is there for news alone.
    flow: Bucket,
    /// At most 1,500 in any day. News come out of it too and are never refused for it: there is no other way to learn
    /// them.
    day: Bucket,
    held_until: Instant,
}

const FLOW: u32 = 10;

impl Budget {
    pub(crate) fn new(now: Instant) -> Self {
        // Routine alone never comes to its share: 5 at once and 34 in a minute.
        let flow = Bucket::new(FLOW, Duration::from_millis(1750), now);
        let day = Bucket::new(1000, Duration::from_secs(173), now);
        Self(Mutex::new(Accounts { recent: VecDeque::new(), flow, day, held_until: now }))
    }

    /// Waits for the turn of one request. Dropped before it is over, it has used nothing.
    pub(crate) async fn turn(&self, urgency: Urgency) {
        while let Err(not_before) = self.take(urgency, Instant::now()) {
            sleep_until(not_before).await;
        }
    }

    /// Keeps everything back, because the API asks for it.
    pub(crate) fn hold(&self, wait: Option<Duration>) {
        let until = Instant::now() + wait.unwrap_or(UNSAID);
        self.with(|accounts| accounts.held_until = accounts.held_until.max(until));
    }

    /// For how long a request would be kept back now, if at all.
    pub(crate) fn held(&self, urgency: Urgency, now: Instant) -> Option<Duration> {
        let earliest = self.with(|accounts| accounts.earliest(urgency));
        Some(earliest.saturating_duration_since(now)).filter(|held| !held.is_zero())
    }

    fn take(&self, urgency: Urgency, now: Instant) -> Result<(), Instant> {
        self.with(|accounts| {
            let earliest = accounts.earliest(urgency);
            if earliest > now {
                return Err(earliest);
            }
            accounts.spend(urgency, now);
            Ok(())
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Accounts) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Accounts {
    fn earliest(&self, urgency: Urgency) -> Instant {
        let own = match urgency {
            Urgency::First => self.held_until,
            Urgency::News => self.flow.next(0),
            Urgency::Routine => self.flow.next(FLOW / 2).max(self.day.next(0)),
        };
        let share = self.recent.iter().rev().nth(urgency.share() - 1).map(|time| *time + MINUTE);
        own.max(self.held_until).max(share.unwrap_or(own))
    }

    fn spend(&mut self, urgency: Urgency, now: Instant) {
        self.recent.push_back(now);
        if self.recent.len() > Urgency::News.share() {
            self.recent.pop_front();
        }
        if urgency != Urgency::First {
            self.flow.spend(now);
        }
        self.day.spend(now);
    }
}

/// Holds so many at most, and gains one in every `each`.
#[derive(Debug)]
struct Bucket {
    each: Duration,
    capacity: u32,
    full_at: Instant,
}

impl Bucket {
    fn new(capacity: u32, each: Duration, now: Instant) -> Self {
        Self { each, capacity, full_at: now }
    }

    /// From when on one can be taken and so many are left.
    fn next(&self, left: u32) -> Instant {
        let early = self.each.saturating_mul(self.capacity.saturating_sub(left + 1));
        self.full_at.checked_sub(early).unwrap_or(self.full_at)
    }

    /// Takes one; from an empty bucket nothing.
    fn spend(&mut self, now: Instant) {
        let empty = now + self.each.saturating_mul(self.capacity);
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
