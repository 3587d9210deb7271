//! The OpenAPI document against samples of the real API, and the tools' arguments against the document.

use std::fs;

use payments_test_support::{
    document::{Body, component},
    process::run,
    sample,
};
use serde_json::{Value, json};

/// What each file of `tests/samples` is, by the beginning of its name.
const SAMPLES: [(&str, Body); 13] = [
    ("currencies_list_200", Body::Answer("currencies_list", 200)),
    ("device_create_200", Body::Answer("device_create", 200)),
    ("device_create_request", Body::Request("device_create")),
    ("error_403", Body::Answer("orders_create", 403)),
    ("error_404", Body::Answer("orders_create", 404)),
    ("error_429", Body::Answer("orders_create", 429)),
    ("orders_create_200", Body::Answer("orders_create", 200)),
    ("orders_create_request", Body::Request("orders_create")),
    ("orders_info_200", Body::Answer("orders_info", 200)),
    ("orders_list_200", Body::Answer("orders_list", 200)),
    ("webhook_body", Body::Component("WebhookBody")),
    ("webhook_vectors", Body::Component("WebhookBody")),
    ("websocket_message", Body::Component("Payment")),
];

fn part_of(name: &str) -> Body {
    let known = SAMPLES.iter().find(|(beginning, _)| name.starts_with(beginning));
    known.unwrap_or_else(|| panic!("say in SAMPLES what {name} is")).1
}

#[test]
fn every_sample_of_the_api_is_what_the_document_says() {
    let mut seen = 0;
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/samples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".json").unwrap_or_else(|| panic!("{name} is no sample"));
        let value = sample(name);
        if name == "webhook_vectors" {
            for vector in value.as_array().unwrap() {
                part_of(name).check(&serde_json::from_str(vector["body"].as_str().unwrap()).unwrap());
            }
        } else {
            part_of(name).check(&value);
        }
        seen += 1;
    }
    assert_eq!(seen, 30, "samples were added or lost");
}

#[test]
#[should_panic(expected = "say in SAMPLES what surprise_200 is")]
fn a_sample_that_is_not_listed_is_a_failure() {
    part_of("surprise_200");
}

#[test]
fn tampered_samples_are_refused() {
    let tampered: [(&str, &str, Value); 16] = [
        ("currencies_list_200", "/0/min_amount", json!(0.05)),
        ("currencies_list_200", "/0/symbol", Value::Null),
        ("currencies_list_200_null_max", "/0/max_amount", json!("a lot")),
        ("device_create_200", "/identifier", json!("till-3")),
        ("device_create_request", "/name", json!("n".repeat(129))),
        ("error_403", "/detail", json!(403)),
        ("orders_create_200_onchain_btc", "/identifier", json!("1001")),
        ("orders_create_200_onchain_btc", "/expected_input_amount", json!("0.0005254")),
        ("orders_create_200_redirect", "/web_url", Value::Null),
        ("orders_create_request_onchain", "/fiat", json!("XXX")),
        ("orders_create_request_onchain", "/notes", json!("n".repeat(513))),
        ("orders_create_request_redirect", "/reference", json!("")),
        ("orders_info_200_PE", "/0/expired_time", json!("tomorrow")),
        ("orders_info_200_CO", "/0/transactions/0/amount", Value::Null),
        ("orders_list_200", "/0/status", json!(7)),
        ("webhook_body_minimal", "/identifier", Value::Null),
    ];
    for (name, place, value) in tampered {
        let mut sample = sample(name);
        *sample.pointer_mut(place).unwrap_or_else(|| panic!("{name} has no {place}")) = value;
        assert!(!part_of(name).faults(&sample).is_empty(), "{name} was accepted with {place} changed");
    }
}

#[test]
fn a_missing_or_an_undocumented_field_is_refused() {
    for (name, object) in [("orders_info_200_CO", "/0"), ("orders_create_200_onchain_xrp", "")] {
        let mut short = sample(name);
        short.pointer_mut(object).unwrap().as_object_mut().unwrap().remove("identifier");
        assert!(!part_of(name).faults(&short).is_empty(), "{name} without an identifier");
        let mut long = sample(name);
        long.pointer_mut(object).unwrap()["surprise"] = json!(1);
        assert!(!part_of(name).faults(&long).is_empty(), "{name} with a field that nobody documented");
    }
}

#[test]
fn one_payment_comes_alone_or_in_an_array_of_one() {
    let body = Body::Answer("orders_info", 200);
    let array = sample("orders_info_200_CO");
    body.check(&array[0]);
    assert!(!body.faults(&json!([])).is_empty());
    assert!(!body.faults(&json!([array[0], array[0]])).is_empty());
}

#[test]
fn the_set_of_statuses_is_open() {
    let mut payment = sample("websocket_message_CO");
    payment["status"] = json!("ZZ");
    Body::Component("Payment").check(&payment);
}

#[test]
fn what_the_tools_accept_is_what_the_api_accepts() {
    let order = &component("OrderRequest")["properties"];
    let fiat = &component("Fiat")["enum"];
    assert_eq!(fiat.as_array().unwrap().len(), 30);
    for tool in ["create_payment_onchain", "create_payment_link"] {
        let arguments = &tools(tool)["inputSchema"]["properties"];
        for field in ["notes", "reference"] {
            assert_eq!(arguments[field]["maxLength"], order[field]["maxLength"], "{tool} {field}");
            // An empty optional text is one that is left out, and is not sent: see lenient_arguments.rs.
            assert_eq!(arguments[field]["minLength"].as_u64().unwrap_or(0), 0, "{tool} {field}");
        }
        assert_eq!(&arguments["fiat"]["enum"], fiat, "{tool}");
        // The words for limits that are excluded are understood by few clients: bad_input.rs shows what is refused.
        assert_eq!(arguments["amount_eur"]["minimum"], 0, "{tool}");
    }
}

#[test]
fn the_arguments_and_the_api_agree_on_numbers_that_stand_in_the_contract() {
    let order = &component("OrderRequest")["properties"];
    assert_eq!((&order["notes"]["maxLength"], &order["reference"]["maxLength"]), (&json!(512), &json!(256)));
    let size = &tools("generate_payment_qr")["inputSchema"]["properties"]["size"];
    assert_eq!(
        (&size["minimum"], &size["maximum"], &size["default"]),
        (&json!(100), &json!(2000), &json!(512))
    );
}

fn tools(name: &str) -> Value {
    let list: Value = serde_json::from_str(&run(&["tools", "--json"], &[]).stdout).unwrap();
    let tools = list["tools"].as_array().unwrap();
    tools.iter().find(|tool| tool["name"] == name).unwrap_or_else(|| panic!("no tool {name}")).clone()
}
