//! What lives where: the API, the steering, the WebSocket and the checkout pages.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension, Router,
    extract::Request,
    http::{Method, StatusCode, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tokio_util::sync::CancellationToken;

use crate::{api, operations::Answer, page, state::State, steering, websocket};

pub(crate) fn router(state: Arc<State>, stopping: CancellationToken) -> Router {
    Router::new()
        .route("/api/v1/{*operation}", any(api::exchange))
        .nest("/_sandbox", steering::router())
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
        .layer(middleware::from_fn(loopback_only))
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

/// Refuses a request under a name that is not this machine's own: a page of the web could bend such a name to loopback.
async fn loopback_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let local = host.as_ref().is_some_and(|host| {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost")
            || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    });
    if local {
        return next.run(request).await;
    }
    Answer::refusal(StatusCode::FORBIDDEN, "The sandbox answers on loopback only: call it by 127.0.0.1.")
        .into_response()
}
