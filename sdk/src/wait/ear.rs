//! Where a watch hears that something may have changed. What is heard is never believed: it only decides when to read.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{Notify, watch};

use super::{has_changed, news::News};
use crate::Payment;

#[derive(Debug)]
pub(crate) struct Ear {
    news: watch::Receiver<News>,
    hints: Arc<Notify>,
    told: AtomicBool,
}

impl Ear {
    pub(crate) fn new(news: watch::Receiver<News>, hints: Arc<Notify>) -> Self {
        Self { news, hints, told: AtomicBool::new(false) }
    }

    /// Until the next hint, or at once when there was one since the last.
    pub(crate) async fn hint(&self) {
        self.hints.notified().await;
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
        if self.news.borrow().payment.as_ref().is_none_or(|known| has_changed(known, told)) {
            self.hints.notify_one();
        }
    }

    /// Nothing is told any more.
    pub(crate) fn close(&self) {
        self.told.store(false, Ordering::Relaxed);
    }
}
