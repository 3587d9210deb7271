//! The kinds of arguments that only the tools of Bitnovo take.

use std::borrow::Cow;

use bitnovo_pay::Fiat;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A fiat currency in which an order can be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FiatCode(pub(crate) Fiat);

impl Default for FiatCode {
    fn default() -> Self {
        Self(Fiat::Eur)
    }
}

impl<'de> Deserialize<'de> for FiatCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for FiatCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for FiatCode {
    fn schema_name() -> Cow<'static, str> {
        "FiatCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<String> = Fiat::ALL.iter().map(ToString::to_string).collect();
        json_schema!({ "type": "string", "enum": codes })
    }
}
