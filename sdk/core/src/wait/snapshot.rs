//! What is known of one thing that is waited for.

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{Waitable, poll_interval::PollInterval};

/// What the last reads have shown, and when the next one is due.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot<W: Waitable> {
    /// The state, once it could be read.
    pub(crate) state: Option<W::State>,
    /// Why the last read failed, if it did.
    pub(crate) failure: Option<W::Error>,
    /// When the read began that has shown the state.
    read: Option<Instant>,
    /// The same on the wall clock, which goes on while the machine sleeps.
    pub(crate) read_at: Option<DateTime<Utc>>,
    /// When the first of the reads began that have failed since.
    pub(crate) failing_since: Option<DateTime<Utc>>,
    /// When the last read began, even if it failed or was given up.
    pub(crate) asked: Option<Instant>,
    asked_at: Option<DateTime<Utc>>,
    /// When the next read is due if no change is announced before; `None` during a read.
    pub(crate) due: Option<Instant>,
    pub(crate) interval: PollInterval,
    /// Whether the provider announces nothing, so that the next poller need not listen.
    pub(crate) silent: bool,
}

impl<W: Waitable> Snapshot<W> {
    pub(crate) fn new(now: Instant) -> Self {
        let interval = PollInterval::new(now);
        Self {
            state: None,
            failure: None,
            read: None,
            read_at: None,
            failing_since: None,
            asked: None,
            asked_at: None,
            due: None,
            interval,
            silent: false,
        }
    }

    /// What a new poller begins with after the last one has ended.
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

    /// A read has ended.
    pub(crate) fn learn(&mut self, answer: Result<W::State, W::Error>) {
        match answer {
            Ok(state) => {
                (self.state, self.read, self.read_at) = (Some(state), self.asked, self.asked_at);
                (self.failure, self.failing_since) = (None, None);
            }
            Err(error) => {
                self.failing_since = self.failing_since.or(self.asked_at);
                self.failure = Some(error);
            }
        }
    }

    /// When a read must have begun to be shown to a caller that comes now: not before anything that has made an earlier one
    /// old, which is the last read, the end of the pause after it, or a hint.
    pub(crate) fn oldest(&self, hinted: Option<Instant>, now: Instant) -> Option<Instant> {
        self.asked.max(hinted).max(self.due.filter(|due| *due <= now))
    }

    /// Whether a change was announced that no read has shown yet.
    pub(crate) fn is_behind(&self, hinted: Option<Instant>) -> bool {
        hinted > self.read
    }

    /// The same without the state, if it was read before this.
    pub(crate) fn since(self, oldest: Option<Instant>) -> Self {
        if self.read < oldest { Self { state: None, ..self } } else { self }
    }
}
