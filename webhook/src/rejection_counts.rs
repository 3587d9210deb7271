//! Counts of rejected requests. They are never stored: a stranger must not be able to push real events out of the store.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::rejection::RejectionReason;

/// How often requests were rejected for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectionCount {
    /// Why.
    pub reason: RejectionReason,
    /// How often since the start of the process.
    pub count: u64,
    /// When it happened last, to the millisecond.
    pub last_at: SystemTime,
}

/// Counts of rejected requests, by reason.
#[derive(Debug, Default)]
pub struct RejectionCounts([Counter; RejectionReason::ALL.len()]);

#[derive(Debug, Default)]
struct Counter {
    count: AtomicU64,
    last_unix_ms: AtomicU64,
    #[cfg(feature = "server")]
    logged_in: AtomicU64,
}

impl RejectionCounts {
    pub(crate) fn count(&self, reason: RejectionReason, now: SystemTime) {
        if let Some(counter) = self.0.get(reason as usize) {
            counter.last_unix_ms.store(unix_ms(now), Relaxed);
            counter.count.fetch_add(1, Relaxed);
        }
    }

    /// Whether the log has no line for this reason yet in this second: strangers decide how often they are rejected, and
    /// must not decide how much is logged.
    #[cfg(feature = "server")]
    pub(crate) fn deserves_a_line(&self, reason: RejectionReason, now: SystemTime) -> bool {
        let second = unix_ms(now) / 1000;
        self.0.get(reason as usize).is_some_and(|counter| counter.logged_in.swap(second, Relaxed) != second)
    }

    /// The reasons that have occurred, with their counts.
    #[must_use]
    pub fn snapshot(&self) -> Vec<RejectionCount> {
        RejectionReason::ALL
            .iter()
            .zip(&self.0)
            .map(|(&reason, counter)| RejectionCount {
                reason,
                count: counter.count.load(Relaxed),
                last_at: UNIX_EPOCH + Duration::from_millis(counter.last_unix_ms.load(Relaxed)),
            })
            .filter(|rejection| rejection.count > 0)
            .collect()
    }
}

fn unix_ms(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_counter_and_a_name_of_its_own() {
        for (place, reason) in RejectionReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, place);
            let named_alike = RejectionReason::ALL.iter().filter(|other| other.as_str() == reason.as_str());
            assert_eq!(named_alike.count(), 1);
        }
    }

    #[test]
    fn a_snapshot_holds_what_occurred_and_when_it_did_last() {
        let rejections = RejectionCounts::default();
        let at = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        assert!(rejections.snapshot().is_empty());
        rejections.count(RejectionReason::Stale, at(5_000));
        rejections.count(RejectionReason::TooSlow, at(5_900));
        rejections.count(RejectionReason::Stale, at(6_001));
        let stale = RejectionCount { reason: RejectionReason::Stale, count: 2, last_at: at(6_001) };
        let slow = RejectionCount { reason: RejectionReason::TooSlow, count: 1, last_at: at(5_900) };
        assert_eq!(rejections.snapshot(), [stale, slow]);
    }

    #[cfg(feature = "server")]
    #[test]
    fn a_reason_gets_one_line_a_second_in_the_log() {
        let rejections = RejectionCounts::default();
        let at = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        assert!(rejections.deserves_a_line(RejectionReason::Stale, at(5_000)));
        assert!(!rejections.deserves_a_line(RejectionReason::Stale, at(5_900)));
        assert!(rejections.deserves_a_line(RejectionReason::TooSlow, at(5_900)));
        assert!(rejections.deserves_a_line(RejectionReason::Stale, at(6_001)));
    }
}
