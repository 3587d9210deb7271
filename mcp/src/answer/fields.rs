//! The fields that errors, warnings and resources have, whatever the tool.

use crate::safety::redaction::vocabulary::Fields;

pub(crate) static FIELDS: Fields = Fields {
    exact: &[
        "code",
        "confirmation_token",
        "details",
        "fiat",
        "id",
        "next_action",
        "outcome",
        "retry_after_seconds",
        "variable",
    ],
    free: &["field", "message", "problems", "raw", "uri", "warnings"],
    names: &[],
};
