//! What makes an order recognisable in the API's list: the key, in the one field that neither the customer nor the
//! merchant's own books see.
//!
//! The marker stands in the list for seven days, and other versions of this program read it: docs/decisions/pinned-formats.md.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    DeviceMark, Fingerprint, IdempotencyKey, InvalidRequest, ListedPayment, Payment, Unreadable,
    fingerprint::{ArgumentDigests, digest_from_hex},
    generated::types::OrderRequestInternalData,
    new_order::within_limits,
};

/// What `internal_data` holds of an order that was created under a key.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyMarker {
    pub(crate) key: IdempotencyKey,
    /// The account. Two tills of one merchant may both count their sales from 1.
    pub(crate) device: DeviceMark,
    /// Whose key it is, among those who share the account.
    scope: String,
    /// Of the request, so that another sale under the same key is told apart after a restart, too.
    pub(crate) request: Fingerprint,
    /// Distinguishes the attempt that created the order from every other.
    pub(crate) attempt: Uuid,
    /// The order whose page was never shown.
    pub(crate) replaces: Option<Uuid>,
    /// What the merchant's own program had put into the field.
    data: Option<String>,
}

/// What a text in the field is.
#[derive(Clone, Debug)]
pub(crate) enum Marker {
    Known(Box<IdempotencyMarker>),
    /// Written by a newer version of this program, under this key. What else it says is not guessed.
    Newer {
        version: u64,
        key: String,
    },
    /// The merchant may have written anything into the field.
    Foreign,
}

/// A marker as it is written: the names and their order are pinned.
///
/// `bitnovo-pay`, `key` and `device` mean the same in every version, so that each version notices a key that is taken.
#[derive(Deserialize, Serialize)]
struct Written {
    #[serde(rename = "bitnovo-pay")]
    version: u64,
    /// `None` in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    key: IdempotencyKey,
    device: DeviceMark,
    request: String,
    /// `None` in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arguments: Option<String>,
    attempt: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaces: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

/// What is read of a marker before anything else.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "bitnovo-pay")]
    version: u64,
    key: String,
}

const VERSION: u64 = 2;
const PROVIDER: &str = "bitnovo";
/// What the API's field holds, in characters.
const FIELD: usize = 1024;

impl IdempotencyMarker {
    pub(crate) fn new(
        key: &IdempotencyKey,
        device: DeviceMark,
        request: Fingerprint,
        attempt: Uuid,
        data: Option<&str>,
    ) -> Result<Self, InvalidRequest> {
        let data = data.map(ToOwned::to_owned);
        let scope = String::new();
        // A replacement must fit as well: there is no way back once it is needed.
        let largest =
            Self { key: key.clone(), device, scope, request, attempt, replaces: Some(Uuid::nil()), data };
        let excess = largest.text()?.chars().count().saturating_sub(FIELD);
        if excess > 0 {
            return Err(InvalidRequest::NoRoomForKey { excess });
        }
        Ok(Self { replaces: None, ..largest })
    }

    pub(crate) fn field(&self) -> Result<OrderRequestInternalData, InvalidRequest> {
        within_limits("internal_data", &self.text()?)
    }

    fn text(&self) -> Result<String, InvalidRequest> {
        let written = Written {
            version: VERSION,
            provider: Some(PROVIDER.to_owned()),
            scope: Some(self.scope.clone()),
            key: self.key.clone(),
            device: self.device.clone(),
            request: hex::encode(self.request.digest()),
            arguments: self.request.arguments().map(|digests| digests.to_hex()),
            attempt: self.attempt,
            replaces: self.replaces,
            data: self.data.clone(),
        };
        serde_json::to_string(&written).map_err(|_| InvalidRequest::Unwritable)
    }

    /// The marker of an order, when it is one that this version can read.
    pub(crate) fn of(payment: &Payment) -> Option<Self> {
        Self::read(payment.internal_data.as_deref()?)
    }

    pub(crate) fn read(internal_data: &str) -> Option<Self> {
        match Marker::of(internal_data) {
            Marker::Known(imprint) => Some(*imprint),
            Marker::Newer { .. } | Marker::Foreign => None,
        }
    }

    /// Whether the order belongs to this key of this account.
    pub(crate) fn is_of(&self, key: &IdempotencyKey, device: &DeviceMark) -> bool {
        self.key == *key && self.device == *device && self.scope.is_empty()
    }
}

