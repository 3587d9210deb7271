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
use serde_json::{Value, json};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::broadcast::{self, error::RecvError},
};

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
        Ok(app) => app,
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

    let page = Arc::new(Page { json: arguments.json, ..Page::default() });
    let events = webhooks.receiver().subscribe();
    if let Some(courier) = courier {
        let (page, events) = (Arc::clone(&page), webhooks.receiver().subscribe());
        page.say(&format!("Forwarding to {}", courier.destination()));
        tokio::spawn(forward::run(courier, events, move |event, progress| page.forwarded(event, progress)));
    }
    if let Some(sandbox) = app.embedded_sandbox() {
        page.sandbox(sandbox.base_url(), invented_device.then(|| sandbox.device_id().to_string()));
    }
    let public_url = webhooks.address().ok().map(|address| address.url).filter(|public| *public != url);
    page.ready(url.as_str(), public_url.as_ref().map(url::Url::as_str));
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

/// What is printed: lines for people in at most 80 columns, or lines of JSON.
#[derive(Default)]
struct Page {
    json: bool,
    sandbox: std::sync::OnceLock<Value>,
    events: AtomicU32,
    delivered: AtomicU32,
    retries: AtomicU32,
    lost: AtomicU32,
}

impl Page {
    fn say(&self, text: &str) {
        if !self.json {
            line(text);
        }
    }

    fn sandbox(&self, base_url: &str, device_id: Option<String>) {
        let _ = self.sandbox.set(json!({ "base_url": base_url, "device_id": device_id }));
        self.say("The sandbox is ready; no money in it is real. In a second terminal:\n");
        self.say("export BITNOVO_ENV=sandbox");
        self.say(&format!("export BITNOVO_BASE_URL={base_url}"));
        if let Some(device_id) = device_id {
            self.say(&format!("export BITNOVO_DEVICE_ID={device_id}"));
        }
        self.say("bitnovo-pay-mcp call create_payment_link '{\"amount_eur\": 5}'\n");
    }

    fn ready(&self, url: &str, public_url: Option<&str>) {
        if self.json {
            let mut ready = json!({ "listening": url });
            let additions = [("public_url", public_url.map(Value::from)), ("sandbox", self.sandbox.get().cloned())];
            if let Some(ready) = ready.as_object_mut() {
                ready.extend(additions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
            }
            line(ready);
            return;
        }
        line(format!("Listening at {url}"));
        if let Some(public_url) = public_url {
            line(format!("From outside: {public_url}"));
        }
        line("Times are UTC. Ctrl-C ends it.\n");
    }

    fn event(&self, event: &WebhookEvent) {
        self.events.fetch_add(1, Relaxed);
        line(if self.json { event_text::json(event) } else { event_text::line(event) });
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
            line(line_of_json);
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
        line(event_text::row(&event_text::time_of_day(SystemTime::now()), Some("->"), &mark, event.event_id()));
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
