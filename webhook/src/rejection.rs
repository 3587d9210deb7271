//! Why a request was rejected. The sender sees the same response for every reason; logs and records hold the reason.

/// Why a request was rejected, with a fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// A header is not there.
    #[error("the header {name} is missing: forward the request with its headers untouched")]
    MissingHeader {
        /// Which one.
        name: &'static str,
    },
    /// A header is there more than once, so that two readers could disagree on its value.
    #[error("the header {name} came more than once: it must come exactly once")]
    RepeatedHeader {
        /// Which one.
        name: &'static str,
    },
    /// What should hold the time of signing does not.
    #[error("malformed nonce: {expected}")]
    MalformedNonce {
        /// What belongs there.
        expected: &'static str,
    },
    /// What should hold the signature does not.
    #[error("malformed signature: {expected}")]
    MalformedSignature {
        /// What belongs there.
        expected: &'static str,
    },
    /// No secret gives this signature over this body.
    #[error(
        "no configured secret gives this signature: check that the secret is the one of this device and environment, \
         and that the raw body is verified, not one parsed and printed again"
    )]
    BadSignature,
    /// The signature is good, but the request is too old, or from the future.
    #[error(
        "signed {} than this machine's clock, where {tolerance_seconds} s are tolerated: \
         check that clock, unless the request was held back or sent again",
        apart(*age_seconds)
    )]
    Stale {
        /// Seconds since signing; negative when it lies in the future.
        age_seconds: i64,
        /// Seconds that are tolerated either way.
        tolerance_seconds: u64,
    },
    /// The signature is good and recent, but of a time that the replay guard does not remember.
    #[error(
        "signed at a time that this process does not remember, before its start or before its clock was set back, so it \
         may have been accepted before: read the payment from the API"
    )]
    BeforeMemory,
    /// The very same request was accepted before.
    #[error("this very request was accepted before: it has no effect a second time")]
    Replayed,
}

fn apart(age_seconds: i64) -> String {
    let side = if age_seconds < 0 { "later" } else { "earlier" };
    format!("{} s {side}", age_seconds.unsigned_abs())
}

impl Rejection {
    /// The reason under which this rejection is counted.
    #[must_use]
    pub fn reason(&self) -> RejectionReason {
        match self {
            Self::MissingHeader { .. } => RejectionReason::MissingHeader,
            Self::RepeatedHeader { .. } => RejectionReason::RepeatedHeader,
            Self::MalformedNonce { .. } => RejectionReason::MalformedNonce,
            Self::MalformedSignature { .. } => RejectionReason::MalformedSignature,
            Self::BadSignature => RejectionReason::BadSignature,
            Self::Stale { .. } => RejectionReason::Stale,
            Self::BeforeMemory => RejectionReason::BeforeMemory,
            Self::Replayed => RejectionReason::Replayed,
        }
    }
}

/// The reason under which a rejected request is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionReason {
    /// A header of the signature is not there.
    MissingHeader,
    /// A header of the signature came more than once.
    RepeatedHeader,
    /// The nonce has not the form it must have.
    MalformedNonce,
    /// The signature has not the form it must have.
    MalformedSignature,
    /// No secret gives this signature.
    BadSignature,
    /// Genuine, but not recent.
    Stale,
    /// Genuine, but signed before the replay guard's memory begins.
    BeforeMemory,
    /// Accepted before.
    Replayed,
    /// It carries a signature, but no webhook is received at its path.
    WrongPath,
    /// The body is compressed, or the request is not well-formed HTTP.
    Unreadable,
    /// The body is larger than the limit.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// Genuine, but it could not be stored.
    Unavailable,
}

impl RejectionReason {
    pub(crate) const ALL: [Self; 13] = [
        Self::MissingHeader,
        Self::RepeatedHeader,
        Self::MalformedNonce,
        Self::MalformedSignature,
        Self::BadSignature,
        Self::Stale,
        Self::BeforeMemory,
        Self::Replayed,
        Self::WrongPath,
        Self::Unreadable,
        Self::TooLarge,
        Self::TooSlow,
        Self::Unavailable,
    ];

    /// The name, in snake case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingHeader => "missing_header",
            Self::RepeatedHeader => "repeated_header",
            Self::MalformedNonce => "malformed_nonce",
            Self::MalformedSignature => "malformed_signature",
            Self::BadSignature => "bad_signature",
            Self::Stale => "stale",
            Self::BeforeMemory => "before_memory",
            Self::Replayed => "replayed",
            Self::WrongPath => "wrong_path",
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Unavailable => "unavailable",
        }
    }
}
