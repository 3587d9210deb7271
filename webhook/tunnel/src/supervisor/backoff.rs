use std::time::Duration;

use super::super::TunnelErrorKind;

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// How much longer than the first pause those are after a failure that takes its time.
const SLOWLY: u32 = 4;

/// Pauses before the retries of one round.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    first: Duration,
    left: u32,
    used: u32,
}

impl Backoff {
    pub(super) fn new(first: Duration, max_retries: u32) -> Self {
        Self { first, left: max_retries, used: 0 }
    }

    /// How many retries there were.
    pub(super) fn used(&self) -> u32 {
        self.used
    }

    /// The pause before the next retry, or `None` when there is to be none. It is between half of the nominal pause and
    /// all of it.
    pub(super) fn next(&mut self, kind: TunnelErrorKind, random: u64) -> Option<Duration> {
        if kind.is_lasting() {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        let doublings = self.used.checked_sub(1);
        self.used += 1;
        let nominal = match (kind, doublings) {
            (TunnelErrorKind::Slow, _) => self.first.saturating_mul(SLOWLY),
            (_, None) => Duration::ZERO,
            (_, Some(doublings)) => self.first.saturating_mul(2_u32.saturating_pow(doublings)),
        };
        let half = nominal.min(LONGEST) / 2;
        let share = u32::try_from(random % 1001).unwrap_or_default();
        Some(half + half.saturating_mul(share) / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_secs(5);

    fn pauses(kind: TunnelErrorKind, random: u64, max: u32) -> Vec<u64> {
        let mut backoff = Backoff::new(BASE, max);
        std::iter::from_fn(|| backoff.next(kind, random)).map(|pause| pause.as_millis() as u64).collect()
    }

    #[test]
    fn the_first_retry_is_immediate_and_the_others_wait_twice_as_long_up_to_a_minute() {
        assert_eq!(
            pauses(TunnelErrorKind::Passing, 1000, 7),
            [0, 5000, 10_000, 20_000, 40_000, 60_000, 60_000]
        );
        assert_eq!(pauses(TunnelErrorKind::Passing, 0, 4), [0, 2500, 5000, 10_000]);
        assert_eq!(pauses(TunnelErrorKind::Passing, 500, 3), [0, 3750, 7500]);
    }

    #[test]
    fn what_takes_its_time_is_given_it_from_the_start() {
        assert_eq!(pauses(TunnelErrorKind::Slow, 1000, 3), [20_000, 20_000, 20_000]);
    }

    #[test]
    fn what_stays_is_not_tried_again() {
        assert!(pauses(TunnelErrorKind::Permanent, 0, 3).is_empty());
        assert!(pauses(TunnelErrorKind::NotInstalled, 0, 3).is_empty());
        assert!(pauses(TunnelErrorKind::Passing, 0, 0).is_empty());
    }

    #[test]
    fn extreme_settings_do_not_overflow() {
        let mut backoff = Backoff::new(Duration::MAX, u32::MAX);
        for _ in 0..100 {
            assert!(backoff.next(TunnelErrorKind::Passing, u64::MAX) <= Some(LONGEST));
        }
    }
}
