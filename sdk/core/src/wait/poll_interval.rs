//! How long to pause between two reads of the same payment.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_secs(1);
/// A caller that waits right after showing a payment to the customer learns of a change within three seconds …
const QUICK: Duration = Duration::from_millis(2500);
/// … for this long; most customers pay at once or take their time.
const QUICK_FOR: Duration = Duration::from_secs(60);
const SLOW: Duration = Duration::from_secs(10);

/// The pauses between the reads of one payment: from one second on, each a quarter longer than the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PollInterval {
    began: Instant,
    next: Duration,
}

impl PollInterval {
    pub(crate) fn new(began: Instant) -> Self {
        Self { began, next: FIRST }
    }

    /// The next pause. `announced` when the API announces changes by itself, so that reading is only a safeguard; `percent`
    /// of the pause, chosen at random below 100, keeps many programs from asking at the same moment.
    pub(crate) fn pause(&mut self, now: Instant, announced: bool, percent: u32) -> Duration {
        let quick = !announced && now.saturating_duration_since(self.began) < QUICK_FOR;
        let pause = self.next.min(if quick { QUICK } else { SLOW });
        self.next = (self.next * 5 / 4).min(SLOW);
        pause * percent / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses of so long a watch.
    fn pauses(length: Duration, announced: bool, percent: u32) -> Vec<Duration> {
        let began = Instant::now();
        let (mut interval, mut now, mut pauses) = (PollInterval::new(began), began, Vec::new());
        while now < began + length {
            let pause = interval.pause(now, announced, percent);
            now += pause;
            pauses.push(pause);
        }
        pauses
    }

    #[test]
    fn pauses_grow_from_one_second_to_ten() {
        let pauses = pauses(Duration::from_secs(600), false, 100);
        assert_eq!((pauses[0], pauses.last()), (FIRST, Some(&SLOW)));
        assert!(pauses.is_sorted(), "{pauses:?}");
    }

    #[test]
    fn within_the_first_minute_a_change_is_noticed_in_less_than_three_seconds() {
        let pauses = pauses(Duration::from_secs(60), false, 100);
        assert!(pauses.iter().all(|pause| *pause <= QUICK) && pauses.len() < 30, "{pauses:?}");
    }

    #[test]
    fn announced_changes_are_read_seldom() {
        assert!(pauses(Duration::from_secs(55), true, 100).len() < 14);
    }

    #[test]
    fn chance_only_shortens_a_pause() {
        let (shortest, longest) = (pauses(QUICK, false, 80), pauses(QUICK, false, 100));
        assert_eq!((shortest[0], longest[0]), (FIRST * 4 / 5, FIRST));
    }
}
