use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::poll_interval::PollInterval;
use crate::{Error, Payment};

/// What is known of a payment: what the last reads have shown, and when it is read again.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// The payment, once it could be read.
    pub(crate) payment: Option<Payment>,
    /// Why the last read failed, if it did.
    pub(crate) failure: Option<Error>,
    /// When the read began that has shown the payment.
    read: Option<Instant>,
    /// The same on the wall clock, which goes on while the machine sleeps.
    pub(crate) read_at: Option<DateTime<Utc>>,
    /// When the first of the reads began that have failed since.
    pub(crate) failing_since: Option<DateTime<Utc>>,
    /// When the last read began, even if it failed or was given up.
    pub(crate) asked: Option<Instant>,
    asked_at: Option<DateTime<Utc>>,
    /// When the payment is read again if nothing tells of a change before; none while it is being read.
    pub(crate) due: Option<Instant>,
    pub(crate) pace: PollInterval,
    /// Whether the API was listened to in vain, so that the next watch need not try.
    pub(crate) silent: bool,
}

impl Snapshot {
    pub(crate) fn new(now: Instant) -> Self {
        let pace = PollInterval::new(now);
        Self {
            payment: None,
            failure: None,
            read: None,
            read_at: None,
            failing_since: None,
            asked: None,
            asked_at: None,
            due: None,
            pace,
            silent: false,
        }
    }

    /// What a new watch goes on from after the last one has ended.
    pub(crate) fn resumed(self, now: Instant) -> Self {
        match self {
            Self { asked: None, .. } => Self::new(now),
            // Given up in the middle, or refused for good: what was wrong then may be right now.
            Self { due: None, .. } => Self { failure: None, failing_since: None, due: Some(now), ..self },
            _ => self,
        }
    }

    /// A read begins.
    pub(crate) fn ask(&mut self, now: Instant, wall: DateTime<Utc>) {
        (self.asked, self.asked_at, self.due) = (Some(now), Some(wall), None);
    }

    pub(crate) fn is_asking(&self) -> bool {
        self.asked.is_some() && self.due.is_none()
    }

    /// A read has shown the payment, or why not.
    pub(crate) fn learn(&mut self, answer: Result<Payment, Error>) {
        match answer {
            Ok(payment) => {
                (self.payment, self.read, self.read_at) = (Some(payment), self.asked, self.asked_at);
                (self.failure, self.failing_since) = (None, None);
            }
            Err(error) => {
                self.failing_since = self.failing_since.or(self.asked_at);
                self.failure = Some(error);
            }
        }
    }

    /// When a read must have begun, to be shown to whoever comes now: not before anything that has made an earlier one
    /// old, which is the last read, the end of the pause after it, or a hint.
    pub(crate) fn oldest(&self, hinted: Option<Instant>, now: Instant) -> Option<Instant> {
        self.asked.max(hinted).max(self.due.filter(|due| *due <= now))
    }

    /// Whether a change was announced that no read has shown yet.
    pub(crate) fn is_behind(&self, hinted: Option<Instant>) -> bool {
        hinted > self.read
    }

    /// The same without the payment, if it was read before this.
    pub(crate) fn since(self, oldest: Option<Instant>) -> Self {
        if self.read < oldest { Self { payment: None, ..self } } else { self }
    }
}
