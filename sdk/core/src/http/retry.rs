//! How often and after which pauses an attempt is repeated.

use std::time::Duration;

/// How often and after which pauses an attempt is repeated.
///
/// An operation that only reads is repeated after a timeout, a lost connection, a 5xx or a 429; one that creates something
/// only when nothing of the request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpRetry {
    /// How often an attempt is repeated at most.
    pub max_retries: u32,
    /// The pause before the first repetition; each further one is twice as long.
    pub base_delay: Duration,
    /// The longest `Retry-After` that is waited for.
    pub longest_wait: Duration,
}

/// A setting of [`HttpRetry`] outside its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryPolicyError {
    /// More retries would only add to an outage.
    #[error("expected a number of retries between 0 and 5")]
    MaxRetries,
    /// Not between nothing and ten seconds.
    #[error("expected milliseconds between 0 and 10000, such as 500")]
    BaseDelay,
}

impl HttpRetry {
    /// No retries at all.
    pub const NEVER: Self = Self { max_retries: 0, base_delay: Duration::ZERO, longest_wait: Duration::ZERO };

    /// Up to `max_retries` more attempts: the first after `base_delay`, each further one after twice as long, all
    /// with a random addition of up to as much again, so that many clients do not come back at the same moment.
    ///
    /// # Errors
    /// When `max_retries` is above 5 or `base_delay` above 10 seconds.
    pub fn new(max_retries: u32, base_delay: Duration) -> Result<Self, RetryPolicyError> {
        if max_retries > 5 {
            return Err(RetryPolicyError::MaxRetries);
        }
        if base_delay > Duration::from_secs(10) {
            return Err(RetryPolicyError::BaseDelay);
        }
        Ok(Self { max_retries, base_delay, ..Self::default() })
    }

    /// The longest pause that is kept when the API names one (`Retry-After`); 10 seconds by default. When it names
    /// more, the failed answer is returned at once.
    #[must_use]
    pub const fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// The same with other limits where they are given.
    #[must_use]
    pub fn with(self, max_retries: Option<u32>, base_delay: Option<Duration>) -> Self {
        Self {
            max_retries: max_retries.unwrap_or(self.max_retries),
            base_delay: base_delay.unwrap_or(self.base_delay),
            ..self
        }
    }

    /// Reads a number of retries.
    ///
    /// # Errors
    /// When the text is no whole number between 0 and 5.
    pub fn parse_max_retries(text: &str) -> Result<u32, RetryPolicyError> {
        let retries = text.parse().map_err(|_| RetryPolicyError::MaxRetries)?;
        Self::new(retries, Duration::ZERO).map(|policy| policy.max_retries)
    }

    /// Reads a delay in milliseconds.
    ///
    /// # Errors
    /// When the text is no whole number between 0 and 10000.
    pub fn parse_base_delay(text: &str) -> Result<Duration, RetryPolicyError> {
        let delay = Duration::from_millis(text.parse().map_err(|_| RetryPolicyError::BaseDelay)?);
        Self::new(0, delay).map(|policy| policy.base_delay)
    }
}

/// Two retries, after about 0.5 and 1 second.
impl Default for HttpRetry {
    fn default() -> Self {
        Self { max_retries: 2, base_delay: Duration::from_millis(500), longest_wait: Duration::from_secs(10) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_limits_hold() {
        for (text, retries) in
            [("0", Some(0)), ("5", Some(5)), ("6", None), ("-1", None), ("2.0", None), ("", None)]
        {
            assert_eq!(HttpRetry::parse_max_retries(text).ok(), retries, "{text:?}");
        }
        for (text, delay) in
            [("0", Some(0)), ("10000", Some(10_000)), ("10001", None), ("1s", None), (" 5", None)]
        {
            let read = HttpRetry::parse_base_delay(text).ok();
            assert_eq!(read, delay.map(Duration::from_millis), "{text:?}");
        }
    }
}
