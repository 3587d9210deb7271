//! An axum extractor: handlers receive verified webhooks.
//!
//! ```no_run
//! use std::time::SystemTime;
//! use axum::{Router, extract::FromRef, http::StatusCode, routing::post};
//! use payments_webhook::{
//!     extractor::{AcceptedEvent, VerifiedEvent, Verifier},
//!     scheme::bitnovo::{self, Bitnovo, Notification},
//! };
//!
//! #[derive(Clone)]
//! struct Shop {
//!     webhooks: Verifier,
//! }
//!
//! impl FromRef<Shop> for Verifier {
//!     fn from_ref(shop: &Shop) -> Self {
//!         shop.webhooks.clone()
//!     }
//! }
//!
//! async fn paid(event: VerifiedEvent) -> Result<AcceptedEvent, StatusCode> {
//!     let notification = Notification::of(&event).ok_or(StatusCode::BAD_REQUEST)?;
//!     println!("{:?} is {:?}", notification.identifier, notification.status);
//!     // The event is stored: from here on the same request is a replay.
//!     Ok(event.accept())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = std::env::var("BITNOVO_DEVICE_SECRET")?.parse()?;
//! let shop = Shop { webhooks: Verifier::new(Bitnovo::new(vec![secret])?, SystemTime::now) };
//! let app: Router = Router::new().route(bitnovo::PATH, post(paid)).with_state(shop);
//! # Ok(())
//! # }
//! ```

use std::{fmt, ops::Deref, sync::Arc, time::SystemTime};

pub use crate::http::Clock;

use axum::{
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
};

use crate::{
    admission::{Admission, Gate},
    event::WebhookEvent,
    http::{
        body::{self, BodyError, BodyLimits},
        reply,
    },
    outcome::{ReceiveOutcome, WebhookResponse},
    rejection::Rejection,
    replay::ReplayEntry,
    request::Unverified,
    scheme::Scheme,
};

/// Part of an application's state: the secrets and the memory of accepted requests. Clones share both.
///
/// Its memory begins with the second after it is made: what was signed up to then is refused, because the process before
/// this one may have accepted it.
#[derive(Clone)]
pub struct Verifier(Arc<Parts>);

struct Parts {
    gate: Gate,
    clock: Clock,
}

impl Verifier {
    /// Verifies with `scheme`, at the time that `clock` returns: `SystemTime::now` outside of tests.
    pub fn new(
        scheme: impl Scheme + 'static,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let gate = Gate::new(Box::new(scheme), clock());
        Self(Arc::new(Parts { gate, clock: Arc::new(clock) }))
    }
}

/// A webhook that a holder of the secret sent just now, and that this process has not accepted before.
///
/// As an argument of a handler it takes in the body, at most 64 KiB within 5 s, and rejects what it cannot verify.
/// Until it is [accepted](Self::accept) the same request is refused as a replay, because it is being worked on. Dropped
/// without that, because the handler answered with an error, panicked, timed out or was cancelled, it lets the same
/// request pass again, so that the sender can deliver it once more.
///
/// The same notification signed anew is no replay: keep [`identity`](WebhookEvent::identity) as a unique key beside what you
/// store.
#[derive(Debug)]
#[must_use = "an event that is dropped without being accepted can be delivered again"]
pub struct VerifiedEvent {
    event: WebhookEvent,
    entry: Option<ReplayEntry>,
    answer: WebhookResponse,
}

impl VerifiedEvent {
    /// The event had its effect: from now on the same request is a replay. Call it once what the event asks for is done
    /// or stored, and return what it gives as the handler's answer.
    pub fn accept(self) -> AcceptedEvent {
        if let Some(entry) = self.entry {
            entry.keep();
        }
        AcceptedEvent { event: self.event, answer: self.answer }
    }
}

/// An event that was accepted; as a response, the success that the provider expects.
#[derive(Debug)]
pub struct AcceptedEvent {
    event: WebhookEvent,
    answer: WebhookResponse,
}

impl AcceptedEvent {
    /// The event alone, for handlers that answer in another way.
    pub fn into_inner(self) -> WebhookEvent {
        self.event
    }
}

impl IntoResponse for AcceptedEvent {
    fn into_response(self) -> Response {
        reply::answer(self.answer)
    }
}

impl Deref for VerifiedEvent {
    type Target = WebhookEvent;

    fn deref(&self) -> &WebhookEvent {
        &self.event
    }
}

/// Why the extractor rejected a request. As a response it does not show the reason.
#[derive(Debug)]
pub struct WebhookRejection(Cause);

#[derive(Debug)]
enum Cause {
    BodyError(BodyError),
    Rejected(Rejection, WebhookResponse),
    Full,
}

impl WebhookRejection {
    /// Why verification failed, for the log; `None` when the request was not verified at all.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        match &self.0 {
            Cause::Rejected(refused, _) => Some(refused),
            Cause::BodyError(_) | Cause::Full => None,
        }
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::BodyError(why) => formatter.write_str(why.reason().as_str()),
            Cause::Rejected(refused, _) => refused.fmt(formatter),
            Cause::Full => formatter.write_str("the replay guard is full"),
        }
    }
}

impl std::error::Error for WebhookRejection {}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        match self.0 {
            Cause::BodyError(why) => reply::body_error(why),
            Cause::Rejected(_, answer) => reply::answer(answer),
            Cause::Full => reply::unavailable(),
        }
    }
}

impl<S> FromRequest<S> for VerifiedEvent
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebhookRejection> {
        let Verifier(verifier) = Verifier::from_ref(state);
        let (head, body) = request.into_parts();
        let body = body::read(&head.headers, body, BodyLimits::default())
            .await
            .map_err(|why| WebhookRejection(Cause::BodyError(why)))?;
        let headers = body::pairs(&head.headers);
        verifier.admit(Unverified { headers: &headers, body: &body })
    }
}

impl Parts {
    fn admit(&self, request: Unverified<'_>) -> Result<VerifiedEvent, WebhookRejection> {
        let scheme = self.gate.scheme();
        match self.gate.admit(request, (self.clock)()) {
            Admission::Fresh(event, entry) => {
                let answer = scheme.answer(&ReceiveOutcome::New(Arc::new(event.clone())));
                Ok(VerifiedEvent { event, entry, answer })
            }
            Admission::Untrusted(_, rejection) | Admission::Rejected(rejection) => {
                let answer = scheme.answer(&ReceiveOutcome::Rejected(rejection.clone()));
                Err(WebhookRejection(Cause::Rejected(rejection, answer)))
            }
            Admission::Full => Err(WebhookRejection(Cause::Full)),
        }
    }
}
