//! Announcements that something may have changed. An announcement only decides when to read; its content is never used as
//! the state.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::{sync::watch, time::Instant};

use super::{Waitable, snapshot::Snapshot};

/// The last hint that the state may have changed. It outlives the poller, so that none is lost while no caller waits.
#[derive(Clone, Debug)]
pub(crate) struct Hints(watch::Sender<Option<Instant>>);

impl Hints {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    pub(crate) fn give(&self) {
        self.0.send_replace(Some(Instant::now()));
    }

    pub(crate) fn last(&self) -> Option<Instant> {
        *self.0.borrow()
    }

    /// Waits for a hint after this.
    async fn after(&self, asked: Option<Instant>) {
        // There is no error while this holds the sender.
        let _ = self.0.subscribe().wait_for(|hinted| *hinted > asked).await;
    }
}

/// Takes what the provider announces of one thing.
#[derive(Debug)]
pub struct ChangeListener<W: Waitable> {
    snapshots: watch::Receiver<Snapshot<W>>,
    hints: Hints,
    announces: AtomicBool,
    /// What was announced during a read, which may have shown it.
    meanwhile: Mutex<Option<W::State>>,
}

impl<W: Waitable> ChangeListener<W> {
    pub(crate) fn new(snapshots: watch::Receiver<Snapshot<W>>, hints: Hints) -> Self {
        Self { snapshots, hints, announces: AtomicBool::new(false), meanwhile: Mutex::default() }
    }

    /// Waits for a hint that no read which began then can know of.
    pub(crate) async fn hint(&self, asked: Option<Instant>) {
        self.hints.after(asked).await;
    }

    /// Whether the provider announces changes by itself.
    pub(crate) fn announces(&self) -> bool {
        self.announces.load(Ordering::Relaxed)
    }

    /// Waits for the first successful read; before that there may be nothing to listen to.
    pub async fn first_read(&self) {
        // An error means that the poller ends, and this with it.
        let _ = self.snapshots.clone().wait_for(|snapshot| snapshot.state.is_some()).await;
    }

    /// Takes an announced state: a reason to read, unless that is what was read last.
    pub fn announce(&self, announced: &W::State) {
        self.announces.store(true, Ordering::Relaxed);
        let snapshot = self.snapshots.borrow();
        if snapshot.is_asking() {
            *self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner) = Some(announced.clone());
        } else if snapshot.state.as_ref().is_none_or(|known| W::has_changed(known, announced)) {
            self.hints.give();
        }
    }

    /// A read has ended: what was announced meanwhile is a reason for another only if this one did not show it.
    pub(crate) fn read_ended(&self) {
        let announced = self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(announced) = announced {
            self.announce(&announced);
        }
    }

    /// Nothing is announced any more.
    pub fn close(&self) {
        self.announces.store(false, Ordering::Relaxed);
    }
}
