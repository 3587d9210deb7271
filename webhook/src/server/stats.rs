//! Counts of what is stored and of what was turned away, over all receivers of a server.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::response::Response;
use serde::Serialize;

use super::{reply, shared::Shared};
use crate::{
    http::reply::unavailable,
    provider::Provider,
    store::{EventQuery, EventStoreError, Evicted},
};

#[derive(Serialize)]
struct Stats {
    #[serde(flatten)]
    total: Counts,
    /// The counts of each provider; absent with one provider, whose counts are the total.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    providers: BTreeMap<&'static str, Counts>,
}

#[derive(Default, Serialize)]
struct Counts {
    /// Events in the stores, and how many of them are validated.
    events: usize,
    validated: usize,
    /// Events that made room for newer ones before they expired; absent when none had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    evicted: Option<EvictedCount>,
    rejected: BTreeMap<&'static str, Rejected>,
}

#[derive(Default, Serialize)]
struct EvictedCount {
    count: u64,
    /// When the oldest event that is kept was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_kept_unix_seconds: Option<u64>,
}

#[derive(Default, Serialize)]
struct Rejected {
    count: u64,
    last_unix_seconds: u64,
}

pub(super) async fn answer(shared: &Shared) -> Response {
    let stats = stats(shared).await.ok().and_then(|stats| serde_json::to_string(&stats).ok());
    stats.map_or_else(unavailable, reply::ok)
}

async fn stats(shared: &Shared) -> Result<Stats, EventStoreError> {
    let total = count(shared, None).await?;
    let providers: Vec<Provider> = shared.receivers.iter().map(|receiver| receiver.provider()).collect();
    let mut by_provider = BTreeMap::new();
    if providers.iter().any(|provider| Some(provider) != providers.first()) {
        for provider in providers {
            // Providers share the room of a store: which of them made an event leave is not known.
            let counts = Counts { evicted: None, ..count(shared, Some(provider)).await? };
            by_provider.insert(provider.id, counts);
        }
    }
    Ok(Stats { total, providers: by_provider })
}

/// The counts of one provider, or of all.
async fn count(shared: &Shared, provider: Option<Provider>) -> Result<Counts, EventStoreError> {
    let mut counts = Counts::default();
    let now = (shared.clock)();
    for store in shared.stores() {
        let page = store.query(EventQuery { provider, ..EventQuery::default() }, now).await?;
        counts.events = counts.events.saturating_add(page.total);
        counts.validated = counts.validated.saturating_add(page.validated);
        if let Some(evicted) = page.evicted {
            counts.evicted.get_or_insert_default().add(evicted);
        }
    }
    let wanted = |of: Provider| provider.is_none_or(|provider| provider == of);
    let receivers = shared.receivers.iter().filter(|receiver| wanted(receiver.provider()));
    for rejection in receivers.flat_map(|receiver| receiver.rejections().snapshot()) {
        let rejected = counts.rejected.entry(rejection.reason.as_str()).or_default();
        rejected.count = rejected.count.saturating_add(rejection.count);
        rejected.last_unix_seconds = rejected.last_unix_seconds.max(unix_seconds(rejection.last_at));
    }
    Ok(counts)
}

impl EvictedCount {
    fn add(&mut self, evicted: Evicted) {
        self.count = self.count.saturating_add(evicted.count);
        let oldest = evicted.oldest_kept.map(unix_seconds);
        self.oldest_kept_unix_seconds = self.oldest_kept_unix_seconds.into_iter().chain(oldest).min();
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
