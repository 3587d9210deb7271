//! An answer that is read field by field, kept as its text until then.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The JSON text of an answer. The generated client hands it on unread, so that a field that does not matter cannot fail
/// a call, and so that no amount passes through a binary fraction.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct RawAnswer(Box<RawValue>);

impl RawAnswer {
    pub(crate) fn text(&self) -> &str {
        self.0.get()
    }
}

/// A body must not reach a log.
impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawAnswer")
    }
}
