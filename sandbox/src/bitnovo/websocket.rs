//! The WebSocket of a payment: the current payment, then once more after each change.

use std::sync::Arc;

use axum::{
    extract::{
        Path, State as Shared,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::Response,
};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{bitnovo::payment_json, bitnovo::simulation::BitnovoSimulation, refusal::refusal};

/// Answers `/ws/{identifier}` and `/ws/merchant/{identifier}`; without authentication.
pub(crate) async fn upgrade(
    Shared(state): Shared<Arc<BitnovoSimulation>>,
    axum::Extension(stopping): axum::Extension<CancellationToken>,
    Path(identifier): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let known = Uuid::try_parse(&identifier).ok().filter(|id| present(&state, *id).is_some());
    let Some(identifier) = known else {
        return refusal(StatusCode::NOT_FOUND, "Not found.");
    };
    upgrade.on_upgrade(move |socket| async move {
        stopping.run_until_cancelled(watch(socket, state, identifier)).await;
    })
}

fn present(state: &BitnovoSimulation, identifier: Uuid) -> Option<String> {
    state.with(|world, _| world.find(identifier).map(|order| payment_json::payment(order).compact()))
}

async fn watch(mut socket: WebSocket, state: Arc<BitnovoSimulation>, identifier: Uuid) {
    // Watching starts before the first look, so that no change falls between the two.
    let mut changes = state.watch();
    let mut next = present(&state, identifier);
    loop {
        if let Some(payment) = next.take()
            && socket.send(Message::text(payment)).await.is_err()
        {
            return;
        }
        tokio::select! {
            change = changes.recv() => match change {
                Ok(change) if change.identifier == identifier => next = Some(change.payment),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => next = present(&state, identifier),
                Err(RecvError::Closed) => return,
            },
            // A client's messages are ignored; its end is not.
            received = socket.recv() => if !matches!(received, Some(Ok(_))) {
                return;
            },
        }
    }
}
