//! Helpers for reading the nodes of a document.

use serde_yaml_ng::Value;

/// What combines schemas into one.
pub(super) const COMBINATIONS: [&str; 3] = ["allOf", "oneOf", "anyOf"];

pub(super) fn reference(node: &Value) -> Option<&str> {
    word(node, "$ref")
}

pub(super) fn word<'v>(node: &'v Value, key: &str) -> Option<&'v str> {
    node.get(key).and_then(Value::as_str)
}

pub(super) fn flag(node: &Value, key: &str) -> bool {
    node.get(key).and_then(Value::as_bool) == Some(true)
}

pub(super) fn members<'v>(schema: &'v Value, keyword: &str) -> &'v [Value] {
    schema.get(keyword).and_then(Value::as_sequence).map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn entries(node: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let entries = node.and_then(Value::as_mapping).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.as_str()?, value)))
}

/// The JSON pointer of a child.
pub(super) fn under(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
