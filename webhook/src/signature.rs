//! A computed or presented signature, and what is derived from it. A leaf: it uses no other module.

use std::{fmt, time::SystemTime};

/// Identifies one request: half of its computed signature. Never the nonce, which two payments of the same second share,
/// nor the text of a header, whose case may vary.
pub type ReplayKey = [u8; 16];

/// A computed or presented signature. `Display` prints its 64 lower-case hex digits; `Debug` masks it, for logs.
#[derive(Clone)]
pub struct Signature([u8; 32]);

impl Signature {
    /// The bytes of the tag.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first six digits, which are all that a log may show.
    #[must_use]
    pub fn masked(&self) -> String {
        let [first, second, third, ..] = self.0;
        format!("{first:02x}{second:02x}{third:02x}…")
    }

    pub(crate) fn replay_key(&self) -> ReplayKey {
        let mut key = ReplayKey::default();
        for (to, from) in key.iter_mut().zip(self.0) {
            *to = from;
        }
        key
    }
}

impl From<[u8; 32]> for Signature {
    /// A scheme with shorter tags fills up with zeros.
    fn from(tag: [u8; 32]) -> Self {
        Self(tag)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signature({})", self.masked())
    }
}

/// The signatures that a request presents, and those that would be genuine.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The signatures in the request; some schemes allow several.
    pub presented: Vec<Signature>,
    /// The signature of each configured secret over this request.
    pub expected: Vec<Signature>,
    /// The time of signing that the sender states; the signature covers it.
    pub signed_at: Option<SystemTime>,
}
