//! JSON as the provider's Python prints it, because signatures and picky parsers depend on the bytes.
//!
//! Keys keep their order, decimals print as Python floats, and there are two styles: compact, as its web framework
//! answers, and the one of `json.dumps`, with a space after `:` and `,` and only ASCII, as its webhooks are written.

use payments_webhook::scheme::bitnovo::python;
use rust_decimal::Decimal;

use crate::bitnovo::decimal;

/// A JSON value that keeps decimals exact and keys in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    Float(Decimal),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(crate) fn object(fields: impl IntoIterator<Item = (&'static str, Json)>) -> Self {
        Self::Object(fields.into_iter().collect())
    }

    /// The shape of every refusal: `{"detail": …}`.
    pub(crate) fn detail(text: impl Into<String>) -> Self {
        Self::object([("detail", Self::Text(text.into()))])
    }

    /// As the web framework answers: no spaces, UTF-8.
    pub(crate) fn compact(&self) -> String {
        self.print(&Style { after_item: ",", after_key: ":", ascii: false })
    }

    /// As `json.dumps` prints with its defaults.
    pub(crate) fn dumps(&self) -> String {
        self.print(&Style { after_item: ", ", after_key: ": ", ascii: true })
    }

    fn print(&self, style: &Style) -> String {
        let mut out = String::new();
        self.write(style, &mut out);
        out
    }

    fn write(&self, style: &Style, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => out.push_str(&value.to_string()),
            Self::Float(value) => out.push_str(&decimal::python(*value)),
            Self::Text(text) => out.push_str(&python::string(text, style.ascii)),
            Self::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push_str(style.after_item);
                    }
                    item.write(style, out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (place, (key, value)) in fields.iter().enumerate() {
                    if place > 0 {
                        out.push_str(style.after_item);
                    }
                    out.push_str(&python::string(key, style.ascii));
                    out.push_str(style.after_key);
                    value.write(style, out);
                }
                out.push('}');
            }
        }
    }
}

struct Style {
    after_item: &'static str,
    after_key: &'static str,
    ascii: bool,
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Decimal> for Json {
    fn from(value: Decimal) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<uuid::Uuid> for Json {
    fn from(value: uuid::Uuid) -> Self {
        Self::Text(value.to_string())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Json {
        Json::object([
            ("fiat_amount", Decimal::new(1000, 1).into()),
            ("reference", "café \"1\"\n€😀".into()),
            ("safe", true.into()),
            ("block", Json::from(None::<i64>)),
            ("transactions", Json::Array(vec![Json::Integer(1), Json::Integer(2)])),
        ])
    }

    #[test]
    fn dumps_prints_what_python_prints() {
        let expected = concat!(
            r#"{"fiat_amount": 100.0, "reference": "caf\u00e9 \"1\"\n\u20ac\ud83d\ude00", "safe": true, "#,
            r#""block": null, "transactions": [1, 2]}"#
        );
        assert_eq!(sample().dumps(), expected);
    }

    #[test]
    fn compact_has_no_spaces_and_keeps_utf_8() {
        let expected = concat!(
            r#"{"fiat_amount":100.0,"reference":"café \"1\"\n€😀","safe":true,"#,
            r#""block":null,"transactions":[1,2]}"#
        );
        assert_eq!(sample().compact(), expected);
    }
}
