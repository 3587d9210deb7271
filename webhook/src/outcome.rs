//! What became of a request, and what its sender is told.

use std::{borrow::Cow, sync::Arc};

use crate::{event::WebhookEvent, rejection::Rejection};

/// What became of a request that could be judged.
#[derive(Clone, Debug)]
pub enum ReceiveOutcome {
    /// A new event: it is stored.
    New(Arc<WebhookEvent>),
    /// Genuine, and stored before: the sender told us again.
    Known {
        /// Under which id it was stored first.
        event_id: String,
    },
    /// Not believed. If it was genuine all the same (stale), it is on record as not validated.
    Rejected(Rejection),
}

/// What the sender of a request is told: a status and a JSON body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, `application/json`.
    pub body: Cow<'static, str>,
}
