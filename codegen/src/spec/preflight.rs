//! Finds everything in a document that the generator refuses, panics over, or silently turns into a float.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use heck::ToSnakeCase as _;
use serde_yaml_ng::Value;

use super::{
    Operation, Spec, bodies,
    money::Money,
    parameters, references,
    refusal::{Finding, Refusal},
    responses,
    schemas::Schemas,
    tree::{entries, under},
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
    /// Everything that has to be fixed, at once.
    pub fn preflight(&self, api: &Api) -> Result<(), Refused> {
        let mut findings = Vec::new();
        findings.extend(self.version());
        self.identifiers(&mut findings);
        let money = Money::new(self, api);
        for (operation, item) in self.operations_of_paths() {
            findings.extend(responses::check(self, &operation));
            findings.extend(bodies::responses(self, &operation));
            findings.extend(bodies::request(self, money, &operation));
            findings.extend(parameters::check(self, &operation, item));
        }
        references::names(self, &mut findings);
        findings.extend(infinite(&self.root));
        Schemas::new(self, api, &mut findings).check();
        if findings.is_empty() { Ok(()) } else { Err(Refused { document: self.path.clone(), findings }) }
    }

    fn version(&self) -> Option<Finding> {
        let found = match (self.root.get("openapi"), self.root.get("swagger")) {
            (Some(Value::String(version)), _) if version.starts_with("3.0.") => return None,
            (Some(Value::String(version)), _) => format!("openapi: {version}"),
            (Some(Value::Number(version)), _) => format!("openapi: {version}"),
            (None, Some(Value::String(version))) => format!("swagger: {version}"),
            (None, Some(Value::Number(version))) => format!("swagger: {version}"),
            _ if self.root.is_null() => "an empty document".to_owned(),
            _ if !self.root.is_mapping() => "a document that is no object".to_owned(),
            _ => "no `openapi` version".to_owned(),
        };
        Some(Finding { place: "#/openapi".to_owned(), refusal: Refusal::Version { found } })
    }

    fn identifiers(&self, findings: &mut Vec<Finding>) {
        let mut first: BTreeMap<String, Operation<'_>> = BTreeMap::new();
        for operation in self.operations() {
            let refusal = match operation.id {
                None => Refusal::MissingOperationId,
                Some(id) => match first.get(&id.to_snake_case()) {
                    Some(earlier) if earlier.id == Some(id) => Refusal::DuplicateOperationId {
                        first: format!("{} {}", earlier.method, earlier.path),
                    },
                    Some(earlier) => Refusal::RustNames {
                        names: vec![earlier.id.unwrap_or_default().to_owned(), id.to_owned()],
                        rust: id.to_snake_case(),
                    },
                    None => {
                        first.insert(id.to_snake_case(), operation);
                        continue;
                    }
                },
            };
            findings.push(Finding { place: operation.to_string(), refusal });
        }
    }
}

/// YAML writes them as `.inf` and `.nan`; JSON, and so a schema, has no place for them.
fn infinite(root: &Value) -> Option<Finding> {
    let mut nodes = vec![("#".to_owned(), root)];
    while let Some((pointer, node)) = nodes.pop() {
        match node {
            Value::Number(number) if number.as_f64().is_some_and(|number| !number.is_finite()) => {
                return Some(Finding { place: pointer, refusal: Refusal::NotFinite });
            }
            Value::Mapping(_) => {
                nodes.extend(entries(Some(node)).map(|(key, value)| (under(&pointer, key), value)));
            }
            Value::Sequence(items) => {
                let items = items.iter().enumerate();
                nodes.extend(items.map(|(index, value)| (under(&pointer, &index.to_string()), value)));
            }
            _ => {}
        }
    }
    None
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
