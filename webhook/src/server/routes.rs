//! Where requests go: webhooks to the receiver, health and statistics to their answers, everything else away.

use std::{sync::Arc, time::SystemTime};

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{
        Uri,
        header::{AUTHORIZATION, HOST},
    },
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{any, get, post},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{
    Clock, Probes, ServerLimits, ServerSettings,
    connection::Connection,
    intake::{self, BodyError},
    probe, reply, stats,
};
use crate::{
    outcome::ReceiveOutcome, receiver::Receiver, rejection::Rejection, rejection_counts::RejectionReason,
    request::Unverified, scheme::Signature,
};

/// More of a path is not logged.
const LONGEST_PATH: usize = 200;
/// The body of a webhook has some 400 bytes; what is much larger is not searched for a mistake.
const LONGEST_EXPLAINED: usize = 4096;

/// What every connection of a server works with.
pub(super) struct Shared {
    pub(super) receiver: Arc<Receiver>,
    pub(super) limits: ServerLimits,
    pub(super) clock: Clock,
    probes: Probes,
    stats_token: Option<SecretString>,
}

impl Shared {
    pub(super) fn new(receiver: Arc<Receiver>, settings: ServerSettings, probes: Probes) -> Self {
        let ServerSettings { limits, stats_token, clock } = settings;
        let stats_token = stats_token.filter(|token| !token.expose_secret().is_empty());
        Self { receiver, limits, clock, probes, stats_token }
    }
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    let path = shared.receiver.scheme().path();
    // With and without a slash at the end, whichever was entered at the provider.
    let bare = path.strip_suffix('/').unwrap_or(path);
    let webhooks = || post(webhook).fallback(async || reply::method_not_allowed("POST"));
    let mut router = Router::new().route(&format!("{bare}/"), webhooks());
    if !bare.is_empty() {
        router = router.route(bare, webhooks());
    }
    router
        .route("/health", get(health).fallback(not_health))
        .route("/stats", any(statistics))
        .fallback(nowhere)
        .layer(from_fn_with_state(Arc::clone(&shared), only_unambiguous))
        .with_state(shared)
}

/// A request that two readers could take for different ones is for neither.
async fn only_unambiguous(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Arc<Connection>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let twice = |name| headers.get_all(name).iter().nth(1).is_some();
    if connection.is_ambiguous() || twice(HOST) || twice(AUTHORIZATION) {
        turn_away(&shared, &connection, RejectionReason::Unreadable, &"it can be read in two ways");
        return reply::turned_away(BodyError::Malformed);
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

/// A webhook that was posted to another path is lost, because it is not sent again: whoever entered that path at the
/// provider has to learn of it.
fn notice_lost_webhook(shared: &Shared, connection: &Connection, request: &Request) {
    let scheme = shared.receiver.scheme();
    if scheme.looks_signed(&intake::pairs(request.headers())) {
        let found: String = request.uri().path().chars().take(LONGEST_PATH).collect();
        let why = format!("it was sent to {found:?}, and webhooks are received at {:?}", scheme.path());
        turn_away(shared, connection, RejectionReason::WrongPath, &why);
    }
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
            turn_away(&shared, &connection, RejectionReason::Unavailable, &"storing took too long");
            reply::unavailable()
        }
    }
}

async fn receive(shared: &Shared, connection: &Connection, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = match intake::read(&head.headers, body, &shared.limits).await {
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
            log(shared, connection, &request, &outcome, now);
            reply::answer(shared.receiver.scheme().answer(&outcome))
        }
        Err(error) => {
            tracing::error!(%error, "a genuine webhook could not be stored");
            reply::unavailable()
        }
    }
}

fn log(
    shared: &Shared,
    connection: &Connection,
    request: &Unverified<'_>,
    outcome: &ReceiveOutcome,
    now: SystemTime,
) {
    match outcome {
        ReceiveOutcome::New(event) => tracing::info!(
            signature = event.signature().map(Signature::masked),
            event_id = event_id(event.event_id()),
            status = event.status().filter(|status| is_code(status)),
            "webhook accepted"
        ),
        ReceiveOutcome::Known { event_id: known } => {
            tracing::info!(event_id = event_id(known), "webhook accepted: its event is known")
        }
        ReceiveOutcome::Rejected(refused)
            if shared.receiver.rejections().deserves_a_line(refused.reason(), now) =>
        {
            let reason = refused.reason().as_str();
            // It costs some hundred signatures, so that strangers get it at most once a second and for small bodies.
            let small = matches!(refused, Rejection::BadSignature) && request.body.len() <= LONGEST_EXPLAINED;
            let hint = small.then(|| shared.receiver.scheme().explain(request)).flatten();
            tracing::warn!(reason, peer = %connection.peer(), hint, "webhook refused: {refused}");
        }
        ReceiveOutcome::Rejected(_) => {}
    }
}

/// A signed body may hold any text, also a secret: only what looks like the id of an event is logged.
fn event_id(text: &str) -> Option<&str> {
    let (payment, nonce) = text.rsplit_once(':')?;
    let groups = payment.split('-').map(str::len);
    let is_uuid = groups.eq([8, 4, 4, 4, 12]);
    let plain = |text: &str, others: &[u8]| {
        text.bytes().all(|byte| byte.is_ascii_hexdigit() || others.contains(&byte))
    };
    (is_uuid && plain(payment, b"-") && nonce.len() <= 19 && plain(nonce, b"-")).then_some(text)
}

/// Whether a text can be the code of a status.
fn is_code(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn turn_away(shared: &Shared, connection: &Connection, reason: RejectionReason, why: &dyn std::fmt::Display) {
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
