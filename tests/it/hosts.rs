//! What the SDKs of model hosts make of the tools: Google's and OpenAI's for Python, and LangChain's for Gemini. A tool that
//! one of them cannot convert does not exist for the models behind it, and often none of the others does either.

use std::{collections::BTreeSet, path::PathBuf};

use payments_test_support::{
    keys, on_this_machine,
    process::{command, finish, run},
    real_part::{clients, hosts_python, is_there, program},
};
use serde_json::{Value, json};

/// The words that Gemini's API knows in the schema of a parameter. It answers 400 to a request that holds another.
const KNOWN_TO_GEMINI: [&str; 22] = [
    "anyOf",
    "default",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "nullable",
    "pattern",
    "properties",
    "propertyOrdering",
    "required",
    "title",
    "type",
];

/// Every tool there is.
fn tools() -> Vec<Value> {
    let environment = on_this_machine(&[
        ("BITNOVO_TOOLSETS", "default,sandbox"),
        ("BITNOVO_CONFIRM_OVER", "200 EUR"),
        ("WEBHOOK_ENABLED", "true"),
    ]);
    let printed = run(&["--sandbox", "tools", "--json"], &environment);
    let listed: Value = serde_json::from_str(&printed.stdout).unwrap_or_else(|_| panic!("{printed:?}"));
    let tools = listed["tools"].as_array().unwrap().clone();
    assert_eq!(tools.len(), 11, "{listed}");
    tools
}

/// Lets a script convert the tools; `None` when a part is missing.
fn converted(interpreter: PathBuf, script: &str, part: PathBuf, tools: &[Value]) -> Option<Value> {
    if !is_there(&[interpreter.clone(), part]) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tools.json");
    std::fs::write(&file, json!(tools).to_string()).unwrap();
    let done = finish(command(interpreter).arg(clients().join(script)).arg(file));
    assert_eq!(done.code, Some(0), "{script}: {done:?}");
    Some(serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}")))
}

/// Every tool and every argument is still there; gives the parameters of each.
fn complete<'a>(converted: &'a Value, tools: &[Value]) -> Vec<&'a Value> {
    let converted = converted.as_array().unwrap();
    assert_eq!(converted.len(), tools.len());
    let parameters = |(tool, converted): (&Value, &'a Value)| {
        assert_eq!(converted["name"], tool["name"]);
        let parameters = &converted["parameters"];
        // A tool without arguments may have lost an empty object.
        if let Some(properties) = parameters.get("properties").filter(|properties| properties.is_object()) {
            assert_eq!(keys(properties), keys(&tool["inputSchema"]["properties"]), "{converted}");
        } else {
            assert_eq!(tool["inputSchema"]["properties"], json!({}), "{converted}");
        }
        parameters
    };
    tools.iter().zip(converted).map(parameters).collect()
}

/// The keywords of a schema and of those inside it.
fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        found.insert(keyword.clone());
        match keyword.as_str() {
            "properties" => {
                value.as_object().into_iter().flatten().for_each(|(_, value)| keywords(value, found))
            }
            "items" => keywords(value, found),
            "anyOf" => value.as_array().into_iter().flatten().for_each(|value| keywords(value, found)),
            _ => {}
        }
    }
}

#[test]
fn the_python_sdks_of_google_and_openai_can_hand_every_tool_to_a_model() {
    let tools = tools();
    let Some(converted) = converted(hosts_python(), "schemas.py", hosts_python(), &tools) else { return };
    complete(&converted["gemini"], &tools);
    for parameters in complete(&converted["openai"], &tools) {
        // In its strict form every argument has to be filled in, which is why it may be empty.
        assert_eq!(parameters["additionalProperties"], false, "{parameters}");
        let required: BTreeSet<&str> =
            parameters["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(required.len(), parameters["properties"].as_object().map_or(0, serde_json::Map::len));
    }
}

#[test]
fn langchain_hands_gemini_no_word_that_it_does_not_know() {
    let tools = tools();
    let part = clients().join("node_modules/@langchain/google-genai");
    let Some(converted) = converted(program("node"), "schemas.mjs", part, &tools) else { return };
    let mut found = BTreeSet::new();
    for parameters in complete(&converted, &tools) {
        keywords(parameters, &mut found);
    }
    let unknown: Vec<_> = found.iter().filter(|word| !KNOWN_TO_GEMINI.contains(&word.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
