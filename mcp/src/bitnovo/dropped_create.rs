//! What the log says of a create that ends without an answer: its client has given up, or the process ends. The key is
//! the only way back to an order that may exist, and a key that was generated stands nowhere else.

use bitnovo_pay::IdempotencyKey;
use uuid::Uuid;

/// A create that is under way. Dropped before it is [answered](Self::answered), it leaves a warning with its key.
#[derive(Debug)]
pub(crate) struct DroppedCreate {
    key: IdempotencyKey,
    sent: bool,
    created: Option<Uuid>,
    is_answered: bool,
}

impl DroppedCreate {
    pub(crate) fn of(key: &IdempotencyKey) -> Self {
        Self { key: key.clone(), sent: false, created: None, is_answered: false }
    }

    /// From here on the request may have been sent.
    pub(crate) fn sent(&mut self) {
        self.sent = true;
    }

    /// The order exists.
    pub(crate) fn created(&mut self, identifier: Uuid) {
        self.created = Some(identifier);
    }

    /// The caller gets an answer.
    pub(crate) fn answered(mut self) {
        self.is_answered = true;
    }
}

impl Drop for DroppedCreate {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let idempotency_key = self.key.as_str();
        if let Some(identifier) = self.created {
            tracing::warn!(
                idempotency_key,
                %identifier,
                "a create ended without an answer: the order exists, and the same call with this key returns it"
            );
        } else if self.sent {
            tracing::warn!(
                idempotency_key,
                "a create ended without an answer: the order may exist, and the same call with this key looks for it"
            );
        } else {
            tracing::warn!(
                idempotency_key,
                "a create ended before its request was sent: this call created no order"
            );
        }
    }
}
