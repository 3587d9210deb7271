//! One line of a client as a message. The library behind answers a malformed one without its id, or as an unknown
//! method, so that a client waits for an answer that does not come: here each is answered with what is wrong.

use std::collections::BTreeMap;

use rmcp::model::{ClientJsonRpcMessage, ErrorData};
use serde_json::{Map, Value, json, value::RawValue};

use super::{in_flight::Id, params};
use crate::safety::exact_json;
use crate::safety::surrogates::without_lone_surrogates;

/// What a line holds.
#[derive(Debug)]
pub(super) enum Message {
    Request(Request),
    /// The request is cancelled.
    Cancelled {
        id: Id,
        reason: Option<String>,
    },
    /// The answer to a request of ours.
    Answer(Box<ClientJsonRpcMessage>),
    /// What cannot be worked on, but can be answered.
    Refused {
        id: Option<Id>,
        error: ErrorData,
    },
    /// What needs no answer: a notification that changes nothing here, an empty line, and what is not JSON at all.
    Nothing,
}

/// A request whose members have been checked.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: Id,
    pub(super) method: String,
    pub(super) params: Option<Map<String, Value>>,
    pub(super) progress_token: Option<Id>,
}

impl Request {
    /// Whether the request itself names its revision.
    pub(super) fn names_revision(&self) -> bool {
        let meta = self.params.as_ref().and_then(|params| params.get("_meta"));
        meta.is_some_and(|meta| meta.get("io.modelcontextprotocol/protocolVersion").is_some())
    }

    /// The request for the library, which knows it by `number`.
    ///
    /// # Errors
    /// The method is known, and its parameters are not what it takes.
    pub(super) fn into_message(mut self, number: i64) -> Result<ClientJsonRpcMessage, ErrorData> {
        if self.progress_token.is_some()
            && let Some(Value::Object(meta)) = self.params.as_mut().and_then(|params| params.get_mut("_meta"))
        {
            // The token that the client chose may be more than the library can hold, as may its id.
            meta.insert("progressToken".into(), number.into());
        }
        let mut message = Map::new();
        message.insert("jsonrpc".into(), "2.0".into());
        message.insert("id".into(), number.into());
        message.insert("method".into(), self.method.as_str().into());
        message.extend(self.params.map(|params| ("params".to_owned(), params.into())));
        match serde_json::from_value(message.into()) {
            Ok(ClientJsonRpcMessage::Request(request))
                if params::are_read(&self.method, &request.request) =>
            {
                Ok(ClientJsonRpcMessage::Request(request))
            }
            _ => {
                let message = format!("The params of {} are not what it takes.", self.method);
                Err(ErrorData::invalid_params(message, None))
            }
        }
    }
}

/// Reads one line.
pub(super) fn read(line: &[u8]) -> Message {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_start_matches('\u{feff}').trim();
    let line = without_lone_surrogates(line);
    // What is not JSON has no id to answer to, and an answer could come back as the next line.
    if serde_json::from_str::<&RawValue>(&line).is_err() {
        return Message::Nothing;
    }
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&line) else {
        let what = if line.starts_with('[') {
            "Batches are not supported: send each message on a line of its own."
        } else {
            "A message is one JSON object."
        };
        return refused(None, what);
    };
    let id = members.get("id").and_then(|id| Id::read(id));
    match members.get("method") {
        Some(method) => match serde_json::from_str::<String>(method.get()) {
            Ok(_)
                if id.is_some()
                    && let Some(name) = exact_json::repeated_member(&line) =>
            {
                refused(id, format!("The member {name} is there twice."))
            }
            Ok(method) => with_method(&members, id, method),
            Err(_) => refused(id, "The member method must be a string."),
        },
        None if members.contains_key("result") || members.contains_key("error") => answer(&members),
        None => refused(id, "The member method is missing."),
    }
}

/// The id of a line of which only the beginning was kept.
pub(super) fn id_in(beginning: &[u8]) -> Option<Id> {
    let beginning = String::from_utf8_lossy(beginning);
    let mut rest = beginning.trim_start_matches('\u{feff}').trim_start().strip_prefix('{')?;
    loop {
        let mut name = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let key = name.next()?.ok()?;
        rest = rest.get(name.byte_offset()..)?.trim_start().strip_prefix(':')?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Box<RawValue>>();
        let value = values.next()?.ok()?;
        let after = rest.get(values.byte_offset()..)?.trim_start();
        if key == "id" {
            // A number may have been cut.
            return Id::read(&value).filter(|_| after.starts_with([',', '}']));
        }
        rest = after.strip_prefix(',')?;
    }
}

/// A request, or a notification when it has no id. Other members beside the method are ignored.
fn with_method(members: &BTreeMap<String, &RawValue>, id: Option<Id>, method: String) -> Message {
    let Some(raw_id) = members.get("id") else { return notification(members, &method) };
    let Some(id) = id else {
        return refused(
            None,
            format!("The member id must be a string or a number, not {}.", params::kind(raw_id)),
        );
    };
    if members.get("jsonrpc").is_none_or(|version| version.get() != "\"2.0\"") {
        return refused(Some(id), "The member jsonrpc must be \"2.0\".");
    }
    match params::read(&method, members.get("params").copied()) {
        Ok((params, progress_token)) => Message::Request(Request { id, method, params, progress_token }),
        Err(wrong) => Message::Refused { id: Some(id), error: ErrorData::invalid_params(wrong, None) },
    }
}

fn notification(members: &BTreeMap<String, &RawValue>, method: &str) -> Message {
    let params = members.get("params").filter(|_| method == "notifications/cancelled");
    let params =
        params.and_then(|params| serde_json::from_str::<BTreeMap<String, &RawValue>>(params.get()).ok());
    let Some(params) = params else { return Message::Nothing };
    let Some(id) = params.get("requestId").and_then(|id| Id::read(id)) else { return Message::Nothing };
    let reason = params.get("reason").and_then(|reason| serde_json::from_str(reason.get()).ok());
    Message::Cancelled { id, reason }
}

fn answer(members: &BTreeMap<String, &RawValue>) -> Message {
    let Some(id) = members.get("id").and_then(|id| serde_json::from_str::<Value>(id.get()).ok()) else {
        return Message::Nothing;
    };
    let name = if members.contains_key("error") { "error" } else { "result" };
    let outcome = members.get(name).map(|value| exact_json::value(value)).unwrap_or_default();
    let message = json!({ "jsonrpc": "2.0", "id": id, name: outcome });
    let unreadable = json!({ "code": -32603, "message": "The answer cannot be read." });
    // A caller must not wait for ever for an answer because the answer makes no sense.
    let read = serde_json::from_value(message)
        .or_else(|_| serde_json::from_value(json!({ "jsonrpc": "2.0", "id": id, "error": unreadable })));
    read.map_or(Message::Nothing, |message| Message::Answer(Box::new(message)))
}

fn refused(id: Option<Id>, message: impl Into<std::borrow::Cow<'static, str>>) -> Message {
    Message::Refused { id, error: ErrorData::invalid_request(message, None) }
}

#[cfg(test)]
mod tests;
