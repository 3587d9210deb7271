//! Where requests go: webhooks to the receiver, health and statistics to their answers, everything else away.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderMap, Uri, header::AUTHORIZATION},
    response::Response,
    routing::{any, get, post},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{
    Clock, Limits, Probes, Settings,
    connection::Connection,
    intake::{self, TurnedAway},
    probe, reply, stats,
};
use crate::{outcome::Outcome, receiver::Receiver, rejections::Reason, request::Unverified};

/// What every connection of a server works with.
pub(super) struct Shared {
    pub(super) receiver: Arc<Receiver>,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
    probes: Probes,
    stats_token: Option<SecretString>,
}

impl Shared {
    pub(super) fn new(receiver: Arc<Receiver>, settings: Settings, probes: Probes) -> Self {
        let Settings { limits, stats_token, clock } = settings;
        let stats_token = stats_token.filter(|token| !token.expose_secret().is_empty());
        Self { receiver, limits, clock, probes, stats_token }
    }
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route(
            shared.receiver.scheme().path(),
            post(webhook).fallback(async || reply::method_not_allowed("POST")),
        )
        .route("/health", get(health).fallback(async || reply::method_not_allowed("GET, HEAD")))
        .route("/stats", any(statistics))
        .fallback(async || reply::not_found())
        .with_state(shared)
}

async fn webhook(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Arc<Connection>>,
    request: Request,
) -> Response {
    let limit = shared.limits.request_deadline;
    match tokio::time::timeout(limit, receive(&shared, &connection, request)).await {
        Ok(response) => response,
        Err(_) => {
            turn_away(&shared, &connection, Reason::Unavailable, &"storing took too long");
            reply::unavailable()
        }
    }
}

async fn receive(shared: &Shared, connection: &Connection, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = match connection.framing().is_ambiguous(&head) {
        true => Err(TurnedAway::Malformed),
        false => intake::read(&head.headers, body, &shared.limits).await,
    };
    let body = match body {
        Ok(body) => body,
        Err(why) => {
            turn_away(shared, connection, why.reason(), &"its body was not taken in");
            return reply::turned_away(why);
        }
    };
    let Some(_working) = connection.work() else { return reply::unavailable() };

    let headers = intake::pairs(&head.headers);
    let now = (shared.clock)();
    let request = Unverified { headers: &headers, body: &body };
    match shared.receiver.receive(request, now).await {
        Ok(outcome) => {
            if let Outcome::Refused(refused) = &outcome
                && shared.receiver.rejections().deserves_a_line(refused.reason(), now)
            {
                let reason = refused.reason().as_str();
                tracing::warn!(reason, peer = %connection.peer(), "webhook refused: {refused}");
            }
            reply::answer(shared.receiver.scheme().answer(&outcome))
        }
        Err(error) => {
            tracing::error!(%error, "a genuine webhook could not be stored");
            reply::unavailable()
        }
    }
}

fn turn_away(shared: &Shared, connection: &Connection, reason: Reason, why: &dyn std::fmt::Display) {
    let now = (shared.clock)();
    let rejections = shared.receiver.rejections();
    rejections.count(reason, now);
    if rejections.deserves_a_line(reason, now) {
        tracing::warn!(reason = reason.as_str(), peer = %connection.peer(), "webhook turned away: {why}");
    }
}

async fn health(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    reply::ok(probe::health(shared.probes.echo(uri.query()).as_deref()))
}

/// Whoever does not know the token learns nothing, not even that there are statistics. Where the visitor comes from
/// proves nothing: those of a tunnel come from loopback.
async fn statistics(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let presented = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    match (&shared.stats_token, presented) {
        (Some(token), Some(presented)) if token.expose_secret().as_bytes().ct_eq(presented).into() => {
            stats::answer(&shared).await
        }
        _ => reply::not_found(),
    }
}
