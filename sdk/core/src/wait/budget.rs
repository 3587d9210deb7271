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
    Snapshot,
    /// Nothing is known to have changed.
    Routine,
}

impl Urgency {
    /// How many requests there may be in a minute, this one and all others included. What matters less leaves room for
    /// what matters more, and goes on last when the room was used up.
    fn share(self) -> usize {
        match self {
            Self::Snapshot => 50,
            Self::First => 45,
            Self::Routine => 30,
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
    /// When the last first reads were made, as many as there may be of them.
    first: VecDeque<Instant>,
    /// When the last of routine was done, as much as there may be in any case.
    routine: VecDeque<Instant>,
    /// Spreads all but the first reads over the minute; most of it is there for news alone.
    flow: Bucket,
    /// At most 1,500 in any day. Snapshot come out of it too and are never refused for it: there is no other way to learn
    /// them.
    day: Bucket,
    held_until: Instant,
}

/// How many first reads there may be in a minute.
const FIRST: usize = 30;

/// How much of routine there may be in a minute whatever else there is: however many begin to wait, who waits already is
/// not forgotten.
const LEAST_ROUTINE: usize = 8;

/// The longest that the API's word is taken for. Whoever waits is told; a slip of its pen must not end all waits for good.
const LONGEST_HOLD: Duration = Duration::from_secs(600);

/// How many news can come at once, and how many of these routine may use.
const FLOW: u32 = 25;
const ROUTINE: u32 = 5;

impl Budget {
    pub(crate) fn new(now: Instant) -> Self {
        // Of routine alone 5 at once, and then one in each pause, until its share is used up.
        let flow = Bucket::new(FLOW, Duration::from_millis(1750), now);
        let day = Bucket::new(1000, Duration::from_secs(173), now);
        Self(Mutex::new(Accounts {
            recent: VecDeque::new(),
            first: VecDeque::new(),
            routine: VecDeque::new(),
            flow,
            day,
            held_until: now,
        }))
    }

    /// Waits for the turn of one request. Dropped before it is over, it has used nothing.
    pub(crate) async fn turn(&self, urgency: Urgency) {
        while let Err(not_before) = self.take(urgency, Instant::now()) {
            sleep_until(not_before).await;
        }
    }

    /// Keeps everything back, because the API asks for it.
    pub(crate) fn hold(&self, wait: Option<Duration>) {
        let until = Instant::now() + wait.unwrap_or(UNSAID).min(LONGEST_HOLD);
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
        let share = self.room(&self.recent, urgency.share());
        let own = match urgency {
            Urgency::First => share.max(self.room(&self.first, FIRST)),
            Urgency::Snapshot => share.max(self.flow.next(0)),
            Urgency::Routine => {
                let least = self.room(&self.routine, LEAST_ROUTINE);
                let least = least.max(self.room(&self.recent, Urgency::First.share()));
                share.min(least).max(self.flow.next(FLOW - ROUTINE)).max(self.day.next(0))
            }
        };
        own.max(self.held_until)
    }

    /// From when on there have been fewer than so many in the last minute.
    fn room(&self, times: &VecDeque<Instant>, most: usize) -> Instant {
        let last = times.iter().rev().nth(most.saturating_sub(1));
        last.map_or(self.held_until, |time| *time + MINUTE)
    }

    fn spend(&mut self, urgency: Urgency, now: Instant) {
        note(&mut self.recent, Urgency::Snapshot.share(), now);
        match urgency {
            Urgency::First => note(&mut self.first, FIRST, now),
            Urgency::Snapshot => self.flow.spend(now),
            Urgency::Routine => {
                note(&mut self.routine, LEAST_ROUTINE, now);
                self.flow.spend(now);
            }
        }
        self.day.spend(now);
    }
}

fn note(times: &mut VecDeque<Instant>, most: usize, now: Instant) {
    times.push_back(now);
    if times.len() > most {
        times.pop_front();
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
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// When somebody who asks without pause gets a turn.
    fn turns(budget: &Budget, urgency: Urgency, from: Instant, length: Duration) -> Vec<Instant> {
        let (mut now, mut taken) = (from, Vec::new());
        while now < from + length {
            match budget.take(urgency, now) {
                Ok(()) => taken.push(now),
                Err(not_before) => now = not_before,
            }
        }
        taken
    }

    /// The most turns in any 60 seconds, both ends included.
    fn most(turns: &[Instant]) -> usize {
        let end = |first: Instant| first + Duration::from_secs(60);
        let minute =
            |first: &Instant| turns.iter().filter(|turn| (*first..=end(*first)).contains(turn)).count();
        turns.iter().map(minute).max().unwrap_or(0)
    }

    #[test]
    fn each_urgency_alone_keeps_to_its_share_and_uses_most_of_it() {
        for (urgency, least) in [(Urgency::Snapshot, 34), (Urgency::First, 28), (Urgency::Routine, 28)] {
            let start = Instant::now();
            let turns = turns(&Budget::new(start), urgency, start, HOUR / 6);
            assert!(most(&turns) <= urgency.share(), "{urgency:?}: {}", most(&turns));
            assert!(turns.len() >= least * 10, "{urgency:?}: {} in ten minutes", turns.len());
        }
    }

    #[test]
    fn no_mix_of_urgencies_sends_more_than_fifty_in_any_minute() {
        use Urgency::{First, Routine, Snapshot};
        for seed in 0..200 {
            let mut chance = StdRng::seed_from_u64(seed);
            let start = Instant::now();
            let (budget, mut now, mut taken) = (Budget::new(start), start, Vec::new());
            while now < start + MINUTE * 6 {
                // Bursts of everything, each urgency in its season, and pauses in which all buckets fill.
                let urgency = [First, Snapshot, Routine][chance.random_range(0..3)];
                for _ in 0..chance.random_range(1..80) {
                    match budget.take(urgency, now) {
                        Ok(()) => taken.push(now),
                        Err(not_before) if chance.random_bool(0.2) => now = not_before,
                        Err(_) => {}
                    }
                }
                now += Duration::from_millis([0, 1, 300, 5_000, 20_000][chance.random_range(0..5)]);
            }
            assert!(most(&taken) <= 50, "seed {seed}: {}", most(&taken));
        }
    }

    #[test]
    fn first_reads_come_at_once_and_leave_room_for_whoever_waits_already() {
        let start = Instant::now();
        let budget = Budget::new(start);
        let first = turns(&budget, Urgency::First, start, Duration::from_secs(1));
        assert_eq!((first.len(), first.last()), (30, Some(&start)));
        assert_eq!(budget.held(Urgency::First, start), Some(MINUTE));
        assert_eq!(turns(&budget, Urgency::Routine, start, MINUTE).len(), 8);
        assert_eq!(budget.take(Urgency::Snapshot, start + MINUTE / 2), Ok(()));
        assert_eq!(turns(&budget, Urgency::First, start + MINUTE, MINUTE).len(), 30);
    }

    #[test]
    fn whoever_waits_already_is_read_however_many_begin_to_wait() {
        let start = Instant::now();
        let budget = Budget::new(start);
        let mut read = 0;
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            while budget.take(Urgency::First, now).is_ok() {}
            read += usize::from(budget.take(Urgency::Routine, now).is_ok());
        }
        assert!(read >= 75, "{read} in ten minutes");
    }

    #[test]
    fn routine_leaves_room_for_news_and_first_reads_at_any_time() {
        let start = Instant::now();
        let budget = Budget::new(start);
        for minute in 1..60 {
            let now = start + MINUTE * minute;
            turns(&budget, Urgency::Routine, now - MINUTE, MINUTE);
            for urgency in [Urgency::Snapshot, Urgency::First] {
                assert_eq!(budget.take(urgency, now), Ok(()), "{urgency:?} in minute {minute}");
            }
        }
    }

    #[test]
    fn twenty_payments_that_are_paid_at_once_are_read_at_once() {
        let start = Instant::now();
        let budget = Budget::new(start);
        let now = start + HOUR;
        turns(&budget, Urgency::Routine, start, HOUR);
        let news = turns(&budget, Urgency::Snapshot, now, Duration::from_millis(1));
        assert!(news.len() >= 20, "{}", news.len());
    }

    #[test]
    fn a_day_of_routine_leaves_a_quarter_of_its_limit() {
        let start = Instant::now();
        let budget = Budget::new(start);
        assert!((1450..=1500).contains(&turns(&budget, Urgency::Routine, start, HOUR * 24).len()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_keeps_everything_back_for_as_long_as_the_api_asks() {
        for urgency in [Urgency::First, Urgency::Snapshot, Urgency::Routine] {
            let start = Instant::now();
            let budget = Budget::new(start);
            budget.hold(Some(Duration::from_secs(42)));
            budget.hold(Some(Duration::from_secs(1)));
            assert_eq!(budget.held(urgency, start), Some(Duration::from_secs(42)));
            budget.turn(urgency).await;
            assert_eq!(start.elapsed(), Duration::from_secs(42), "{urgency:?}");
        }
    }
}
