//! What lives where: the API, the steering, the WebSocket and the checkout pages.

use std::sync::Arc;

use axum::{
    Extension, Router,
    http::{Method, StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tokio_util::sync::CancellationToken;

use crate::{
    bitnovo::api, bitnovo::operations::Answer, bitnovo::page, bitnovo::state::State, bitnovo::websocket,
    control, visitors,
};

pub(crate) fn router(state: Arc<State>, stopping: CancellationToken) -> Router {
    Router::new()
        .route("/api/v1/{*operation}", any(api::exchange))
        .nest("/_sandbox", control::router())
        .route("/ws/{identifier}", get(websocket::upgrade))
        .route("/ws/merchant/{identifier}", get(websocket::upgrade))
        .route("/media/{file}", get(page::logo))
        .route("/{code}/", get(page::show))
        .route("/{code}/state", get(page::state))
        .route("/{code}/currency", post(page::choose))
        .route("/{code}/simulate", post(page::simulate))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(Extension(stopping))
        .layer(middleware::from_fn(visitors::admit))
        .with_state(state)
}

async fn nothing_here(method: Method, uri: Uri) -> Response {
    let detail = format!(
        "Nothing answers {method} {}. The API is under /api/v1, the steering under /_sandbox, checkout pages at web_url.",
        uri.path()
    );
    Answer::refusal(StatusCode::NOT_FOUND, detail).into_response()
}

async fn wrong_method(method: Method, uri: Uri) -> Response {
    let detail = format!("Method \"{method}\" not allowed on {}.", uri.path());
    Answer::refusal(StatusCode::METHOD_NOT_ALLOWED, detail).into_response()
}
