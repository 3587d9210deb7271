//! What is known of keys, and where it is kept.

use std::{fmt, pin::Pin};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Fingerprint, IdempotencyKey, PlacedOrder};

/// Where the memory of keys is kept: [`MemoryKeyStore`](crate::MemoryKeyStore) by default.
///
/// A store that outlives the process, or that several processes share, narrows what the API's list of orders leaves
/// open: it knows the page of a link, and lets one process at a time create under a key. It serves one device. Its
/// futures may be dropped half-way; each method either happens or does not.
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// What is known of the key.
    fn load<'a>(&'a self, key: &'a IdempotencyKey) -> Stored<'a, Option<KeyRecord>>;
    /// Writes the record if there is none yet; otherwise tells the one that is there, and changes nothing.
    fn claim<'a>(&'a self, key: &'a IdempotencyKey, record: KeyRecord) -> Stored<'a, Option<KeyRecord>>;
    /// Writes the record in place of any other. A record that is pending must not be forgotten before
    /// [`UNKNOWN_OUTCOME_WINDOW`](crate::UNKNOWN_OUTCOME_WINDOW) is over.
    fn save<'a>(&'a self, key: &'a IdempotencyKey, record: KeyRecord) -> Stored<'a, ()>;
    /// Forgets the key: nothing was created under it.
    fn remove<'a>(&'a self, key: &'a IdempotencyKey) -> Stored<'a, ()>;
}

/// What a store is about to answer.
pub type Stored<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What went wrong in a store.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct KeyRecord {
    /// What was asked for under the key.
    pub fingerprint: Fingerprint,
    /// What came of it.
    pub state: KeyState,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It was sent, and no answer has been seen yet.
    Pending(Attempt),
    /// It exists.
    Placed(PlacedOrder),
    /// It exists and was told to nobody: the API's list could not be read, and another process may have created one under
    /// the same key.
    Unchecked {
        /// The order.
        order: PlacedOrder,
        /// The attempt that created it.
        attempt: Attempt,
    },
}

impl KeyState {
    /// The order, when it is known to exist.
    pub(crate) fn identifier(&self) -> Option<Uuid> {
        match self {
            Self::Pending(_) => None,
            Self::Placed(order) | Self::Unchecked { order, .. } => Some(order.identifier),
        }
    }
}

/// One attempt at creating an order, recognised by its identifier in the API's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Attempt {
    /// Tells this attempt from every other.
    pub id: Uuid,
    /// When it began.
    pub since: DateTime<Utc>,
}
