//! `listen`: webhooks as they come, in a terminal, without an agent.

use std::{
    future::pending,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use clap::Args;
use payments_tunnel::{Supervisor, supervisor::TunnelState};
use payments_webhook::WebhookEvent;
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::timeout,
};
use url::Url;
use uuid::Uuid;

use super::{
    check,
    delivery::{Courier, Destination},
    event_text,
    forward::{self, Progress, RETRIES},
    output::Stream,
    refuse, shutdown,
};
use crate::app::App;
use crate::config::Config;
use crate::receiving::reachability::below;
use payments_webhook::scheme::bitnovo::PROVIDER;

/// How long a tunnel stays given up.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(super) struct Listen {
    /// Post each verified webhook to this URL too, with the same bytes and headers: an http address of this machine, or https
    #[arg(long, value_name = "URL")]
    forward_to: Option<Destination>,
    /// Print lines of JSON: first the address, then each event and its delivery
    #[arg(long)]
    json: bool,
}

/// `invented_device`: the sandbox, if there is one, has invented its device, whose id is then no secret.
pub(super) async fn run(config: Config, arguments: Listen, invented_device: bool) -> ExitCode {
    if let Err(code) = check(&config, Some(PROVIDER)) {
        return code;
    }
    let courier = match arguments.forward_to.map(Courier::new).transpose() {
        Ok(courier) => courier,
        Err(message) => return refuse(&message),
    };
    let app = match App::start(config).await {
        Ok(app) => Arc::new(app),
        Err(error) => return refuse(&error.to_string()),
    };
    let webhooks = match app.webhooks() {
        Ok(webhooks) => webhooks,
        Err(failure) => return refuse(&failure.message),
    };
    let receiver = match webhooks.receiver(None) {
        Ok(receiver) => receiver,
        Err(failure) => return refuse(&failure.message),
    };
    let Some(url) = webhooks.local_url(receiver) else {
        return refuse(webhooks.not_receiving().unwrap_or("Webhooks are not received."));
    };
    let end = shutdown::requested();
    // "Listening" is printed once webhooks signed from then on are accepted.
    webhooks.trusting().await;

    let forward_to = courier.as_ref().map(|courier| courier.destination().to_string());
    let page = Arc::new(Page::new(Arc::clone(&app), arguments.json, forward_to.is_some()));
    let events = receiver.receiver.subscribe();
    if let Some(courier) = courier {
        let (page, events) = (Arc::clone(&page), receiver.receiver.subscribe());
        tokio::spawn(forward::run(courier, events, SystemTime::now, move |event, progress| {
            page.forwarded(event, progress)
        }));
    }
    page.ready(&Ready {
        listening: url.as_str(),
        forward_to: forward_to.as_deref(),
        sandbox: app.bitnovo().embedded_sandbox().map(|sandbox| Sandbox {
            base_url: sandbox.base_url(),
            device_id: invented_device.then(|| sandbox.device_id()),
        }),
    });
    tokio::select! {
        () = print(events, &page) => {}
        () = print_addresses(webhooks.tunnel(), receiver.path(), &page) => {}
        () = end => {}
    }
    app.stop().await;
    page.end();
    page.out.finish();
    ExitCode::SUCCESS
}

async fn print(mut events: broadcast::Receiver<Arc<WebhookEvent>>, page: &Page) {
    loop {
        match events.recv().await {
            Ok(event) => page.event(&event),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "webhooks came faster than they could be printed, and were left out");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Prints the public address, and each one that replaces it. The log has the reason why a tunnel is not connected.
async fn print_addresses(tunnel: Option<&Supervisor>, path: &str, page: &Page) {
    let Some(tunnel) = tunnel else { return pending().await };
    let mut changes = tunnel.changes();
    changes.mark_changed();
    let mut printed = None;
    loop {
        // No tool call does it here: a tunnel that was given up is tried again each minute, and the log has the reason.
        match timeout(ASK_AGAIN_AFTER, changes.changed()).await {
            Err(_) if tunnel.status().state == TunnelState::Error => tunnel.ask(),
            Ok(Err(_)) => break,
            Ok(Ok(())) | Err(_) => {}
        }
        let status = changes.borrow_and_update().clone();
        if let Some(base) = status.public_url.filter(|_| status.state == TunnelState::Connected)
            && printed.as_ref() != Some(&base)
        {
            page.address(&below(&base, path));
            printed = Some(base);
        }
    }
    pending().await
}

/// Where webhooks are received from now on.
#[derive(Serialize)]
struct Ready<'a> {
    listening: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    forward_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<Sandbox<'a>>,
}

#[derive(Serialize)]
struct Sandbox<'a> {
    base_url: &'a str,
    /// Absent when it is the one of a real device.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<Uuid>,
}

