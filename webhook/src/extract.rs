//! Hands verified webhooks to the handlers of an axum application.
//!
//! ```no_run
//! use std::time::SystemTime;
//! use axum::{Router, extract::FromRef, http::StatusCode, routing::post};
//! use payments_webhook::{
//!     WebhookEvent,
//!     extract::{Accepted, Verified, Verifier},
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
//! async fn paid(event: Verified<WebhookEvent>) -> Result<Accepted<WebhookEvent>, StatusCode> {
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

use axum::{
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
};

use crate::{
    event::WebhookEvent,
    outcome::{Answer, Outcome},
    refused::Refused,
    replay::{Denied, Entry, ReplayGuard},
    request::Unverified,
    scheme::Scheme,
    server::{
        Clock, Limits,
        intake::{self, TurnedAway},
        reply,
    },
};

/// Part of an application's state: the secrets and the memory of what was accepted. Clones share both.
///
/// Its memory begins with the second after it is made: what was signed up to then is refused, because the process before
/// this one may have accepted it.
#[derive(Clone)]
pub struct Verifier(Arc<Parts>);

struct Parts {
    scheme: Box<dyn Scheme>,
    replays: Option<Arc<ReplayGuard>>,
    limits: Limits,
    clock: Clock,
}

impl Verifier {
    /// Verifies with `scheme`, at the time that `clock` tells: `SystemTime::now` outside of tests.
    pub fn new(
        scheme: impl Scheme + 'static,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let replays = scheme.window().map(|window| Arc::new(ReplayGuard::new(window, clock())));
        Self(Arc::new(Parts {
            scheme: Box::new(scheme),
            replays,
            limits: Limits::default(),
            clock: Arc::new(clock),
        }))
    }
}

/// A webhook that a holder of the secret sent just now, and that this process has not accepted before.
///
/// As an argument of a handler it takes in the body, at most 64 KiB within 5 s, and refuses what it cannot vouch for.
/// Until it is [accepted](Self::accept) the same request is refused as a replay, because it is being worked on. Dropped
/// without that, because the handler answered with an error, panicked, timed out or was cancelled, it lets the same
/// request pass again, so that the sender can deliver it once more.
///
/// The same news signed anew is no replay: keep [`identity`](WebhookEvent::identity) as a unique key beside what you
/// store.
#[derive(Debug)]
#[must_use = "an event that is dropped without being accepted can be delivered again"]
pub struct Verified<E> {
    event: E,
    entry: Option<Entry>,
    answer: Answer,
}

impl<E> Verified<E> {
    /// The event had its effect: from now on the same request is a replay. Call it once what the event asks for is done
    /// or stored, and return what it gives as the handler's answer.
    pub fn accept(self) -> Accepted<E> {
        if let Some(entry) = self.entry {
            entry.keep();
        }
        Accepted { event: self.event, answer: self.answer }
    }
}

/// An event that was accepted; as a response, the success that the provider expects.
#[derive(Debug)]
pub struct Accepted<E> {
    event: E,
    answer: Answer,
}

impl<E> Accepted<E> {
    /// The event alone, for handlers that answer in another way.
    pub fn into_inner(self) -> E {
        self.event
    }
}

impl<E> IntoResponse for Accepted<E> {
    fn into_response(self) -> Response {
        reply::answer(self.answer)
    }
}

impl<E> Deref for Verified<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.event
    }
}

/// Why an extraction was refused. As a response it tells strangers nothing but that.
#[derive(Debug)]
pub struct Rejected(Cause);

#[derive(Debug)]
enum Cause {
    TurnedAway(TurnedAway),
    Refused(Refused, Answer),
    Full,
}

impl Rejected {
    /// Why the request was not believed, for the log; `None` when it was not even judged.
    #[must_use]
    pub fn refused(&self) -> Option<&Refused> {
        match &self.0 {
            Cause::Refused(refused, _) => Some(refused),
            Cause::TurnedAway(_) | Cause::Full => None,
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::TurnedAway(why) => formatter.write_str(why.reason().as_str()),
            Cause::Refused(refused, _) => refused.fmt(formatter),
            Cause::Full => formatter.write_str("the replay guard is full"),
        }
    }
}

impl std::error::Error for Rejected {}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        match self.0 {
            Cause::TurnedAway(why) => reply::turned_away(why),
            Cause::Refused(_, answer) => reply::answer(answer),
            Cause::Full => reply::unavailable(),
        }
    }
}

impl<S> FromRequest<S> for Verified<WebhookEvent>
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = Rejected;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejected> {
        let Verifier(verifier) = Verifier::from_ref(state);
        let (head, body) = request.into_parts();
        let body = intake::read(&head.headers, body, &verifier.limits)
            .await
            .map_err(|why| Rejected(Cause::TurnedAway(why)))?;
        let headers = intake::pairs(&head.headers);
        verifier.admit(Unverified { headers: &headers, body: &body })
    }
}

impl Parts {
    fn admit(&self, request: Unverified<'_>) -> Result<Verified<WebhookEvent>, Rejected> {
        let now = (self.clock)();
        let refuse = |refused: Refused| {
            let answer = self.scheme.answer(&Outcome::Refused(refused.clone()));
            Rejected(Cause::Refused(refused, answer))
        };
        let fresh = self
            .scheme
            .verify(request)
            .and_then(|verified| verified.fresh(self.scheme.window(), now))
            .map_err(refuse)?;
        let verified = fresh.verified();
        let entry = match &self.replays {
            None => None,
            Some(replays) => match replays.enter(self.scheme.replay_key(verified), &fresh, now) {
                Ok(entry) => Some(entry),
                Err(Denied::Replayed) => return Err(refuse(Refused::Replayed)),
                Err(Denied::BeforeMemory) => return Err(refuse(Refused::BeforeMemory)),
                Err(Denied::Full) => return Err(Rejected(Cause::Full)),
            },
        };
        let event = WebhookEvent::verified(&*self.scheme, verified, now);
        let answer = self.scheme.answer(&Outcome::New(Arc::new(event.clone())));
        Ok(Verified { event, entry, answer })
    }
}
