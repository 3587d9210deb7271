//! What is sent and what comes back: media types, their schemas, and statuses.

use serde_yaml_ng::Value;

use super::{
    Operation, Spec,
    money::Money,
    refusal::{Finding, Refusal},
    tree::{entries, under},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// The findings about the request body of an operation.
pub(super) fn request(spec: &Spec, money: Money<'_>, operation: &Operation<'_>) -> Vec<Finding> {
    let Some(body) = operation.node.get("requestBody") else { return Vec::new() };
    let media: Vec<(&str, &Value)> = entries(spec.follow(body).get("content")).collect();
    let types: Vec<&str> = media.iter().map(|(name, _)| *name).collect();
    let mut refusals = Vec::new();
    if types.len() > 1 || types.iter().any(|media| media.starts_with("multipart/")) {
        refusals.push(Refusal::RequestBody { found: types.join(" or ") });
    } else if let [(name, media)] = media.as_slice() {
        refusals.extend(described(name, media));
        let schema = media.get("schema").filter(|_| name.starts_with(FORM));
        let at = |schema| vec![(under(&operation.to_string(), "requestBody"), schema)];
        if let Some(money) = schema.and_then(|schema| money.first(at(schema))) {
            refusals.push(Refusal::MoneyInForm { money });
        }
    }
    refusals.into_iter().map(|refusal| Finding { place: operation.to_string(), refusal }).collect()
}

/// The findings about each response of an operation on its own.
pub(super) fn responses(spec: &Spec, operation: &Operation<'_>) -> Vec<Finding> {
    let mut refusals = Vec::new();
    for (status, response) in entries(operation.node.get("responses")) {
        if !status.starts_with("x-") && !is_status(status) {
            refusals.push(Refusal::Status { found: status.to_owned() });
        }
        // The generator reads the first body that is JSON and hands the others on as they come.
        let json = entries(spec.follow(response).get("content")).find(|(media, _)| is_json(media));
        refusals.extend(json.into_iter().flat_map(|(name, media)| described(name, media)));
    }
    refusals.into_iter().map(|refusal| Finding { place: operation.to_string(), refusal }).collect()
}

pub(super) fn is_json(media: &str) -> bool {
    media == "application/json" || media.starts_with("application/json;")
}

fn described(name: &str, media: &Value) -> Vec<Refusal> {
    let missing = media.get("schema").is_none().then(|| Refusal::MissingSchema { media: name.to_owned() });
    let encoding = media.get("encoding").map(|_| Refusal::Encoding { media: name.to_owned() });
    missing.into_iter().chain(encoding).collect()
}

fn is_status(status: &str) -> bool {
    let range = |status: &str| status.get(1..).is_some_and(|rest| rest.eq_ignore_ascii_case("xx"));
    status == "default"
        || status.starts_with(|c| matches!(c, '1'..='5'))
            && status.len() == 3
            && (range(status) || status.bytes().all(|byte| byte.is_ascii_digit()))
}
