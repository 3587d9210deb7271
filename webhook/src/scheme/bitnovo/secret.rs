use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox, zeroize::Zeroizing};

/// HMAC pads a key with zeros to the block of its hash; kept padded, keying cannot fail.
const BLOCK: usize = 64;
const KEY: usize = 32;

/// The secret of a device, from the dashboard: 64 hex digits. Wiped from memory when dropped.
pub struct Secret(SecretBox<[u8; BLOCK]>);

impl Secret {
    pub(super) fn block(&self) -> &[u8; BLOCK] {
        self.0.expose_secret()
    }

    /// The secret as it is written, to recognise where its text was taken for the key.
    pub(super) fn text(&self, upper: bool) -> Zeroizing<String> {
        let key = self.block().get(..KEY).unwrap_or_default();
        Zeroizing::new(if upper { hex::encode_upper(key) } else { hex::encode(key) })
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        if text.trim().len() != text.len() {
            return Err(SecretError::SurroundingSpace);
        }
        if let Some(place) = text.chars().position(|digit| !digit.is_ascii_hexdigit()) {
            return Err(SecretError::NotHex { place: place.saturating_add(1) });
        }
        let mut key = SecretBox::new(Box::new([0; BLOCK]));
        match key.expose_secret_mut().get_mut(..KEY).map(|bytes| hex::decode_to_slice(text, bytes)) {
            Some(Ok(())) => Ok(Self(key)),
            _ => Err(SecretError::Length { found: text.len() }),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
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

/// There is no secret to verify with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no device secret is configured: without one nothing can be verified; copy the 64 hex digits that the dashboard \
     shows beside the device"
)]
pub struct NoSecret;
