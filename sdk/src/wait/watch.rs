//! One watch over each payment that is waited for, however many wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{
    budget::{Budget, Urgency},
    ear::Ear,
    is_permanent,
    news::News,
    pace::Pace,
};
use crate::{Client, Error, Payment};

/// Hints that come faster than this are taken together.
const BREATH: Duration = Duration::from_millis(250);

/// Where a watch learns about payments: the client, and in tests something that needs no network.
pub(crate) trait Source: Clone + Send + Sync + 'static {
    /// What is true now.
    fn read(&self, identifier: Uuid) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// Hears what the API says by itself and passes it on, for as long as it does.
    fn listen(&self, identifier: Uuid, ear: &Ear) -> impl Future<Output = ()> + Send;
}

impl Source for Client {
    async fn read(&self, identifier: Uuid) -> Result<Payment, Error> {
        self.orders_info_once(identifier).await
    }

    #[cfg(feature = "websocket")]
    async fn listen(&self, identifier: Uuid, ear: &Ear) {
        super::websocket::listen(self, identifier, ear).await;
    }

    #[cfg(not(feature = "websocket"))]
    async fn listen(&self, _: Uuid, _: &Ear) {}
}

/// The watches of a client. One ends with the last who waits for it, in the middle of a request if need be.
#[derive(Debug)]
pub(crate) struct Watches {
    open: Mutex<HashMap<Uuid, Weak<Watch>>>,
    budget: Arc<Budget>,
}

#[derive(Debug)]
struct Watch {
    hints: Arc<Notify>,
    news: watch::Receiver<News>,
    _task: AbortOnDropHandle<()>,
}

/// One who waits.
#[derive(Debug)]
pub(crate) struct Seat {
    news: watch::Receiver<News>,
    looked: bool,
    _watch: Arc<Watch>,
}

impl Seat {
    /// What there is at first, and then whatever is new; `None` when the watch has ended.
    pub(crate) async fn next(&mut self) -> Option<News> {
        if std::mem::replace(&mut self.looked, true) {
            self.news.changed().await.ok()?;
        }
        Some(self.news.borrow_and_update().clone())
    }
}

impl Watches {
    pub(crate) fn new() -> Self {
        Self { open: Mutex::default(), budget: Arc::new(Budget::new(Instant::now())) }
    }

    /// Takes a seat at the watch over a payment, which is opened when there is none.
    pub(crate) fn join(&self, identifier: Uuid, source: &impl Source) -> Seat {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, watch| watch.strong_count() > 0);
        let running = open.get(&identifier).and_then(Weak::upgrade).filter(|watch| !watch.has_ended());
        let watch = running.unwrap_or_else(|| {
            let watch = Arc::new(Watch::open(identifier, source.clone(), Arc::clone(&self.budget)));
            open.insert(identifier, Arc::downgrade(&watch));
            watch
        });
        Seat { news: watch.news.clone(), looked: false, _watch: watch }
    }

    pub(crate) fn hint(&self, identifier: Uuid) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = open.get(&identifier).and_then(Weak::upgrade) {
            watch.hints.notify_one();
        }
    }
}

impl Watch {
    fn open(identifier: Uuid, source: impl Source, budget: Arc<Budget>) -> Self {
        let (tell, news) = watch::channel(News::default());
        let hints = Arc::new(Notify::new());
        let ear = Ear::new(news.clone(), Arc::clone(&hints));
        let task = tokio::spawn(async move {
            tokio::select! {
                () = keep(identifier, &source, &budget, &ear, &tell) => {}
                () = async { source.listen(identifier, &ear).await; std::future::pending().await } => {}
            }
        });
        Self { hints, news, _task: AbortOnDropHandle::new(task) }
    }

    fn has_ended(&self) -> bool {
        self.news.has_changed().is_err()
    }
}

/// Reads the payment again and again, until that makes no sense any more.
async fn keep(
    identifier: Uuid,
    source: &impl Source,
    budget: &Budget,
    ear: &Ear,
    tell: &watch::Sender<News>,
) {
    let mut pace = Pace::new(Instant::now());
    budget.turn(Urgency::First).await;
    loop {
        let began = Instant::now();
        match source.read(identifier).await {
            Ok(payment) => {
                tell.send_replace(News { payment: Some(payment), failure: None });
            }
            Err(error) => {
                if let Error::RateLimited { retry_after } = error {
                    budget.hold(retry_after);
                }
                let permanent = is_permanent(&error);
                tell.send_modify(|news| news.failure = Some(error));
                if permanent {
                    return;
                }
            }
        }
        let pause = pace.pause(Instant::now(), ear.is_told(), rand::random_range(80..=100));
        let routine = async {
            sleep(pause).await;
            budget.turn(Urgency::Routine).await;
        };
        tokio::select! {
            () = routine => {}
            () = ear.hint() => {
                sleep_until(began + BREATH).await;
                budget.turn(Urgency::News).await;
            }
        }
    }
}
