//! What was asked for, in 32 bytes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};

use crate::{InvalidRequest, NewOrder, generated::types::OrderRequest};

/// What was asked for, in 32 bytes: two orders have the same one exactly when all that was asked is the same. It holds
/// nothing of the order that could be read back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Of the request as it would be sent without a key: its fields have one order, and amounts one notation.
    pub(crate) fn of(request: &OrderRequest) -> Result<Self, InvalidRequest> {
        let canonical = serde_json::to_vec(request).map_err(|_| InvalidRequest::Unwritable)?;
        Ok(Self(Sha256::digest(canonical).into()))
    }
}

impl NewOrder {
    /// The fingerprint of all that this order asks for.
    ///
    /// # Errors
    /// When the order cannot be sent, because of an amount or a text outside its limits.
    pub fn fingerprint(&self) -> Result<Fingerprint, InvalidRequest> {
        Fingerprint::of(&self.request()?)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", hex::encode(self.0))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = [0; 32];
        let text = String::deserialize(deserializer)?;
        hex::decode_to_slice(text, &mut bytes).map_err(|_| D::Error::custom("expected 64 hex digits"))?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Customer, Fiat};

    fn link(amount: &str) -> NewOrder {
        NewOrder::link(amount.parse().unwrap(), Fiat::Eur)
    }

    #[test]
    fn the_same_request_has_the_same_fingerprint_however_it_is_written() {
        let one = link("22").notes("Coffee").reference("1").fingerprint().unwrap();
        assert_eq!(link("22.00").reference("1").notes("Coffee").fingerprint().unwrap(), one);
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&text).unwrap(), one);
    }

    #[test]
    fn whatever_differs_in_a_request_differs_in_the_fingerprint() {
        let url = || "https://shop.example/".parse().unwrap();
        let customer = Customer { city: Some("Bilbao".into()), ..Customer::default() };
        let orders = [
            link("22"),
            link("22.01"),
            NewOrder::link("22".parse().unwrap(), Fiat::Usd),
            NewOrder::onchain("22".parse().unwrap(), Fiat::Eur, "BTC"),
            NewOrder::onchain("22".parse().unwrap(), Fiat::Eur, "ETH"),
            link("22").notes("a"),
            link("22").notes("b"),
            link("22").reference("a"),
            link("22").internal_data("a"),
            link("22").language("ES"),
            link("22").url_ok(url()),
            link("22").url_ko(url()),
            link("22").url_standby(url()),
            link("22").customer(customer),
        ];
        let distinct: std::collections::HashSet<Fingerprint> =
            orders.iter().map(|order| order.fingerprint().unwrap()).collect();
        assert_eq!(distinct.len(), orders.len());
    }
}
