//! openapi/bitnovo-pay.yaml as JSON Schemas that can be held against what goes over the wire.
//!
//! Stricter than the document in one thing: a field that it does not name is refused, so that a field of the API which
//! the document forgot is found.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::tests_folder;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = tests_folder().join("../openapi/bitnovo-pay.yaml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_yaml_ng::from_str(&text).unwrap()
});

/// A place in the document that describes a JSON body.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// What is sent with an operation.
    Request(&'static str),
    /// What an operation answers with a status.
    Answer(&'static str, u16),
    /// A component by its name.
    Component(&'static str),
}

impl Body {
    /// What is wrong with `value`, if anything.
    pub fn faults(self, value: &Value) -> Vec<String> {
        let errors = self.validator();
        errors.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// Fails unless the document allows `value` here.
    pub fn check(self, value: &Value) {
        let faults = self.faults(value);
        assert!(faults.is_empty(), "{self:?} does not allow {value}: {faults:#?}");
    }

    fn validator(self) -> Validator {
        let components: Map<String, Value> = DOCUMENT["components"]["schemas"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, schema)| (name.clone(), json_schema(schema)))
            .collect();
        let mut schema = json_schema(&self.schema());
        schema["$defs"] = Value::Object(components);
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    }

    fn schema(self) -> Value {
        let content = match self {
            Self::Request(operation) => find(operation)["requestBody"]["content"].clone(),
            Self::Answer(operation, status) => {
                answer(&find(operation)["responses"], status)["content"].clone()
            }
            Self::Component(name) => return json!({ "$ref": format!("#/components/schemas/{name}") }),
        };
        let schema = content["application/json"]["schema"].clone();
        assert!(schema.is_object(), "the document has no {self:?}");
        schema
    }
}

/// A component as it stands in the document.
pub fn component(name: &str) -> &'static Value {
    let component = &DOCUMENT["components"]["schemas"][name];
    assert!(component.is_object(), "the document has no component {name}");
    component
}

fn find(operation: &str) -> &'static Value {
    let paths = DOCUMENT["paths"].as_object().unwrap().values();
    let mut operations = paths.flat_map(|methods| methods.as_object().unwrap().values());
    operations
        .find(|found| found["operationId"] == operation)
        .unwrap_or_else(|| panic!("no operation {operation}"))
}

/// The most exact entry for a status: `429`, then `4XX`.
fn answer(responses: &'static Value, status: u16) -> &'static Value {
    let exact = &responses[status.to_string()];
    let response = if exact.is_null() { &responses[format!("{}XX", status / 100)] } else { exact };
    match response["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    }
}

/// OpenAPI 3.0 has its own dialect: `nullable` beside a type, references under `components`, annotations of its own.
fn json_schema(schema: &Value) -> Value {
    let object = match schema {
        Value::Object(object) => object,
        Value::Array(items) => return items.iter().map(json_schema).collect(),
        other => return other.clone(),
    };
    let mut converted: Map<String, Value> = object
        .iter()
        .filter(|(name, _)| !["nullable", "example", "description"].contains(&name.as_str()))
        .map(|(name, value)| match name.as_str() {
            "$ref" => (name.clone(), reference(value.as_str().unwrap())),
            "properties" => (name.clone(), properties(value)),
            _ => (name.clone(), json_schema(value)),
        })
        .collect();
    if converted.contains_key("properties") {
        converted.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    if object.get("nullable") == Some(&Value::Bool(true)) {
        json!({ "anyOf": [converted, { "type": "null" }] })
    } else {
        Value::Object(converted)
    }
}

/// A property may have the name of a keyword, so its name is not looked at.
fn properties(properties: &Value) -> Value {
    let properties = properties.as_object().unwrap().iter();
    Value::Object(properties.map(|(name, schema)| (name.clone(), json_schema(schema))).collect())
}

fn reference(target: &str) -> Value {
    target.replace("#/components/schemas/", "#/$defs/").into()
}
