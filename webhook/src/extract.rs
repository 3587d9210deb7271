//! Hands verified webhooks to the handlers of an axum application.
//!
//! ```no_run
//! use std::time::SystemTime;
//! use axum::{Router, extract::FromRef, routing::post};
//! use bitnovo_pay_webhook::{WebhookEvent, extract::{Verified, Verifier}, scheme::bitnovo::{self, Bitnovo, Notification}};
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
//! async fn paid(event: Verified<WebhookEvent>) -> &'static str {
//!     if let Some(notification) = Notification::of(&event) {
//!         println!("{:?} is {:?}", notification.identifier, notification.status);
//!     }
//!     r#"{"success":true}"#
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
/// Its memory begins when it is made: what was signed before that second is refused, because it may have been accepted
/// by the process before this one.
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
/// Once it was handed out, the same request is refused as a replay. The same news signed anew is not: keep
/// [`identity`](WebhookEvent::identity) as a unique key beside what you store. A handler that cannot keep the event calls
/// [`release`](Self::release) and answers with an error, so that the request can be delivered again.
#[derive(Debug)]
pub struct Verified<E> {
    event: E,
    entry: KeptOnDrop,
}

#[derive(Debug)]
struct KeptOnDrop(Option<Entry>);

impl Drop for KeptOnDrop {
    fn drop(&mut self) {
        if let Some(entry) = self.0.take() {
            entry.keep();
        }
    }
}

impl<E> Verified<E> {
    /// Lets the same request pass once more, because it had no effect this time.
    pub fn release(mut self) {
        drop(self.entry.0.take());
    }

    /// The event alone.
    #[must_use]
    pub fn into_inner(self) -> E {
        self.event
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
        Ok(Verified { event, entry: KeptOnDrop(entry) })
    }
}
