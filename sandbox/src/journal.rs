//! What was asked of the API, so that a test can count creates and look at bodies.

use std::collections::VecDeque;

use serde::Serialize;
use uuid::Uuid;

use crate::fault::Mode;

/// The oldest entries go beyond this many.
const MOST: usize = 10_000;

/// One request to the API and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) at: String,
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    /// The device id, masked; null when the header was missing.
    pub(crate) device: Option<String>,
    pub(crate) body: String,
    /// What was answered; null when the connection was cut instead.
    pub(crate) status: Option<u16>,
    pub(crate) fault: Option<Mode>,
}

#[derive(Default)]
pub(crate) struct Journal(VecDeque<Entry>);

impl Journal {
    pub(crate) fn add(&mut self, entry: Entry) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    /// All entries, oldest first.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A device id as it may be shown: its first eight and last four characters.
pub(crate) fn masked(device: &str) -> String {
    match Uuid::try_parse(device) {
        Ok(uuid) => {
            let text = uuid.to_string();
            let (head, tail) = (text.get(..8).unwrap_or_default(), text.get(32..).unwrap_or_default());
            format!("{head}-****-****-****-********{tail}")
        }
        Err(_) => "(not a UUID)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_id_is_masked_by_value() {
        assert_eq!(masked("12345678-1234-4234-8234-1234567890ab"), "12345678-****-****-****-********90ab");
        assert_eq!(masked("my-key"), "(not a UUID)");
    }
}
