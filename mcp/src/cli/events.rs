//! `events list` and `events show`: what the API tells of the last seven days.

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
    /// List the events that the API tells of the last seven days
    ///
    /// Webhooks are kept in the memory of the process that received them, and are gone with it (a running server shows
    /// its own with the tool get_webhook_events). So this asks the API: each payment that something has happened to is
    /// one event, in its present state.
    List {
        /// Only those of this payment
        #[arg(long, value_name = "UUID")]
        identifier: Option<Uuid>,
        /// At most so many, the newest
        #[arg(long, value_name = "N", default_value = "50")]
        limit: NonZeroUsize,
        /// Print each event as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one event of the list with all that it holds, as JSON
    ///
    /// Like the list, it asks the API. The id names the payment and its state: once the payment has changed, there is
    /// another one in its place.
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
                    "The API tells of no such event in the last seven days. Its payment may have changed since: see \
                     `events list`.",
                );
            }
        },
    }
    ExitCode::SUCCESS
}

/// What the API tells, as events in a store of this process.
async fn read(app: &App, query: EventQuery, now: SystemTime) -> Result<EventPage, Failure> {
    let unkept = |reason: &dyn std::fmt::Display| {
        Failure::new(Code::ApiError, format!("The events cannot be kept: {reason}."))
    };
    // Nothing is received here, so that no secret of anybody's is needed: any will do.
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
        (0, _) => line("The API tells of no payment in the last seven days that anything has happened to."),
        _ if shown < total => line(format!("\n{shown} of {total}; --limit shows more. Times are UTC.")),
        _ => line("\nTimes are UTC."),
    }
}

/// Prints what others wrote; a secret that they repeat is taken out of it.
fn print(app: &App, event: &WebhookEvent, text: String) {
    line(event_text::masked(app.masks(), event, text));
}
