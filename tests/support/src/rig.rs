//! What the stories need to look at the product from outside.

pub(crate) mod answer;
pub(crate) mod document;
pub(crate) mod listening;
pub(crate) mod picture;
pub(crate) mod process;
pub(crate) mod real_part;
pub(crate) mod sandbox;
pub(crate) mod session;
pub(crate) mod stub;

use serde_json::Value;

/// The sorted keys of an object.
pub(crate) fn keys(object: &Value) -> Vec<String> {
    let object = object.as_object().unwrap_or_else(|| panic!("an object was expected, not {object}"));
    let mut keys: Vec<String> = object.keys().cloned().collect();
    keys.sort();
    keys
}

/// One of the samples of the API, from `tests/samples`.
pub(crate) fn sample(name: &str) -> Value {
    let path = format!("{}/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The same environment with the tunnel's edge and the webhook's port where no test disturbs another or leaves this
/// machine.
pub(crate) fn on_this_machine<'a>(environment: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut environment = environment.to_vec();
    environment.extend([
        ("WEBHOOK_HOST", "127.0.0.1"),
        ("WEBHOOK_PORT", "0"),
        ("NGROK_SERVER_ADDR", "127.0.0.1:1"),
    ]);
    environment
}
