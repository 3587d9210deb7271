//! What a create returns, as far as it can be read: with an identifier the order exists.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    CreatedOrder, Money, Unreadable,
    wire::{Object, partial, values},
};

partial! {
    /// The answer to a create, field by field.
    pub(crate) struct CreatedFields {
        need {
            identifier: Uuid = values::uuid,
        }
        may {
            web_url: String = values::word,
            address: String = values::word,
            tag_memo: String = values::text,
            payment_uri: String = values::word,
            expected_input_amount: Money = values::money,
            input_currency: String = values::word,
            fiat: String = values::word,
            rate: Money = values::money,
            notes: String = values::text,
            reference: String = values::text,
            language: String = values::text,
            need_dni: bool = values::boolean,
        }
    }
}

/// The answer to a create.
#[derive(Clone, Debug)]
pub(crate) struct CreatedAnswer(CreatedFields);

impl CreatedAnswer {
    /// The order, or the field that a payer needs and that cannot be read: the page of a link; where to send how
    /// much for an order on chain. An order exists all the same, once its identifier can be read.
    pub(crate) fn order(&self, is_link: bool) -> Result<CreatedOrder, (Option<Uuid>, Unreadable)> {
        let fields = &self.0;
        let identifier = *fields.identifier().map_err(|unreadable| (None, unreadable))?;
        for unreadable in fields.unread() {
            tracing::warn!(%identifier, %unreadable, "the answer to a create holds something odd");
        }
        let order = || {
            let web_url = if is_link {
                Some(fields.web_url()?.ok_or_else(|| Unreadable::missing("web_url"))?.clone())
            } else {
                fields.web_url().ok().flatten().cloned()
            };
            Ok(CreatedOrder {
                identifier,
                web_url,
                address: fields.address()?.cloned(),
                tag_memo: fields.tag_memo()?.cloned(),
                expected_input_amount: fields.expected_input_amount()?.copied(),
                input_currency: fields.input_currency()?.cloned(),
                fiat: fields.fiat()?.cloned(),
                // Made from the address and the amount where it is missing.
                payment_uri: fields.payment_uri().ok().flatten().cloned(),
                rate: fields.rate().ok().flatten().copied(),
                notes: fields.notes().ok().flatten().cloned(),
                reference: fields.reference().ok().flatten().cloned(),
                language: fields.language().ok().flatten().cloned(),
                need_dni: fields.need_dni().ok().flatten().copied(),
            })
        };
        order().map_err(|unreadable: Unreadable| (Some(identifier), unreadable))
    }
}

impl<'de> Deserialize<'de> for CreatedAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let object =
            Object::parse(raw.get()).ok_or_else(|| D::Error::custom("expected an order as an object"))?;
        Ok(Self(CreatedFields::of(&object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONCHAIN: &str = include_str!("../../../tests/samples/orders_create_200_onchain_xrp.json");
    const LINK: &str = include_str!("../../../tests/samples/orders_create_200_redirect.json");

    fn with(sample: &str, field: &str, value: &str) -> String {
        let mut fields: std::collections::BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(sample).unwrap();
        fields.insert(field.to_owned(), RawValue::from_string(value.to_owned()).unwrap());
        serde_json::to_string(&fields).unwrap()
    }

    fn read(json: &str, is_link: bool) -> Result<CreatedOrder, (Option<Uuid>, Unreadable)> {
        serde_json::from_str::<CreatedAnswer>(json).unwrap().order(is_link)
    }

    #[test]
    fn what_nobody_needs_to_pay_does_not_matter() {
        let odd = ["[]", "{}", "true", "5", "\"x\"", "null"];
        for field in ["rate", "notes", "reference", "language", "need_dni", "payment_uri"] {
            for value in odd {
                assert!(read(&with(ONCHAIN, field, value), false).is_ok(), "{field} {value}");
                assert!(read(&with(LINK, field, value), true).is_ok(), "{field} {value}");
            }
        }
        assert!(read(&with(ONCHAIN, "web_url", "{}"), false).is_ok());
    }

    #[test]
    fn an_order_that_cannot_be_shown_is_known_by_its_identifier() {
        for (sample, is_link, fields) in [
            (ONCHAIN, false, &["address", "tag_memo", "expected_input_amount", "fiat", "input_currency"][..]),
            (LINK, true, &["web_url"][..]),
        ] {
            for field in fields {
                let (identifier, unreadable) = read(&with(sample, field, "[5]"), is_link).unwrap_err();
                assert!(identifier.is_some());
                assert_eq!(unreadable.field, *field);
            }
        }
        assert_eq!(
            read(&with(LINK, "web_url", "null"), true).unwrap_err().1.to_string(),
            "web_url is missing"
        );
        for value in ["null", "5", "\"1001\""] {
            let (identifier, unreadable) = read(&with(ONCHAIN, "identifier", value), false).unwrap_err();
            assert_eq!((identifier, &*unreadable.field), (None, "identifier"), "{value}");
        }
    }
}
