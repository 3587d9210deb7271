//! Waiting for a change of one of many payments, without asking an API more often than it allows.
//!
//! All waits of a client share one [`PollerRegistry`]: one poller reads each payment, however many callers wait for it,
//! and all pollers share one [`ReadBudget`].

use std::{
    fmt::{Debug, Display},
    hash::Hash,
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

mod budget;
mod change_listener;
mod poll_interval;
mod poller;
mod poller_registry;
mod snapshot;

pub use budget::{ReadBudget, ReadLimits, Urgency};
pub use change_listener::ChangeListener;
pub use poller_registry::PollerRegistry;

use crate::Reading;
use snapshot::Snapshot;

/// A kind of thing that can be waited for: what its reads return, and what their errors mean.
pub trait Waitable: Clone + Debug + Send + Sync + 'static {
    /// What names one of these things.
    type Id: Clone + Debug + Display + Eq + Hash + Ord + Send + Sync;
    /// What a read returns.
    type State: Clone + Debug + Send + Sync;
    /// Why a read failed.
    type Error: Clone + Debug + Send + Sync;

    /// How often the provider may be asked.
    const LIMITS: ReadLimits;

    /// Whether anything differs on which a decision rests.
    fn has_changed(before: &Self::State, now: &Self::State) -> bool;

    /// What the error means for further reads.
    fn failure(error: &Self::Error) -> ReadFailure;

    /// The error of a wait that ends before anything could be read: `held` is how long the budget keeps the read back, or
    /// `None` when the provider has not answered.
    fn not_read(held: Option<Duration>) -> Self::Error;
}

/// What a failed read means for further reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFailure {
    /// Another read may succeed.
    Passing,
    /// Another read may succeed after this pause; `None` when the provider does not say how long.
    RateLimited(Option<Duration>),
    /// No further read can succeed.
    Permanent,
}

/// Where pollers read: a client, or in tests something that needs no network.
pub trait WaitSource<W: Waitable>: Clone + Send + Sync + 'static {
    /// Reads the thing once.
    fn read(&self, id: &W::Id) -> impl Future<Output = Result<W::State, W::Error>> + Send;

    /// The wall clock.
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// Passes on what the provider announces by itself, for as long as it does.
    fn listen(
        &self,
        id: &W::Id,
        listener: &ChangeListener<W>,
        budget: &ReadBudget,
    ) -> impl Future<Output = ()> + Send;
}

/// What a wait has found out.
#[derive(Clone, Debug)]
pub struct WaitOutcome<W: Waitable> {
    /// The state that was read last.
    pub state: W::State,
    /// When that was, and since when later reads have failed or a change has been announced and not read.
    pub reading: Reading,
    /// Why the last read failed, if that was after `state` was read.
    pub failure: Option<W::Error>,
    /// Whether the wait is over; otherwise the time ran out first.
    pub is_over: bool,
}

/// Waits until `is_over`, or until the time is up. `on_change` is called with the state that is read first, and with each
/// one that has changed.
///
/// # Errors
/// A permanent failure, at once; and when the time is up without one successful read: the last failure, or
/// [`Waitable::not_read`].
pub async fn wait<W: Waitable>(
    source: &impl WaitSource<W>,
    registry: &PollerRegistry<W>,
    id: &W::Id,
    timeout: Duration,
    is_over: impl Fn(&W::State) -> bool,
    mut on_change: impl FnMut(&W::State),
) -> Result<WaitOutcome<W>, W::Error> {
    let mut seen: Option<(W::State, DateTime<Utc>)> = None;
    let (mut failed, mut outdated_since): (Option<W::Error>, Option<DateTime<Utc>>) = (None, None);
    let looking = async {
        loop {
            let mut seat = registry.join(id, source);
            // A poller that ends without a permanent failure has lost its runtime: the next one runs on ours.
            while let Some(Snapshot { state, failure, read_at, failing_since, .. }) = seat.next().await {
                if failure.as_ref().is_some_and(|error| W::failure(error) == ReadFailure::Permanent) {
                    return failure;
                }
                (failed, outdated_since) = (failure, failing_since);
                let Some((state, read_at)) = state.zip(read_at) else { continue };
                if seen.as_ref().is_none_or(|(before, _)| W::has_changed(before, &state)) {
                    on_change(&state);
                }
                let over = is_over(&state);
                seen = Some((state, read_at));
                if over {
                    return None;
                }
            }
        }
    };
    let result = tokio::time::timeout(timeout, looking).await;
    match (result, seen) {
        (Ok(Some(error)), _) => Err(error),
        (_, None) => Err(failed.unwrap_or_else(|| W::not_read(registry.held(id, Instant::now())))),
        (_, Some((state, read_at))) => {
            let is_over = is_over(&state);
            if !is_over && outdated_since.is_none() && registry.is_behind(id) {
                outdated_since = Some(source.now());
            }
            Ok(WaitOutcome { state, reading: Reading { read_at, outdated_since }, failure: failed, is_over })
        }
    }
}
