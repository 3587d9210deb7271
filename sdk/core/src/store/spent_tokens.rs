//! Tokens that can be used once.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use super::{Namespace, StoreKey, Stored, ready};

/// Remembers which tokens were used, until each would have expired anyway.
pub trait SpentTokens: fmt::Debug + Send + Sync {
    /// Uses the token up. Of any number of uses of one token at once, one succeeds.
    ///
    /// A token that was forgotten after its expiry stays expired when the clock is set back.
    fn spend<'a>(
        &'a self,
        key: &'a StoreKey,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Stored<'a, TokenUse>;

    /// Makes a used token usable again, because nothing came of its use. A token that was forgotten stays expired.
    fn give_back<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, ()>;
}

/// Whether a token could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// The token is used from now on.
    Spent,
    /// The token was used before.
    AlreadySpent,
    /// The token has expired.
    Expired,
}

/// Remembers the used tokens of this process in memory.
#[derive(Debug, Default)]
pub struct MemorySpentTokens(Mutex<HashMap<Namespace, Tokens>>);

#[derive(Debug, Default)]
struct Tokens {
    used: HashMap<String, DateTime<Utc>>,
    by_expiry: BTreeSet<(DateTime<Utc>, String)>,
    /// The latest expiry of a token that was forgotten. Every token up to it counts as expired: a clock that is set back
    /// would otherwise make a used token usable again.
    forgotten: Option<DateTime<Utc>>,
}

impl MemorySpentTokens {
    /// How many used tokens are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens().values().map(|tokens| tokens.used.len()).sum()
    }

    /// Whether no used token is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<Namespace, Tokens>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tokens {
    fn forget_expired(&mut self, now: DateTime<Utc>) {
        while self.by_expiry.first().is_some_and(|(expires_at, _)| *expires_at < now)
            && let Some((expires_at, name)) = self.by_expiry.pop_first()
        {
            self.used.remove(&name);
            self.forgotten = self.forgotten.max(Some(expires_at));
        }
    }
}

impl SpentTokens for MemorySpentTokens {
    fn spend<'a>(
        &'a self,
        key: &'a StoreKey,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Stored<'a, TokenUse> {
        let mut tokens = self.tokens();
        let tokens = tokens.entry(key.namespace.clone()).or_default();
        tokens.forget_expired(now);
        if expires_at < now || tokens.forgotten.is_some_and(|forgotten| expires_at <= forgotten) {
            return ready(TokenUse::Expired);
        }
        if tokens.used.contains_key(&key.name) {
            return ready(TokenUse::AlreadySpent);
        }
        tokens.used.insert(key.name.clone(), expires_at);
        tokens.by_expiry.insert((expires_at, key.name.clone()));
        ready(TokenUse::Spent)
    }

    fn give_back<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, ()> {
        if let Some(tokens) = self.tokens().get_mut(&key.namespace)
            && let Some(expires_at) = tokens.used.remove(&key.name)
        {
            tokens.by_expiry.remove(&(expires_at, key.name.clone()));
        }
        ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_tokens_in_memory_conform() {
        crate::store::conformance::spent_tokens(&MemorySpentTokens::default()).await;
    }

    #[tokio::test]
    async fn used_tokens_are_forgotten_once_they_have_expired() {
        let store = MemorySpentTokens::default();
        let namespace = Namespace::new("a-provider", "an-account", "");
        for minute in 0..100 {
            let now = DateTime::from_timestamp(minute * 60, 0).unwrap();
            let expires_at = DateTime::from_timestamp((minute + 10) * 60, 0).unwrap();
            let used = store.spend(&namespace.key(minute.to_string()), expires_at, now).await.unwrap();
            assert_eq!(used, TokenUse::Spent);
        }
        assert!(store.len() <= 11, "{}", store.len());
    }
}
