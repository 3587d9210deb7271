//! The name of one sale.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

/// The name of one sale: the same key for every attempt at it, another key for another sale.
///
/// ```
/// use payments_core::IdempotencyKey;
///
/// let key: IdempotencyKey = "ORD-1001".parse()?;
/// assert_eq!(key.as_str(), "ORD-1001");
/// assert!("order 1001".parse::<IdempotencyKey>().is_err());
/// # Ok::<(), payments_core::IdempotencyKeyError>(())
/// ```
#[derive(Clone)]
pub struct IdempotencyKey {
    text: Arc<str>,
    /// Whether the key was generated here and not used yet: then there is no order to look for. Shared by all clones.
    unused: Arc<AtomicBool>,
}

/// A text that is no idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected 1 to 255 visible ASCII characters without spaces, such as ORD-1001; an order number or a UUID will do"
)]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// A new key: a random UUID. Its first use does not read the list of orders.
    #[must_use]
    pub fn generate() -> Self {
        Self { text: Uuid::new_v4().to_string().into(), unused: Arc::new(AtomicBool::new(true)) }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is the first use of a generated key. Only the first call returns true.
    #[must_use]
    pub fn first_use(&self) -> bool {
        self.unused.swap(false, Ordering::AcqRel)
    }
}

impl FromStr for IdempotencyKey {
    type Err = IdempotencyKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self { text: text.into(), unused: Arc::default() })
        } else {
            Err(IdempotencyKeyError)
        }
    }
}

impl PartialEq for IdempotencyKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for IdempotencyKey {}

impl Hash for IdempotencyKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdempotencyKey").field(&self.text).finish()
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for IdempotencyKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        for good in ["a", "ORD-1001", "{\"x\":1}", "~", &"k".repeat(255)] {
            assert_eq!(good.parse::<IdempotencyKey>().unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a\n", "é", "\u{200b}a", "a\u{7f}", &"k".repeat(256)] {
            let error = bad.parse::<IdempotencyKey>().unwrap_err().to_string();
            assert!(error.contains("1 to 255 visible ASCII"), "{bad:?}: {error}");
        }
    }

    #[test]
    fn only_a_generated_key_has_a_first_use_and_only_one() {
        let key = IdempotencyKey::generate();
        let clone = key.clone();
        assert_ne!(key, IdempotencyKey::generate());
        assert!(clone.first_use());
        assert!(!key.first_use() && !clone.first_use());
        assert!(!key.as_str().parse::<IdempotencyKey>().unwrap().first_use());
    }
}
