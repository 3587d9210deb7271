//! Hands verified webhooks on to another receiver, such as a shop under development, with the same bytes and headers.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures::{StreamExt as _, stream::FuturesUnordered};
use payments_webhook::{
    WebhookEvent,
    scheme::bitnovo::{self, TOLERANCE},
};
use tokio::{
    sync::{
        Semaphore,
        broadcast::{self, error::RecvError},
    },
    time::{Instant, timeout_at},
};

use super::delivery::Courier;

/// How often a webhook is sent again, at most.
pub(super) const RETRIES: u32 = 5;
/// Then doubling: 7.75 s in all, so that a receiver may restart.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How many requests are made at once. A payment that waits for its next attempt is not among them, so that those that the
/// receiver does not take hold up no other.
const AT_ONCE: usize = 8;
/// How many payments have a webhook on its way.
const MOST_PAYMENTS: usize = 1024;
/// How many webhooks wait for their turn; beyond that they stay in the receiver's backlog.
const LONGEST_QUEUE: usize = 1024;
/// What a webhook needs to arrive and be verified while its signature is fresh.
const MARGIN: Duration = Duration::from_secs(1);

/// The delivery of one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The receiver took it.
    Delivered { status: u16, attempt: u32 },
    /// There will be another attempt after the pause.
    Again { attempt: u32, pause: Duration, reason: String },
    /// The receiver will not take it, however often it is asked.
    Refused { status: u16 },
    /// No attempt is left, or the receiver would have to refuse it as too old.
    GivenUp { reason: String },
}

/// Whether an event is one to hand on: a genuine webhook in time. What was read from the API has no signature.
pub(super) fn concerns(event: &WebhookEvent) -> bool {
    event.validated() && event.signature().is_some()
}

/// Hands on every such webhook until there are no more: those of one payment one after the other and in the order of
/// their arrival, those of several payments at once.
pub(super) async fn run(
    courier: Courier,
    mut events: broadcast::Receiver<Arc<WebhookEvent>>,
    clock: impl Fn() -> SystemTime,
    report: impl Fn(&WebhookEvent, &Progress),
) {
    let mut queue = Queue::default();
    let requests = Semaphore::new(AT_ONCE);
    let mut on_their_way = FuturesUnordered::new();
    let mut more_come = true;
    loop {
        while on_their_way.len() < MOST_PAYMENTS
            && let Some((payment, parcel)) = queue.next()
        {
            let (courier, requests, report) = (&courier, &requests, &report);
            on_their_way.push(async move {
                hand_on(courier, requests, &parcel, report).await;
                payment
            });
        }
        if !more_come && on_their_way.is_empty() {
            return;
        }
        tokio::select! {
            Some(payment) = on_their_way.next() => queue.done(&payment),
            event = events.recv(), if more_come && queue.waiting < LONGEST_QUEUE => match event {
                Ok(event) if concerns(&event) => queue.add(Parcel::new(event, clock())),
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(
                        missed,
                        "webhooks came faster than they could be forwarded, and were left out"
                    );
                }
                Err(RecvError::Closed) => more_come = false,
            },
        }
    }
}

/// A webhook on its way, and until when it makes sense to send it.
struct Parcel {
    event: Arc<WebhookEvent>,
    deadline: Instant,
}

impl Parcel {
    fn new(event: Arc<WebhookEvent>, now: SystemTime) -> Self {
        let expires_at = event.signed_at().map(|signed_at| signed_at + TOLERANCE);
        let left = expires_at.and_then(|at| at.duration_since(now).ok()).unwrap_or_default();
        // A clock that is set while the parcel waits changes nothing.
        Self { event, deadline: Instant::now() + left.min(TOLERANCE * 2).saturating_sub(MARGIN) }
    }

    /// The payment; a webhook that names none has a turn of its own.
    fn payment(&self) -> &str {
        self.event.identifier().unwrap_or_else(|| self.event.event_id())
    }
}

/// What waits, by payment. A payment is in turn while none of its webhooks is on its way.
#[derive(Default)]
struct Queue {
    by_payment: HashMap<String, VecDeque<Parcel>>,
    turns: VecDeque<String>,
    waiting: usize,
}

impl Queue {
    fn add(&mut self, parcel: Parcel) {
        let payment = parcel.payment().to_owned();
        self.waiting = self.waiting.saturating_add(1);
        self.by_payment
            .entry(payment)
            .or_insert_with_key(|payment| {
                self.turns.push_back(payment.clone());
                VecDeque::new()
            })
            .push_back(parcel);
    }

    fn next(&mut self) -> Option<(String, Parcel)> {
        let payment = self.turns.pop_front()?;
        let parcel = self.by_payment.get_mut(&payment)?.pop_front()?;
        self.waiting = self.waiting.saturating_sub(1);
        Some((payment, parcel))
    }

    /// The webhook of this payment that was on its way is not any more.
    fn done(&mut self, payment: &str) {
        if self.by_payment.get(payment).is_some_and(VecDeque::is_empty) {
            self.by_payment.remove(payment);
        } else {
            self.turns.push_back(payment.to_owned());
        }
    }
}

async fn hand_on(
    courier: &Courier,
    requests: &Semaphore,
    Parcel { event, deadline }: &Parcel,
    report: &impl Fn(&WebhookEvent, &Progress),
) {
    let (Some(signature), Some(signed_at)) = (event.signature(), event.signed_at()) else { return };
    let (nonce, signature) = (bitnovo::nonce(signed_at), signature.to_string());
    let expires = |last: &str| Progress::GivenUp {
        reason: format!(
            "its signature is about to expire, {} s after it was signed{last}",
            TOLERANCE.as_secs()
        ),
    };
    if Instant::now() >= *deadline {
        return report(event, &expires(""));
    }
    let mut pause = FIRST_PAUSE;
    for attempt in 1_u32.. {
        let answer = async {
            let _turn = requests.acquire().await;
            courier.post(&nonce, &signature, event.body().to_vec()).await
        };
        let reason = match timeout_at(*deadline, answer).await {
            Ok(Ok(receipt)) if receipt.is_success() => {
                return report(event, &Progress::Delivered { status: receipt.status, attempt });
            }
            Ok(Ok(receipt)) if !may_change_its_mind(receipt.status) => {
                return report(event, &Progress::Refused { status: receipt.status });
            }
            Ok(Ok(receipt)) => format!("it answers {}", receipt.status),
            Ok(Err(reason)) => reason,
            Err(_) => return report(event, &expires("; it has not answered")),
        };
        if attempt > RETRIES {
            return report(event, &Progress::GivenUp { reason });
        }
        if Instant::now() + pause >= *deadline {
            return report(event, &expires(&format!("; {reason}")));
        }
        report(event, &Progress::Again { attempt, pause, reason });
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2);
    }
}

fn may_change_its_mind(status: u16) -> bool {
    status >= 500 || [408, 425, 429].contains(&status)
}

#[cfg(test)]
mod tests;
