//! One payment on the wire: an array that holds just it, or a bare object.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use crate::Payment;

/// The answer of `orders_info`.
///
/// Not an untagged enum: that would buffer the payment, and its amounts would pass through binary fractions.
#[derive(Clone, Debug)]
pub(crate) struct OnePayment(pub(crate) Payment);

impl<'de> Deserialize<'de> for OnePayment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneVisitor).map(Self)
    }
}

struct OneVisitor;

impl<'de> Visitor<'de> for OneVisitor {
    type Value = Payment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one payment, as an array that holds just it or as an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Payment, A::Error> {
        let payment = items.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        match items.next_element::<Payment>()? {
            None => Ok(payment),
            Some(_) => Err(A::Error::invalid_length(2, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Payment, A::Error> {
        Payment::deserialize(MapAccessDeserializer::new(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRAY: &str = include_str!("../../tests/samples/orders_info_200_CO.json");
    const OBJECT: &str = include_str!("../../tests/samples/websocket_message_CO.json");

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
