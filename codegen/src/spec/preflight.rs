//! Everything in a document that the generator would refuse, panic over, or silently make a float of.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use serde_yaml_ng::Value;

use super::{
    Operation, Spec,
    money::Money,
    refusal::{Finding, Refusal},
    responses,
};
use crate::workspace::Api;

/// A document that cannot be generated from, with every reason.
#[derive(Debug)]
pub struct Refused {
    /// The document.
    pub document: PathBuf,
    /// The reasons: what concerns operations, then numbers and references.
    pub findings: Vec<Finding>,
}

impl Spec {
    /// Checks that the client of `api` can be generated from this document.
    ///
    /// # Errors
    /// Everything that stands in the way, at once.
    pub fn preflight(&self, api: &Api) -> Result<(), Refused> {
        let mut findings = Vec::new();
        findings.extend(self.version());
        self.identifiers(&mut findings);
        for operation in self.operations() {
            findings.extend(responses::check(self, &operation));
            findings.extend(self.request_body(&operation));
            self.cookies(&operation.to_string(), operation.node, &mut findings);
        }
        for (path, item) in self.paths() {
            self.cookies(path, item, &mut findings);
        }
        Money::new(self, api, &mut findings).check();
        if findings.is_empty() { Ok(()) } else { Err(Refused { document: self.path.clone(), findings }) }
    }

    fn version(&self) -> Option<Finding> {
        let found = match self.root.get("openapi") {
            Some(Value::String(version)) if version.starts_with("3.0.") => return None,
            Some(Value::String(version)) => Some(version.clone()),
            Some(Value::Number(version)) => Some(version.to_string()),
            _ => None,
        };
        Some(Finding { place: "#/openapi".to_owned(), refusal: Refusal::Version { found } })
    }

    fn identifiers(&self, findings: &mut Vec<Finding>) {
        let mut first: BTreeMap<&str, Operation<'_>> = BTreeMap::new();
        for operation in self.operations() {
            let refusal = match operation.id {
                None => Refusal::MissingOperationId,
                Some(id) => match first.get(id) {
                    Some(earlier) => Refusal::DuplicateOperationId {
                        first: format!("{} {}", earlier.method, earlier.path),
                    },
                    None => {
                        first.insert(id, operation);
                        continue;
                    }
                },
            };
            findings.push(Finding { place: operation.to_string(), refusal });
        }
    }

    fn request_body(&self, operation: &Operation<'_>) -> Option<Finding> {
        let content = self.follow(operation.node.get("requestBody")?).get("content")?.as_mapping()?;
        let types: Vec<&str> = content.keys().filter_map(Value::as_str).collect();
        let can_be_sent = types.len() <= 1 && !types.iter().any(|media| media.starts_with("multipart/"));
        let refusal = Refusal::RequestBody { found: types.join(" or ") };
        (!can_be_sent).then(|| Finding { place: operation.to_string(), refusal })
    }

    /// Looks at the parameters of an operation, or at those that all operations of a path share.
    fn cookies(&self, place: &str, owner: &Value, findings: &mut Vec<Finding>) {
        for parameter in owner.get("parameters").and_then(Value::as_sequence).into_iter().flatten() {
            let parameter = self.follow(parameter);
            if parameter.get("in").and_then(Value::as_str) == Some("cookie") {
                let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                let refusal = Refusal::CookieParameter { name };
                findings.push(Finding { place: place.to_owned(), refusal });
            }
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot become a client:", self.document.display())?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n\n{finding}"))
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests;
