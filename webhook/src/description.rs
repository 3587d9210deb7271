//! What a webhook is about, in the provider's words, and what makes two webhooks the same event.

use sha2::{Digest, Sha256};

use crate::provider::Provider;

/// The payment and the event that a verified request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The payment, as the provider names it.
    pub identifier: Option<String>,
    /// The status, as the provider names it.
    pub status: Option<String>,
    /// A name for the event. A store extends it when another event has it already.
    pub event_id: String,
    /// Equal for two notifications of one event.
    pub identity: Identity,
}

/// Equal for two notifications of one event: a SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity([u8; 32]);

impl Identity {
    /// The identity that `parts` give together. The provider's id is part of it, so that events of two providers never
    /// share one. Parts cannot run into each other.
    #[must_use]
    pub fn of(provider: Provider, parts: &[&[u8]]) -> Self {
        let parts = [provider.id.as_bytes()].into_iter().chain(parts.iter().copied());
        let digest = parts.fold(Sha256::new(), |digest, part| {
            digest.chain_update((part.len() as u64).to_be_bytes()).chain_update(part)
        });
        Self(digest.finalize().into())
    }

    /// The digest, for use as a unique key in a database.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
