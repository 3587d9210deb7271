//! The arguments of a tool, as its schema describes them: what a client sent is brought to one spelling before anything
//! is deserialised. Models and clients write the same value in several ways, and serde names neither a missing nor an
//! unknown field in a form that a program can read.

use payments_core::{Money, clean_text};
use rmcp::model::JsonObject;
use serde_json::{Map, Value};

use crate::answer::failure::Failure;
use crate::safety::exact_json;
use crate::safety::untrusted_text::shortened;

/// The arguments of one tool.
pub(crate) struct Fields(Vec<Field>);

struct Field {
    name: String,
    required: bool,
    kind: Kind,
}

/// What a value is brought to. Everything else is checked by the argument's own type.
enum Kind {
    Whole { from: u64, to: u64 },
    Flag,
    Choice(Vec<String>),
    Other,
}

impl Fields {
    pub(crate) fn of(schema: &JsonObject) -> Self {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let properties = schema.get("properties").and_then(Value::as_object);
        let field = |(name, property): (&String, &Value)| Field {
            name: name.clone(),
            required: required.contains(&name.as_str()),
            kind: Kind::of(property),
        };
        Self(properties.map(|properties| properties.iter().map(field).collect()).unwrap_or_default())
    }

    /// Brings `arguments` to one spelling: `null`, and `""` for an optional argument, are absent; `512.0` and `"512"` are
    /// the number 512, `"true"` is true, and a code may be in any case.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a missing, an unknown or a repeated argument, and for a value that is no spelling of what is expected.
    pub(crate) fn normalise(&self, arguments: &mut Map<String, Value>) -> Result<(), Failure> {
        if let Some(place) = arguments.get(exact_json::TWICE) {
            let place = shortened(place.as_str().unwrap_or_default(), 64);
            let message =
                format!("The argument {place} is there twice: pass it once, with the value that is meant.");
            return Err(Failure::argument(&place, message));
        }
        arguments.retain(|name, value| match value {
            Value::Null => false,
            Value::String(text) if text.is_empty() => !self.is_optional(name),
            _ => true,
        });
        if let Some(missing) =
            self.0.iter().find(|field| field.required && !arguments.contains_key(&field.name))
        {
            let message = format!("The argument {} is missing; it is required.", missing.name);
            return Err(Failure::argument(&missing.name, message));
        }
        for (name, value) in arguments {
            let Some(field) = self.0.iter().find(|field| field.name == *name) else {
                return Err(self.unknown(name));
            };
            *value = field.kind.read(value).map_err(|expected| {
                Failure::argument(name, format!("{name}: expected {expected}, not {}.", shown(value)))
            })?;
        }
        Ok(())
    }

    fn is_optional(&self, name: &str) -> bool {
        self.0.iter().any(|field| field.name == name && !field.required)
    }

    fn unknown(&self, name: &str) -> Failure {
        let shown = shortened(name, 64);
        let known: Vec<&str> = self.0.iter().map(|field| field.name.as_str()).collect();
        let takes = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Failure::argument(&shown, format!("There is no argument {shown:?}; this tool takes {takes}."))
    }
}

impl Kind {
    fn of(property: &Value) -> Self {
        let text = |name: &str| property.get(name).and_then(Value::as_str);
        let limit = |name: &str, without| property.get(name).and_then(Value::as_u64).unwrap_or(without);
        if let Some(choices) = property.get("enum").and_then(Value::as_array) {
            return Self::Choice(choices.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        }
        match text("type") {
            Some("integer") => Self::Whole { from: limit("minimum", 0), to: limit("maximum", u64::MAX) },
            Some("boolean") => Self::Flag,
            _ => Self::Other,
        }
    }

    /// The value in its one spelling.
    ///
    /// # Errors
    /// What was expected.
    fn read(&self, value: &Value) -> Result<Value, String> {
        match self {
            Self::Whole { from, to } => whole(value)
                .filter(|number| (from..=to).contains(&number))
                .map(Value::from)
                .ok_or_else(|| format!("a whole number from {from} to {to}")),
            Self::Flag => match value {
                Value::Bool(_) => Some(value.clone()),
                Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true.into()),
                Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false.into()),
                _ => None,
            }
            .ok_or_else(|| "true or false".to_owned()),
            Self::Choice(choices) => {
                let sent = value.as_str().unwrap_or_default();
                choices
                    .iter()
                    .find(|choice| choice.eq_ignore_ascii_case(sent))
                    .map(|choice| choice.as_str().into())
                    .ok_or_else(|| format!("one of {}", choices.join(", ")))
            }
            Self::Other => Ok(value.clone()),
        }
    }
}

