//! MCP clients that others wrote: each completes a paid on-chain payment over stdio.
//!
//! The inspector's command line is not among them: it needs Node 22.19, and what runs these tests has Node 20.

use std::path::PathBuf;

use payments_test_support::{
    process::{binary, command, finish},
    real_part::{clients, is_there, program, python},
};
use serde_json::{Value, json};

/// Runs a script with the server's path and `arguments`; gives what it prints.
fn sale(interpreter: PathBuf, script: &str, part: PathBuf, arguments: &[&str]) -> Option<Value> {
    if !is_there(&[interpreter.clone(), part]) {
        return None;
    }
    let done = finish(command(interpreter).arg(clients().join(script)).arg(binary()).args(arguments));
    assert_eq!(done.code, Some(0), "{script} {arguments:?}: {done:?}");
    let sold: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    assert_eq!((&sold["status"], &sold["verdict"]), (&json!("CO"), &json!("paid")), "{script}: {sold}");
    let tools = sold["tools"].as_array().unwrap();
    assert_eq!((tools.len(), tools.last()), (8, Some(&json!("simulate_payment"))), "{script}: {sold}");
    assert_eq!((&sold["images"], &sold["resource"]), (&json!(2), &json!("image/png")), "{script}: {sold}");
    assert_eq!(
        (&sold["done"], &sold["progress"]),
        (&json!(false), &json!(["unpaid; 0 of 1 s"])),
        "{script}: {sold}"
    );
    assert_eq!(sold["refused"], "CURRENCY_NOT_SUPPORTED", "an error reaches the model: {sold}");
    Some(sold)
}

fn node(script: &str, package: &str, arguments: &[&str]) -> Option<Value> {
    sale(
        program("node"),
        script,
        clients().join("node_modules/@modelcontextprotocol").join(package),
        arguments,
    )
}

#[test]
fn the_first_typescript_sdk_is_paid() {
    node("sdk.mjs", "sdk", &[]);
}

#[test]
fn the_second_typescript_sdk_is_paid_in_every_way_of_connecting() {
    for (how, revision) in [("legacy", "2025-11-25"), ("auto", "2026-07-28"), ("2026-07-28", "2026-07-28")] {
        if let Some(sold) = node("client.mjs", "client", &[how]) {
            assert_eq!(sold["revision"], revision, "{how}");
        }
    }
}

#[test]
fn the_python_sdk_is_paid_in_every_way_of_connecting() {
    for (how, revision) in [("legacy", "2025-11-25"), ("auto", "2026-07-28"), ("2026-07-28", "2026-07-28")] {
        if let Some(sold) = sale(python(), "sale.py", python(), &[how]) {
            assert_eq!(sold["revision"], revision, "{how}");
        }
    }
}
