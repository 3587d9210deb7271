//! The task that reads one thing for all callers that wait for it.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    ReadFailure, WaitSource, Waitable,
    budget::{ReadBudget, Urgency},
    change_listener::{ChangeListener, Hints},
    snapshot::Snapshot,
};

/// Hints that come faster than this are taken together.
const HINT_WINDOW: Duration = Duration::from_millis(250);

/// Ends when its last holder drops it, in the middle of a request if need be.
#[derive(Debug)]
pub(crate) struct Poller<W: Waitable> {
    pub(crate) snapshots: watch::Receiver<Snapshot<W>>,
    _task: AbortOnDropHandle<()>,
}

impl<W: Waitable> Poller<W> {
    pub(crate) fn start(
        id: W::Id,
        source: impl WaitSource<W>,
        budget: Arc<ReadBudget>,
        known: Snapshot<W>,
        hints: Hints,
    ) -> Self {
        let (publisher, snapshots) = watch::channel(known);
        let listener = ChangeListener::new(snapshots.clone(), hints);
        let task = tokio::spawn(async move {
            let listening = async {
                if !publisher.borrow().silent {
                    source.listen(&id, &listener, &budget).await;
                    change_quietly(&publisher, |snapshot| snapshot.silent = true);
                }
                std::future::pending().await
            };
            tokio::select! {
                () = poll(&id, &source, &budget, &listener, &publisher) => {}
                () = listening => {}
            }
        });
        Self { snapshots, _task: AbortOnDropHandle::new(task) }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.snapshots.has_changed().is_err()
    }
}

/// How much a read matters that is due and for which no change was announced.
pub(crate) fn urgency(asked: Option<Instant>) -> Urgency {
    if asked.is_some() { Urgency::Routine } else { Urgency::First }
}

/// Changes what only later callers see.
fn change_quietly<W: Waitable>(
    publisher: &watch::Sender<Snapshot<W>>,
    change: impl FnOnce(&mut Snapshot<W>),
) {
    publisher.send_if_modified(|snapshot| {
        change(snapshot);
        false
    });
}

/// Reads again and again, until a permanent failure.
async fn poll<W: Waitable>(
    id: &W::Id,
    source: &impl WaitSource<W>,
    budget: &ReadBudget,
    listener: &ChangeListener<W>,
    publisher: &watch::Sender<Snapshot<W>>,
) {
    let Snapshot { mut asked, due, mut interval, .. } = publisher.borrow().clone();
    let mut due = due.unwrap_or_else(Instant::now);
    loop {
        let routine = async {
            sleep_until(due).await;
            budget.turn(urgency(asked)).await;
        };
        let hinted = async {
            listener.hint(asked).await;
            if let Some(asked) = asked {
                sleep_until(asked + HINT_WINDOW).await;
            }
            budget.turn(Urgency::Change).await;
        };
        tokio::select! {
            () = routine => {}
            () = hinted => {}
        }
        let began = Instant::now();
        asked = Some(began);
        let wall = source.now();
        change_quietly(publisher, |snapshot| snapshot.ask(began, wall));
        let answer = source.read(id).await;
        match answer.as_ref().err().map(W::failure) {
            Some(ReadFailure::RateLimited(retry_after)) => budget.hold(retry_after),
            Some(ReadFailure::Permanent) => {
                publisher.send_modify(|snapshot| snapshot.learn(answer));
                return;
            }
            Some(ReadFailure::Passing) | None => {}
        }
        let now = Instant::now();
        due = now + interval.pause(now, listener.announces(), rand::random_range(80..=100));
        publisher.send_modify(|snapshot| {
            (snapshot.due, snapshot.interval) = (Some(due), interval);
            snapshot.learn(answer);
        });
        listener.read_ended();
    }
}
