//! Bitnovo's part of `/_sandbox/…`: plays the payer and the blockchain, and sends webhooks again.

use std::sync::Arc;

use axum::{
    Json as Serialized, Router,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use url::Url;
use uuid::Uuid;

use crate::{
    bitnovo::action::{Action, Funds},
    bitnovo::decimal,
    bitnovo::payment_json,
    bitnovo::python_json::Json,
    bitnovo::simulation::BitnovoSimulation,
    bitnovo::world::ActionRefusal,
    control::{bad_request, read},
    refusal::refusal,
};

type App = Shared<Arc<BitnovoSimulation>>;

pub(crate) fn router() -> Router<Arc<BitnovoSimulation>> {
    Router::new()
        .route("/orders", get(orders))
        .route("/orders/{id}/pay", post(pay))
        .route("/orders/{id}/{action}", post(act))
        .route("/webhook", get(webhook).put(set_webhook))
        .route("/deliveries", get(deliveries))
        .route("/deliveries/{id}/redeliver", post(redeliver))
}

impl IntoResponse for ActionRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => {
                let detail = "There is no such order: GET /_sandbox/orders lists them.";
                refusal(StatusCode::NOT_FOUND, detail)
            }
            Self::Impossible(reason) => bad_request(reason),
        }
    }
}

/// All orders as payments, newest first, each with its checkout page.
async fn orders(Shared(state): App) -> Json {
    state.with(|world, _| {
        let show = |order| match payment_json::payment(order) {
            Json::Object(mut fields) => {
                fields.push(("web_url", payment_json::web_url(order, &state.shared.base_url).into()));
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
    paid.map_or_else(ActionRefusal::into_response, Json::into_response)
}

fn funds(body: &[u8]) -> Result<(Funds, Option<String>), ActionRefusal> {
    let expected = r#"{"percent": 60}, {"amount": "0.01"} in coins, or an empty body for all that is missing; beside it {"currency": "ETH"} for an order without one, else BTC"#;
    let Payment { percent, amount, currency } = read(body, expected)?;
    let number = |value: &RawValue| {
        let text = value.get().trim_matches('"');
        let positive = decimal::parse(text).filter(|number| number.is_sign_positive() && !number.is_zero());
        positive.ok_or_else(|| {
            ActionRefusal::Impossible(format!("{text} is not a number above 0. Expected {expected}."))
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

/// An action of the blockchain or the merchant.
async fn act(Shared(state): App, Path((id, action)): Path<(String, String)>) -> Response {
    let Some(action) = Action::named(&action) else {
        let detail = format!("There is no action {action}: it is pay, mine, expire, cancel, fail or refund.");
        return refusal(StatusCode::NOT_FOUND, detail);
    };
    perform(&state, &id, &action, None).map_or_else(ActionRefusal::into_response, Json::into_response)
}

/// Returns the payment after the action.
fn perform(
    state: &BitnovoSimulation,
    id: &str,
    action: &Action,
    currency: Option<&str>,
) -> Result<Json, ActionRefusal> {
    let id = Uuid::try_parse(id).map_err(|_| ActionRefusal::Unknown)?;
    state.with(|world, now| world.perform(id, action, currency, now).map(payment_json::payment))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookTarget {
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
        Ok(WebhookTarget { url }) => url,
        Err(reason) => return bad_request(reason),
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
            refusal(StatusCode::NOT_FOUND, detail)
        }
    }
}
