//! Amounts as text, for what is stored.
//!
//! A number that passes through [`serde_json::Value`], `#[serde(flatten)]`, a tagged enum or another format is a binary
//! fraction there, and loses digits. A text keeps them. For `#[serde(with = "…")]` on a field of type [`Money`]; for
//! an optional one there is [`option`].
//!
//! ```
//! use payments_core::{Money, money};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct Row {
//!     #[serde(with = "money::text")]
//!     asked: Money,
//!     #[serde(with = "money::text::option", default)]
//!     paid: Option<Money>,
//! }
//!
//! let row = Row { asked: "0.1234567890123456789".parse()?, paid: None };
//! let value = serde_json::to_value(&row)?;
//! assert_eq!(value["asked"], "0.1234567890123456789");
//! assert_eq!(serde_json::from_value::<Row>(value)?.asked, row.asked);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use serde::{Deserializer, Serializer, de};

use super::Money;

/// Writes an amount as text.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(amount: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// Reads an amount from a text, or from a whole number.
///
/// # Errors
/// When it is neither, or no amount.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    deserializer.deserialize_any(AmountVisitor)
}

/// The same for an optional amount.
pub mod option {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Money;

    /// Writes an amount as text, or none.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(amount: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => serializer.collect_str(amount),
            None => serializer.serialize_none(),
        }
    }

    /// Reads an amount from a text or from a whole number, or none.
    ///
    /// # Errors
    /// When it is neither, or no amount.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
        #[derive(Deserialize)]
        struct Text(#[serde(with = "super")] Money);
        Ok(Option::<Text>::deserialize(deserializer)?.map(|Text(amount)| amount))
    }
}

struct AmountVisitor;

impl de::Visitor<'_> for AmountVisitor {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount as text, such as \"19.99\", because a number may have lost digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Money, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Money, E> {
        self.visit_str(&whole.to_string())
    }

    fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Money, E> {
        self.visit_str(&whole.to_string())
    }
}
