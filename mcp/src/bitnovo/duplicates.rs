//! The payments of the last minute, so that the same sale, created twice without a key, is noticed.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bitnovo_pay::Fingerprint;
use tokio::time::Instant;
use uuid::Uuid;

/// An agent that retries does so within seconds; two customers of the same till seldom want the same within a minute.
const NOTICED_FOR: Duration = Duration::from_secs(60);
/// More in a minute than the API lets pass. The oldest goes first.
const CAPACITY: usize = 1024;

/// The payments of the last minute.
#[derive(Default)]
pub(crate) struct Duplicates(Mutex<VecDeque<Created>>);

struct Created {
    at: Instant,
    fingerprint: Fingerprint,
    identifier: Uuid,
}

impl Duplicates {
    /// Records the payment, and returns the first of the last minute that was exactly the same.
    pub(crate) fn note(&self, fingerprint: Fingerprint, identifier: Uuid, now: Instant) -> Option<Uuid> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.front().is_some_and(|created| now.duration_since(created.at) >= NOTICED_FOR) {
            recent.pop_front();
        }
        let same = recent.iter().find(|created| created.fingerprint == fingerprint);
        let first = same.map(|created| created.identifier);
        if !recent.iter().any(|created| created.identifier == identifier) {
            if recent.len() == CAPACITY {
                recent.pop_front();
            }
            recent.push_back(Created { at: now, fingerprint, identifier });
        }
        first.filter(|first| *first != identifier)
    }
}

#[cfg(test)]
mod tests {
    use bitnovo_pay::{Fiat, NewOrder};

    use super::*;

    fn fingerprint(notes: &str) -> Fingerprint {
        NewOrder::link("5".parse().unwrap(), Fiat::Eur).notes(notes).fingerprint().unwrap()
    }

    #[test]
    fn the_first_of_the_last_minute_is_told() {
        let (duplicates, begin) = (Duplicates::default(), Instant::now());
        let [one, two, three, other] = [1, 2, 3, 4].map(Uuid::from_u128);
        let seconds = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(duplicates.note(fingerprint("a"), one, seconds(0)), None);
        assert_eq!(duplicates.note(fingerprint("a"), one, seconds(1)), None, "the same payment, told again");
        assert_eq!(duplicates.note(fingerprint("b"), other, seconds(1)), None);
        assert_eq!(duplicates.note(fingerprint("a"), two, seconds(59)), Some(one));
        assert_eq!(duplicates.note(fingerprint("a"), three, seconds(60)), Some(two));
        assert_eq!(duplicates.note(fingerprint("a"), one, seconds(120)), None);
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let (duplicates, now) = (Duplicates::default(), Instant::now());
        for number in 0..=CAPACITY {
            duplicates.note(fingerprint(&number.to_string()), Uuid::from_u128(number as u128), now);
        }
        assert_eq!(duplicates.0.lock().unwrap().len(), CAPACITY);
        assert_eq!(duplicates.note(fingerprint("0"), Uuid::max(), now), None);
        assert_eq!(duplicates.note(fingerprint("1024"), Uuid::max(), now), Some(Uuid::from_u128(1024)));
    }
}
