//! The one clock of all simulated providers: the time source it was given, plus what it was advanced by.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use chrono::{DateTime, TimeDelta, Utc};

/// Where the time comes from. In the simulation it only ever gains on this.
pub type TimeSource = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// An advance beyond this is refused, so that no later sum can leave the calendar.
pub(crate) const FURTHEST: TimeDelta = TimeDelta::days(36_500);

pub(crate) struct Clock {
    source: TimeSource,
    ahead: Mutex<TimeDelta>,
}

impl Clock {
    pub(crate) fn new(source: TimeSource) -> Self {
        Self { source, ahead: Mutex::new(TimeDelta::zero()) }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from((self.source)()) + *self.ahead()
    }

    /// Moves the simulated time forward. `None` when that would be further than [`FURTHEST`].
    pub(crate) fn advance(&self, by: TimeDelta) -> Option<()> {
        let mut ahead = self.ahead();
        *ahead = ahead.checked_add(&by).filter(|ahead| *ahead <= FURTHEST)?;
        Some(())
    }

    pub(crate) fn reset(&self) {
        *self.ahead() = TimeDelta::zero();
    }

    fn ahead(&self) -> MutexGuard<'_, TimeDelta> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prints a time as the API does: with a local offset and microseconds.
pub(crate) fn timestamp(time: DateTime<Utc>) -> String {
    let local = time.naive_utc() + TimeDelta::hours(1);
    local.format("%Y-%m-%dT%H:%M:%S%.6f+01:00").to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn times_carry_a_local_offset_and_microseconds() {
        let time = DateTime::<Utc>::from(UNIX_EPOCH + Duration::from_micros(1_738_573_200_120_450));
        assert_eq!(timestamp(time), "2025-02-03T10:00:00.120450+01:00");
    }

    #[test]
    fn the_clock_moves_only_as_far_as_it_is_told_and_not_out_of_the_calendar() {
        let clock = Clock::new(Arc::new(|| UNIX_EPOCH));
        clock.advance(TimeDelta::seconds(900)).unwrap();
        assert_eq!(clock.now().timestamp(), 900);
        assert_eq!(clock.advance(FURTHEST), None);
        assert_eq!(clock.now().timestamp(), 900);
        clock.reset();
        assert_eq!(clock.now().timestamp(), 0);
    }
}
