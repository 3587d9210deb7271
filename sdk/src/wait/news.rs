use tokio::time::Instant;

use super::pace::Pace;
use crate::{Error, Payment};

/// What is known of a payment: what the last reads have shown, and when it is read again.
#[derive(Clone, Debug)]
pub(crate) struct News {
    /// The payment, once it could be read.
    pub(crate) payment: Option<Payment>,
    /// Why the last read failed, if it did.
    pub(crate) failure: Option<Error>,
    /// When the read began that has shown the payment.
    read: Option<Instant>,
    /// When the last read began, even if it failed or was given up.
    pub(crate) asked: Option<Instant>,
    /// When the payment is read again if nothing tells of a change before; none while it is being read.
    pub(crate) due: Option<Instant>,
    pub(crate) pace: Pace,
    /// Whether the API was listened to in vain, so that the next watch need not try.
    pub(crate) silent: bool,
}

impl News {
    pub(crate) fn new(now: Instant) -> Self {
        let pace = Pace::new(now);
        Self { payment: None, failure: None, read: None, asked: None, due: None, pace, silent: false }
    }

    /// What a new watch goes on from after the last one has ended.
    pub(crate) fn resumed(self, now: Instant) -> Self {
        match self {
            Self { asked: None, .. } => Self::new(now),
            // Given up in the middle, or refused for good: what was wrong then may be right now.
            Self { due: None, .. } => Self { failure: None, due: Some(now), ..self },
            _ => self,
        }
    }

    /// A read begins.
    pub(crate) fn ask(&mut self, now: Instant) {
        (self.asked, self.due) = (Some(now), None);
    }

    pub(crate) fn is_asking(&self) -> bool {
        self.asked.is_some() && self.due.is_none()
    }

    /// A read has shown the payment, or why not.
    pub(crate) fn learn(&mut self, answer: Result<Payment, Error>) {
        match answer {
            Ok(payment) => (self.payment, self.failure, self.read) = (Some(payment), None, self.asked),
            Err(error) => self.failure = Some(error),
        }
    }

    /// When a read must have begun, to be shown to whoever comes now: not before anything that has made an earlier one
    /// old, which is the last read, the end of the pause after it, or a hint.
    pub(crate) fn oldest(&self, hinted: Option<Instant>, now: Instant) -> Option<Instant> {
        self.asked.max(hinted).max(self.due.filter(|due| *due <= now))
    }

    /// The same without the payment, if it was read before this.
    pub(crate) fn since(self, oldest: Option<Instant>) -> Self {
        if self.read < oldest { Self { payment: None, ..self } } else { self }
    }
}