/// A number or its digits, when nothing but zeros stands behind the point.
fn whole(value: &Value) -> Option<u64> {
    let exact: Money = match value {
        Value::Number(number) => number.to_string().parse().ok()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    exact.to_string().parse().ok()
}

/// A value from outside, for a message.
fn shown(value: &Value) -> String {
    let text = clean_text(&value.to_string());
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> Fields {
        let schema = json!({
            "properties": {
                "identifier": { "type": "string" },
                "size": { "type": "integer", "minimum": 100, "maximum": 2000 },
                "branding": { "type": "boolean" },
                "fiat": { "type": "string", "enum": ["EUR", "USD"] },
                "qr_type": { "type": "string", "enum": ["address", "both"] },
                "notes": { "type": "string" },
            },
            "required": ["identifier"],
        });
        Fields::of(schema.as_object().unwrap())
    }

    fn normalised(arguments: Value) -> Result<Value, Failure> {
        let mut arguments = arguments.as_object().unwrap().clone();
        fields().normalise(&mut arguments)?;
        Ok(arguments.into())
    }

    fn one(name: &str, value: Value) -> Result<Value, Failure> {
        let mut arguments = json!({ "identifier": "x" });
        arguments[name] = value;
        normalised(arguments).map(|arguments| arguments.get(name).cloned().unwrap_or_default())
    }

    #[test]
    fn null_and_nothing_are_absent_where_the_argument_is_optional() {
        for name in ["size", "branding", "fiat", "qr_type", "notes"] {
            for nothing in [json!(null), json!("")] {
                assert_eq!(
                    normalised(json!({ "identifier": "x", name: nothing })).unwrap(),
                    json!({ "identifier": "x" })
                );
            }
        }
        // A required argument stays, so that its own type reports what is wrong with it.
        assert_eq!(normalised(json!({ "identifier": "" })).unwrap(), json!({ "identifier": "" }));
        let failure = normalised(json!({ "identifier": null })).unwrap_err();
        assert_eq!(failure.to_json()["error"]["details"], json!({ "field": "identifier" }));
        // A blank is a value.
        assert_eq!(one("notes", json!(" ")).unwrap(), " ");
    }

    #[test]
    fn a_whole_number_may_be_written_in_several_ways() {
        for sent in [json!(512), json!(512.0), json!("512"), json!("512.0"), json!("5.12e2"), json!(5.12e2)] {
            assert_eq!(one("size", sent.clone()).unwrap(), json!(512), "{sent}");
        }
        for sent in [
            json!(512.5),
            json!("512.00000000000000001"),
            json!(99),
            json!("2001"),
            json!(-512),
            json!("1e400"),
        ] {
            let failure = one("size", sent.clone()).unwrap_err();
            assert!(
                failure.message.starts_with("size: expected a whole number from 100 to 2000, not "),
                "{sent}: {failure:?}"
            );
        }
        for sent in
            [json!(true), json!([512]), json!({ "size": 512 }), json!("big"), json!(" 512"), json!("0x200")]
        {
            assert!(one("size", sent.clone()).is_err(), "{sent}");
        }
    }

    #[test]
    fn a_flag_may_be_a_word() {
        for (sent, flag) in
            [(json!(true), true), (json!("true"), true), (json!("False"), false), (json!("TRUE"), true)]
        {
            assert_eq!(one("branding", sent).unwrap(), flag);
        }
        for sent in [json!("yes"), json!(1), json!(0), json!("1"), json!([])] {
            let failure = one("branding", sent.clone()).unwrap_err();
            assert!(
                failure.message.starts_with("branding: expected true or false, not "),
                "{sent}: {failure:?}"
            );
        }
    }

    #[test]
    fn a_code_may_be_in_any_case() {
        assert_eq!(one("fiat", json!("eur")).unwrap(), "EUR");
        assert_eq!(one("fiat", json!("Usd")).unwrap(), "USD");
        assert_eq!(one("qr_type", json!("BOTH")).unwrap(), "both");
        for sent in [json!("EURO"), json!(978), json!(["EUR"]), json!(" EUR")] {
            assert!(
                one("fiat", sent.clone()).unwrap_err().message.contains("expected one of EUR, USD"),
                "{sent}"
            );
        }
    }

    #[test]
    fn a_missing_and_an_unknown_argument_name_their_field() {
        let failure = normalised(json!({})).unwrap_err();
        assert_eq!(failure.to_json()["error"]["details"], json!({ "field": "identifier" }));

        let failure = normalised(json!({ "identifier": "x", "colour": "red" })).unwrap_err();
        assert_eq!(failure.to_json()["error"]["details"], json!({ "field": "colour" }));
        assert!(failure.message.contains("size"), "{}", failure.message);

        // `null` is no value of an unknown argument, but its name is still a mistake.
        assert!(normalised(json!({ "identifier": "x", "colour": "" })).is_err());
    }
}
