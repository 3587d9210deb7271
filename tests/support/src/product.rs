//! The finished binary as its users meet it: as a server, a sandbox or a command, and the APIs it talks to.

pub mod answer;
pub mod document;
pub mod listening;
pub mod picture;
pub mod process;
pub mod sandbox;
pub mod session;
pub mod stub;

use serde_json::Value;

use crate::tests_folder;

/// The sorted keys of an object.
pub fn keys(object: &Value) -> Vec<String> {
    let object = object.as_object().unwrap_or_else(|| panic!("an object was expected, not {object}"));
    let mut keys: Vec<String> = object.keys().cloned().collect();
    keys.sort();
    keys
}

/// One of the samples of the API, from `tests/samples`.
pub fn sample(name: &str) -> Value {
    let path = tests_folder().join("samples").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// The same environment with the tunnel's edge and the webhook's port where no test disturbs another or leaves this
/// machine.
pub fn on_this_machine<'a>(environment: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut environment = environment.to_vec();
    environment.extend([
        ("WEBHOOK_HOST", "127.0.0.1"),
        ("WEBHOOK_PORT", "0"),
        ("NGROK_SERVER_ADDR", "127.0.0.1:1"),
    ]);
    environment
}