impl Marker {
    pub(crate) fn of(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Envelope { version: 1 | 2, .. }) => {
                let imprint = serde_json::from_str(text).ok().and_then(Written::read);
                imprint.map_or(Self::Foreign, |imprint| Self::Known(Box::new(imprint)))
            }
            Ok(Envelope { version: version @ 3.., key }) => Self::Newer { version, key },
            _ => Self::Foreign,
        }
    }
}

impl Written {
    fn read(self) -> Option<IdempotencyMarker> {
        let digest = digest_from_hex(&self.request)?;
        let (request, scope) = match self.version {
            1 => (Fingerprint::version1(digest), String::new()),
            _ if self.provider? == PROVIDER => {
                (Fingerprint::version2(digest, ArgumentDigests::from_hex(&self.arguments?)?), self.scope?)
            }
            _ => return None,
        };
        let Self { key, device, attempt, replaces, data, .. } = self;
        Some(IdempotencyMarker { key, device, scope, request, attempt, replaces, data })
    }
}

impl Payment {
    /// The key under which the order was created, if it was created under one.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<IdempotencyKey> {
        IdempotencyMarker::of(self).map(|imprint| imprint.key)
    }

    /// The order that this one was created for, because nobody ever saw the page of that one.
    #[must_use]
    pub fn replaces(&self) -> Option<Uuid> {
        IdempotencyMarker::of(self)?.replaces
    }

    /// What the merchant's own program gave as [`internal_data`](crate::NewOrder::internal_data), with or without a
    /// key. `None` for an order that a newer version of this program created under a key.
    #[must_use]
    pub fn merchant_data(&self) -> Option<String> {
        let text = self.internal_data.as_deref()?;
        match Marker::of(text) {
            Marker::Known(imprint) => imprint.data,
            Marker::Newer { .. } => None,
            Marker::Foreign => Some(text.to_owned()),
        }
    }
}

