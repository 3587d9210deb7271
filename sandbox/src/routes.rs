//! All routes: the control API, and those of each provider.

use std::sync::Arc;

use axum::{
    Extension, Router,
    http::{Method, StatusCode, Uri},
    middleware,
    response::Response,
};
use tokio_util::sync::CancellationToken;

use crate::{
    bitnovo::{self, simulation::BitnovoSimulation},
    control::{self, Control},
    refusal::refusal,
    visitors,
};

pub(crate) fn router(
    control: Arc<Control>,
    bitnovo: Arc<BitnovoSimulation>,
    stopping: CancellationToken,
) -> Router {
    let controls = control::router().with_state(control);
    let controls = controls.merge(bitnovo::control::router().with_state(Arc::clone(&bitnovo)));
    Router::new()
        .nest("/_sandbox", controls)
        .merge(bitnovo::routes::router().with_state(bitnovo))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(Extension(stopping))
        .layer(middleware::from_fn(visitors::admit))
}

async fn nothing_here(method: Method, uri: Uri) -> Response {
    let detail = format!(
        "Nothing answers {method} {}. The API is under /api/v1, the controls under /_sandbox, checkout pages at web_url.",
        uri.path()
    );
    refusal(StatusCode::NOT_FOUND, detail)
}

async fn wrong_method(method: Method, uri: Uri) -> Response {
    refusal(StatusCode::METHOD_NOT_ALLOWED, format!("Method \"{method}\" not allowed on {}.", uri.path()))
}
