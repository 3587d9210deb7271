//! One row of the table: what must stand in it.

use serde::Deserialize;

use super::ApiSummary;

/// One `[[tool]]`. Every key is required.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What a client calls the tool; also the module that holds it.
    pub name: String,
    /// For people.
    pub title: String,
    /// The `operationId`s of the calls that the tool makes. May be empty.
    pub operations: Vec<String>,
    /// The group with which the tool is switched on and off.
    pub toolset: String,
    /// When the tool is listed.
    pub available: Available,
    /// Whether a call can create something that costs money, so that limits apply and a failure has an outcome.
    pub creates: bool,
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

/// When a tool is listed, in the order in which a server lists tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Available {
    /// Always.
    Always,
    /// While webhooks are received.
    Webhooks,
    /// On a sandbox, on request.
    Sandbox,
}

impl Available {
    /// The word of the row.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Webhooks => "webhooks",
            Self::Sandbox => "sandbox",
        }
    }
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
        "`{key}` is {found:?}, but must be a word of small letters, digits, `-` and `_`, such as `payments`"
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
    /// Only rows of an API have operations.
    #[error("`operations` need an `api` at the head of the file")]
    NoApi,
    /// A call can create something, and `creates` is false.
    #[error("`creates` must be true: the operation {0:?} creates something")]
    Creates(String),
    /// No call creates anything, and `creates` is true.
    #[error("`creates` must be false: none of the operations creates anything")]
    CreatesNothing,
    /// A tool that creates is not one that only reads.
    #[error("`read_only` must be false where `creates` is true")]
    ReadOnly,
}

/// The file, its rows still unread so that a mistake in one can name it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) api: Option<String>,
    pub(super) provider: Option<String>,
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
    pub(super) fn check(&self, api: Option<&ApiSummary>) -> Result<Vec<String>, Vec<Fault>> {
        let mut faults = Vec::new();
        if !is_name(&self.name) {
            faults.push(Fault::Name);
        }
        if !is_word(&self.toolset) {
            faults.push(Fault::Word { key: "toolset", found: self.toolset.clone() });
        }
        for (key, text) in [("title", &self.title), ("summary", &self.summary)] {
            if text.trim().is_empty() || text.contains('\n') {
                faults.push(Fault::Text { key, expected: "one line of text" });
            }
        }
        if self.description.trim().is_empty() {
            faults.push(Fault::Text { key: "description", expected: "a text" });
        }
        if api.is_none() && !self.operations.is_empty() {
            faults.push(Fault::NoApi);
        }
        let mut calls = Vec::new();
        for id in api.iter().flat_map(|_| &self.operations) {
            match api.and_then(|api| api.operations.iter().find(|operation| operation.id == *id)) {
                Some(operation) => calls.push(operation),
                None => faults.extend(api.map(|api| unknown_operation(id, api))),
            }
        }
        // While an operation is missing, it is unknown what the tool creates.
        if calls.len() == self.operations.len() {
            match (self.creates, calls.iter().find(|operation| operation.creates)) {
                (false, Some(operation)) => faults.push(Fault::Creates(operation.id.clone())),
                (true, None) => faults.push(Fault::CreatesNothing),
                (true, Some(_)) if self.read_only => faults.push(Fault::ReadOnly),
                _ => {}
            }
        }
        let calls =
            calls.iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
        if faults.is_empty() { Ok(calls) } else { Err(faults) }
    }
}

fn unknown_operation(found: &str, api: &ApiSummary) -> Fault {
    let known = api.operations.iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>().join(", ");
    Fault::Operation { found: found.to_owned(), document: api.document.clone(), known }
}

fn is_name(text: &str) -> bool {
    is_word(text) && !text.contains('-') && text.len() <= 64
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}
