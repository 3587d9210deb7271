use std::collections::BTreeMap;

/// How far apart two forgotten seconds may lie to be kept as one range.
const NEAR: u64 = 600;
/// How many ranges are kept apart; beyond that the oldest ones grow together.
const RANGES: usize = 16;

/// The seconds whose replay keys were forgotten or never known, as inclusive ranges: first second → last second.
///
/// Ranges, and not the latest second alone: a clock that ran ahead for a while leaves a range in the future, and once
/// it is set right, the seconds before that range are judged as ever. A second between two near ranges counts as
/// forgotten, which is the safe side.
#[derive(Debug)]
pub(super) struct Forgotten(BTreeMap<u64, u64>);

impl Forgotten {
    /// All seconds up to `second`; none when it is zero.
    pub(super) fn up_to(second: u64) -> Self {
        Self((second > 0).then_some((0, second)).into_iter().collect())
    }

    pub(super) fn contains(&self, second: u64) -> bool {
        self.0.range(..=second).next_back().is_some_and(|(_, &last)| second <= last)
    }

    pub(super) fn add(&mut self, second: u64) {
        if self.contains(second) {
            return;
        }
        let (mut first, mut last) = (second, second);
        if let Some((&before, &end)) = self.0.range(..second).next_back()
            && second.saturating_sub(end) <= NEAR
        {
            first = before;
        }
        if let Some((&start, &end)) = self.0.range(second..).next()
            && start.saturating_sub(second) <= NEAR
        {
            self.0.remove(&start);
            last = end;
        }
        self.0.insert(first, last);
        while self.0.len() > RANGES {
            let Some((oldest, _)) = self.0.pop_first() else { return };
            let Some((_, last)) = self.0.pop_first() else { return };
            self.0.insert(oldest, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_seconds_become_one_range_and_far_ones_stay_apart() {
        let mut forgotten = Forgotten::up_to(100);
        for second in [150, 10_000, 9_600, 2_000_000] {
            forgotten.add(second);
        }
        for (second, expected) in [
            (0, true),
            (150, true),
            (151, false),
            (9_599, false),
            (9_800, true),
            (10_001, false),
            (2_000_000, true),
            (1_999_999, false),
        ] {
            assert_eq!(forgotten.contains(second), expected, "{second}");
        }
        forgotten.add(11_000);
        assert_eq!(forgotten.0.len(), 4);
        forgotten.add(10_500);
        assert_eq!(forgotten.0.len(), 3, "a second between two ranges joins them: {forgotten:?}");
        assert!(!Forgotten::up_to(0).contains(0));
    }

    #[test]
    fn the_number_of_ranges_is_bounded_by_joining_the_oldest() {
        let mut forgotten = Forgotten::up_to(0);
        for number in 1..=100 {
            forgotten.add(number * 10 * NEAR);
        }
        assert_eq!(forgotten.0.len(), RANGES);
        assert!(forgotten.contains(10 * NEAR) && forgotten.contains(55 * NEAR));
        assert!(!forgotten.contains(995 * NEAR) && forgotten.contains(1000 * NEAR));
    }
}
