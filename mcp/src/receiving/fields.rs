//! The fields of results of the webhook tools, and the tools' names.

use crate::safety::redaction::vocabulary::Fields;

pub(crate) static FIELDS: Fields = Fields {
    exact: &[
        "confidence",
        "connected_at",
        "event_id",
        "execution_context",
        "identifier",
        "instructions",
        "oldest_kept",
        "payment_provider",
        "provider",
        "public_url",
        "received_at",
        "source",
        "status",
        "suggested_provider",
        "webhook_url",
    ],
    free: &["indicators", "last_error", "payload", "rejected"],
    names: &[
        "get_tunnel_status",
        "get_webhook_events",
        "get_webhook_url",
        "limit",
        "validate",
        "validated_only",
    ],
};