impl ListedPayment {
    /// The key under which the order was created, if it was created under one.
    ///
    /// # Errors
    /// Why the field that would hold it cannot be read.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Unreadable> {
        let data = self.internal_data()?;
        Ok(data.and_then(|data| IdempotencyMarker::read(data)).map(|imprint| imprint.key))
    }

    /// The order that this one was created for, because nobody ever saw the page of that one.
    ///
    /// # Errors
    /// Why the field that would hold it cannot be read.
    pub fn replaces(&self) -> Result<Option<Uuid>, Unreadable> {
        let data = self.internal_data()?;
        Ok(data.and_then(|data| IdempotencyMarker::read(data)).and_then(|imprint| imprint.replaces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceId, Fiat, NewOrder};

    fn payment(internal_data: &str) -> Payment {
        let json = include_str!("../../../tests/samples/websocket_message_CO.json");
        let mut payment: Payment = serde_json::from_str(json).unwrap();
        payment.internal_data = Some(internal_data.to_owned());
        payment
    }

    fn imprint(key: &str, data: Option<&str>) -> Result<IdempotencyMarker, InvalidRequest> {
        let request = NewOrder::link("1".parse().unwrap(), Fiat::Eur).fingerprint().unwrap();
        let device = DeviceId::from(Uuid::from_u128(5)).mark();
        IdempotencyMarker::new(&key.parse().unwrap(), device, request, Uuid::from_u128(7), data)
    }

    /// These stand in the API's list: one that changes hides the orders of running shops from the next version.
    #[test]
    fn the_marker_is_pinned() {
        let mut full = imprint("{\"a\\\":1}", Some("ñ \u{202e}\u{1F600}\t \u{7f} /")).unwrap();
        full.replaces = Some(Uuid::from_u128(9));
        let short = imprint("ORD-1", None).unwrap();
        let expected = r#"{"bitnovo-pay":2,"provider":"bitnovo","scope":"","key":"ORD-1","device":"9002fa2529ae34cc","request":"be3e75048062f453e793f6650bc420d678e6c749f3e9f1be1c58a13795341244","arguments":"5b1026c4000000000000000000000000000000000000","attempt":"00000000-0000-0000-0000-000000000007"}"#;
        assert_eq!(short.text().unwrap(), expected);
        let expected = expected.trim_end_matches('}').replace("ORD-1", r#"{\"a\\\":1}"#);
        let expected = format!(
            r#"{expected},"replaces":"00000000-0000-0000-0000-000000000009","data":"ñ {}\t {} /"}}"#,
            "\u{202e}\u{1F600}", '\u{7f}'
        );
        assert_eq!(full.text().unwrap(), expected);
    }

    /// As the version before wrote it.
    const VERSION_1: &str = r#"{"bitnovo-pay":1,"key":"{\"a\\\":1}","device":"c4d5d0c5a6aab5fe","request":"611242e0e6cd2bae17fb5c26eb62fd62034e0e506328bc7106a954abcc869b43","attempt":"00000000-0000-0000-0000-000000000007","replaces":"00000000-0000-0000-0000-000000000009","data":"ñ 漢 \u0000"}"#;

    #[test]
    fn a_marker_of_the_first_version_is_read_and_compared() {
        let payment = payment(VERSION_1);
        let imprint = IdempotencyMarker::of(&payment).unwrap();
        assert_eq!(imprint.key.as_str(), "{\"a\\\":1}");
        assert_eq!(imprint.replaces, Some(Uuid::from_u128(9)));
        assert_eq!(payment.merchant_data().as_deref(), Some("ñ 漢 \0"));
        let order = NewOrder::link("22".parse().unwrap(), Fiat::Eur).request().unwrap();
        assert!(crate::fingerprint::Fingerprints::of(&order).unwrap().include(&imprint.request));
    }

    #[test]
    fn a_marker_of_an_unknown_version_is_not_guessed() {
        let text = VERSION_1.replacen(":1,", ":3,", 1);
        let marker = Marker::of(&text);
        assert!(matches!(&marker, Marker::Newer { version: 3, key } if key == "{\"a\\\":1}"), "{marker:?}");
        let payment = payment(&text);
        assert_eq!(
            (payment.idempotency_key(), payment.replaces(), payment.merchant_data()),
            (None, None, None)
        );
        for text in [VERSION_1.replacen(":1,", ":0,", 1), VERSION_1.replacen(":1,", ":2,", 1)] {
            assert!(matches!(Marker::of(&text), Marker::Foreign), "{text}");
        }
    }

    #[test]
    fn key_and_data_come_back_as_they_were_given() {
        for (key, data) in [
            ("ORD-1", None),
            ("{\"a\\\":1}", Some("ñ \u{202e} {\"bitnovo-pay\":1}")),
            (&"\\".repeat(255), Some("x")),
        ] {
            let mut imprint = imprint(key, data).unwrap();
            imprint.replaces = Some(Uuid::from_u128(9));
            let field = imprint.field().unwrap();
            assert!(field.chars().count() <= FIELD);
            let payment = payment(&field);
            assert_eq!(payment.idempotency_key().unwrap().as_str(), key);
            assert_eq!(payment.merchant_data().as_deref(), data);
            assert_eq!(payment.replaces(), Some(Uuid::from_u128(9)));
        }
    }

    #[test]
    fn data_that_leaves_no_room_for_the_key_is_refused_with_the_excess() {
        let error = imprint("ORD-1", Some(&"x".repeat(1000))).unwrap_err();
        let InvalidRequest::NoRoomForKey { excess } = error else { panic!("{error}") };
        assert!(imprint("ORD-1", Some(&"x".repeat(1000 - excess))).is_ok());
        assert!(imprint("ORD-1", Some(&"x".repeat(1001 - excess))).is_err());
    }

    #[test]
    fn what_somebody_else_wrote_there_is_left_alone() {
        let ours = imprint("ORD-1", None).unwrap().text().unwrap();
        for foreign in [
            "",
            "cart 7",
            "{}",
            "[]",
            "null",
            "{\"bitnovo-pay\":1}",
            "{\"bitnovo-pay\":7}",
            "{\"bitnovo-pay\":\"3\",\"key\":\"ORD-1\"}",
            "{\"key\":\"ORD-1\"}",
            &ours.replace("ORD-1", "ORD 1"),
            &ours.replace("\"request\":\"", "\"request\":\"zz"),
            &ours.replace("\"bitnovo\"", "\"other\""),
            &ours[..ours.len() - 1],
            &"[".repeat(1024),
        ] {
            let payment = payment(foreign);
            assert_eq!(payment.idempotency_key(), None, "{foreign}");
            assert_eq!(payment.merchant_data().as_deref(), Some(foreign));
        }
    }
}
