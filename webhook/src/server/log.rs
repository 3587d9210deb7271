//! Logs the outcome of each request. Strangers decide how many requests are rejected, and must not decide how much is
//! logged; a signed body may hold any text.

use std::{fmt, time::SystemTime};

use super::connection::Connection;
use crate::{
    outcome::ReceiveOutcome,
    receiver::Receiver,
    rejection::{Rejection, RejectionReason},
    request::Unverified,
    signature::Signature,
};

/// The body of a webhook has some 400 bytes; what is much larger is not searched for a mistake.
const LONGEST_EXPLAINED: usize = 4096;

/// Logs the receiver's outcome.
pub(super) fn received(
    receiver: &Receiver,
    connection: &Connection,
    request: &Unverified<'_>,
    outcome: &ReceiveOutcome,
    now: SystemTime,
) {
    let provider = receiver.provider().id;
    match outcome {
        ReceiveOutcome::New(event) => tracing::info!(
            provider,
            signature = event.signature().map(Signature::masked),
            event_id = event_id(event.event_id()),
            status = event.status().filter(|status| is_code(status)),
            "webhook accepted"
        ),
        ReceiveOutcome::Known { event_id: known } => {
            tracing::info!(provider, event_id = event_id(known), "webhook accepted: its event is known")
        }
        ReceiveOutcome::Rejected(rejection)
            if receiver.rejections().deserves_a_line(rejection.reason(), now) =>
        {
            let reason = rejection.reason().as_str();
            // An explanation costs some hundred signatures: at most one a second, and only for small bodies.
            let small =
                matches!(rejection, Rejection::BadSignature) && request.body.len() <= LONGEST_EXPLAINED;
            let hint = small.then(|| receiver.scheme().explain(request)).flatten();
            let peer = connection.peer();
            tracing::warn!(provider, reason, %peer, hint, "webhook refused: {rejection}");
        }
        ReceiveOutcome::Rejected(_) => {}
    }
}

/// Counts and logs a request that never reached the receiver.
pub(super) fn turned_away(
    receiver: &Receiver,
    connection: &Connection,
    reason: RejectionReason,
    why: &dyn fmt::Display,
    now: SystemTime,
) {
    let (provider, rejections) = (receiver.provider().id, receiver.rejections());
    rejections.count(reason, now);
    if rejections.deserves_a_line(reason, now) {
        let (reason, peer) = (reason.as_str(), connection.peer());
        tracing::warn!(provider, reason, %peer, "webhook turned away: {why}");
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
