//! The part of an API's rate limit that waiting may use. Creates and all other reads need the rest.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// How much a read matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// A caller has begun to wait, and nothing has been read yet.
    First,
    /// A change was announced.
    Change,
    /// Nothing is known to have changed.
    Routine,
}

/// How many requests waiting may send. A kind of read that matters less has a smaller share of the minute, so that it leaves
/// room for those that matter more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Requests in a minute up to which a read for an announced change is sent. The largest of the shares.
    pub change: usize,
    /// The same for first reads.
    pub first: usize,
    /// The same for routine reads.
    pub routine: usize,
    /// First reads in a minute.
    pub first_reads: usize,
    /// Routine reads in a minute that are sent whatever else there is: however many callers begin to wait, those that wait
    /// already are not forgotten.
    pub least_routine: usize,
    /// Reads for announced changes that may come at once, and how many of these routine reads may use.
    pub burst: u32,
    /// How many of the burst routine reads may use.
    pub routine_burst: u32,
    /// One read of the burst comes back in each of these pauses.
    pub refill: Duration,
    /// Reads that may come at once in a day, in addition to one in each `day_refill`. Reads for announced changes count and are
    /// never refused for it.
    pub day: u32,
    /// One read of the day's burst comes back in each of these pauses.
    pub day_refill: Duration,
}

impl ReadLimits {
    fn share(&self, urgency: Urgency) -> usize {
        match urgency {
            Urgency::Change => self.change,
            Urgency::First => self.first,
            Urgency::Routine => self.routine,
        }
    }
}

/// The API's minute, and a second for a request that takes longer to arrive than another.
const MINUTE: Duration = Duration::from_secs(61);

/// The pause after a refusal for the rate limit that does not say how long.
const UNSAID: Duration = Duration::from_secs(15);

/// What all waits of a client may ask together.
#[derive(Debug)]
pub struct ReadBudget(Mutex<Accounts>);

#[derive(Debug)]
struct Accounts {
    limits: ReadLimits,
    /// When the last requests were made, as many as the largest share.
    recent: VecDeque<Instant>,
    /// When the last first reads were made, as many as there may be of them.
    first: VecDeque<Instant>,
    /// When the last routine reads were made, as many as there may be in any case.
    routine: VecDeque<Instant>,
    /// Spreads all but the first reads over the minute; most of it is for announced changes alone.
    flow: Bucket,
    /// Reads for announced changes come out of it too and are never refused for it: there is no other way to learn the
    /// changes.
    day: Bucket,
    held_until: Instant,
}

/// The longest pause that the API can ask for. A mistake in its answer must not end all waits for good.
const LONGEST_HOLD: Duration = Duration::from_secs(600);

impl ReadBudget {
    pub(crate) fn new(limits: ReadLimits, now: Instant) -> Self {
        let flow = Bucket::new(limits.burst, limits.refill, now);
        let day = Bucket::new(limits.day, limits.day_refill, now);
        Self(Mutex::new(Accounts {
            limits,
            recent: VecDeque::new(),
            first: VecDeque::new(),
            routine: VecDeque::new(),
            flow,
            day,
            held_until: now,
        }))
    }

    /// Waits for the turn of one request. Dropped before it is over, the wait has used nothing.
    pub async fn turn(&self, urgency: Urgency) {
        while let Err(not_before) = self.take(urgency, Instant::now()) {
            sleep_until(not_before).await;
        }
    }

