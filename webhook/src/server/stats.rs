use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::response::Response;
use serde::Serialize;

use super::{reply, routes::Shared};
use crate::store::EventQuery;

#[derive(Serialize)]
struct Stats {
    /// Events in the store, and how many of them a signature vouches for.
    events: usize,
    validated: usize,
    /// Events that made room for newer ones before they expired; absent when none had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    evicted: Option<Evicted>,
    rejected: BTreeMap<&'static str, Rejected>,
}

#[derive(Serialize)]
struct Evicted {
    count: u64,
    /// When the oldest event that is kept was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_kept_unix_seconds: Option<u64>,
}

#[derive(Serialize)]
struct Rejected {
    count: u64,
    last_unix_seconds: u64,
}

pub(super) async fn answer(shared: &Shared) -> Response {
    let now = (shared.clock)();
    let Ok(page) = shared.receiver.store().query(EventQuery::default(), now).await else {
        return reply::unavailable();
    };
    let evicted = page.evicted.map(|evicted| Evicted {
        count: evicted.count,
        oldest_kept_unix_seconds: evicted.oldest_kept.map(unix_seconds),
    });
    let rejected = shared.receiver.rejections().snapshot().into_iter().map(|rejection| {
        let last_unix_seconds = unix_seconds(rejection.last_at);
        (rejection.reason.as_str(), Rejected { count: rejection.count, last_unix_seconds })
    });
    let (events, validated) = (page.total, page.validated);
    match serde_json::to_string(&Stats { events, validated, evicted, rejected: rejected.collect() }) {
        Ok(body) => reply::ok(body),
        Err(_) => reply::unavailable(),
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
