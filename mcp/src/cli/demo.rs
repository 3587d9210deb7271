//! `demo`: a whole sale on the sandbox, step by step. What a newcomer runs first.
//!
//! Each step is a tool call as an agent makes it, and succeeds only when the result is the expected one. The process exits
//! 0 only if every step succeeded. docs/demo.svg is a picture of the output, and a test compares the two.

mod words;

use std::{io::IsTerminal as _, process::ExitCode, sync::Arc, time::Duration};

use payments_webhook::WebhookEvent;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;

use self::words::Words;
use super::{check, exit, output, refuse};
use crate::answer::failure::Failure;
use crate::app::App;
use crate::bitnovo::sandbox_control::SandboxControl;
use crate::config::Config;
use crate::protocol::route::Caller;
use crate::protocol::server::Server;
use payments_webhook::scheme::bitnovo::PROVIDER;

/// How long a webhook of the sandbox may take.
const PATIENCE: Duration = Duration::from_secs(10);

const BOLD: &str = "1";
const DIM: &str = "2";
const CYAN: &str = "36";

/// A value that the next step needs, or why there is none.
type Step<T> = Result<T, String>;

pub(super) async fn run(config: Config, json: bool) -> ExitCode {
    if let Err(code) = check(&config, Some(PROVIDER)) {
        return code;
    }
    let app = match App::start(config).await {
        Ok(app) => app,
        Err(error) => return refuse(&error.to_string()),
    };
    let control = match app.bitnovo().sandbox_control() {
        Ok(control) => control,
        Err(failure) => return refuse(&failure.message),
    };
    let words = Words::of(app.config().forms.language);
    let colour = !json && std::io::stdout().is_terminal();
    let page = Page { json, colour, chapter: 0, steps: Vec::new(), words };
    let events = match app.webhooks() {
        Ok(webhooks) => {
            webhooks.trusting().await;
            webhooks.receiver(None).map(|only| only.receiver.subscribe())
        }
        Err(failure) => Err(failure),
    };
    let events = match events {
        Ok(events) => events,
        Err(failure) => return refuse(&failure.message),
    };
    let mut story = Story { server: app.server(), control, events, page };
    let held = story.play().await;
    app.stop().await;
    story.page.end(&held);
    match held {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(exit::REFUSED),
    }
}

struct Story {
    server: Server,
    control: SandboxControl,
    events: broadcast::Receiver<Arc<WebhookEvent>>,
    page: Page,
}

impl Story {
    async fn play(&mut self) -> Step<()> {
        let words = self.page.words;
        words.opening.iter().for_each(|line| self.page.say(line));

        self.page.heading(words.link);
        let link =
            self.tool("create_payment_link", json!({ "amount_eur": 25, "notes": words.tickets })).await?;
        let web_url = text(&link, "web_url")?;
        self.page.fact(words.amount, words.price);
        self.page.fact(words.page, &web_url);
        let code = payments_qr::terminal(&web_url, self.page.colour).map_err(|error| error.to_string())?;
        self.page.picture(&code);
        self.page.held("link", link.into());

        self.page.heading(words.onchain);
        let arguments = json!({ "amount_eur": 5, "input_currency": "BTC", "notes": words.tip });
        let order = self.tool("create_payment_onchain", arguments).await?;
        let identifier = text(&order, "identifier")?;
        self.page.fact(words.send, &format!("{} BTC", text(&order, "expected_output_amount")?));
        self.page.fact(words.to, &text(&order, "address")?);
        self.page.fact(words.until, &to_the_second(&text(&order, "expires_at")?));
        self.page.fact(words.payment, &identifier);
        self.page.held("onchain", order.into());

        self.page.heading(words.pays);
        let payment = identifier.parse().map_err(|_| "the identifier is not a UUID".to_owned())?;
        self.control.pay(payment, json!({})).await.map_err(reason)?;
        self.webhook(&identifier, "AC").await?;
        let seen = self.status(&identifier, "AC", "detected").await?;
        self.page.fact(words.verdict, words.detected);
        self.page.held("paid", seen.into());

        self.page.heading(words.confirms);
        self.control.act(payment, "mine").await.map_err(reason)?;
        self.webhook(&identifier, "CO").await?;
        let done = self.status(&identifier, "CO", "paid").await?;
        self.page.fact(words.verdict, words.paid);
        self.page.held("completed", done.into());
        Ok(())
    }

