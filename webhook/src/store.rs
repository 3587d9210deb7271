//! Event stores: one trait, so that a receiver works the same in memory and over a shared database.

use std::{future::Future, pin::Pin, sync::Arc, time::SystemTime};

use crate::{event::WebhookEvent, provider::Provider};

mod memory;
mod quotas;

pub use memory::MemoryEventStore;

/// What a store's methods return: boxed, because the store is chosen at run time.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, EventStoreError>> + Send + 'a>>;

/// Keeps each event once. Several receivers, in one process or in many, may share one store.
pub trait EventStore: Send + Sync {
    /// Stores the event, unless one with its [identity](WebhookEvent::identity) or its
    /// [replay key](WebhookEvent::replay_key) is there. Checking and inserting are one step: of any number of equal
    /// events at once, one is new.
    ///
    /// When another event has its id, the store [extends](WebhookEvent::extend_id) the new one's.
    fn insert(&self, event: WebhookEvent) -> StoreFuture<'_, Inserted>;

    /// The events that match, newest first.
    fn query(&self, query: EventQuery, now: SystemTime) -> StoreFuture<'_, EventPage>;

    /// Removes expired events, and returns their number. Expired events are never returned, removed or not.
    fn prune(&self, now: SystemTime) -> StoreFuture<'_, usize>;

    /// Whether the store still knows, after a restart, what was accepted before. If not, requests that were signed
    /// before the start of the process are not trusted.
    fn outlives_the_process(&self) -> bool;
}

/// The result of storing an event.
#[derive(Clone, Debug)]
pub enum Inserted {
    /// It was new.
    New(Arc<WebhookEvent>),
    /// The store has it.
    Known {
        /// The id that it was stored under first.
        event_id: String,
        /// Whether the very same request was stored, rather than the same notification signed anew.
        same_request: bool,
    },
}

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Only those of this provider. Needed beside an identifier when several providers share the store: two of them may
    /// use the same one.
    pub provider: Option<Provider>,
    /// Only those of this payment.
    pub identifier: Option<String>,
    /// Leaves out the webhooks that came too late to be trusted. What was read from the API is always included.
    pub validated_only: bool,
    /// The largest number of events to return; the newest come first.
    pub limit: usize,
}

/// The events that were found.
#[derive(Clone, Debug, Default)]
pub struct EventPage {
    /// Newest first, at most as many as the limit.
    pub events: Vec<Arc<WebhookEvent>>,
    /// How many match, without the limit.
    pub total: usize,
    /// How many of these are [validated](WebhookEvent::validated).
    pub validated: usize,
    /// Events that left before they expired; `None` when none did.
    pub evicted: Option<Evicted>,
}

/// Events of the wanted kinds that made room for newer ones before they expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evicted {
    /// How many since the store was opened.
    pub count: u64,
    /// When the oldest event that is still there was received; `None` when there is none.
    pub oldest_kept: Option<SystemTime>,
}

/// The store failed; whether an event is stored is then unknown.
#[derive(Debug, thiserror::Error)]
#[error("the event store failed: {0}")]
pub struct EventStoreError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl EventStoreError {
    /// Wraps the failure of the storage.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}
