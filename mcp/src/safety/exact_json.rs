//! Reads JSON that others wrote into a value without losing a digit.

use std::collections::{BTreeMap, HashSet};

use payments_core::Money;
use payments_webhook::json_fields::JsonFields;
use serde_json::{Map, Value, value::RawValue};

/// Somewhat less than what the parser reads into a value.
const DEEPEST: usize = 120;

/// Reads JSON into a value. A number whose amount a float would change becomes the string of its digits, as sent, and so
/// does what is nested too deeply.
pub(crate) fn value(json: &RawValue) -> Value {
    within(json, DEEPEST)
}

fn within(json: &RawValue, depth: usize) -> Value {
    let text = json.get().trim();
    let Some(depth) = depth.checked_sub(1) else { return text.into() };
    match text.as_bytes().first() {
        Some(b'{') => match serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
            Ok(fields) => Value::Object(
                fields.into_iter().map(|(name, field)| (name, within(field, depth))).collect::<Map<_, _>>(),
            ),
            Err(_) => text.into(),
        },
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(items) => items.iter().map(|item| within(item, depth)).collect(),
            Err(_) => text.into(),
        },
        _ => scalar(text),
    }
}

/// The argument under which [`arguments`] notes that another one was sent twice. No tool has one of this name.
pub(crate) const TWICE: &str = "\0twice";

/// Reads the arguments of a tool into a value. A value holds only one of two members with the same name, and the caller
/// may have meant either: such a member is noted, so that the call is rejected.
pub(crate) fn arguments(json: &RawValue) -> Value {
    let mut read = value(json);
    if let (Some(place), Value::Object(members)) = (repeated(json), &mut read) {
        members.insert(TWICE.to_owned(), place.into());
    }
    read
}

/// The place of the first member that an object holds twice, at any depth, such as `amount_eur` or `items[1].price`.
pub(crate) fn repeated(json: &RawValue) -> Option<String> {
    repeated_within(json.get(), DEEPEST)
}

fn repeated_within(json: &str, depth: usize) -> Option<String> {
    let (text, depth) = (json.trim(), depth.checked_sub(1)?);
    match text.as_bytes().first() {
        Some(b'{') => {
            let members = JsonFields::parse(text.as_bytes())?;
            let mut names = HashSet::new();
            members.iter().find_map(|(name, value)| {
                if names.insert(name) {
                    repeated_within(value.json(), depth).map(|inner| join(name, &inner))
                } else {
                    Some(name.to_owned())
                }
            })
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            let mut items = items.into_iter().enumerate();
            items.find_map(|(index, item)| {
                repeated_within(item.get(), depth).map(|inner| join(&format!("[{index}]"), &inner))
            })
        }
        _ => None,
    }
}

fn join(outer: &str, inner: &str) -> String {
    if inner.starts_with('[') { format!("{outer}{inner}") } else { format!("{outer}.{inner}") }
}

/// The first member that the object itself holds twice.
pub(crate) fn repeated_member(json: &str) -> Option<String> {
    let members = JsonFields::parse(json.as_bytes())?;
    let mut names = HashSet::new();
    members.iter().find(|(name, _)| !names.insert(*name)).map(|(name, _)| name.to_owned())
}

fn scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Number(number)) => {
            let exact = text.parse::<Money>().ok().zip(number.to_string().parse::<Money>().ok());
            match exact {
                Some((sent, held)) if sent == held => Value::Number(number),
                _ => text.into(),
            }
        }
        Ok(value) => value,
        Err(_) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: &str) -> Value {
        value(&RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn ordinary_json_stays_as_it_is() {
        let json = r#"{"fiat_amount": 100.0, "status": "AC", "list": [1, null, true, {"a": 1.21461894}], "safe": false}"#;
        assert_eq!(read(json), serde_json::from_str::<Value>(json).unwrap());
    }

    #[test]
    fn a_member_that_stands_there_twice_is_found_wherever_it_is() {
        for (json, place) in [
            (r#"{"amount_eur": 5, "amount_eur": 6}"#, Some("amount_eur")),
            (r#"{"amount_eur": 5, "amount\u005feur": 5}"#, Some("amount_eur")),
            (r#"{"a": {"b": [0, {"c": 1e400, "d": 1, "d": 2}]}}"#, Some("a.b[1].d")),
            (r#"{"a": [[{"b": 1, "b": 1}]]}"#, Some("a[0][0].b")),
            (r#"{"a": {"b": 1}, "c": {"b": 1}, "d": "{\"e\": 1, \"e\": 2}"}"#, None),
            ("[]", None),
            ("5", None),
        ] {
            let raw = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(repeated(&raw).as_deref(), place, "{json}");
            assert_eq!(arguments(&raw).get(TWICE).and_then(Value::as_str), place, "{json}");
        }
        assert_eq!(repeated_member(r#"{"a": {"b": 1, "b": 2}}"#), None);
        assert_eq!(repeated_member(r#"{"id": 1, "a": 1, "id": 2}"#).as_deref(), Some("id"));
    }

    #[test]
    fn a_number_that_a_float_would_change_keeps_its_digits() {
        assert_eq!(read(r#"{"amount": 0.123456789012345678}"#), json!({ "amount": "0.123456789012345678" }));
        assert_eq!(read("12345678901234567890.5"), json!("12345678901234567890.5"));
        assert_eq!(read("3.09e-05"), json!(3.09e-05));
        assert_eq!(read("1e400"), json!("1e400"));
    }
}
