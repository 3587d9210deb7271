//! What makes an order recognisable in the API's list: the key, in the one field that neither the customer nor the
//! merchant's own books see.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    DeviceMark, Fingerprint, IdempotencyKey, InvalidRequest, ListedPayment, Payment, Unreadable,
    generated::types::OrderRequestInternalData, new_order::within_limits,
};

/// What `internal_data` holds of an order that was created under a key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Imprint {
    /// Says what this is to whoever finds it, and which form it has.
    #[serde(rename = "bitnovo-pay")]
    version: u32,
    pub(crate) key: IdempotencyKey,
    /// Two tills of one merchant may both count their sales from 1.
    pub(crate) device: DeviceMark,
    /// Of the request, so that another sale under the same key is told apart after a restart, too.
    pub(crate) request: Fingerprint,
    /// Tells the process that created the order from every other.
    pub(crate) attempt: Uuid,
    /// The order whose page nobody ever saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<Uuid>,
    /// What the merchant's own program had put into the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

const VERSION: u32 = 1;
/// What the API's field holds, in characters.
const FIELD: usize = 1024;

impl Imprint {
    pub(crate) fn new(
        key: &IdempotencyKey,
        device: DeviceMark,
        request: Fingerprint,
        attempt: Uuid,
        data: Option<&str>,
    ) -> Result<Self, InvalidRequest> {
        let data = data.map(ToOwned::to_owned);
        // A replacement must fit as well: there is no way back once it is needed.
        let largest = Self {
            version: VERSION,
            key: key.clone(),
            device,
            request,
            attempt,
            replaces: Some(Uuid::nil()),
            data: data.clone(),
        };
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
        serde_json::to_string(self).map_err(|_| InvalidRequest::Unwritable)
    }

    /// Anybody may have written into the field: what is not ours is nothing.
    pub(crate) fn of(payment: &Payment) -> Option<Self> {
        Self::read(payment.internal_data.as_deref()?)
    }

    pub(crate) fn read(internal_data: &str) -> Option<Self> {
        serde_json::from_str(internal_data).ok()
    }
}

impl Payment {
    /// The key under which the order was created, if it was created under one.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<IdempotencyKey> {
        Imprint::of(self).map(|imprint| imprint.key)
    }

    /// The order that this one was created for, because nobody ever saw the page of that one.
    #[must_use]
    pub fn replaces(&self) -> Option<Uuid> {
        Imprint::of(self)?.replaces
    }

    /// What the merchant's own program gave as [`internal_data`](crate::NewOrder::internal_data), with or without a
    /// key.
    #[must_use]
    pub fn merchant_data(&self) -> Option<String> {
        match Imprint::of(self) {
            Some(imprint) => imprint.data,
            None => self.internal_data.clone(),
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
        Ok(data.and_then(|data| Imprint::read(data)).map(|imprint| imprint.key))
    }

    /// The order that this one was created for, because nobody ever saw the page of that one.
    ///
    /// # Errors
    /// Why the field that would hold it cannot be read.
    pub fn replaces(&self) -> Result<Option<Uuid>, Unreadable> {
        let data = self.internal_data()?;
        Ok(data.and_then(|data| Imprint::read(data)).and_then(|imprint| imprint.replaces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceId, Fiat, NewOrder};

    fn payment(internal_data: &str) -> Payment {
        let json = include_str!("../../tests/samples/websocket_message_CO.json");
        let mut payment: Payment = serde_json::from_str(json).unwrap();
        payment.internal_data = Some(internal_data.to_owned());
        payment
    }

    fn imprint(key: &str, data: Option<&str>) -> Result<Imprint, InvalidRequest> {
        let request = NewOrder::link("1".parse().unwrap(), Fiat::Eur).fingerprint().unwrap();
        let device = DeviceId::from(Uuid::from_u128(5)).mark();
        Imprint::new(&key.parse().unwrap(), device, request, Uuid::from_u128(7), data)
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
            "{\"key\":\"ORD-1\"}",
            &ours.replace("ORD-1", "ORD 1"),
            &ours.replace("\"request\":\"", "\"request\":\"zz"),
            &ours[..ours.len() - 1],
            &"[".repeat(1024),
        ] {
            let payment = payment(foreign);
            assert_eq!(payment.idempotency_key(), None, "{foreign}");
            assert_eq!(payment.merchant_data().as_deref(), Some(foreign));
        }
    }
}
