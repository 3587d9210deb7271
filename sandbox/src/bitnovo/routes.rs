//! Where Bitnovo's API, WebSocket and checkout pages are.

use std::sync::Arc;

use axum::{
    Router,
    routing::{any, get, post},
};

use crate::{bitnovo::api, bitnovo::page, bitnovo::simulation::BitnovoSimulation, bitnovo::websocket};

pub(crate) fn router() -> Router<Arc<BitnovoSimulation>> {
    Router::new()
        .route("/api/v1/{*operation}", any(api::exchange))
        .route("/ws/{identifier}", get(websocket::upgrade))
        .route("/ws/merchant/{identifier}", get(websocket::upgrade))
        .route("/media/{file}", get(page::logo))
        .route("/{code}/", get(page::show))
        .route("/{code}/state", get(page::state))
        .route("/{code}/currency", post(page::choose))
        .route("/{code}/simulate", post(page::simulate))
}
