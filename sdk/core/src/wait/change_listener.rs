//! Where a watch hears that something may have changed. What is heard is never believed: it only decides when to read.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::{sync::watch, time::Instant};

use super::{has_changed, snapshot::Snapshot};
use crate::Payment;

/// The last hint that a payment may have changed. It outlives the watch, so that none is lost while nobody waits.
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

    /// Until there is one after this.
    async fn after(&self, asked: Option<Instant>) {
        // There is no error while this holds the sender.
        let _ = self.0.subscribe().wait_for(|hinted| *hinted > asked).await;
    }
}

#[derive(Debug)]
pub(crate) struct ChangeListener {
    news: watch::Receiver<Snapshot>,
    hints: Hints,
    told: AtomicBool,
    /// What was told while the payment was being read, which may have shown it.
    meanwhile: Mutex<Option<Payment>>,
}

impl ChangeListener {
    pub(crate) fn new(news: watch::Receiver<Snapshot>, hints: Hints) -> Self {
        Self { news, hints, told: AtomicBool::new(false), meanwhile: Mutex::default() }
    }

    /// Until a hint that no read which began then can know of.
    pub(crate) async fn hint(&self, asked: Option<Instant>) {
        self.hints.after(asked).await;
    }

    /// Whether the API tells changes by itself.
    pub(crate) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// Until the payment has been read for the first time; before that there may be none.
    pub(crate) async fn open(&self) {
        // An error means that the watch ends, and this with it.
        let _ = self.news.clone().wait_for(|news| news.payment.is_some()).await;
    }

    /// The API has told a payment: a reason to read it, unless that is what was read last.
    pub(crate) fn hear(&self, told: &Payment) {
        self.told.store(true, Ordering::Relaxed);
        let news = self.news.borrow();
        if news.is_asking() {
            *self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner) = Some(told.clone());
        } else if news.payment.as_ref().is_none_or(|known| has_changed(known, told)) {
            self.hints.give();
        }
    }

    /// A read has ended: what was told meanwhile is a reason for another only if this one did not show it.
    pub(crate) fn read(&self) {
        let told = self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(told) = told {
            self.hear(&told);
        }
    }

    /// Nothing is told any more.
    pub(crate) fn close(&self) {
        self.told.store(false, Ordering::Relaxed);
    }
}
