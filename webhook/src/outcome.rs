//! The outcome of a request, and the response to its sender.

use std::{borrow::Cow, sync::Arc};

use crate::{event::WebhookEvent, rejection::Rejection};

/// The outcome of a request that was verified.
#[derive(Clone, Debug)]
pub enum ReceiveOutcome {
    /// A new event: it is stored.
    New(Arc<WebhookEvent>),
    /// Genuine, and stored before: the sender has sent it again.
    Known {
        /// The id of the stored event.
        event_id: String,
    },
    /// Rejected. If the request was genuine but stale, the store holds it as not validated.
    Rejected(Rejection),
}

/// The response to a sender: a status and a JSON body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, `application/json`.
    pub body: Cow<'static, str>,
}
