//! One payment on the wire: an array that holds just it, or a bare object.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{ListedPayment, Partial, Payment, Unreadable, wire::Object};

/// The answer of `orders_info`: the payment, or which field of it decides and cannot be read.
///
/// Read from the text: an untagged enum would buffer the payment, and its amounts would pass through binary fractions.
#[derive(Clone, Debug)]
pub(crate) struct PaymentReading {
    pub(crate) identifier: Option<Uuid>,
    pub(crate) payment: Result<Partial<Payment>, Unreadable>,
}

impl<'de> Deserialize<'de> for PaymentReading {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let expected =
            || D::Error::custom("expected one payment, as an array that holds just it or as an object");
        let text = raw.get();
        let text = if text.starts_with('[') {
            let [item]: [&RawValue; 1] = serde_json::from_str(text).map_err(|_| expected())?;
            item.get()
        } else {
            text
        };
        let listed = ListedPayment::of(&Object::parse(text).ok_or_else(expected)?);
        Ok(Self { identifier: listed.identifier().ok().copied(), payment: listed.payment() })
    }
}

/// The same without the reasons: a message of the WebSocket.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(any(test, feature = "websocket")),
    expect(dead_code, reason = "only a message of the WebSocket is one payment by itself")
)]
pub(crate) struct OnePayment(pub(crate) Payment);

impl<'de> Deserialize<'de> for OnePayment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PaymentReading { payment, .. } = PaymentReading::deserialize(deserializer)?;
        payment.map(|partial| Self(partial.value)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRAY: &str = include_str!("../../../tests/samples/orders_info_200_CO.json");
    const OBJECT: &str = include_str!("../../../tests/samples/websocket_message_CO.json");

    #[test]
    fn an_array_of_one_and_a_bare_object_are_the_same() {
        let OnePayment(from_array) = serde_json::from_str(ARRAY).unwrap();
        let OnePayment(from_object) = serde_json::from_str(OBJECT).unwrap();
        assert_eq!(from_array.identifier, from_object.identifier);
        assert_eq!(from_array.crypto_amount, from_object.crypto_amount);
    }

    #[test]
    fn digits_beyond_a_binary_fraction_survive_both_shapes() {
        let object = OBJECT.replacen("4.534059", "0.1234567890123456789012345", 1);
        for json in [object.clone(), format!("[{object}]")] {
            let OnePayment(payment) = serde_json::from_str(&json).unwrap();
            assert_eq!(payment.crypto_amount.unwrap().to_string(), "0.1234567890123456789012345");
        }
    }

    #[test]
    fn anything_but_exactly_one_payment_is_an_error() {
        let two = format!("[{OBJECT},{OBJECT}]");
        for json in [
            "[]",
            &two,
            "null",
            "\"CO\"",
            "3",
            "[null]",
            "{}",
            "<html>Bad gateway</html>",
            "",
            "[",
            &ARRAY[..300],
        ] {
            assert!(serde_json::from_str::<OnePayment>(json).is_err(), "{json}");
        }
    }
}