    /// Keeps all reads back, because the API asks for it.
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
        let share = self.room(&self.recent, self.limits.share(urgency));
        let own = match urgency {
            Urgency::First => share.max(self.room(&self.first, self.limits.first_reads)),
            Urgency::Change => share.max(self.flow.next(0)),
            Urgency::Routine => {
                let least = self.room(&self.routine, self.limits.least_routine);
                let least = least.max(self.room(&self.recent, self.limits.first));
                let kept = self.limits.burst.saturating_sub(self.limits.routine_burst);
                share.min(least).max(self.flow.next(kept)).max(self.day.next(0))
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
        note(&mut self.recent, self.limits.change, now);
        match urgency {
            Urgency::First => note(&mut self.first, self.limits.first_reads, now),
            Urgency::Change => self.flow.spend(now),
            Urgency::Routine => {
                note(&mut self.routine, self.limits.least_routine, now);
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
pub(super) mod tests {
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

    use super::*;

    /// Those of an API that allows 60 requests a minute and 2,000 a day.
    pub(in crate::wait) const LIMITS: ReadLimits = ReadLimits {
        change: 50,
        first: 45,
        routine: 30,
        first_reads: 30,
        least_routine: 8,
        burst: 25,
        routine_burst: 5,
        refill: Duration::from_millis(1750),
        day: 1000,
        day_refill: Duration::from_secs(173),
    };

    const HOUR: Duration = Duration::from_secs(3600);

    /// When a caller that asks without pause gets a turn.
    fn turns(budget: &ReadBudget, urgency: Urgency, from: Instant, length: Duration) -> Vec<Instant> {
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
        for (urgency, least) in [(Urgency::Change, 34), (Urgency::First, 28), (Urgency::Routine, 28)] {
            let start = Instant::now();
            let turns = turns(&ReadBudget::new(LIMITS, start), urgency, start, HOUR / 6);
            assert!(most(&turns) <= LIMITS.share(urgency), "{urgency:?}: {}", most(&turns));
            assert!(turns.len() >= least * 10, "{urgency:?}: {} in ten minutes", turns.len());
        }
    }

    #[test]
    fn no_mix_of_urgencies_sends_more_than_fifty_in_any_minute() {
        use Urgency::{Change, First, Routine};
        for seed in 0..200 {
            let mut chance = StdRng::seed_from_u64(seed);
            let start = Instant::now();
            let (budget, mut now, mut taken) = (ReadBudget::new(LIMITS, start), start, Vec::new());
            while now < start + MINUTE * 6 {
                // Bursts of everything, each urgency in its season, and pauses in which all buckets fill.
                let urgency = [First, Change, Routine][chance.random_range(0..3)];
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
    fn first_reads_come_at_once_and_leave_room_for_running_waits() {
        let start = Instant::now();
        let budget = ReadBudget::new(LIMITS, start);
        let first = turns(&budget, Urgency::First, start, Duration::from_secs(1));
        assert_eq!((first.len(), first.last()), (30, Some(&start)));
        assert_eq!(budget.held(Urgency::First, start), Some(MINUTE));
        assert_eq!(turns(&budget, Urgency::Routine, start, MINUTE).len(), 8);
        assert_eq!(budget.take(Urgency::Change, start + MINUTE / 2), Ok(()));
        assert_eq!(turns(&budget, Urgency::First, start + MINUTE, MINUTE).len(), 30);
    }

    #[test]
    fn running_waits_are_read_however_many_begin() {
        let start = Instant::now();
        let budget = ReadBudget::new(LIMITS, start);
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
        let budget = ReadBudget::new(LIMITS, start);
        for minute in 1..60 {
            let now = start + MINUTE * minute;
            turns(&budget, Urgency::Routine, now - MINUTE, MINUTE);
            for urgency in [Urgency::Change, Urgency::First] {
                assert_eq!(budget.take(urgency, now), Ok(()), "{urgency:?} in minute {minute}");
            }
        }
    }

    #[test]
    fn twenty_payments_that_are_paid_at_once_are_read_at_once() {
        let start = Instant::now();
        let budget = ReadBudget::new(LIMITS, start);
        let now = start + HOUR;
        turns(&budget, Urgency::Routine, start, HOUR);
        let changes = turns(&budget, Urgency::Change, now, Duration::from_millis(1));
        assert!(changes.len() >= 20, "{}", changes.len());
    }

    #[test]
    fn a_day_of_routine_leaves_a_quarter_of_its_limit() {
        let start = Instant::now();
        let budget = ReadBudget::new(LIMITS, start);
        assert!((1450..=1500).contains(&turns(&budget, Urgency::Routine, start, HOUR * 24).len()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_keeps_everything_back_for_as_long_as_the_api_asks() {
        for urgency in [Urgency::First, Urgency::Change, Urgency::Routine] {
            let start = Instant::now();
            let budget = ReadBudget::new(LIMITS, start);
            budget.hold(Some(Duration::from_secs(42)));
            budget.hold(Some(Duration::from_secs(1)));
            assert_eq!(budget.held(urgency, start), Some(Duration::from_secs(42)));
            budget.turn(urgency).await;
            assert_eq!(start.elapsed(), Duration::from_secs(42), "{urgency:?}");
        }
    }
}