    /// Waits for a verified webhook with this status.
    async fn webhook(&mut self, identifier: &str, status: &str) -> Step<()> {
        let arrival = async {
            loop {
                let event =
                    self.events.recv().await.map_err(|error| format!("no webhook can arrive: {error}"))?;
                if event.identifier() == Some(identifier)
                    && event.status() == Some(status)
                    && event.validated()
                {
                    return Ok::<_, String>(event);
                }
            }
        };
        let words = self.page.words;
        let event = tokio::time::timeout(PATIENCE, arrival)
            .await
            .map_err(|_| words.no_webhook(status, PATIENCE.as_secs()))??;
        self.page.fact(words.webhook, &format!("{status}, {}", words.signed));
        let received = json!({ "event_id": event.event_id(), "status": status, "validated": true });
        self.page.held("webhook", received);
        Ok(())
    }

    /// Reads the status from the API and compares it with the expected one.
    async fn status(&mut self, identifier: &str, status: &str, verdict: &str) -> Step<Map<String, Value>> {
        let answer = self.tool("get_payment_status", json!({ "identifier": identifier })).await?;
        let (got, says) = (text(&answer, "status")?, text(&answer, "verdict")?);
        self.page.fact(self.page.words.status, &format!("{got} ({})", text(&answer, "status_description")?));
        if got == status && says == verdict {
            Ok(answer)
        } else {
            Err(self.page.words.unexpected((status, verdict), (&got, &says)))
        }
    }

    async fn tool(&mut self, name: &str, arguments: Value) -> Step<Map<String, Value>> {
        self.page.call(name, &arguments);
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        match self.server.call(name, arguments, Caller::default()).await {
            Some(Ok(answer)) => Ok(answer.structured),
            Some(Err(failure)) => Err(reason(failure)),
            None => Err(format!("there is no tool {name}")),
        }
    }
}

fn reason(failure: Failure) -> String {
    format!("{}: {}", failure.code.as_str(), failure.message)
}

fn text(answer: &Map<String, Value>, field: &str) -> Step<String> {
    let value = answer.get(field).and_then(Value::as_str);
    value.map(str::to_owned).ok_or_else(|| format!("the answer has no {field}"))
}

/// A time of a result without its fraction of a second, which a reader does not need.
fn to_the_second(time: &str) -> String {
    let (seconds, _) = time.split_once(['.', 'Z']).unwrap_or((time, ""));
    format!("{seconds}Z")
}

/// Prints the story, in at most 80 columns, or gathers it as JSON.
struct Page {
    json: bool,
    colour: bool,
    chapter: usize,
    steps: Vec<Value>,
    words: &'static Words,
}

impl Page {
    fn say(&self, line: &str) {
        self.print(&format!("  {line}"));
    }

    fn heading(&mut self, title: &str) {
        self.chapter += 1;
        self.print(&format!("\n{}. {}", self.chapter, self.styled(BOLD, title)));
    }

    fn call(&self, tool: &str, arguments: &Value) {
        self.say(&self.styled(CYAN, &format!("> {tool}")));
        self.say(&format!("  {arguments}"));
    }

    fn fact(&self, name: &str, value: &str) {
        self.print(&format!("    {} {value}", self.styled(DIM, &format!("{name:<9}"))));
    }

    fn styled(&self, style: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn picture(&self, picture: &str) {
        for line in picture.lines() {
            self.print(&format!("    {line}"));
        }
    }

    fn held(&mut self, step: &str, result: Value) {
        self.steps.push(json!({ "step": step, "ok": true, "result": result }));
    }

    fn end(&mut self, held: &Step<()>) {
        if self.json {
            let mut story = json!({ "ok": held.is_ok(), "steps": self.steps });
            if let (Err(reason), Some(story)) = (held, story.as_object_mut()) {
                story.insert("error".into(), reason.as_str().into());
            }
            output::line(story);
            return;
        }
        match held {
            Ok(()) => {
                self.print(&format!("\n{}", self.words.ending));
                let next = self.words.next.iter();
                next.for_each(|(name, purpose)| self.print(&format!("  {name:<34} {purpose}")));
            }
            Err(reason) => self.print(&format!("\n{}", self.words.failed(self.chapter, reason))),
        }
    }

    fn print(&self, line: &str) {
        if !self.json {
            output::line(line);
        }
    }
}
