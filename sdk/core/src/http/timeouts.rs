//! How long one attempt may take.

use std::time::Duration;

/// How long one attempt may take in all: connecting, sending, waiting and reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    create: Duration,
    read: Duration,
}

/// A time limit outside 1 ms to 10 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected milliseconds between 1 and 600000, such as 15000")]
pub struct TimeoutError;

impl Timeouts {
    /// Limits for operations that create something and for those that only read.
    ///
    /// A create that is given up early is worse than one that is waited for: the order may exist, unknown to the caller.
    ///
    /// # Errors
    /// When one of them is outside 1 ms to 10 minutes.
    pub fn new(create: Duration, read: Duration) -> Result<Self, TimeoutError> {
        let allowed = Duration::from_millis(1)..=Duration::from_secs(600);
        let fit = allowed.contains(&create) && allowed.contains(&read);
        if fit { Ok(Self { create, read }) } else { Err(TimeoutError) }
    }

    /// One limit for everything, from a text in milliseconds.
    ///
    /// # Errors
    /// When the text is no whole number between 1 and 600000.
    pub fn from_millis(text: &str) -> Result<Self, TimeoutError> {
        let limit = Duration::from_millis(text.parse().map_err(|_| TimeoutError)?);
        Self::new(limit, limit)
    }

    /// For operations that create something.
    #[must_use]
    pub const fn create(self) -> Duration {
        self.create
    }

    /// For operations that only read.
    #[must_use]
    pub const fn read(self) -> Duration {
        self.read
    }

    /// For the connection alone. Well below the others, so that "nothing was sent" and "no answer came" can be distinguished.
    #[must_use]
    pub fn connect(self) -> Duration {
        (self.create.min(self.read) / 2).min(Duration::from_secs(5))
    }
}

/// 15 seconds to create, because a create was seen to take 7.6; 5 seconds to read.
impl Default for Timeouts {
    fn default() -> Self {
        Self { create: Duration::from_secs(15), read: Duration::from_secs(5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_in_milliseconds_applies_to_everything() {
        let timeouts = Timeouts::from_millis("1500").unwrap();
        assert_eq!((timeouts.create().as_millis(), timeouts.read().as_millis()), (1500, 1500));
    }

    #[test]
    fn connecting_is_given_up_before_the_attempt_is() {
        for timeouts in [
            Timeouts::default(),
            Timeouts::from_millis("1").unwrap(),
            Timeouts::from_millis("600000").unwrap(),
        ] {
            assert!(timeouts.connect() < timeouts.read() && timeouts.connect() < timeouts.create());
        }
    }

    #[test]
    fn what_is_no_sensible_limit_is_refused() {
        for text in ["", "0", "-1", "1.5", "5s", " 5", "600001", "99999999999999999999"] {
            assert_eq!(Timeouts::from_millis(text), Err(TimeoutError), "{text:?}");
        }
        assert!(Timeouts::new(Duration::from_secs(1), Duration::ZERO).is_err());
    }
}
