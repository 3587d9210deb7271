//! `/_sandbox/…`: plays the payer, the blockchain, the clock and the broken network.
//!
//! Every refusal is `{"detail": …}` with what was expected: 404 for an order or delivery that is not there, else 400.

use std::sync::Arc;

use axum::{
    Json as Serialized, Router,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use chrono::TimeDelta;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{json, value::RawValue};
use url::Url;
use uuid::Uuid;

use crate::{
    bitnovo::action::{Action, Funds},
    bitnovo::decimal,
    bitnovo::operations::Answer,
    bitnovo::payment_json,
    bitnovo::python_json::Json,
    bitnovo::state::State,
    bitnovo::world::Refusal,
    clock::{FURTHEST, timestamp},
    fault::Fault,
};

type App = Shared<Arc<State>>;

pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/orders", get(orders))
        .route("/orders/{id}/pay", post(pay))
        .route("/orders/{id}/{action}", post(act))
        .route("/clock/advance", post(advance))
        .route("/faults", post(add_fault))
        .route("/journal", get(journal))
        .route("/webhook", get(webhook).put(set_webhook))
        .route("/deliveries", get(deliveries))
        .route("/deliveries/{id}/redeliver", post(redeliver))
        .route("/reset", post(reset))
}

fn bad_request(detail: impl Into<String>) -> Response {
    Answer::refusal(StatusCode::BAD_REQUEST, detail).into_response()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => {
                let detail = "There is no such order: GET /_sandbox/orders lists them.";
                Answer::refusal(StatusCode::NOT_FOUND, detail).into_response()
            }
            Self::Impossible(reason) => bad_request(reason),
        }
    }
}

/// Reads a body; an empty one is `{}`.
fn read<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Refusal::Impossible(format!("{error}. Expected {expected}.")))
}

/// All orders as payments, newest first, each with its checkout page.
async fn orders(Shared(state): App) -> Json {
    state.with(|world, _| {
        let show = |order| match payment_json::payment(order) {
            Json::Object(mut fields) => {
                fields.push(("web_url", payment_json::web_url(order, &state.base_url).into()));
                Json::Object(fields)
            }
            other => other,
        };
        Json::Array(world.newest_first().map(show).collect())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payment {
    percent: Option<Box<RawValue>>,
    amount: Option<Box<RawValue>>,
    currency: Option<String>,
}

/// The customer pays: all that is missing, or a percentage of the whole, or so many coins.
async fn pay(Shared(state): App, Path(id): Path<String>, body: Bytes) -> Response {
    let paid = funds(&body)
        .and_then(|(funds, currency)| perform(&state, &id, &Action::Pay(funds), currency.as_deref()));
    paid.map_or_else(Refusal::into_response, Json::into_response)
}

fn funds(body: &[u8]) -> Result<(Funds, Option<String>), Refusal> {
    let expected = r#"{"percent": 60}, {"amount": "0.01"} in coins, or an empty body for all that is missing; beside it {"currency": "ETH"} for an order without one, else BTC"#;
    let Payment { percent, amount, currency } = read(body, expected)?;
    let number = |value: &RawValue| {
        let text = value.get().trim_matches('"');
        let positive = decimal::parse(text).filter(|number| number.is_sign_positive() && !number.is_zero());
        positive.ok_or_else(|| {
            Refusal::Impossible(format!("{text} is not a number above 0. Expected {expected}."))
        })
    };
    let funds = match (percent, amount) {
        (None, None) => Funds::Remaining,
        (Some(percent), None) => Funds::Percent(number(&percent)?),
        (None, Some(amount)) => Funds::Amount(number(&amount)?),
        (Some(_), Some(_)) => {
            return Err(format!("Send either a percentage or an amount: {expected}.").into());
        }
    };
    Ok((funds, currency))
}

/// The blockchain or the merchant acts.
async fn act(Shared(state): App, Path((id, action)): Path<(String, String)>) -> Response {
    let Some(action) = Action::named(&action) else {
        let detail = format!("There is no action {action}: it is pay, mine, expire, cancel, fail or refund.");
        return Answer::refusal(StatusCode::NOT_FOUND, detail).into_response();
    };
    perform(&state, &id, &action, None).map_or_else(Refusal::into_response, Json::into_response)
}

/// Answers with the payment as it stands afterwards.
fn perform(state: &State, id: &str, action: &Action, currency: Option<&str>) -> Result<Json, Refusal> {
    let id = Uuid::try_parse(id).map_err(|_| Refusal::Unknown)?;
    state.with(|world, now| world.perform(id, action, currency, now).map(payment_json::payment))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u32,
}

async fn advance(Shared(state): App, body: Bytes) -> Response {
    let Advance { seconds } = match read(&body, r#"{"seconds": 900}"#) {
        Ok(advance) => advance,
        Err(refusal) => return refusal.into_response(),
    };
    let now = state.with(|world, _| {
        world.clock.advance(TimeDelta::seconds(i64::from(seconds)))?;
        let now = world.clock.now();
        world.settle(now);
        Some(now)
    });
    match now {
        Some(now) => Json::object([("now", timestamp(now).into())]).into_response(),
        None => bad_request(format!("The clock is at most {} days ahead.", FURTHEST.num_days())),
    }
}

async fn add_fault(Shared(state): App, body: Bytes) -> Response {
    match Fault::read(&body) {
        Ok(fault) => {
            let answer = Serialized(&fault).into_response();
            state.with(|world, _| world.faults.add(fault));
            answer
        }
        Err(detail) => bad_request(detail),
    }
}

async fn journal(Shared(state): App) -> Response {
    Serialized(state.with(|world, _| world.journal.entries())).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receiver {
    // A field that must be there, though it may be null.
    #[serde(deserialize_with = "Option::deserialize")]
    url: Option<String>,
}

async fn webhook(Shared(state): App) -> Response {
    Serialized(json!({ "url": state.webhooks.url() })).into_response()
}

async fn set_webhook(Shared(state): App, body: Bytes) -> Response {
    let expected = r#"{"url": "http://127.0.0.1:3000/webhook/bitnovo"}, or {"url": null} for no receiver"#;
    let url = match read(&body, expected) {
        Ok(Receiver { url }) => url,
        Err(refusal) => return refusal.into_response(),
    };
    let Ok(url) = url.as_deref().map(Url::parse).transpose() else {
        return bad_request(format!("That is not a URL. Expected {expected}."));
    };
    if url.as_ref().is_some_and(|url| !matches!(url.scheme(), "http" | "https")) {
        return bad_request(format!("Webhooks go over http or https. Expected {expected}."));
    }
    state.webhooks.set_url(url);
    webhook(Shared(state)).await
}

async fn deliveries(Shared(state): App) -> Response {
    // A timer that is due may still have something to send.
    state.with(|_, _| ());
    Serialized(state.webhooks.deliveries()).into_response()
}

async fn redeliver(Shared(state): App, Path(id): Path<String>) -> Response {
    match id.parse().ok().and_then(|id| state.webhooks.redeliver(id)) {
        Some(delivery) => Serialized(delivery).into_response(),
        None => {
            let detail = format!("There is no delivery {id}: GET /_sandbox/deliveries lists them.");
            Answer::refusal(StatusCode::NOT_FOUND, detail).into_response()
        }
    }
}

/// Forgets orders, requests, faults and deliveries, and turns the clock back. The receiver of webhooks stays.
async fn reset(Shared(state): App) -> Response {
    state.with(|world, _| world.reset());
    state.webhooks.reset();
    Serialized(json!({ "reset": true })).into_response()
}
