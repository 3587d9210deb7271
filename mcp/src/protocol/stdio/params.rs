//! The parameters of a request: what each method that is served here takes, and what is wrong with what came.

use std::collections::BTreeMap;

use rmcp::model::{ClientCapabilities, ClientRequest, ProtocolVersion};
use serde_json::{Map, Value, json, value::RawValue};

use super::in_flight::Id;
use crate::safety::exact_json;

type Params = Map<String, Value>;

/// The methods that are served here.
const SERVED: [&str; 9] = [
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
];

/// Whether the library has understood the request: it takes a known method with other parameters for an unknown one.
pub(super) fn are_read(method: &str, request: &ClientRequest) -> bool {
    !(SERVED.contains(&method) && matches!(request, ClientRequest::CustomRequest(_)))
}

/// Reads the parameters, and the progress token among them as it was sent.
///
/// # Errors
/// The member that is wrong, and what was expected.
pub(super) fn read(method: &str, raw: Option<&RawValue>) -> Result<(Option<Params>, Option<Id>), String> {
    let raw = raw.filter(|raw| raw.get() != "null");
    let mut params = match raw.map(exact_json::value) {
        None => None,
        Some(Value::Object(params)) => Some(params),
        Some(_) => return Err(expected("params", "an object", raw.map_or("null", kind))),
    };
    if let Some(name) = raw.and_then(|raw| exact_json::repeated_member(raw.get())) {
        return Err(format!("params.{name} is there twice."));
    }
    let progress_token = progress_token(&mut params, raw)?;
    match method {
        "initialize" => initialize(params.get_or_insert_default())?,
        "tools/call" => {
            let params = params.get_or_insert_default();
            text(params, "name", "the name of a tool")?;
            arguments(params, raw)?;
            for (name, what, fits) in [
                ("inputResponses", "an object", Value::is_object as fn(&Value) -> bool),
                ("requestState", "a string", Value::is_string),
            ] {
                optional(params, name, what, fits)?;
            }
        }
        "resources/read" => text(params.get_or_insert_default(), "uri", "the URI of a resource")?,
        "tools/list" | "resources/list" | "resources/templates/list" | "prompts/list" => {
            if let Some(params) = &mut params {
                optional(params, "cursor", "a string", Value::is_string)?;
            }
        }
        _ => {}
    }
    Ok((params, progress_token))
}

/// The token as it was sent: a number of it may have more digits than a value holds.
fn progress_token(params: &mut Option<Params>, raw: Option<&RawValue>) -> Result<Option<Id>, String> {
    let Some((params, raw)) = params.as_mut().zip(raw) else { return Ok(None) };
    optional(params, "_meta", "an object", Value::is_object)?;
    let Some(meta) = params.get_mut("_meta").and_then(Value::as_object_mut) else { return Ok(None) };
    let place = "_meta.progressToken";
    if meta.get("progressToken").is_some_and(Value::is_null) {
        meta.remove("progressToken");
    }
    let Some(read) = meta.get("progressToken") else { return Ok(None) };
    let sent = member(raw, "_meta").and_then(|meta| member(&meta, "progressToken"));
    match sent.and_then(|sent| Id::read(&sent)) {
        Some(token) => Ok(Some(token)),
        None => Err(expected(&format!("params.{place}"), "a string or a number", kind_of(read))),
    }
}

fn member(raw: &RawValue, name: &str) -> Option<Box<RawValue>> {
    let mut members = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(raw.get()).ok()?;
    members.remove(name)
}

/// Arguments that are missing are none. Some clients send them as a string that holds the object.
fn arguments(params: &mut Params, raw: Option<&RawValue>) -> Result<(), String> {
    let held = match params.get("arguments") {
        Some(Value::String(text)) if text.trim().is_empty() => Some(Value::Null),
        Some(Value::String(text)) => {
            serde_json::from_str::<Box<RawValue>>(text).ok().map(|raw| exact_json::arguments(&raw))
        }
        Some(Value::Object(_)) => {
            raw.and_then(|raw| member(raw, "arguments")).map(|raw| exact_json::arguments(&raw))
        }
        _ => None,
    };
    if let Some(held) = held {
        params.insert("arguments".into(), held);
    }
    optional(params, "arguments", "an object", Value::is_object)
}

/// Puts defaults where something is missing. Of what a client sends about itself, only the name is used.
fn initialize(params: &mut Params) -> Result<(), String> {
    optional(params, "protocolVersion", "a string", Value::is_string)?;
    params
        .entry("protocolVersion")
        .or_insert_with(|| ProtocolVersion::LATEST_WITH_INITIALIZE.as_str().into());
    optional(params, "clientInfo", "an object", Value::is_object)?;
    let own_word = |name: &str| match params.get("clientInfo").and_then(|client| client.get(name)) {
        None | Some(Value::Null) => Ok(json!("unknown")),
        Some(text @ Value::String(_)) => Ok(text.clone()),
        Some(other) => Err(expected(&format!("params.clientInfo.{name}"), "a string", kind_of(other))),
    };
    let client = json!({ "name": own_word("name")?, "version": own_word("version")? });
    params.insert("clientInfo".into(), client);
    optional(params, "capabilities", "an object", Value::is_object)?;
    // The only one that is used.
    let elicitation =
        params.get("capabilities").and_then(|capabilities| capabilities.get("elicitation")).cloned();
    let capabilities = match elicitation {
        None | Some(Value::Null) => json!({}),
        Some(elicitation) => json!({ "elicitation": elicitation }),
    };
    if serde_json::from_value::<ClientCapabilities>(capabilities.clone()).is_err() {
        return Err("params.capabilities.elicitation: expected an object whose members are objects.".into());
    }
    params.insert("capabilities".into(), capabilities);
    Ok(())
}

fn text(params: &Params, name: &str, what: &str) -> Result<(), String> {
    match params.get(name) {
        Some(Value::String(_)) => Ok(()),
        None | Some(Value::Null) => Err(format!("params.{name} is missing: expected {what}.")),
        Some(other) => Err(expected(&format!("params.{name}"), "a string", kind_of(other))),
    }
}

/// Takes away a member that is null, and refuses one that does not fit.
fn optional(
    params: &mut Params,
    name: &str,
    what: &str,
    fits: impl Fn(&Value) -> bool,
) -> Result<(), String> {
    match params.get(name) {
        Some(Value::Null) => {
            params.remove(name);
            Ok(())
        }
        Some(value) if !fits(value) => Err(expected(&format!("params.{name}"), what, kind_of(value))),
        _ => Ok(()),
    }
}

fn expected(place: &str, what: &str, found: &str) -> String {
    format!("{place}: expected {what}, not {found}.")
}

/// What a value is, in words.
pub(super) fn kind(value: &RawValue) -> &'static str {
    match value.get().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