/// What is printed: lines for people in at most 80 columns, or lines of JSON.
struct Page {
    app: Arc<App>,
    out: Stream,
    json: bool,
    forwarding: bool,
    events: AtomicU32,
    /// Those that are to be forwarded.
    forwardable: AtomicU32,
    delivered: AtomicU32,
    retries: AtomicU32,
}

impl Page {
    fn new(app: Arc<App>, json: bool, forwarding: bool) -> Self {
        let [events, forwardable, delivered, retries] = [0; 4].map(AtomicU32::new);
        Self { app, out: Stream::new(json), json, forwarding, events, forwardable, delivered, retries }
    }

    /// Prints a line that contains words of others, without secrets that they repeat.
    fn line(&self, event: &WebhookEvent, text: String) {
        self.out.line(event_text::masked(self.app.redaction(), event, text));
    }

    fn say(&self, text: &str) {
        if !self.json {
            self.out.line(text);
        }
    }

    fn ready(&self, ready: &Ready<'_>) {
        if self.json {
            self.out.line(serde_json::to_string(ready).unwrap_or_default());
            return;
        }
        if let Some(Sandbox { base_url, device_id }) = &ready.sandbox {
            self.out.line("The sandbox is ready; no money in it is real. In a second terminal:\n");
            self.out.line(format!("export BITNOVO_ENV=sandbox\nexport BITNOVO_BASE_URL={base_url}"));
            if let Some(device_id) = device_id {
                self.out.line(format!("export BITNOVO_DEVICE_ID={device_id}"));
            }
            self.out.line("bitnovo-pay-mcp call create_payment_link '{\"amount_eur\": 5}'\n");
        }
        self.out.line(format!("Listening at {}", ready.listening));
        if let Some(forward_to) = ready.forward_to {
            self.out.line(format!("Forwarding to {forward_to}"));
        }
        self.out.line("Times are UTC. Ctrl-C ends it.\n");
    }

    /// Webhooks arrive at this public address.
    fn address(&self, public_url: &Url) {
        if self.json {
            self.out.line(json!({ "public_url": public_url.as_str() }));
        } else {
            self.out.line(format!("From outside: {public_url}"));
        }
    }

    fn event(&self, event: &WebhookEvent) {
        self.events.fetch_add(1, Relaxed);
        self.forwardable.fetch_add(u32::from(forward::concerns(event)), Relaxed);
        self.line(event, if self.json { event_text::json(event) } else { event_text::line(event) });
    }

    fn forwarded(&self, event: &WebhookEvent, progress: &Progress) {
        match progress {
            Progress::Delivered { .. } => self.delivered.fetch_add(1, Relaxed),
            Progress::Again { .. } => self.retries.fetch_add(1, Relaxed),
            Progress::Refused { .. } | Progress::GivenUp { .. } => 0,
        };
        if self.json {
            let mut line_of_json = match progress {
                Progress::Delivered { status, attempt } => {
                    json!({ "forward": "delivered", "status": status, "attempt": attempt })
                }
                Progress::Again { attempt, reason, .. } => {
                    json!({ "forward": "retry", "attempt": attempt, "reason": reason })
                }
                Progress::Refused { status } => json!({ "forward": "refused", "status": status }),
                Progress::GivenUp { reason } => json!({ "forward": "given_up", "reason": reason }),
            };
            if let Some(object) = line_of_json.as_object_mut() {
                object.insert("event_id".into(), event.event_id().into());
            }
            self.line(event, line_of_json.to_string());
            return;
        }
        let (mark, why) = match progress {
            Progress::Delivered { status, .. } => (status.to_string(), None),
            Progress::Refused { status } => (status.to_string(), Some("refused; not tried again".to_owned())),
            Progress::Again { attempt, pause, reason } => {
                let again = format!("{reason}; retry {attempt} of {RETRIES} in {} ms", pause.as_millis());
                ("failed".to_owned(), Some(again))
            }
            Progress::GivenUp { reason } => ("gave up".to_owned(), Some(reason.clone())),
        };
        let time = event_text::time_of_day(SystemTime::now());
        self.line(event, event_text::row(&time, Some("->"), &mark, event.event_id()));
        if let Some(why) = why {
            self.out.line(event_text::clip(&format!("{:14}{why}", "")));
        }
    }

    fn end(&self) {
        let count = |counter: &AtomicU32| counter.load(Relaxed);
        let events = format!("\nEvents: {}", count(&self.events));
        if !self.forwarding {
            return self.say(&events);
        }
        let (delivered, retries) = (count(&self.delivered), count(&self.retries));
        // Some may have been on their way still.
        let undelivered = count(&self.forwardable).saturating_sub(delivered);
        self.say(&format!(
            "{events}; forwarded: {delivered}, not delivered: {undelivered}, retries: {retries}"
        ));
    }
}
