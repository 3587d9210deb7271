use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::response::Response;
use serde::Serialize;

use super::{reply, routes::Shared};
use crate::store::Query;

#[derive(Serialize)]
struct Stats {
    /// Events in the store, and how many of them are validated.
    events: usize,
    validated: usize,
    rejected: BTreeMap<&'static str, Rejected>,
}

#[derive(Serialize)]
struct Rejected {
    count: u64,
    last_unix_seconds: u64,
}

pub(super) async fn answer(shared: &Shared) -> Response {
    let now = (shared.clock)();
    let total = async |validated_only| {
        let query = Query { validated_only, ..Query::default() };
        shared.receiver.store().query(query, now).await.map(|page| page.total)
    };
    let (Ok(events), Ok(validated)) = (total(false).await, total(true).await) else {
        return reply::unavailable();
    };
    let rejected = shared.receiver.rejections().snapshot().into_iter().map(|rejection| {
        let last_unix_seconds = unix_seconds(rejection.last_at);
        (rejection.reason.as_str(), Rejected { count: rejection.count, last_unix_seconds })
    });
    match serde_json::to_string(&Stats { events, validated, rejected: rejected.collect() }) {
        Ok(body) => reply::ok(body),
        Err(_) => reply::unavailable(),
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
