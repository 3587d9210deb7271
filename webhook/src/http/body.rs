//! Reads the body of a request within its limits. Nothing here looks into it.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::{HeaderMap, header::CONTENT_ENCODING},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::rejection::RejectionReason;

/// What a body may take: bytes, and time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) deadline: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes: 64 * 1024, deadline: Duration::from_secs(5) }
    }
}

/// Why a body was not read.
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
pub(crate) async fn read(headers: &HeaderMap, body: Body, limits: BodyLimits) -> Result<Bytes, BodyError> {
    let plain = |encoding: &[u8]| encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().any(|encoding| !plain(encoding.as_bytes())) {
        return Err(BodyError::Encoded);
    }
    // A body that announces that it is too large is not waited for.
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |announced| announced > limits.bytes) {
        return Err(BodyError::TooLarge);
    }
    match tokio::time::timeout(limits.deadline, Limited::new(body, limits.bytes).collect()).await {
        Err(_) => Err(BodyError::TooSlow),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Ok(Err(_)) => Err(BodyError::Malformed),
    }
}

/// The headers in the form that a scheme takes.
pub(crate) fn pairs(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}
