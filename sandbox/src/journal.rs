//! All requests to the simulated APIs, so that a test can count creates and look at bodies.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use crate::fault::Mode;

/// The oldest entries go beyond this many.
const MOST: usize = 10_000;

/// One request to an API and its result.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JournalEntry {
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
pub(crate) struct Journal(Mutex<VecDeque<JournalEntry>>);

impl Journal {
    pub(crate) fn add(&self, entry: JournalEntry) {
        let mut entries = self.lock();
        if entries.len() >= MOST {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    /// All entries, oldest first.
    pub(crate) fn entries(&self) -> Vec<JournalEntry> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<JournalEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
