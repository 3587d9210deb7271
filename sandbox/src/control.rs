//! `/_sandbox/…`: plays the clock and the broken network for all providers. Each provider adds what its orders need.
//!
//! Every refusal is `{"detail": …}` with what was expected: 404 for an order or delivery that is not there, else 400.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use chrono::TimeDelta;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    clock::{FURTHEST, timestamp},
    fault::{Fault, FaultScope},
    refusal::refusal,
    simulation::{Shared, Simulation},
};

/// What the control API works on.
pub(crate) struct Control {
    pub(crate) shared: Arc<Shared>,
    pub(crate) simulations: Vec<Arc<dyn Simulation>>,
}

impl Control {
    /// Lets everything happen that is due by now, at every provider.
    pub(crate) fn settle(&self) {
        self.simulations.iter().for_each(|simulation| simulation.settle());
    }
}

pub(crate) fn router() -> Router<Arc<Control>> {
    Router::new()
        .route("/clock/advance", post(advance))
        .route("/faults", post(add_fault))
        .route("/journal", get(journal))
        .route("/reset", post(reset))
}

pub(crate) fn bad_request(detail: impl Into<String>) -> Response {
    refusal(StatusCode::BAD_REQUEST, detail)
}

/// Reads a body; an empty one is `{}`.
///
/// # Errors
/// What is wrong with it, and what was expected.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, String> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| format!("{error}. Expected {expected}."))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u32,
}

async fn advance(State(control): State<Arc<Control>>, body: Bytes) -> Response {
    let Advance { seconds } = match read(&body, r#"{"seconds": 900}"#) {
        Ok(advance) => advance,
        Err(reason) => return bad_request(reason),
    };
    let clock = &control.shared.clock;
    if clock.advance(TimeDelta::seconds(i64::from(seconds))).is_none() {
        return bad_request(format!("The clock is at most {} days ahead.", FURTHEST.num_days()));
    }
    control.settle();
    Json(json!({ "now": timestamp(clock.now()) })).into_response()
}

async fn add_fault(State(control): State<Arc<Control>>, body: Bytes) -> Response {
    let scopes: Vec<FaultScope> =
        control.simulations.iter().map(|simulation| simulation.fault_scope()).collect();
    match Fault::read(&body, &scopes) {
        Ok(fault) => {
            let answer = Json(&fault).into_response();
            control.shared.faults.add(fault);
            answer
        }
        Err(detail) => bad_request(detail),
    }
}

async fn journal(State(control): State<Arc<Control>>) -> Response {
    Json(control.shared.journal.entries()).into_response()
}

/// Forgets orders, requests, faults and deliveries, and turns the clock back. The receivers of webhooks stay.
async fn reset(State(control): State<Arc<Control>>) -> Response {
    // The clock first: an order that is created meanwhile must not have a time that is still to come.
    control.shared.clock.reset();
    control.shared.faults.clear();
    control.shared.journal.clear();
    control.simulations.iter().for_each(|simulation| simulation.reset());
    Json(json!({ "reset": true })).into_response()
}
