//! JSON Schemas that every MCP client accepts.
//!
//! One client refuses a combinator at the root and drops the whole server for it, another refuses `$ref` and arrays of
//! types, a third warns about formats it does not know. What schemars writes is therefore brought to the smallest
//! common vocabulary; a test checks every tool.

use std::sync::Arc;

use rmcp::model::JsonObject;
use schemars::{
    JsonSchema, Schema,
    generate::SchemaSettings,
    transform::{RecursiveTransform, ReplaceConstValue, RestrictFormats},
};
use serde_json::{Map, Value, json};

/// The schema of a tool's arguments.
pub(crate) fn input<T: JsonSchema>() -> Arc<JsonObject> {
    let mut schema = object::<T>(settings().with_transform(RecursiveTransform(open as fn(&mut Schema))));
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            if let Some(property) = property.as_object_mut()
                && !required.iter().any(|required| required == name)
            {
                or_empty(property);
            }
        }
    }
    Arc::new(schema)
}

/// One SDK cannot load a tool whose schema closes its objects. An unknown argument is refused all the same.
fn open(schema: &mut Schema) {
    schema.remove("additionalProperties");
}

/// Lets an optional text be empty, which means that it is absent. Some hosts make the model fill in every argument, and a
/// model that may not leave one empty invents a value.
fn or_empty(property: &mut JsonObject) {
    property.remove("minLength");
    if let Some(Value::String(pattern)) = property.get_mut("pattern") {
        let whole = pattern.strip_prefix('^').and_then(|pattern| pattern.strip_suffix('$'));
        if let Some(inner) = whole {
            *pattern = format!("^({inner})?$");
        }
    }
}

/// The schema of a tool's result, with the fields that any result may carry.
pub(crate) fn output<T: JsonSchema>() -> Arc<JsonObject> {
    let mut schema = object::<T>(settings().for_serialize());
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let warnings = "Warnings; the call succeeded.";
        properties.insert(
            "warnings".into(),
            json!({ "type": "array", "items": { "type": "string" }, "description": warnings }),
        );
        let sandbox = "True on the sandbox: no money is real.";
        properties.insert("sandbox".into(), json!({ "type": "boolean", "description": sandbox }));
    }
    Arc::new(schema)
}

fn settings() -> SchemaSettings {
    let mut formats = RestrictFormats::default();
    formats.infer_from_meta_schema = false;
    formats.allowed_formats = ["date-time".into()].into();
    SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .with_transform(ReplaceConstValue::default())
        .with_transform(formats)
        .with_transform(RecursiveTransform(without_unions as fn(&mut Schema)))
        .with_transform(RecursiveTransform(on_one_line as fn(&mut Schema)))
}

fn object<T: JsonSchema>(settings: SchemaSettings) -> JsonObject {
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut object = match schema.to_value() {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    // They repeat the tool's own name and description.
    object.remove("title");
    object.remove("description");
    // A tool without arguments has no `properties`, which some clients insist on.
    object.entry("properties").or_insert_with(|| json!({}));
    object
}

/// A description is a doc comment, which is broken where the source's line ends.
fn on_one_line(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// Takes `null` out of unions (an optional field is left out, never null) and folds a list of constants into `enum`.
fn without_unions(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(variants)) = object.get_mut(keyword) else { continue };
        variants.retain(|variant| variant.get("type").is_none_or(|name| name != "null"));
        if let [only] = variants.as_slice() {
            let only = only.as_object().cloned().unwrap_or_default();
            object.remove(keyword);
            for (name, value) in only {
                object.entry(name).or_insert(value);
            }
            continue;
        }
        let constants: Option<Vec<Value>> =
            variants.iter().map(|variant| variant.get("enum")?.as_array()?.first().cloned()).collect();
        if let Some(constants) = constants {
            object.remove(keyword);
            object.insert("type".into(), "string".into());
            object.insert("enum".into(), constants.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Example {
        /// Its description
        /// takes two lines.
        #[schemars(length(min = 1, max = 9), regex(pattern = "^[a-z]+$"))]
        text: Option<String>,
        kind: Option<Kind>,
        when: chrono::DateTime<chrono::Utc>,
        size: u32,
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        /// Documented variants are what turns `enum` into `oneOf`.
        First,
        /// The second.
        Second,
    }

    #[test]
    fn optional_fields_lose_null_and_documented_enums_stay_enums() {
        let schema = Value::Object((*input::<Example>()).clone());
        assert_eq!(schema["properties"]["text"]["type"], "string");
        assert_eq!(schema["properties"]["kind"], json!({ "type": "string", "enum": ["first", "second"] }));
        assert_eq!(schema["required"], json!(["when", "size"]));
    }

    #[test]
    fn an_optional_text_may_be_empty_and_an_object_is_open() {
        let schema = Value::Object((*input::<Example>()).clone());
        let text = &schema["properties"]["text"];
        assert_eq!((&text["pattern"], &text["maxLength"]), (&json!("^([a-z]+)?$"), &json!(9)));
        assert_eq!(text.get("minLength"), None);
        assert_eq!(schema.get("additionalProperties"), None);
    }

    #[test]
    fn a_description_has_no_line_breaks() {
        let schema = Value::Object((*input::<Example>()).clone());
        assert_eq!(schema["properties"]["text"]["description"], "Its description takes two lines.");
    }

    #[test]
    fn only_date_time_remains_as_a_format() {
        let schema = Value::Object((*input::<Example>()).clone());
        assert_eq!(schema["properties"]["when"]["format"], "date-time");
        assert_eq!(schema["properties"]["size"].get("format"), None);
    }
}
