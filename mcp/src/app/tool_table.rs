//! Invariants of the whole table: what holds for one tool holds for all.

use serde_json::{Map, Value, json};

use super::idle_server;
use crate::protocol::registry::Available;

/// Calls `visit` with every schema object inside `schema`, itself included, and with the place it stands at.
fn walk(place: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Map<String, Value>)) {
    match schema {
        Value::Object(object) => {
            visit(place, object);
            for (name, value) in object {
                walk(&format!("{place}/{name}"), value, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(place, item, visit)),
        _ => {}
    }
}

#[test]
fn every_tool_looks_as_it_was_reviewed() {
    for route in idle_server().routes() {
        insta::assert_json_snapshot!(route.row.name, route.tool);
    }
}

#[test]
fn no_snapshot_is_left_of_a_tool_that_is_gone() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/app/snapshots");
    let server = idle_server();
    let names: Vec<&str> = server.routes().iter().map(|route| route.row.name).collect();
    for file in std::fs::read_dir(directory).unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        assert!(
            names.iter().any(|name| file.ends_with(&format!("__{name}.snap"))),
            "{file} belongs to no tool"
        );
    }
}

#[test]
fn schemas_keep_to_what_every_client_accepts() {
    for route in idle_server().routes() {
        let name = route.row.name;
        let input = Value::Object((*route.tool.input_schema).clone());
        let output = Value::Object((**route.tool.output_schema.as_ref().unwrap()).clone());
        for (side, schema) in [("input", &input), ("output", &output)] {
            assert_eq!(schema["type"], "object", "{name} {side}: the root is an object");
            walk(side, schema, &mut |place, object| {
                for keyword in ["$ref", "$defs", "$schema", "oneOf", "anyOf", "allOf", "const"] {
                    assert!(!object.contains_key(keyword), "{name} {place}: {keyword}");
                }
                assert!(
                    !object.get("type").is_some_and(Value::is_array),
                    "{name} {place}: an array of types"
                );
                if let Some(description) = object.get("description").and_then(Value::as_str) {
                    assert!(!description.contains(['\n', '\r']), "{name} {place}: a line break");
                }
                assert_ne!(object.get("default"), Some(&Value::Null), "{name} {place}: a null default");
                if let Some(format) = object.get("format").filter(|format| format.is_string()) {
                    assert_eq!(
                        format, "date-time",
                        "{name} {place}: a format that some client does not know"
                    );
                }
            });
        }
        // Google's SDK cannot load a tool with the first word, and its API refuses the whole request for the others.
        walk("input", &input, &mut |place, object| {
            for keyword in ["additionalProperties", "exclusiveMinimum", "exclusiveMaximum"] {
                assert!(!object.contains_key(keyword), "{name} {place}: {keyword}");
            }
        });
        // A model that has to fill in every argument needs a way to say that it leaves one out.
        let required = input["required"].as_array().cloned().unwrap_or_default();
        for (field, property) in input["properties"].as_object().unwrap() {
            if property["type"] == "string"
                && property.get("enum").is_none()
                && !required.contains(&json!(field))
            {
                assert!(jsonschema::is_valid(property, &json!("")), "{name}.{field}: may not be empty");
            }
        }
    }
}

#[test]
fn every_argument_and_every_result_field_is_explained() {
    for route in idle_server().routes() {
        let schema = Value::Object((*route.tool.input_schema).clone());
        for (field, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{}.{field} has no description", route.row.name);
        }
    }
}

#[test]
fn annotations_say_what_a_tool_does_to_the_world() {
    for route in idle_server().routes() {
        let annotations = route.tool.annotations.as_ref().unwrap();
        let writes = route.row.creates || route.row.available == Available::Sandbox;
        assert_eq!(annotations.read_only_hint, Some(!writes), "{}", route.row.name);
        assert_eq!(annotations.destructive_hint, Some(false), "{}: nothing here destroys", route.row.name);
        assert!(annotations.idempotent_hint.is_some() && annotations.open_world_hint.is_some());
    }
}
