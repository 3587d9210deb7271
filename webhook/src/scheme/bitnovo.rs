//! Bitnovo Pay signs with HMAC-SHA256, keyed with the device secret decoded from hex, over the nonce and the raw body.
//!
//! `X-NONCE` holds the Unix time in seconds and `X-SIGNATURE` the tag in hex. Nothing separates the nonce from the body
//! in what is signed: a nonce of another length than ten digits is refused, or bytes could move from one to the other.

use std::{
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::{Signature, Unverified, Verified};

/// Name of the header that holds the Unix time of signing, in seconds.
pub const NONCE_HEADER: &str = "X-NONCE";
/// Name of the header that holds the tag, as 64 hex digits.
pub const SIGNATURE_HEADER: &str = "X-SIGNATURE";
/// How far the nonce may lie from the receiver's clock; the provider advises 15 to 20 seconds.
pub const TOLERANCE: Duration = Duration::from_secs(20);

/// HMAC pads a key with zeros to the block of its hash; kept padded, keying cannot fail.
const BLOCK: usize = 64;
const KEY: usize = 32;

/// The secret of a device, from the dashboard: 64 hex digits. Wiped from memory when dropped.
pub struct Secret(SecretBox<[u8; BLOCK]>);

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        if text.trim().len() != text.len() {
            return Err(SecretError::SurroundingSpace);
        }
        if let Some(place) = text.chars().position(|digit| !digit.is_ascii_hexdigit()) {
            return Err(SecretError::NotHex {
                place: place.saturating_add(1),
            });
        }
        let mut key = SecretBox::new(Box::new([0; BLOCK]));
        match key
            .expose_secret_mut()
            .get_mut(..KEY)
            .map(|bytes| hex::decode_to_slice(text, bytes))
        {
            Some(Ok(())) => Ok(Self(key)),
            _ => Err(SecretError::Length { found: text.len() }),
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

/// Why a text is not a device secret. The text itself is never part of the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Space or a line break before or after the digits.
    #[error("the device secret has space around it: copy the 64 hex digits alone")]
    SurroundingSpace,
    /// Too short, too long or empty.
    #[error(
        "the device secret has {found} characters instead of 64 hex digits: copy it whole from the dashboard"
    )]
    Length {
        /// How many characters there are.
        found: usize,
    },
    /// A character other than 0-9, a-f, A-F.
    #[error(
        "character {place} of the device secret is not a hex digit: the secret is 64 of 0-9 and a-f, \
         which the dashboard shows beside the device"
    )]
    NotHex {
        /// Position of the first such character, counted from 1.
        place: usize,
    },
}

/// Why a request was not accepted. To the sender every reason should look the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A header is not there.
    #[error("the header {name} is missing: forward the request with its headers untouched")]
    MissingHeader {
        /// Which one.
        name: &'static str,
    },
    /// A header is there more than once, so that two readers could disagree on its value.
    #[error("the header {name} came more than once: it must come exactly once")]
    RepeatedHeader {
        /// Which one.
        name: &'static str,
    },
    /// The nonce is not ten digits.
    #[error("{NONCE_HEADER} is not ten digits: it holds the Unix time of signing, in seconds")]
    MalformedNonce,
    /// The signature is not 64 hex digits.
    #[error("{SIGNATURE_HEADER} is not 64 hex digits")]
    MalformedSignature,
    /// No secret gives this signature over this body.
    #[error(
        "no configured secret gives this signature: check that the secret is the one of this device and environment, \
         and that the raw body is verified, not one parsed and printed again"
    )]
    BadSignature,
    /// The signature is good, but the request is too old, or from the future.
    #[error(
        "signed {age_seconds} s before it was checked, where {tolerance_seconds} s are tolerated: \
         check this machine's clock, unless the request was held back or sent again"
    )]
    Stale {
        /// Seconds since signing; negative when the nonce lies in the future.
        age_seconds: i64,
        /// Seconds that are tolerated either way.
        tolerance_seconds: u64,
    },
}

/// Signs `body` as the provider does. `nonce` is the Unix time in seconds, as text, and goes into [`NONCE_HEADER`].
#[must_use]
pub fn sign(secret: &Secret, nonce: &str, body: &[u8]) -> Signature {
    let tag = Hmac::<Sha256>::new(secret.0.expose_secret().into())
        .chain_update(nonce.as_bytes())
        .chain_update(body)
        .finalize();
    Signature(tag.into_bytes().into())
}

/// Proves that the holder of one of `secrets` signed `request`, no further than `tolerance` from `now`.
///
/// Every secret is tried, in constant time and without an early exit, and freshness is looked at only after the
/// signature, so that nobody but a key holder learns about the clock.
///
/// # Errors
///
/// The first [`Refused`] that applies, in the order of its variants. Without any secret every signature is bad.
pub fn verify<'a>(
    request: Unverified<'a>,
    secrets: &[Secret],
    now: SystemTime,
    tolerance: Duration,
) -> Result<Verified<'a>, Refused> {
    let nonce = only(&request, NONCE_HEADER)?;
    let presented = only(&request, SIGNATURE_HEADER)?;
    let (nonce, signed_at) = parse_nonce(nonce)?;
    let mut tag = [0; 32];
    hex::decode_to_slice(presented, &mut tag).map_err(|_| Refused::MalformedSignature)?;

    let genuine = secrets.iter().fold(Choice::from(0), |found, secret| {
        found | sign(secret, nonce, request.body).as_bytes().ct_eq(&tag)
    });
    if !bool::from(genuine) {
        return Err(Refused::BadSignature);
    }

    let age_seconds = match now.duration_since(signed_at) {
        Ok(age) => seconds(age),
        Err(ahead) => seconds(ahead.duration()).saturating_neg(),
    };
    if age_seconds.unsigned_abs() > tolerance.as_secs() {
        return Err(Refused::Stale {
            age_seconds,
            tolerance_seconds: tolerance.as_secs(),
        });
    }
    Ok(Verified {
        body: request.body,
        signature: Signature(tag),
        signed_at,
    })
}

fn only<'a>(request: &Unverified<'a>, name: &'static str) -> Result<&'a [u8], Refused> {
    let mut values = request.header(name);
    match (values.next(), values.next()) {
        (None, _) => Err(Refused::MissingHeader { name }),
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(Refused::RepeatedHeader { name }),
    }
}

fn parse_nonce(value: &[u8]) -> Result<(&str, SystemTime), Refused> {
    let digits = value.len() == 10 && value.iter().all(u8::is_ascii_digit);
    let text = str::from_utf8(value)
        .ok()
        .filter(|_| digits)
        .ok_or(Refused::MalformedNonce)?;
    let unix_seconds = text.parse().map_err(|_| Refused::MalformedNonce)?;
    let signed_at = UNIX_EPOCH
        .checked_add(Duration::from_secs(unix_seconds))
        .ok_or(Refused::MalformedNonce)?;
    Ok((text, signed_at))
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
