//! Signs each change and posts it to the merchant, once and without a retry, as the provider does.
//!
//! The nonce is the wall clock's time and not the simulated one, because receivers compare it with their own clock.
//! Two payments of one second share it. Deliveries of one payment follow each other; those of several do not wait.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use payments_webhook::scheme::bitnovo::{self, NONCE_HEADER, SIGNATURE_HEADER, Secret};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;
use uuid::Uuid;

use crate::clock::TimeSource;

/// How long the receiver has to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The oldest deliveries go beyond this many.
const MOST: usize = 10_000;

/// One attempt to notify the merchant of a change.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    pub(crate) id: u64,
    pub(crate) identifier: Uuid,
    /// 1 at first, then one more with each redelivery.
    pub(crate) attempt: u32,
    /// Null while no receiver was set.
    pub(crate) url: Option<Url>,
    /// What the receiver answered; null while it has not.
    pub(crate) status: Option<u16>,
    /// Why there is no answer; null while there may still be one.
    pub(crate) error: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) signature: Option<String>,
    /// The bytes that were signed and sent.
    pub(crate) body: String,
}

/// The sender of webhooks.
#[derive(Clone)]
pub(crate) struct WebhookSender(Arc<Sender>);

struct Sender {
    secret: Secret,
    wall_clock: TimeSource,
    http: reqwest::Client,
    outbox: Mutex<Outbox>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

#[derive(Default)]
struct Outbox {
    url: Option<Url>,
    last_id: u64,
    deliveries: VecDeque<Delivery>,
    /// For each payment the end of its last delivery, which the next one waits for.
    ends: HashMap<Uuid, oneshot::Receiver<()>>,
}

impl WebhookSender {
    /// A sender that signs with `secret`.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub(crate) fn new(
        secret: Secret,
        wall_clock: TimeSource,
        url: Option<Url>,
        tasks: TaskTracker,
        stopping: CancellationToken,
    ) -> Result<Self, reqwest::Error> {
        // Fails only where the program has one already. Without one, building the client panics.
        #[cfg(feature = "rustls")]
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        let outbox = Mutex::new(Outbox { url, ..Outbox::default() });
        Ok(Self(Arc::new(Sender { secret, wall_clock, http, outbox, tasks, stopping })))
    }

    pub(crate) fn url(&self) -> Option<Url> {
        self.0.outbox().url.clone()
    }

    /// Sends webhooks to `url` from now on; `None` means no receiver.
    pub(crate) fn set_url(&self, url: Option<Url>) {
        self.0.outbox().url = url;
    }

    /// Forgets all deliveries. The receiver stays.
    pub(crate) fn reset(&self) {
        self.0.outbox().deliveries.clear();
    }

    /// All deliveries, oldest first.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.0.outbox().deliveries.iter().cloned().collect()
    }

    /// Notifies the merchant of a change of the payment `identifier`, after earlier changes.
    pub(crate) fn send(&self, identifier: Uuid, body: String) {
        self.queue(identifier, body, 1);
    }

    /// Sends the body of a delivery again, signed anew. `None` when there is no such delivery.
    pub(crate) fn redeliver(&self, id: u64) -> Option<Delivery> {
        let earlier = self.0.outbox().deliveries.iter().find(|delivery| delivery.id == id).cloned()?;
        Some(self.queue(earlier.identifier, earlier.body, earlier.attempt.saturating_add(1)))
    }

    fn queue(&self, identifier: Uuid, body: String, attempt: u32) -> Delivery {
        let mut outbox = self.0.outbox();
        outbox.last_id = outbox.last_id.wrapping_add(1);
        let delivery = Delivery {
            id: outbox.last_id,
            identifier,
            attempt,
            url: outbox.url.clone(),
            status: None,
            error: None,
            nonce: None,
            signature: None,
            body,
        };
        if outbox.deliveries.len() >= MOST {
            outbox.deliveries.pop_front();
        }
        outbox.deliveries.push_back(delivery.clone());
        let (end, ended) = oneshot::channel();
        let before = outbox.ends.insert(identifier, ended);
        let (sender, mine) = (Arc::clone(&self.0), delivery.clone());
        self.0.tasks.spawn(async move {
            if let Some(before) = before {
                // An error is an end too: the delivery before was dropped.
                let _ = before.await;
            }
            sender.deliver(mine).await;
            let _ = end.send(());
        });
        delivery
    }
}

impl Sender {
    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, id: u64, change: impl FnOnce(&mut Delivery)) {
        if let Some(delivery) = self.outbox().deliveries.iter_mut().rev().find(|delivery| delivery.id == id) {
            change(delivery);
        }
    }

    async fn deliver(&self, delivery: Delivery) {
        let Delivery { id, url, body, .. } = delivery;
        // Signed when it is sent: a delivery that waited would arrive stale.
        let nonce = bitnovo::nonce((self.wall_clock)());
        let signature = bitnovo::sign(&self.secret, &nonce, body.as_bytes()).to_string();
        self.note(id, |delivery| {
            delivery.nonce = Some(nonce.clone());
            delivery.signature = Some(signature.clone());
        });
        let Some(url) = url else {
            let error = "no receiver is set: PUT /_sandbox/webhook {\"url\": …}, then redeliver";
            self.note(id, |delivery| delivery.error = Some(error.to_owned()));
            return;
        };
        let request = self
            .http
            .post(url)
            .header("Content-Type", "application/json")
            .header(NONCE_HEADER, nonce)
            .header(SIGNATURE_HEADER, signature)
            .body(body);
        let outcome = tokio::select! {
            outcome = request.send() => outcome.map(|answer| answer.status().as_u16()).map_err(|error| reason(&error)),
            () = self.stopping.cancelled() => Err("the sandbox was stopped".to_owned()),
        };
        self.note(id, |delivery| match outcome {
            Ok(status) => delivery.status = Some(status),
            Err(error) => delivery.error = Some(error),
        });
    }
}

/// The innermost cause: "connection refused" is more useful than "error sending request".
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
