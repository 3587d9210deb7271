//! One watch over each payment that is waited for, however many wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{
    budget::{Budget, Urgency},
    ear::{Ear, Hints},
    is_permanent,
    news::News,
};
use crate::{Client, Error, Payment};

/// Hints that come faster than this are taken together.
const BREATH: Duration = Duration::from_millis(250);

/// For how long it is known how a payment stood that nobody waits for …
const KEPT_FOR: Duration = Duration::from_secs(300);
/// … and of how many.
const MOST_KEPT: usize = 500;

/// Where a watch learns about payments: the client, and in tests something that needs no network.
pub(crate) trait Source: Clone + Send + Sync + 'static {
    /// What is true now.
    fn read(&self, identifier: Uuid) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// Hears what the API says by itself and passes it on, for as long as it does.
    fn listen(
        &self,
        identifier: Uuid,
        ear: &Ear,
        budget: &Budget,
    ) -> impl Future<Output = ()> + Send;
}

impl Source for Client {
    async fn read(&self, identifier: Uuid) -> Result<Payment, Error> {
        self.orders_info_once(identifier).await
    }

    #[cfg(feature = "websocket")]
    async fn listen(&self, identifier: Uuid, ear: &Ear, budget: &Budget) {
        super::websocket::listen(self, identifier, ear, budget).await;
    }

    #[cfg(not(feature = "websocket"))]
    async fn listen(&self, _: Uuid, _: &Ear, _: &Budget) {}
}

/// The watches of a client. One ends with the last who waits for it, in the middle of a request if need be; what is
/// known of its payment stays a while, because many ask again and again with short waits.
#[derive(Debug)]
pub(crate) struct Watches {
    places: Mutex<HashMap<Uuid, Place>>,
    budget: Arc<Budget>,
}

/// A payment that is waited for, or was a moment ago.
#[derive(Debug)]
struct Place {
    watch: Weak<Watch>,
    /// Of the last watch: what is there can still be read when it has ended.
    news: watch::Receiver<News>,
    hints: Hints,
}

#[derive(Debug)]
struct Watch {
    news: watch::Receiver<News>,
    _task: AbortOnDropHandle<()>,
}

/// One who waits.
#[derive(Debug)]
pub(crate) struct Seat {
    news: watch::Receiver<News>,
    /// When a read must have begun to be shown here.
    oldest: Option<Instant>,
    looked: bool,
    _watch: Arc<Watch>,
}

impl Seat {
    /// What there is at first, and then whatever is new; `None` when the watch has ended.
    pub(crate) async fn next(&mut self) -> Option<News> {
        if std::mem::replace(&mut self.looked, true) {
            self.news.changed().await.ok()?;
        }
        let news = self.news.borrow_and_update().clone();
        Some(news.since(self.oldest))
    }
}

impl Watches {
    pub(crate) fn new() -> Self {
        Self { places: Mutex::default(), budget: Arc::new(Budget::new(Instant::now())) }
    }

    /// Takes a seat at the watch over a payment, which is opened when there is none.
    pub(crate) fn join(&self, identifier: Uuid, source: &impl Source) -> Seat {
        let now = Instant::now();
        let mut places = self.places();
        forget(&mut places, now);
        let place = places.entry(identifier).or_insert_with(|| Place::new(now));
        let watch = place.running().unwrap_or_else(|| {
            let known = place.news.borrow().clone().resumed(now);
            let watch =
                Watch::open(identifier, source.clone(), Arc::clone(&self.budget), known, place.hints.clone());
            let watch = Arc::new(watch);
            (place.watch, place.news) = (Arc::downgrade(&watch), watch.news.clone());
            watch
        });
        let oldest = place.news.borrow().oldest(place.hints.last(), now);
        Seat { news: watch.news.clone(), oldest, looked: false, _watch: watch }
    }

    pub(crate) fn hint(&self, identifier: Uuid) {
        if let Some(place) = self.places().get(&identifier) {
            place.hints.give();
        }
    }

    /// Why the time was up before anything could be read: because the budget held it back, or the API did not answer.
    pub(crate) fn unread(&self, identifier: Uuid) -> Error {
        let places = self.places();
        let Some(news) = places.get(&identifier).map(|place| place.news.borrow()) else { return Error::Timeout };
        let held = self.budget.held(urgency(news.asked), Instant::now());
        match held {
            Some(_) if !news.is_asking() => Error::RateLimited { retry_after: held },
            _ => Error::Timeout,
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Uuid, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the payments that nobody waits for and that were read too long ago, or are too many.
fn forget(places: &mut HashMap<Uuid, Place>, now: Instant) {
    places.retain(|_, place| {
        place.is_open() || place.asked().is_some_and(|asked| now.saturating_duration_since(asked) < KEPT_FOR)
    });
    let mut left: Vec<(Option<Instant>, Uuid)> = places
        .iter()
        .filter(|(_, place)| !place.is_open())
        .map(|(identifier, place)| (place.asked(), *identifier))
        .collect();
    if let Some(too_many @ 1..) = left.len().checked_sub(MOST_KEPT) {
        left.sort_unstable();
        for (_, identifier) in left.iter().take(too_many) {
            places.remove(identifier);
        }
    }
}

impl Place {
    fn new(now: Instant) -> Self {
        let (_, news) = watch::channel(News::new(now));
        Self { watch: Weak::new(), news, hints: Hints::new() }
    }

    fn is_open(&self) -> bool {
        self.watch.strong_count() > 0
    }

    fn running(&self) -> Option<Arc<Watch>> {
        self.watch.upgrade().filter(|watch| !watch.has_ended())
    }

    fn asked(&self) -> Option<Instant> {
        self.news.borrow().asked
    }
}

impl Watch {
    fn open(identifier: Uuid, source: impl Source, budget: Arc<Budget>, known: News, hints: Hints) -> Self {
        let (tell, news) = watch::channel(known);
        let ear = Ear::new(news.clone(), hints);
        let task = tokio::spawn(async move {
            let listening = async {
                source.listen(identifier, &ear, &budget).await;
                std::future::pending().await
            };
            tokio::select! {
                () = keep(identifier, &source, &budget, &ear, &tell) => {}
                () = listening => {}
            }
        });
        Self { news, _task: AbortOnDropHandle::new(task) }
    }

    fn has_ended(&self) -> bool {
        self.news.has_changed().is_err()
    }
}

/// How much a read matters that nothing has asked for but time.
fn urgency(asked: Option<Instant>) -> Urgency {
    if asked.is_some() { Urgency::Routine } else { Urgency::First }
}

/// Reads the payment again and again, until that makes no sense any more.
async fn keep(
    identifier: Uuid,
    source: &impl Source,
    budget: &Budget,
    ear: &Ear,
    tell: &watch::Sender<News>,
) {
    let News { mut asked, due, mut pace, .. } = tell.borrow().clone();
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
            budget.turn(Urgency::News).await;
        };
        tokio::select! {
            () = routine => {}
            () = hinted => {}
        }
        let began = Instant::now();
        asked = Some(began);
        // No news to whoever waits, but to whoever comes.
        tell.send_if_modified(|news| {
            news.ask(began);
            false
        });
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
    }
}
