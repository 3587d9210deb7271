//! The kinds of arguments that several tools take. Their limits are part of the schema, for the model, and are
//! checked again here, because a client is free to ignore a schema.

use std::borrow::Cow;

use payments_core::{FiatCurrency, IdempotencyKey, Money};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use uuid::Uuid;

use crate::answer::failure::{Code, Failure};
use crate::safety::untrusted_text::shortened;

/// Above this a JSON number may have lost digits before it reaches us: an `f64` holds 15 of them.
const LARGEST: &str = "1000000000000";

/// An amount as it arrived: a JSON number or a decimal string.
///
/// It becomes money only together with its currency, because the currency decides how many decimals there are.
#[derive(Clone, Debug)]
pub(crate) struct Amount(String);

impl Amount {
    /// Reads the amount exactly.
    ///
    /// # Errors
    /// `INVALID_AMOUNT` when it is not a positive decimal that `fiat` can express.
    pub(crate) fn in_fiat(&self, field: &str, fiat: FiatCurrency) -> Result<Money, Failure> {
        let shown = shortened(&self.0, 40);
        let refuse = |why: String| {
            Failure::new(Code::InvalidAmount, format!("{field} is {shown:?}: {why}")).detail("field", field)
        };
        let amount: Money = self.0.parse().map_err(|error| refuse(format!("{error}.")))?;
        if !amount.is_positive() {
            return Err(refuse("it must be greater than zero.".into()));
        }
        if LARGEST.parse().is_ok_and(|largest: Money| amount >= largest) {
            return Err(refuse("it must be below 1000000000000.".into()));
        }
        let decimals = fiat.exponent();
        if amount.scale() > decimals {
            return Err(refuse(format!("{fiat} has {decimals} decimals, and nothing is rounded.")));
        }
        Ok(amount)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("expected a number such as 19.99, or the same as a string")),
        }
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    // Not a union with `string`, which some clients refuse; a string is accepted all the same.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // No exclusive limit: one API refuses every tool of a request for that word. Zero is refused by `in_fiat`.
        json_schema!({ "type": "number", "minimum": 0 })
    }
}

/// Reads text. What is no text is refused with the same words as text that is not what was `expected`.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D, expected: &str) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        _ => Err(D::Error::custom(format_args!("expected {expected}"))),
    }
}

/// A payment's identifier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identifier(pub(crate) Uuid);

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "the identifier of a payment, a UUID such as 0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";
        let text = text(deserializer, expected)?;
        // Only the form that the API writes: the other spellings of a UUID are not what it answered.
        match Uuid::try_parse(&text) {
            Ok(uuid) if text.len() == 36 => Ok(Self(uuid)),
            _ => Err(D::Error::custom(format_args!("expected {expected}"))),
        }
    }
}

impl JsonSchema for Identifier {
    fn schema_name() -> Cow<'static, str> {
        "Identifier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
        })
    }
}

/// Text of at least `MIN` and at most `MAX` characters.
#[derive(Clone, Debug)]
pub(crate) struct Text<const MIN: usize, const MAX: usize>(pub(crate) String);

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer, &format!("text of {MIN} to {MAX} characters"))?;
        let length = text.chars().count();
        if (MIN..=MAX).contains(&length) {
            Ok(Self(text))
        } else {
            Err(D::Error::custom(format!("expected {MIN} to {MAX} characters, not {length}")))
        }
    }
}

impl<const MIN: usize, const MAX: usize> JsonSchema for Text<MIN, MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("Text{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX })
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Whole<const DEFAULT: u32, const MIN: u32, const MAX: u32>(pub(crate) u32);

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> Default for Whole<DEFAULT, MIN, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<'de, const DEFAULT: u32, const MIN: u32, const MAX: u32> Deserialize<'de> for Whole<DEFAULT, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        if (MIN..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(D::Error::custom(format!("expected {MIN} to {MAX}, not {number}")))
        }
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> JsonSchema for Whole<DEFAULT, MIN, MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("Whole{DEFAULT}From{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// The name of one sale.
#[derive(Clone, Debug)]
pub(crate) struct Key(pub(crate) IdempotencyKey);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a key of 1 to 255 visible ASCII characters";
        text(deserializer, expected)?.parse().map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Key {
    fn schema_name() -> Cow<'static, str> {
        "IdempotencyKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" })
    }
}

/// The language of the checkout page, as two letters.
#[derive(Clone, Debug)]
pub(crate) struct LanguageCode(pub(crate) String);

impl<'de> Deserialize<'de> for LanguageCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a language of two letters, such as en or es";
        let text = text(deserializer, expected)?;
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(D::Error::custom(format_args!("expected {expected}")))
        }
    }
}

impl JsonSchema for LanguageCode {
    fn schema_name() -> Cow<'static, str> {
        "LanguageCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z]{2}$" })
    }
}
