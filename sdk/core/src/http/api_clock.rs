//! What the API's clock shows.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{DATE, HeaderMap};

/// The API's clock, by the `Date` of its last answer.
#[derive(Debug, Default)]
pub struct ApiClock(Mutex<Option<TimeDelta>>);

impl ApiClock {
    /// Notes the `Date` of an answer that has just begun to arrive. What cannot be read changes nothing.
    pub fn note(&self, headers: &HeaderMap, now: DateTime<Utc>) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        if let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            // Whole seconds, rounded down.
            let offset = date.to_utc() + TimeDelta::milliseconds(500) - now;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(offset);
        }
    }

    /// How far the API's clock is ahead of this machine's; `None` before the first answer with a date.
    pub fn offset(&self) -> Option<TimeDelta> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_date_that_can_be_read_counts() {
        let (clock, now) = (ApiClock::default(), "2026-03-10T12:00:00Z".parse().unwrap());
        let note = |date: &'static str| {
            let headers = HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
            clock.note(&headers, now);
            clock.offset().map(|offset| offset.num_milliseconds())
        };
        assert_eq!(note("yesterday"), None);
        assert_eq!(note("Tue, 10 Mar 2026 12:00:00 GMT"), Some(500));
        assert_eq!(note("Wed, 11 Mar 2026 11:59:59 GMT"), Some(24 * 3_600_000 - 500));
        for unreadable in ["", "0", "Wed, 99 Mar 2026 11:59:59 GMT"] {
            assert_eq!(note(unreadable), Some(24 * 3_600_000 - 500), "{unreadable}");
        }
    }
}
