//! The fields of a JSON object, with every number kept digit for digit.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The fields of an object, in the order and with the text they were sent; nothing is converted before it is asked for.
#[derive(Debug, Default)]
pub struct JsonFields<'a>(Vec<(Cow<'a, str>, JsonField<'a>)>);

impl<'a> JsonFields<'a> {
    /// `None` when `body` is not a JSON object.
    #[must_use]
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The text of a field; of a name that came twice the last, as most readers have it.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, field) = self.0.iter().rev().find(|(other, _)| other == name)?;
        field.text()
    }

    /// The fields in their order; a name that came twice is there twice.
    pub fn iter(&self) -> impl Iterator<Item = (&str, JsonField<'a>)> {
        self.0.iter().map(|(name, field)| (name.as_ref(), *field))
    }
}

/// A body whose signature was good, as JSON that can be read: without a byte order mark, with U+FFFD for what is not
/// UTF-8, and with null for `NaN` and `Infinity`, which Python writes and JSON does not know. The body itself is kept as
/// it was received.
pub(crate) fn readable(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body));
    if !text.contains("NaN") && !text.contains("Infinity") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = &text;
    let (mut in_string, mut escaped) = (false, false);
    while let Some(character) = rest.chars().next() {
        let word =
            ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| !in_string && rest.starts_with(word));
        let taken = match word {
            Some(word) => {
                out.push_str("null");
                word.len()
            }
            None => {
                match character {
                    '"' if !escaped => in_string = !in_string,
                    '\\' if in_string => escaped = !escaped,
                    _ => escaped = false,
                }
                if character == '"' {
                    escaped = false;
                }
                out.push(character);
                character.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    Cow::Owned(out)
}

/// One value, as JSON text.
#[derive(Clone, Copy, Debug)]
pub struct JsonField<'a>(&'a RawValue);

impl<'a> JsonField<'a> {
    /// The text as it was sent.
    #[must_use]
    pub fn json(self) -> &'a str {
        self.0.get()
    }

    /// The content of a string, the digits of a number, the JSON of anything else; `None` for null.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.json() {
            "null" => None,
            string if string.starts_with('"') => {
                // A string that cannot be decoded, such as one with half a surrogate pair, is kept as it was sent.
                Some(serde_json::from_str::<String>(string).map_or(Cow::Borrowed(string), Cow::Owned))
            }
            other => Some(Cow::Borrowed(other)),
        }
    }

    /// A boolean, also when it was sent as a string in any case.
    #[must_use]
    pub fn flag(self) -> Option<bool> {
        let text = self.text()?;
        match () {
            () if text.eq_ignore_ascii_case("true") => Some(true),
            () if text.eq_ignore_ascii_case("false") => Some(false),
            () => None,
        }
    }
}

impl<'de> Deserialize<'de> for JsonFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = JsonFields<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonFields<'de>, A::Error> {
                // serde borrows a key only inside a type that says so.
                #[derive(Deserialize)]
                struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

                let mut fields = Vec::with_capacity(12);
                while let Some((Name(name), value)) = map.next_entry::<Name<'_>, &RawValue>()? {
                    fields.push((name, JsonField(value)));
                }
                Ok(JsonFields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str, name: &str) -> Option<String> {
        JsonFields::parse(json.as_bytes()).unwrap().text(name).map(Cow::into_owned)
    }

    #[test]
    fn numbers_keep_every_digit_and_strings_lose_their_quotes() {
        for number in ["100.0", "3.09e-05", "0.30000000000000004", "123456789012345678901234567890.10", "-0"]
        {
            assert_eq!(text(&format!(r#"{{"amount": {number} }}"#), "amount").unwrap(), number);
            assert_eq!(text(&format!(r#"{{"amount":"{number}"}}"#), "amount").unwrap(), number);
        }
        assert_eq!(text(r#"{"a\u006dount": "caf\u00e9"}"#, "amount").unwrap(), "café");
    }

    #[test]
    fn null_is_absent_and_other_values_keep_their_json() {
        assert_eq!(text(r#"{"status": null}"#, "status"), None);
        assert_eq!(text("{}", "status"), None);
        assert_eq!(text(r#"{"status": ["CO", 1 ]}"#, "status").unwrap(), r#"["CO", 1 ]"#);
        assert_eq!(text(r#"{"status": "\ud800"}"#, "status").unwrap(), r#""\ud800""#);
        assert_eq!(text(r#"{"status": "PE", "status": "CO"}"#, "status").unwrap(), "CO");
    }

    #[test]
    fn a_flag_may_be_a_string() {
        let fields = JsonFields::parse(br#"{"a": true, "b": "False", "c": 1, "d": null}"#).unwrap();
        let flags: Vec<_> = fields.iter().map(|(_, field)| field.flag()).collect();
        assert_eq!(flags, [Some(true), Some(false), None, None]);
    }

    #[test]
    fn what_python_writes_besides_json_is_readable() {
        let readable = |body: &str| readable(body.as_bytes()).into_owned();
        assert_eq!(
            readable(r#"{"a": NaN, "b": [-Infinity,Infinity], "NaN": "x \\\" NaN \\", "c":NaN}"#),
            r#"{"a": null, "b": [null,null], "NaN": "x \\\" NaN \\", "c":null}"#
        );
        assert_eq!(readable("\u{feff}{}"), "{}");
        assert_eq!(super::readable(b"{\"a\":\"\xff\"}"), "{\"a\":\"\u{fffd}\"}");
        assert_eq!(readable(r#"{"a": 1e400}"#), r#"{"a": 1e400}"#);
    }

    #[test]
    fn what_is_not_an_object_has_no_fields() {
        for body in ["", "[]", "1", "{", "{}x", "{\"a\":}", "\u{feff}{}", "{\"a\":\"\u{0}\"}"] {
            assert!(JsonFields::parse(body.as_bytes()).is_none(), "{body:?}");
        }
        assert!(JsonFields::parse(b"{\"a\":\"\xff\"}").is_none());
    }
}
