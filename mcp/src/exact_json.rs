//! JSON of others as a value, without a digit lost.

use std::collections::BTreeMap;

use bitnovo_pay::Money;
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
    fn a_number_that_a_float_would_change_keeps_its_digits() {
        assert_eq!(read(r#"{"amount": 0.123456789012345678}"#), json!({ "amount": "0.123456789012345678" }));
        assert_eq!(read("12345678901234567890.5"), json!("12345678901234567890.5"));
        assert_eq!(read("3.09e-05"), json!(3.09e-05));
        assert_eq!(read("1e400"), json!("1e400"));
    }
}
