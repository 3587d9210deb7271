//! What was asked for, in 32 bytes.
//!
//! A fingerprint stands in the API's list for seven days and in key stores for longer, so its encodings are pinned:
//! docs/decisions/pinned-formats.md.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{InvalidRequest, NewOrder, generated::types::OrderRequest};

mod canonical;
mod version1;

pub(crate) use canonical::ArgumentDigests;

/// What was asked for, in 32 bytes: two orders have the same one exactly when all that was asked is the same. It holds
/// nothing of the order that could be read back.
///
/// It is written as `2:` and two groups of hex digits. Fingerprints of version 1, 64 hex digits alone, can still be read
/// and compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(Form);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Version1([u8; 32]),
    Version2([u8; 32], ArgumentDigests),
}

impl Fingerprint {
    pub(crate) const fn version1(digest: [u8; 32]) -> Self {
        Self(Form::Version1(digest))
    }

    pub(crate) const fn version2(digest: [u8; 32], arguments: ArgumentDigests) -> Self {
        Self(Form::Version2(digest, arguments))
    }

    pub(crate) const fn digest(&self) -> &[u8; 32] {
        match &self.0 {
            Form::Version1(digest) | Form::Version2(digest, _) => digest,
        }
    }

    pub(crate) const fn arguments(&self) -> Option<&ArgumentDigests> {
        match &self.0 {
            Form::Version1(_) => None,
            Form::Version2(_, arguments) => Some(arguments),
        }
    }

    /// The arguments in which the two requests differ, as far as the fingerprints hold that.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        match (self.arguments(), other.arguments()) {
            (Some(one), Some(other)) => one.differences(other),
            _ => Vec::new(),
        }
    }
}

/// The fingerprints of one request in every version that may still be met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fingerprints {
    pub(crate) current: Fingerprint,
    version1: Fingerprint,
}

impl Fingerprints {
    /// Of the request as it would be sent without a key.
    pub(crate) fn of(request: &OrderRequest) -> Result<Self, InvalidRequest> {
        Ok(Self {
            current: canonical::fingerprint(request),
            version1: Fingerprint::version1(version1::digest(request)?),
        })
    }

    /// Whether this request is the one that the fingerprint was taken of.
    pub(crate) fn include(&self, fingerprint: &Fingerprint) -> bool {
        [self.current, self.version1].contains(fingerprint)
    }
}

impl NewOrder {
    /// The fingerprint of all that this order asks for.
    ///
    /// # Errors
    /// When the order cannot be sent, because of an amount or a text outside its limits.
    pub fn fingerprint(&self) -> Result<Fingerprint, InvalidRequest> {
        Ok(canonical::fingerprint(&self.request()?))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Version1(digest) => f.write_str(&hex::encode(digest)),
            Form::Version2(digest, arguments) => {
                write!(f, "2:{}:{}", hex::encode(digest), arguments.to_hex())
            }
        }
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once(':') {
            None => digest_from_hex(&text).map(Self::version1),
            Some(("2", rest)) => rest.split_once(':').and_then(|(digest, arguments)| {
                Some(Self::version2(digest_from_hex(digest)?, ArgumentDigests::from_hex(arguments)?))
            }),
            Some((version, _)) => {
                let version: String = version.chars().take(8).collect();
                return Err(D::Error::custom(format!(
                    "a fingerprint of version {version:?} is not known here: expected version 1 or 2; a newer version of \
                     this program wrote it"
                )));
            }
        }
        .ok_or_else(|| D::Error::custom("expected 64 hex digits, or 2: and two groups of hex digits"))
    }
}

pub(crate) fn digest_from_hex(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
mod tests;
