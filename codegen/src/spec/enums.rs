//! The values of an enum become names of variants, and two values must not become one name.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use serde_yaml_ng::Value;

/// The values that become one name, if some do.
pub(super) fn clash(schema: &Value) -> Option<Vec<String>> {
    let values: Vec<&str> = schema.get("enum")?.as_sequence()?.iter().filter_map(Value::as_str).collect();
    // The generator's second try keeps what the first leaves out, as an X.
    same(&values, variant)?;
    same(&values, |value| variant(&value.replace(|c: char| c == '_' || !continues(c), "X")))
}

fn same(values: &[&str], name: impl Fn(&str) -> String) -> Option<Vec<String>> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for value in values {
        named.entry(name(value)).or_default().push((*value).to_owned());
    }
    named.into_values().find(|values| values.len() > 1)
}

/// What the generator calls a variant.
fn variant(value: &str) -> String {
    let name = match value {
        "+1" => "Plus1".to_owned(),
        "-1" => "Minus1".to_owned(),
        _ => value.replace('\'', "").replace(|c| !continues(c), "-").to_pascal_case(),
    };
    // `self` would become `Self`, which gets an underscore.
    if name.starts_with(char::is_alphabetic) { name } else { format!("X{name}") }
}

fn continues(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
