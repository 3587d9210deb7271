//! One type for the errors of an operation, one for its successes: the generator asserts it and panics otherwise.

use serde_yaml_ng::Value;

use super::{
    Operation, Spec,
    bodies::is_json,
    one_line,
    refusal::{Finding, Refusal},
};

/// What a body is to the generator.
#[derive(PartialEq)]
enum Body<'a> {
    Json(&'a Value),
    Raw,
    Empty,
}

/// The findings about the responses of an operation.
pub(super) fn check(spec: &Spec, operation: &Operation<'_>) -> Vec<Finding> {
    let responses: Vec<(String, Body<'_>)> = operation
        .node
        .get("responses")
        .and_then(Value::as_mapping)
        .into_iter()
        .flatten()
        .filter_map(|(status, response)| {
            Some((status.as_str()?.replace('x', "X"), body(spec.follow(response))))
        })
        .collect();
    let has = |status: fn(&str) -> bool| responses.iter().any(|(found, _)| status(found));
    // After a 2XX that ends the list of successes, the generator sets `default` aside.
    let default_is_success = !has(|s| s == "2XX") || has(|s| s.starts_with('2') && s != "2XX" && s != "200");
    let is_success = |s: &str| s.starts_with('2') || s == "101" || (s == "default" && default_is_success);
    let is_error = |s: &str| s.starts_with('4') || s.starts_with('5') || s == "default";
    let finding = |refusal| Finding { place: operation.to_string(), refusal };
    let errors = several(&responses, is_error).map(|found| finding(Refusal::ErrorTypes { found }));
    let successes = several(&responses, is_success).map(|found| finding(Refusal::SuccessTypes { found }));
    successes.into_iter().chain(errors).collect()
}

/// Names the types of the chosen statuses when there are several.
fn several(responses: &[(String, Body<'_>)], chosen: impl Fn(&str) -> bool) -> Option<String> {
    let mut types: Vec<(&Body<'_>, Vec<&str>)> = Vec::new();
    for (status, body) in responses.iter().filter(|(status, _)| chosen(status)) {
        match types.iter_mut().find(|(known, _)| *known == body) {
            Some((_, statuses)) => statuses.push(status),
            None => types.push((body, vec![status])),
        }
    }
    let named = types.iter().map(|(body, statuses)| format!("{} ({})", body.name(), statuses.join(", ")));
    (types.len() > 1).then(|| named.collect::<Vec<_>>().join(", "))
}

fn body(response: &Value) -> Body<'_> {
    let content = response.get("content").and_then(Value::as_mapping);
    let json = content
        .into_iter()
        .flatten()
        .find(|(media, _)| media.as_str().is_some_and(is_json))
        .and_then(|(_, media)| media.get("schema"));
    match (json, content) {
        (Some(schema), _) => Body::Json(schema),
        (None, Some(content)) if !content.is_empty() => Body::Raw,
        _ => Body::Empty,
    }
}

impl Body<'_> {
    fn name(&self) -> String {
        match self {
            Self::Json(schema) => match schema.get("$ref").and_then(Value::as_str) {
                Some(target) => target.rsplit('/').next().unwrap_or(target).to_owned(),
                None => one_line(schema),
            },
            Self::Raw => "a body that is not JSON".to_owned(),
            Self::Empty => "no body".to_owned(),
        }
    }
}
