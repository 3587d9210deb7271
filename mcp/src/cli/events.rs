//! `events list` and `events show`: the payments of the last seven days as events, read from the API.

use std::{
    num::NonZeroUsize,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use clap::Subcommand;
use payments_webhook::{
    MemoryEventStore, Receiver, WebhookEvent,
    scheme::bitnovo::{Bitnovo, Secret},
    store::{EventPage, EventQuery},
};
use uuid::Uuid;

use super::{call, check, event_text, output::line, refuse};
use crate::answer::failure::{Code, Failure};
use crate::app::App;
use crate::config::Config;
use crate::logging;
use crate::receiving::backfill::Backfill;
use payments_webhook::scheme::bitnovo::PROVIDER;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List the events of the last seven days, read from the API
    ///
    /// A server keeps webhooks in its memory and loses them when it ends (a running server shows them with the tool
    /// get_webhook_events). So this command reads the API: each payment that has changed is one event, in its present
    /// state.
    List {
        /// Only events of this payment
        #[arg(long, value_name = "UUID")]
        identifier: Option<Uuid>,
        /// At most so many events, the newest
        #[arg(long, value_name = "N", default_value = "50")]
        limit: NonZeroUsize,
        /// Print each event as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one event of the list in full, as JSON
    ///
    /// Reads the API, as the list does. The id contains the payment and its state: once the payment changes, its event has
    /// another id.
    Show {
        /// Its id, from the list
        event_id: String,
    },
}

pub(super) async fn run(config: Config, command: Command, now: SystemTime) -> ExitCode {
    if let Err(code) = check(&config, Some(PROVIDER)) {
        return code;
    }
    let app = match App::start(config).await {
        Ok(app) => app,
        Err(error) => return refuse(&error.to_string()),
    };
    let (identifier, limit) = match &command {
        Command::List { identifier, limit, .. } => {
            (identifier.map(|identifier| identifier.to_string()), limit.get())
        }
        Command::Show { .. } => (None, usize::MAX),
    };
    let query = EventQuery { provider: None, identifier, validated_only: false, limit };
    let page = match read(&app, query, now).await {
        Ok(page) => page,
        Err(failure) => {
            logging::say(&format!("{}: {}", failure.code.as_str(), failure.message));
            return ExitCode::from(call::exit_code(failure.code));
        }
    };
    match command {
        Command::List { json, .. } => list(&app, &page, json),
        Command::Show { event_id } => match page.events.iter().find(|event| event.event_id() == event_id) {
            Some(event) => print(&app, event, event_text::json_document(event)),
            None => {
                return refuse(
                    "The API returns no such event for the last seven days. Its payment may have changed since: see \
                     `events list`.",
                );
            }
        },
    }
    ExitCode::SUCCESS
}

/// The API's payments, as events in a store of this process.
async fn read(app: &App, query: EventQuery, now: SystemTime) -> Result<EventPage, Failure> {
    let unkept = |reason: &dyn std::fmt::Display| {
        Failure::new(Code::ApiError, format!("Cannot store the events: {reason}."))
    };
    // Nothing is received here, so any secret will do.
    let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let secret: Secret = secret.parse().map_err(|error| unkept(&error))?;
    let scheme = Bitnovo::new(vec![secret]).map_err(|error| unkept(&error))?;
    let store = Arc::new(MemoryEventStore::new(NonZeroUsize::MAX, Duration::MAX));
    let receiver = Arc::new(Receiver::new(scheme, store, now));
    let provider = app.bitnovo().webhook_provider()?;
    Backfill::of_everything(provider, Arc::clone(&receiver)).read(now).await?;
    receiver.store().query(query, now).await.map_err(|error| unkept(&error))
}

fn list(app: &App, page: &EventPage, json: bool) {
    for event in &page.events {
        print(app, event, if json { event_text::json(event) } else { event_text::list_line(event) });
    }
    let (shown, total) = (page.events.len(), page.total);
    match (total, shown) {
        _ if json => {}
        (0, _) => line("The API returns no payment of the last seven days that has changed."),
        _ if shown < total => line(format!("\n{shown} of {total}; --limit shows more. Times are UTC.")),
        _ => line("\nTimes are UTC."),
    }
}

/// Prints words of others, without secrets that they repeat.
fn print(app: &App, event: &WebhookEvent, text: String) {
    line(event_text::masked(app.redaction(), event, text));
}
