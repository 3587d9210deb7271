//! What must not be forgotten, behind traits: in memory here, in a database elsewhere.
//!
//! Everything kept belongs to a [`Namespace`] (provider, account, scope) and has a name in it. Times are arguments, so
//! that every store sees the same clock. Methods return boxed futures, because the store is chosen at run time; each
//! method either happens as a whole or not at all, also when its future is dropped.

use std::{fmt, pin::Pin, sync::Arc};

#[cfg(any(test, feature = "testing"))]
pub mod conformance;
mod key_store;
mod leases;
mod spend_ledger;
mod spent_tokens;
mod watermarks;

pub use key_store::{KeyEntry, KeyPhase, KeyStore, MemoryKeyStore};
pub use leases::{Lease, Leases, MemoryLeases};
pub use spend_ledger::{LedgerEntry, MemorySpendLedger, SpendDecision, SpendLedger};
pub use spent_tokens::{MemorySpentTokens, SpentTokens, TokenUse};
pub use watermarks::{KnownMarks, MemoryWatermarks, Watermark, Watermarks};

/// The future of a store's answer.
pub type Stored<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why a store could not do its work. Whether a change was made is then unknown.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Whose records these are. Records of two namespaces never meet. Clones share their text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace(Arc<[String; 3]>);

impl Namespace {
    /// The namespace of one account of one provider. `account` is no secret: a digest of a credential or a number.
    /// `scope` is empty, or names the caller on whose behalf the account is used.
    #[must_use]
    pub fn new(provider: &str, account: &str, scope: &str) -> Self {
        Self(Arc::new([provider, account, scope].map(str::to_owned)))
    }

    /// The provider's identifier.
    #[must_use]
    pub fn provider(&self) -> &str {
        let [provider, _, _] = &*self.0;
        provider
    }

    /// The account at the provider.
    #[must_use]
    pub fn account(&self) -> &str {
        let [_, account, _] = &*self.0;
        account
    }

    /// The caller, or an empty text.
    #[must_use]
    pub fn scope(&self) -> &str {
        let [_, _, scope] = &*self.0;
        scope
    }

    /// The key of a record in this namespace.
    #[must_use]
    pub fn key(&self, name: impl Into<String>) -> StoreKey {
        StoreKey { namespace: self.clone(), name: name.into() }
    }
}

/// The key of one record: (provider, account, scope, name).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreKey {
    /// Whose record it is.
    pub namespace: Namespace,
    /// Its name there.
    pub name: String,
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [provider, account, scope] = &*self.namespace.0;
        write!(f, "{provider}/{account}/{scope}/{}", self.name)
    }
}

/// The answer of a store in memory.
fn ready<'a, T: Send + 'a>(answer: T) -> Stored<'a, T> {
    Box::pin(std::future::ready(Ok(answer)))
}
