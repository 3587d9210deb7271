//! `listen`: webhooks as they come, in a terminal, without an agent.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::SystemTime,
};

use bitnovo_pay_webhook::WebhookEvent;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::broadcast::{self, error::RecvError},
};
use uuid::Uuid;

use super::{
    delivery::{Courier, Destination},
    event_text,
    forward::{self, Progress, RETRIES},
    not_configured,
    output::line,
    refuse,
};
use crate::{app::App, config::Config};

#[derive(Args)]
pub(super) struct Listen {
    /// Post each verified webhook there too, with the same bytes and headers: an http address of this machine, or https
    #[arg(long, value_name = "URL")]
    forward_to: Option<Destination>,
    /// Print lines of JSON: first where it listens, then each event, and what became of it on its way
    #[arg(long)]
    json: bool,
}

/// `invented_device`: the sandbox, if there is one, has invented its device, whose id is then no secret.
pub(super) async fn run(config: Config, arguments: Listen, invented_device: bool) -> ExitCode {
    if !config.problems.is_empty() {
        return not_configured(&config);
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
    let Some(url) = webhooks.local_url() else {
        return refuse(webhooks.deaf().unwrap_or("Webhooks are not received."));
    };
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return refuse("Cannot listen for SIGTERM.");
    };

    let page = Arc::new(Page::new(Arc::clone(&app), arguments.json));
    let events = webhooks.receiver().subscribe();
    if let Some(courier) = courier {
        let (page, events) = (Arc::clone(&page), webhooks.receiver().subscribe());
        page.say(&format!("Forwarding to {}", courier.destination()));
        tokio::spawn(forward::run(courier, events, move |event, progress| page.forwarded(event, progress)));
    }
    page.ready(&Ready {
        listening: url.as_str(),
        public_url: webhooks.settings().public_url.as_ref().map(url::Url::as_str),
        sandbox: app.embedded_sandbox().map(|sandbox| Sandbox {
            base_url: sandbox.base_url(),
            device_id: invented_device.then(|| sandbox.device_id()),
        }),
    });
    tokio::select! {
        () = print(events, &page) => {}
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    app.stop().await;
    page.end();
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

/// Where webhooks are received from now on.
#[derive(Serialize)]
struct Ready<'a> {
    listening: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<&'a str>,
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
    json: bool,
    events: AtomicU32,
    delivered: AtomicU32,
    retries: AtomicU32,
    lost: AtomicU32,
}

impl Page {
    fn new(app: Arc<App>, json: bool) -> Self {
        let [events, delivered, retries, lost] = [0; 4].map(AtomicU32::new);
        Self { app, json, events, delivered, retries, lost }
    }

    /// Prints a line that holds what others wrote; a secret that they repeat is taken out of it.
    fn line(&self, text: String) {
        line(self.app.masks().masked(&text).unwrap_or(text));
    }

    fn say(&self, text: &str) {
        if !self.json {
            line(text);
        }
    }

    fn ready(&self, ready: &Ready<'_>) {
        if self.json {
            line(serde_json::to_string(ready).unwrap_or_default());
            return;
        }
        if let Some(Sandbox { base_url, device_id }) = &ready.sandbox {
            line("The sandbox is ready; no money in it is real. In a second terminal:\n");
            line(format!("export BITNOVO_ENV=sandbox\nexport BITNOVO_BASE_URL={base_url}"));
            if let Some(device_id) = device_id {
                line(format!("export BITNOVO_DEVICE_ID={device_id}"));
            }
            line("bitnovo-pay-mcp call create_payment_link '{\"amount_eur\": 5}'\n");
        }
        line(format!("Listening at {}", ready.listening));
        if let Some(public_url) = ready.public_url {
            line(format!("From outside: {public_url}"));
        }
        line("Times are UTC. Ctrl-C ends it.\n");
    }

    fn event(&self, event: &WebhookEvent) {
        self.events.fetch_add(1, Relaxed);
        self.line(if self.json { event_text::json(event) } else { event_text::line(event) });
    }

    fn forwarded(&self, event: &WebhookEvent, progress: &Progress) {
        let counter = match progress {
            Progress::Delivered { .. } => &self.delivered,
            Progress::Again { .. } => &self.retries,
            Progress::Refused { .. } | Progress::GivenUp { .. } => &self.lost,
        };
        counter.fetch_add(1, Relaxed);
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
            self.line(line_of_json.to_string());
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
        self.line(event_text::row(
            &event_text::time_of_day(SystemTime::now()),
            Some("->"),
            &mark,
            event.event_id(),
        ));
        if let Some(why) = why {
            line(event_text::clip(&format!("{:14}{why}", "")));
        }
    }

    fn end(&self) {
        let count = |counter: &AtomicU32| counter.load(Relaxed);
        let (delivered, retries, lost) = (count(&self.delivered), count(&self.retries), count(&self.lost));
        self.say(&format!(
            "\n{} events; forwarded: {delivered}, retries: {retries}, not delivered: {lost}.",
            count(&self.events)
        ));
    }
}
