//! One row of the table: what must stand in it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::spec::Spec;

/// One `[[tool]]`. Every key is required.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What a client calls the tool; also the module that holds it.
    pub name: String,
    /// For people.
    pub title: String,
    /// The API whose operations the tool calls.
    pub api: String,
    /// The `operationId`s of the calls it makes. May be empty.
    pub operations: Vec<String>,
    /// The group with which the tool is switched on and off.
    pub toolset: String,
    /// When the tool is listed: a word that the server interprets.
    pub available: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Whether it may undo or destroy something.
    pub destructive: bool,
    /// Whether a second call with the same arguments changes nothing more.
    pub idempotent: bool,
    /// Whether it reaches beyond this machine.
    pub open_world: bool,
    /// One line, for tables.
    pub summary: String,
    /// What a model reads.
    pub description: String,
}

/// What is wrong with a row.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A key is missing, unknown, or holds a value of the wrong type.
    #[error("{0}")]
    Keys(String),
    /// The name cannot be that of a tool and of a module.
    #[error("the name must match ^[a-z][a-z0-9_]{{0,63}}$")]
    Name,
    /// An earlier row has the name.
    #[error("an earlier row has this name; names are unique over all APIs")]
    Duplicate,
    /// A word is not a word.
    #[error(
        "`{key}` is {found:?}, but must be a word of small letters, digits, `-` and `_`, such as `always`"
    )]
    Word {
        /// The key.
        key: &'static str,
        /// Its value.
        found: String,
    },
    /// A text is empty, or has several lines where a table has room for one.
    #[error("`{key}` must be {expected}")]
    Text {
        /// The key.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The API is not one of those given.
    #[error("the api {found:?} is none of the known ones: {known}")]
    Api {
        /// The row's API.
        found: String,
        /// The APIs there are.
        known: String,
    },
    /// The document has no such operation.
    #[error(
        "the operation {found:?} is not in {document} (which has: {known}); \
         correct the row's `operations`, or the document's `operationId`"
    )]
    Operation {
        /// The row's operation.
        found: String,
        /// The document.
        document: String,
        /// The operations it has.
        known: String,
    },
}

/// The file, its rows still unread so that a mistake in one can name it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    #[serde(default)]
    pub(super) tool: Vec<toml::Table>,
}

/// A row as it was found.
pub(super) struct Entry {
    /// What messages call it.
    pub(super) label: String,
    pub(super) row: Result<Row, Fault>,
}

impl Entry {
    pub(super) fn new(index: usize, table: toml::Table) -> Self {
        let label = match table.get("name").and_then(toml::Value::as_str) {
            Some(name) => format!("tool {name:?}"),
            None => format!("tool number {}", index + 1),
        };
        let keys = |error: toml::de::Error| Fault::Keys(error.to_string().trim().replace('\n', ", "));
        Self { label, row: table.try_into().map_err(keys) }
    }
}

impl Row {
    /// Everything that is wrong with the row, or method and path of each of its operations.
    pub(super) fn check(&self, documents: &BTreeMap<&str, Spec>) -> Result<Vec<String>, Vec<Fault>> {
        let mut faults = Vec::new();
        if !is_name(&self.name) {
            faults.push(Fault::Name);
        }
        for (key, word) in [("toolset", &self.toolset), ("available", &self.available)] {
            if !is_word(word) {
                faults.push(Fault::Word { key, found: word.clone() });
            }
        }
        for (key, text) in [("title", &self.title), ("summary", &self.summary)] {
            if text.trim().is_empty() || text.contains('\n') {
                faults.push(Fault::Text { key, expected: "one line of text" });
            }
        }
        if self.description.trim().is_empty() {
            faults.push(Fault::Text { key: "description", expected: "a text" });
        }
        let mut calls = Vec::new();
        match documents.get(self.api.as_str()) {
            Some(spec) => {
                for operation in &self.operations {
                    match spec.operations().find(|found| found.id == Some(operation)) {
                        Some(found) => calls.push(format!("{} {}", found.method, found.path)),
                        None => faults.push(unknown_operation(operation, spec)),
                    }
                }
            }
            None => {
                let known = documents.keys().copied().collect::<Vec<_>>().join(", ");
                faults.push(Fault::Api { found: self.api.clone(), known });
            }
        }
        if faults.is_empty() { Ok(calls) } else { Err(faults) }
    }
}

fn unknown_operation(found: &str, spec: &Spec) -> Fault {
    let known = spec.operations().filter_map(|operation| operation.id).collect::<Vec<_>>().join(", ");
    Fault::Operation { found: found.to_owned(), document: spec.path().display().to_string(), known }
}

fn is_name(text: &str) -> bool {
    is_word(text) && !text.contains('-') && text.len() <= 64
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}
