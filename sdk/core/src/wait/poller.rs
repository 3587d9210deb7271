//! The watch over one payment.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{
    budget::{Budget, Urgency},
    change_listener::{ChangeListener, Hints},
    is_permanent,
    snapshot::Snapshot,
};
use crate::{Client, Error, Payment};

/// Hints that come faster than this are taken together.
const BREATH: Duration = Duration::from_millis(250);

/// Where a watch learns about payments: the client, and in tests something that needs no network.
pub(crate) trait Source: Clone + Send + Sync + 'static {
    /// What is true now.
    fn read(&self, identifier: Uuid) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// The wall clock.
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// Hears what the API says by itself and passes it on, for as long as it does.
    fn listen(
        &self,
        identifier: Uuid,
        ear: &ChangeListener,
        budget: &Budget,
    ) -> impl Future<Output = ()> + Send;
}

impl Source for Client {
    async fn read(&self, identifier: Uuid) -> Result<Payment, Error> {
        self.orders_info_once(identifier).await
    }

    #[cfg(feature = "websocket")]
    async fn listen(&self, identifier: Uuid, ear: &ChangeListener, budget: &Budget) {
        super::websocket::listen(self, identifier, ear, budget).await;
    }

    #[cfg(not(feature = "websocket"))]
    async fn listen(&self, _: Uuid, _: &ChangeListener, _: &Budget) {}
}

/// One ends with the last who holds it, in the middle of a request if need be.
#[derive(Debug)]
pub(crate) struct Poller {
    pub(crate) news: watch::Receiver<Snapshot>,
    _task: AbortOnDropHandle<()>,
}

impl Poller {
    pub(crate) fn open(
        identifier: Uuid,
        source: impl Source,
        budget: Arc<Budget>,
        known: Snapshot,
        hints: Hints,
    ) -> Self {
        let (tell, news) = watch::channel(known);
        let ear = ChangeListener::new(news.clone(), hints);
        let task = tokio::spawn(async move {
            let listening = async {
                if !tell.borrow().silent {
                    source.listen(identifier, &ear, &budget).await;
                    change_quietly(&tell, |news| news.silent = true);
                }
                std::future::pending().await
            };
            tokio::select! {
                () = keep(identifier, &source, &budget, &ear, &tell) => {}
                () = listening => {}
            }
        });
        Self { news, _task: AbortOnDropHandle::new(task) }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.news.has_changed().is_err()
    }
}

/// How much a read matters that nothing has asked for but time.
pub(crate) fn urgency(asked: Option<Instant>) -> Urgency {
    if asked.is_some() { Urgency::Routine } else { Urgency::First }
}

/// Changes what only those learn who come later.
fn change_quietly(tell: &watch::Sender<Snapshot>, change: impl FnOnce(&mut Snapshot)) {
    tell.send_if_modified(|news| {
        change(news);
        false
    });
}

/// Reads the payment again and again, until that makes no sense any more.
async fn keep(
    identifier: Uuid,
    source: &impl Source,
    budget: &Budget,
    ear: &ChangeListener,
    tell: &watch::Sender<Snapshot>,
) {
    let Snapshot { mut asked, due, mut pace, .. } = tell.borrow().clone();
    let mut due = due.unwrap_or_else(Instant::now);
    loop {
        let routine = async {
            sleep_until(due).await;
            budget.turn(urgency(asked)).await;
        };
        let hinted = async {
            ear.hint(asked).await;
            if let Some(asked) = asked {
                sleep_until(asked + BREATH).await;
            }
            budget.turn(Urgency::Snapshot).await;
        };
        tokio::select! {
            () = routine => {}
            () = hinted => {}
        }
        let began = Instant::now();
        asked = Some(began);
        let wall = source.now();
        change_quietly(tell, |news| news.ask(began, wall));
        let answer = source.read(identifier).await;
        if let Err(Error::RateLimited { retry_after }) = answer {
            budget.hold(retry_after);
        }
        if answer.as_ref().is_err_and(is_permanent) {
            tell.send_modify(|news| news.learn(answer));
            return;
        }
        let now = Instant::now();
        due = now + pace.pause(now, ear.is_told(), rand::random_range(80..=100));
        tell.send_modify(|news| {
            (news.due, news.pace) = (Some(due), pace);
            news.learn(answer);
        });
        ear.read();
    }
}
