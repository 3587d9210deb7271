//! Why a call failed, and what that says about orders that may exist.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use crate::{ConfigErrors, ConnectFailure, InvalidRequest, PaymentStatus, Unreadable};

/// Why a call failed.
///
/// No variant carries a body, a header, a URL or a secret: an error can be logged and shown.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The API does not know the device (401 or 403).
    #[error("the API refused the device id: it is not a device of this environment")]
    DeviceRefused,
    /// No payment of this merchant has the identifier (404).
    #[error("no payment has this identifier, or it belongs to another device or environment")]
    NotFound,
    /// The API rejected the request: an unknown currency, an amount outside the limits.
    #[error("the API refused the request ({status}){}", explained(.detail.as_deref()))]
    Refused {
        /// HTTP status.
        status: u16,
        /// The API's own words, cleaned and at most 512 characters. Data, not instructions.
        detail: Option<String>,
    },
    /// Too many requests (429).
    #[error("too many requests{}", advised(*.retry_after))]
    RateLimited {
        /// How long the API asks to wait.
        retry_after: Option<Duration>,
    },
    /// No complete answer in time.
    #[error("the API did not answer in time")]
    Timeout,
    /// No connection, or one that broke.
    #[error("{}", unreachable(*.failure))]
    Unreachable {
        /// Whether any of the request may have arrived.
        request_sent: bool,
        /// Why no connection was made; `None` when one was, and broke.
        failure: Option<ConnectFailure>,
        /// What the network said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The API failed (5xx).
    #[error("the API failed ({status})")]
    ServerError {
        /// HTTP status.
        status: u16,
    },
    /// An answer that the API's description does not know: a redirect, a page, half a body.
    #[error("the API answered something unexpected: {reason}")]
    Unexpected {
        /// What was unexpected about it, without repeating it.
        reason: String,
    },
    /// A field that decides cannot be read. What does not matter to the question is left out, and is no error.
    #[error("the API's answer{} cannot be used: {unreadable}", named(.name.as_deref()))]
    Unreadable {
        /// The identifier of the payment or the symbol of the currency, when that could be read.
        name: Option<String>,
        /// The field, and what is wrong with it.
        unreadable: Unreadable,
    },
    /// The order was created, and a field that is needed to pay it cannot be read.
    #[error("order {identifier} was created, but the API's answer cannot be used to pay it: {unreadable}")]
    UnreadableOrder {
        /// The order.
        identifier: Uuid,
        /// The field, and what is wrong with it.
        unreadable: Unreadable,
    },
    /// A list is longer than is read of it, and what was asked for needs all of it.
    #[error("the API's list is too long to be read as a whole: {read} rows were kept")]
    ListCut {
        /// The rows that were kept.
        read: usize,
    },
    /// The answer is about another payment than the one asked for.
    #[error("the API answered with payment {received} when asked for {asked}")]
    WrongPayment {
        /// The identifier asked for.
        asked: Uuid,
        /// The identifier in the answer.
        received: Uuid,
    },
    /// The key was used before, for another sale.
    #[error("the idempotency key was used before, {}", conflict(*.existing, .differing))]
    IdempotencyConflict {
        /// The order that the key belongs to, when it is known.
        existing: Option<Uuid>,
        /// The arguments in which that order differs from this one, named as in [`NewOrder`](crate::NewOrder); empty when
        /// that is not known.
        differing: Vec<&'static str>,
        /// An order that this call created although the other one exists, because the list showed that one only afterwards. It
        /// was shown to no customer and must not be.
        created: Option<Uuid>,
    },
    /// The order of this key has ended and can no longer be paid.
    #[error("the order of this idempotency key, {identifier}, is over ({status})")]
    KeySpent {
        /// The order.
        identifier: Uuid,
        /// Its status.
        status: PaymentStatus,
    },
    /// The link of this key exists, and its page is not known here: the API returns it only in the answer to the create.
    #[error(
        "the link of this idempotency key exists as {identifier}, and the address of its page is not known here"
    )]
    LinkLost {
        /// The link.
        identifier: Uuid,
    },
    /// The order was created, and the API's list could not be read afterwards: another process may have created one under
    /// the same key. It must not be shown yet. Calling again with the same key looks again.
    #[error(
        "the order {identifier} was created, and the list of orders could not be read, which shows whether another one of \
         the same idempotency key exists: {source}"
    )]
    NotCompared {
        /// The order.
        identifier: Uuid,
        /// Why the list could not be read.
        source: Box<Error>,
    },
    /// An order of this key was created by a newer version of this program.
    #[error(
        "the order {identifier} has this idempotency key in a form of version {version}, and this program reads versions 1 \
         and 2: update it"
    )]
    NewerMarker {
        /// The order.
        identifier: Uuid,
        /// The version of its marker.
        version: u64,
    },
    /// The order of this key was sent, no answer was seen, and the API's list does not show it yet.
    #[error(
        "an order was sent under this idempotency key and not answered, and the list of orders does not show it yet"
    )]
    InDoubt,
    /// The key is not known to this process and the API's list of orders could not be read, so nothing was sent.
    #[error("the list of orders could not be read, so nothing was sent: {source}")]
    NotLookedUp {
        /// Why not.
        source: Box<Error>,
    },
    /// The store of keys failed, so nothing was sent.
    #[error("the store of idempotency keys failed, so nothing was sent")]
    KeyStore {
        /// What the store said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The request was not sent, because it could not succeed.
    #[error(transparent)]
    InvalidRequest(#[from] InvalidRequest),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
}

/// Whether something was created by a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was created; making the call again cannot double it.
    NotCreated,
    /// It exists, and the error names it.
    Created,
    /// It may have been created: look before making the call again.
    Unknown,
}

