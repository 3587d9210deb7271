//! The device id: the one credential of the API.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The identifier of a device of the merchant, which every request carries.
///
/// It is a credential: a program that knows it can act as the device. It prints masked; only [`expose`](Self::expose) returns
/// the text.
///
/// ```
/// use bitnovo_pay::DeviceId;
///
/// let device: DeviceId = "12345678-90ab-4cde-8f01-234567890abc".parse()?;
/// assert_eq!(device.to_string(), "12345678-****-****-****-********0abc");
/// # Ok::<(), bitnovo_pay::DeviceIdError>(())
/// ```
#[derive(Clone)]
pub struct DeviceId(SecretString);

/// Sixteen hex digits that identify the device and do not reveal its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct DeviceMark(String);

impl DeviceMark {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a device id. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceIdError {
    /// Space before or after it.
    #[error("there is space around the device id; remove it")]
    SurroundingSpace,
    /// Not a UUID with hyphens.
    #[error(
        "expected a UUID of 36 characters, such as 12345678-90ab-4cde-8f01-234567890abc; copy it from the dashboard \
         (Settings, Merchant, Devices)"
    )]
    NotAUuid,
}

impl DeviceId {
    /// The identifier in full, for a request header. Never print it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// A name of the device for records about its payments: sixteen hex digits that do not reveal the identifier.
    #[must_use]
    pub fn account(&self) -> String {
        self.mark().0
    }

    /// Identifies this device in a place that others read.
    pub(crate) fn mark(&self) -> DeviceMark {
        let [a, b, c, d, e, f, g, h, ..] = Sha256::digest(self.expose().to_ascii_lowercase()).0;
        DeviceMark(hex::encode([a, b, c, d, e, f, g, h]))
    }

    /// Puts the masked form in place of the identifier, wherever a text holds it.
    pub(crate) fn mask_in(&self, text: &str) -> String {
        let lower = self.expose().to_ascii_lowercase();
        // Lowering ASCII letters keeps every byte where it is.
        let searched = text.to_ascii_lowercase();
        let (mut masked, mut rest) = (String::new(), 0);
        for (start, found) in searched.match_indices(&lower) {
            masked.push_str(text.get(rest..start).unwrap_or_default());
            masked.push_str(&self.to_string());
            rest = start.saturating_add(found.len());
        }
        masked.push_str(text.get(rest..).unwrap_or_default());
        masked
    }
}

impl FromStr for DeviceId {
    type Err = DeviceIdError;

    fn from_str(text: &str) -> Result<Self, DeviceIdError> {
        if text.trim() != text {
            return Err(DeviceIdError::SurroundingSpace);
        }
        // Other spellings of a UUID are not what the dashboard shows: something was copied wrongly.
        match Uuid::try_parse(text) {
            Ok(_) if text.len() == 36 => Ok(Self(text.into())),
            _ => Err(DeviceIdError::NotAUuid),
        }
    }
}

impl From<Uuid> for DeviceId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.to_string().into())
    }
}

/// The first eight and the last four digits; the rest is masked.
impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.expose();
        let (head, tail) = (text.get(..8).unwrap_or_default(), text.get(32..).unwrap_or_default());
        write!(f, "{head}-****-****-****-********{tail}")
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "12345678-aaaa-4bbb-8ccc-ddddeeee90ab";

    #[test]
    fn it_prints_masked_and_comes_out_only_on_request() {
        let device: DeviceId = TEXT.parse().unwrap();
        assert_eq!(device.to_string(), "12345678-****-****-****-********90ab");
        assert_eq!(format!("{device:?}"), "DeviceId(12345678-****-****-****-********90ab)");
        assert_eq!(device.expose(), TEXT);
    }

    #[test]
    fn it_is_masked_in_texts_of_others() {
        let device: DeviceId = TEXT.parse().unwrap();
        let text = format!("Device {} (ñ) is not {TEXT}.", TEXT.to_uppercase());
        assert_eq!(
            device.mask_in(&text),
            "Device 12345678-****-****-****-********90ab (ñ) is not 12345678-****-****-****-********90ab."
        );
        assert_eq!(device.mask_in("nothing here"), "nothing here");
    }

    #[test]
    fn a_wrong_device_id_is_refused_without_being_repeated() {
        for (text, error) in [
            ("", DeviceIdError::NotAUuid),
            ("my-device", DeviceIdError::NotAUuid),
            ("12345678aaaa4bbb8cccddddeeee90ab", DeviceIdError::NotAUuid),
            ("{12345678-aaaa-4bbb-8ccc-ddddeeee90ab}", DeviceIdError::NotAUuid),
            ("urn:uuid:12345678-aaaa-4bbb-8ccc-ddddeeee90ab", DeviceIdError::NotAUuid),
            ("12345678-aaaa-4bbb-8ccc-ddddeeee90ag", DeviceIdError::NotAUuid),
            (" 12345678-aaaa-4bbb-8ccc-ddddeeee90ab", DeviceIdError::SurroundingSpace),
            ("12345678-aaaa-4bbb-8ccc-ddddeeee90ab\n", DeviceIdError::SurroundingSpace),
        ] {
            let refused = text.parse::<DeviceId>().expect_err(text);
            assert_eq!(refused, error, "{text:?}");
            assert!(!refused.to_string().contains("aaaa"));
        }
    }
}
