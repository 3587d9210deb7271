//! Routes requests: webhooks to the receiver of their path, health and statistics to their handlers; everything else is
//! rejected.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{
        Uri,
        header::{AUTHORIZATION, HOST},
    },
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, any, get, post},
};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::{connection::Connection, log, probe, reply, shared::Shared, start::bare, stats};
use crate::{
    http::{
        body::{self, BodyError},
        reply::{answer, body_error, unavailable},
    },
    receiver::Receiver,
    rejection::RejectionReason,
    request::Unverified,
};

/// More of a path is not logged.
const LONGEST_PATH: usize = 200;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new();
    for receiver in &shared.receivers {
        // With and without a slash at the end, whichever was entered at the provider.
        let bare = bare(receiver.scheme().path());
        router = router.route(&format!("{bare}/"), webhooks(receiver));
        if !bare.is_empty() {
            router = router.route(bare, webhooks(receiver));
        }
    }
    router
        .route("/health", get(health).fallback(not_health))
        .route("/stats", any(statistics))
        .fallback(nowhere)
        .layer(from_fn_with_state(Arc::clone(&shared), only_unambiguous))
        .with_state(shared)
}

fn webhooks(receiver: &Arc<Receiver>) -> MethodRouter<Arc<Shared>> {
    let receiver = Arc::clone(receiver);
    let webhook =
        async move |State(shared): State<Arc<Shared>>,
                    Extension(connection): Extension<Arc<Connection>>,
                    request: Request| { webhook(&shared, &receiver, &connection, request).await };
    post(webhook).fallback(async || reply::method_not_allowed("POST"))
}

/// Rejects a request that two readers could understand differently.
async fn only_unambiguous(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Arc<Connection>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let twice = |name| headers.get_all(name).iter().nth(1).is_some();
    if connection.is_ambiguous() || twice(HOST) || twice(AUTHORIZATION) {
        // A request for no receiver counts with the first one, so that it shows somewhere.
        let receiver = shared.at(request.uri().path()).or_else(|| shared.signed_for(&request));
        if let Some(receiver) = receiver.or(shared.receivers.first().map(Arc::as_ref)) {
            let now = (shared.clock)();
            log::turned_away(
                receiver,
                &connection,
                RejectionReason::Unreadable,
                &"it can be read in two ways",
                now,
            );
        }
        return body_error(BodyError::Malformed);
    }
    next.run(request).await
}

async fn not_health(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Arc<Connection>>,
    request: Request,
) -> Response {
    notice_lost_webhook(&shared, &connection, &request);
    reply::method_not_allowed("GET, HEAD")
}

async fn nowhere(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Arc<Connection>>,
    request: Request,
) -> Response {
    notice_lost_webhook(&shared, &connection, &request);
    reply::not_found()
}

/// A webhook that was posted to another path is lost, because it is not sent again: the merchant who entered that path
/// at the provider has to learn of it.
fn notice_lost_webhook(shared: &Shared, connection: &Connection, request: &Request) {
    if let Some(receiver) = shared.signed_for(request) {
        let found: String = request.uri().path().chars().take(LONGEST_PATH).collect();
        let expected = receiver.scheme().path();
        let why = format!("it was sent to {found:?}, and webhooks are received at {expected:?}");
        log::turned_away(receiver, connection, RejectionReason::WrongPath, &why, (shared.clock)());
    }
}

async fn webhook(
    shared: &Shared,
    receiver: &Receiver,
    connection: &Connection,
    request: Request,
) -> Response {
    let limit = shared.limits.request_deadline;
    match tokio::time::timeout(limit, receive(shared, receiver, connection, request)).await {
        Ok(response) => response,
        Err(_) => {
            let (reason, now) = (RejectionReason::Unavailable, (shared.clock)());
            log::turned_away(receiver, connection, reason, &"storing took too long", now);
            unavailable()
        }
    }
}

async fn receive(
    shared: &Shared,
    receiver: &Receiver,
    connection: &Connection,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let body = match body::read(&head.headers, body, shared.limits.body()).await {
        Ok(body) => body,
        Err(why) => {
            let now = (shared.clock)();
            log::turned_away(receiver, connection, why.reason(), &"its body was not taken in", now);
            return body_error(why);
        }
    };
    let Some(_working) = connection.work() else { return unavailable() };

    let headers = body::pairs(&head.headers);
    let now = (shared.clock)();
    let request = Unverified { headers: &headers, body: &body };
    match receiver.receive(request, now).await {
        Ok(outcome) => {
            log::received(receiver, connection, &request, &outcome, now);
            answer(receiver.scheme().answer(&outcome))
        }
        Err(error) => {
            tracing::error!(%error, "a genuine webhook could not be stored");
            unavailable()
        }
    }
}

async fn health(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    reply::ok(probe::health(shared.probes.echo(uri.query()).as_deref()))
}

/// A request without the token learns nothing, not even that there are statistics. The peer's address proves nothing:
/// requests through a tunnel come from loopback.
async fn statistics(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Arc<Connection>>,
    request: Request,
) -> Response {
    let presented =
        request.headers().get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    match (&shared.stats_token, presented) {
        (Some(token), Some(presented)) if token.expose_secret().as_bytes().ct_eq(presented).into() => {
            stats::answer(&shared).await
        }
        _ => {
            notice_lost_webhook(&shared, &connection, &request);
            reply::not_found()
        }
    }
}