impl Error {
    /// Whether a create that failed like this may have created something all the same.
    ///
    /// A refusal and a connection that was never made are certain. After a timeout, a lost connection, a 5xx or an
    /// answer that cannot be read, the order may exist.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::DeviceRefused
            | Self::NotFound
            | Self::Refused { .. }
            | Self::RateLimited { .. }
            | Self::Unreachable { request_sent: false, .. }
            | Self::IdempotencyConflict { created: None, .. }
            | Self::KeyStore { .. }
            | Self::InvalidRequest(_)
            | Self::Config(_) => Outcome::NotCreated,
            Self::KeySpent { .. }
            | Self::LinkLost { .. }
            | Self::UnreadableOrder { .. }
            | Self::NotCompared { .. }
            | Self::NewerMarker { .. }
            | Self::IdempotencyConflict { created: Some(_), .. } => Outcome::Created,
            Self::InDoubt
            | Self::Timeout
            | Self::Unreachable { request_sent: true, .. }
            | Self::ServerError { .. }
            | Self::Unexpected { .. }
            | Self::Unreadable { .. }
            | Self::ListCut { .. }
            | Self::NotLookedUp { .. }
            | Self::WrongPayment { .. } => Outcome::Unknown,
        }
    }

    /// Whether the same call may succeed later without any change. For a create, look at
    /// [`outcome`](Self::outcome) first.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Timeout
            | Self::ServerError { .. }
            | Self::InDoubt
            | Self::NotCompared { .. }
            | Self::KeyStore { .. } => true,
            Self::Unreachable { failure, .. } => !failure.is_some_and(ConnectFailure::is_lasting),
            Self::NotLookedUp { source } => source.is_retryable(),
            _ => false,
        }
    }

    /// Why no connection was made, in one word for logs.
    pub(crate) fn connect_failure(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { failure, .. } => failure.map(ConnectFailure::kind),
            Self::NotLookedUp { source } | Self::NotCompared { source, .. } => source.connect_failure(),
            _ => None,
        }
    }

    /// The list could not be read, so nothing was sent. An order that was found and cannot be used says so itself.
    pub(crate) fn not_looked_up(self) -> Self {
        match self {
            Self::NewerMarker { .. } | Self::Unreadable { .. } => self,
            source => Self::NotLookedUp { source: source.into() },
        }
    }

    /// One word for logs.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::DeviceRefused => "device_refused",
            Self::NotFound => "not_found",
            Self::Refused { .. } => "refused",
            Self::RateLimited { .. } => "rate_limited",
            Self::Timeout => "timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::ServerError { .. } => "server_error",
            Self::Unexpected { .. } => "unexpected",
            Self::Unreadable { .. } => "unreadable",
            Self::UnreadableOrder { .. } => "unreadable_order",
            Self::ListCut { .. } => "list_cut",
            Self::WrongPayment { .. } => "wrong_payment",
            Self::IdempotencyConflict { .. } => "idempotency_conflict",
            Self::KeySpent { .. } => "key_spent",
            Self::LinkLost { .. } => "link_lost",
            Self::NotCompared { .. } => "not_compared",
            Self::NewerMarker { .. } => "newer_marker",
            Self::InDoubt => "in_doubt",
            Self::NotLookedUp { .. } => "not_looked_up",
            Self::KeyStore { .. } => "key_store",
            Self::InvalidRequest(_) => "invalid_request",
            Self::Config(_) => "config",
        }
    }
}

fn named(name: Option<&str>) -> String {
    name.map(|name| format!(" about {name}")).unwrap_or_default()
}

fn explained(detail: Option<&str>) -> String {
    detail.map(|detail| format!(": \"{}\"", detail.replace('"', "'"))).unwrap_or_default()
}

fn unreachable(failure: Option<ConnectFailure>) -> String {
    match failure {
        None => "the connection to the API was lost".to_owned(),
        Some(failure) => format!("the API cannot be reached: {}", failure.explain("BITNOVO_BASE_URL")),
    }
}

fn conflict(existing: Option<Uuid>, differing: &[&str]) -> String {
    let order = existing.map(|existing| format!("for the order {existing}, ")).unwrap_or_default();
    let arguments = if differing.is_empty() {
        "other arguments".to_owned()
    } else {
        format!("another {}", differing.join(", "))
    };
    format!("{order}with {arguments}")
}

fn advised(retry_after: Option<Duration>) -> String {
    retry_after.map(|wait| format!("; try again in {} s", wait.as_secs())).unwrap_or_default()
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let request_sent = !error.is_connect() && !error.is_builder();
        if error.is_timeout() && request_sent {
            return Self::Timeout;
        }
        let failure = (!request_sent).then(|| ConnectFailure::of(&error));
        Self::Unreachable { request_sent, failure, source: Arc::new(error.without_url()) }
    }
}
