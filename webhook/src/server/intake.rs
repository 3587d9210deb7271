//! Takes in the body of a request within its limits. Nothing of it is looked at here.

use axum::{
    body::Body,
    http::{HeaderMap, header::CONTENT_ENCODING},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Bytes;

use super::limits::ServerLimits;
use crate::rejection_counts::RejectionReason;

/// Why a body was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Length and chunks contradict each other, or it broke off.
    Malformed,
    /// It is compressed: the signature covers other bytes than these.
    Encoded,
    TooLarge,
    TooSlow,
}

impl BodyError {
    pub(crate) fn reason(self) -> RejectionReason {
        match self {
            Self::Malformed | Self::Encoded => RejectionReason::Unreadable,
            Self::TooLarge => RejectionReason::TooLarge,
            Self::TooSlow => RejectionReason::TooSlow,
        }
    }
}

/// Reads the whole body, counting as it comes.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limits: &ServerLimits) -> Result<Bytes, BodyError> {
    let plain = |encoding: &[u8]| encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().any(|encoding| !plain(encoding.as_bytes())) {
        return Err(BodyError::Encoded);
    }
    // A body that says itself that it is too large is not waited for.
    let announced = hyper::body::Body::size_hint(&body).lower();
    if usize::try_from(announced).map_or(true, |announced| announced > limits.body_bytes) {
        return Err(BodyError::TooLarge);
    }
    match tokio::time::timeout(limits.body_deadline, Limited::new(body, limits.body_bytes).collect()).await {
        Err(_) => Err(BodyError::TooSlow),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Ok(Err(_)) => Err(BodyError::Malformed),
    }
}

/// The headers as a scheme wants them.
pub(crate) fn pairs(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}
