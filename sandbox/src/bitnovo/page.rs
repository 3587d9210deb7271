//! The hosted checkout page behind each `web_url`.
//!
//! It works without scripts, apart from the countdown and refreshing itself. Its only script and style are in the page,
//! and its policy allows nothing else, so that a merchant's text could not run even if it were not escaped.

mod view;
mod words;

use std::sync::Arc;

use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use uuid::Uuid;

use crate::{
    bitnovo::catalogue, bitnovo::order::Order, bitnovo::order_status::OrderStatus,
    bitnovo::python_json::Json, bitnovo::simulation::BitnovoSimulation, bitnovo::world::ActionRefusal,
    refusal::refusal,
};

type App = Shared<Arc<BitnovoSimulation>>;

fn not_found() -> Response {
    refusal(StatusCode::NOT_FOUND, "There is no such checkout page.")
}

fn identifier(state: &BitnovoSimulation, code: &str) -> Option<Uuid> {
    state.with(|world, _| world.find_by_code(code).map(|order| order.identifier))
}

/// The page itself.
pub(crate) async fn show(Shared(state): App, Path(code): Path<String>) -> Response {
    let page = state.with(|world, now| {
        world.find_by_code(&code).map(|order| view::render(order, remaining_seconds(order, now)))
    });
    let Some(page) = page else { return not_found() };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, view::POLICY.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With no-referrer at all, browsers would send the page's own forms with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, page).into_response()
}

/// The state that the page's script polls once a second.
pub(crate) async fn state(Shared(state): App, Path(code): Path<String>) -> Response {
    let now = state.with(|world, now| {
        world.find_by_code(&code).map(|order| {
            let revision = i64::try_from(order.revision).unwrap_or(i64::MAX);
            Json::object([
                ("revision", revision.into()),
                ("remaining_seconds", remaining_seconds(order, now).into()),
            ])
        })
    });
    now.map_or_else(not_found, Json::into_response)
}

/// Handles the customer's choice of a currency.
pub(crate) async fn choose(Shared(state): App, Path(code): Path<String>, form: Bytes) -> Response {
    let Some(id) = identifier(&state, &code) else {
        return not_found();
    };
    let chosen = state.with(|world, now| world.choose_currency(id, &field(&form, "currency"), now));
    back(&code, chosen)
}

/// Handles a button of the Simulate panel.
pub(crate) async fn simulate(Shared(state): App, Path(code): Path<String>, form: Bytes) -> Response {
    let Some(id) = identifier(&state, &code) else {
        return not_found();
    };
    let wanted = field(&form, "action");
    let action = view::buttons().into_iter().find(|(name, _)| *name == wanted).map(|(_, action)| action);
    let done = match action {
        Some(action) => state.with(|world, now| world.perform(id, &action, None, now).map(|_| ())),
        None => Err(ActionRefusal::Impossible(format!("There is no button {wanted}."))),
    };
    back(&code, done)
}

fn field(form: &[u8], name: &str) -> String {
    let value = url::form_urlencoded::parse(form).find(|(key, _)| key == name);
    value.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// See-other, so that reloading the page does not do it again.
fn back(code: &str, done: Result<(), ActionRefusal>) -> Response {
    done.map_or_else(ActionRefusal::into_response, |()| Redirect::to(&format!("/{code}/")).into_response())
}

/// A plain disc with the first letter of a currency, so that the `image` of the catalogue leads somewhere.
pub(crate) async fn logo(Path(file): Path<String>) -> Response {
    let symbol = file.strip_suffix(".svg").and_then(catalogue::find).map(|currency| currency.symbol);
    let Some(letter) = symbol.and_then(|symbol| symbol.chars().next()) else {
        return not_found();
    };
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><circle cx="18" cy="18" r="18" fill="#35506b"/><text x="18" y="25" font-family="sans-serif" font-size="20" text-anchor="middle" fill="#fff">{letter}</text></svg>"##
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}

fn remaining_seconds(order: &Order, now: chrono::DateTime<chrono::Utc>) -> Option<i64> {
    let waiting = matches!(order.status, OrderStatus::PE | OrderStatus::IA);
    let quote = order.quote.as_ref().filter(|_| waiting)?;
    Some((quote.expires_at - now).num_seconds().max(0))
}
