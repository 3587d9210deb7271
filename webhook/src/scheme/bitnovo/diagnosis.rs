//! Why a signature does not fit, found by trying what people get wrong. The one list of such mistakes.

use std::{borrow::Cow, fmt};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Secret;

mod body;
mod headers;
mod reprint;

pub use reprint::Reprint;

/// What one side did differently when a signature does not match. Its text is the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// Each header holds what belongs into the other.
    #[error("the two are swapped: X-NONCE holds ten digits, and X-SIGNATURE 64 hex digits")]
    Swapped,
    /// There is a prefix before the hex digits.
    #[error("leave out the prefix of the 64 hex digits, such as sha256=; this provider sends no prefix")]
    Prefix,
    /// A header's name, quotes or spaces are part of a value.
    #[error("pass the values alone: no header name, no quotes, no spaces")]
    Decorated,
    /// The nonce has 13 digits.
    #[error(
        "a nonce of 13 digits is a time in milliseconds, which this provider does not send: take the header X-NONCE"
    )]
    Milliseconds,
    /// The signature is 32 bytes in base64.
    #[error("the signature is in base64: this provider writes its 32 bytes as 64 hex digits")]
    Base64,
    /// The signature has the length of another hash.
    #[error("{digits} hex digits are not of SHA-256: this provider signs with HMAC-SHA256, which gives 64")]
    OtherHash {
        /// How many there are.
        digits: usize,
    },
    /// The key was the secret's text instead of its bytes.
    #[error(
        "the signer used the secret as text. The key is the 32 bytes that its 64 hex digits encode: decode \
         it first (Node: Buffer.from(secret, \"hex\"); Python: bytes.fromhex(secret))"
    )]
    SecretAsText,
    /// Only the body was signed.
    #[error("the nonce was left out: what is signed is the nonce, followed by the body")]
    NonceLeftOut,
    /// The nonce was put behind the body.
    #[error("the nonce was put last: what is signed is the nonce, followed by the body")]
    NonceLast,
    /// Something was put between the nonce and the body.
    #[error(
        "{between:?} was put between nonce and body: what is signed is the nonce, directly followed by the body"
    )]
    Separator {
        /// What was put there.
        between: &'static str,
    },
    /// The body is empty, and the one that was signed was not.
    #[error("the body is empty: pass the raw body of the request")]
    EmptyBody,
    /// The body begins with a byte order mark that was not sent.
    #[error(
        "the body begins with a byte order mark (EF BB BF) that was not sent: save the raw bytes of the request, without \
         an editor that adds one"
    )]
    ByteOrderMark,
    /// The body ends in white space that was not sent, or lacks what was.
    #[error(
        "the body ends in a line break or spaces that were not sent, or lacks those that were: save the raw bytes of the \
         request (an editor or echo adds one; printf %s does not)"
    )]
    LineBreakAtEnd,
    /// Line breaks inside the body were converted.
    #[error("the line breaks of the body were converted: save the raw bytes of the request")]
    LineBreaks,
    /// The body is the same JSON in other bytes.
    #[error(
        "the body was parsed and printed again (re-serialized). It verifies as it was sent: {as_sent}. Keep the raw \
         bytes of the request, and verify those before anything parses them"
    )]
    Reserialized {
        /// How the provider had written it.
        as_sent: Reprint,
    },
}

/// Looks for the mistakes that explain why `signature` does not fit, among those that are made most often.
///
/// The list is empty when no known mistake explains it; then the secret is most likely another device's or
/// environment's, or the body was changed on its way. Two at once are found when one is of the body.
///
/// ```
/// use payments_webhook::scheme::bitnovo::{self, Mistake, Secret};
///
/// let secret: Secret = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62".parse()?;
/// let signature = bitnovo::sign(&secret, "1645634942", br#"{"fiat_amount": 100.0}"#).to_string();
/// let mistakes = bitnovo::diagnose(&secret, "1645634942", &signature, br#"{"fiat_amount":100}"#);
/// assert!(matches!(mistakes.as_slice(), [Mistake::Reserialized { .. }]));
/// # Ok::<(), bitnovo::SecretError>(())
/// ```
#[must_use]
pub fn diagnose(secret: &Secret, nonce: &str, signature: &str, body: &[u8]) -> Vec<Mistake> {
    if let Some(mistake) = headers::mistake(nonce, signature) {
        return vec![mistake];
    }
    let mut presented = [0; 32];
    if hex::decode_to_slice(signature, &mut presented).is_err() {
        return Vec::new();
    }
    let candidates = std::iter::once((None, Cow::Borrowed(body))).chain(body::as_it_may_have_been_sent(body));
    let mut found = Vec::new();
    // What was signed in the right way is looked for first: it blames nothing but the body.
    let mut candidates: Vec<_> = candidates.collect();
    for construction in CONSTRUCTIONS {
        for (change, body) in &mut candidates {
            let is_right = construction.mistake().is_none();
            if (change.is_none() && is_right) || !construction.gives(&presented, secret, nonce, body) {
                continue;
            }
            found.extend(construction.mistake());
            found.extend(change.take());
            return found;
        }
    }
    if body.is_empty() {
        found.push(Mistake::EmptyBody);
    }
    found
}

/// A way to put secret, nonce and body together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Construction {
    Right,
    TextKey,
    TextKeyUpper,
    NonceLeftOut,
    NonceLast,
    Separator(&'static str),
}

const CONSTRUCTIONS: [Construction; 9] = [
    Construction::Right,
    Construction::TextKey,
    Construction::TextKeyUpper,
    Construction::NonceLeftOut,
    Construction::NonceLast,
    Construction::Separator("."),
    Construction::Separator(":"),
    Construction::Separator("\n"),
    Construction::Separator(" "),
];

impl Construction {
    fn mistake(self) -> Option<Mistake> {
        match self {
            Self::Right => None,
            Self::TextKey | Self::TextKeyUpper => Some(Mistake::SecretAsText),
            Self::NonceLeftOut => Some(Mistake::NonceLeftOut),
            Self::NonceLast => Some(Mistake::NonceLast),
            Self::Separator(between) => Some(Mistake::Separator { between }),
        }
    }

    fn gives(self, presented: &[u8; 32], secret: &Secret, nonce: &str, body: &[u8]) -> bool {
        let (nonce, block) = (nonce.as_bytes(), secret.block());
        let fits = |key: &[u8], message: &[&[u8]]| {
            Hmac::<Sha256>::new_from_slice(key).is_ok_and(|mut tag| {
                message.iter().for_each(|part| tag.update(part));
                tag.verify_slice(presented).is_ok()
            })
        };
        match self {
            Self::Right => fits(block, &[nonce, body]),
            Self::TextKey => fits(secret.text(false).as_bytes(), &[nonce, body]),
            Self::TextKeyUpper => fits(secret.text(true).as_bytes(), &[nonce, body]),
            Self::NonceLeftOut => fits(block, &[body]),
            Self::NonceLast => fits(block, &[body, nonce]),
            Self::Separator(between) => fits(block, &[nonce, between.as_bytes(), body]),
        }
    }
}

/// Mistakes as one text: the first, and what comes on top of it.
pub(super) struct Explained<'a>(pub(super) &'a [Mistake]);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, mistake) in self.0.iter().enumerate() {
            let between = if number == 0 { "" } else { ". Besides, " };
            write!(formatter, "{between}{mistake}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
