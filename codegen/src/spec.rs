//! An OpenAPI document as it was written.
//!
//! It is kept as an untyped tree. A typed model drops what it does not know, and some of the faults that
//! [`Spec::preflight`] looks for are exactly that.

mod bodies;
mod enums;
mod money;
mod parameters;
mod preflight;
mod references;
mod refusal;
mod responses;
mod schemas;
mod tree;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

pub use preflight::Refused;
pub use refusal::{Finding, Refusal};
use serde_yaml_ng::{Mapping, Value};

/// A document that has been read, but not judged.
#[derive(Debug)]
pub struct Spec {
    path: PathBuf,
    text: String,
    root: Value,
}

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// The `operationId`.
    pub id: Option<&'a str>,
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: &'a str,
    node: &'a Value,
}

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason of the system.
        source: io::Error,
    },
    /// The text is not YAML.
    #[error("{} is not YAML", .path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// The reason of the parser, with line and column.
        source: serde_yaml_ng::Error,
    },
}

const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
];

impl Spec {
    /// Reads the document at `path`, which is relative to the folder `root`.
    ///
    /// # Errors
    /// When the file cannot be read or is not YAML.
    pub fn load(root: &Path, path: &Path) -> Result<Self, SpecError> {
        let text = fs::read_to_string(root.join(path))
            .map_err(|source| SpecError::Read { path: path.to_owned(), source })?;
        Self::parse(path, text)
    }

    /// Reads a document from `text`; `path` is what messages call it.
    ///
    /// # Errors
    /// When the text is not YAML.
    pub fn parse(path: &Path, text: String) -> Result<Self, SpecError> {
        let path = path.to_owned();
        match serde_yaml_ng::from_str(&text) {
            Ok(root) => Ok(Self { path, text, root: with_text_keys(root) }),
            Err(source) => Err(SpecError::Yaml { path, source }),
        }
    }

    /// What messages call the document.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The document as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document as a tree.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// Every operation, in the order of the document's paths.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.operations_of_paths().map(|(operation, _)| operation)
    }

    /// Every operation, with the path item that it is in.
    fn operations_of_paths(&self) -> impl Iterator<Item = (Operation<'_>, &Value)> {
        self.paths().flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |(key, method)| {
                let node = item.get(key)?;
                let id = node.get("operationId").and_then(Value::as_str);
                Some((Operation { id, method, path, node }, item))
            })
        })
    }

    fn paths(&self) -> impl Iterator<Item = (&str, &Value)> {
        let paths = self.root.get("paths").and_then(Value::as_mapping).into_iter().flatten();
        paths.filter_map(|(path, item)| Some((path.as_str()?, item)))
    }

    /// What a reference into this document points at.
    fn resolve(&self, reference: &str) -> Option<&Value> {
        let mut node = &self.root;
        for part in reference.strip_prefix("#/")?.split('/') {
            node = node.get(part.replace("~1", "/").replace("~0", "~"))?;
        }
        Some(node)
    }

    /// Whether the document has a schema of this name.
    #[must_use]
    pub fn has_component(&self, name: &str) -> bool {
        self.component(&format!("#/components/schemas/{name}")).is_some()
    }

    /// The names of the document's schemas.
    #[cfg(feature = "sdk")]
    pub(crate) fn components(&self) -> impl Iterator<Item = &str> {
        tree::entries(self.root.get("components").and_then(|components| components.get("schemas")))
            .map(|(name, _)| name)
    }

    /// Name and schema of the component that a schema's reference points at.
    fn component<'a>(&'a self, reference: &'a str) -> Option<(&'a str, &'a Value)> {
        let name = reference.strip_prefix("#/components/schemas/")?;
        Some((name, self.root.get("components")?.get("schemas")?.get(name)?))
    }

    /// The node, or what it refers to in the end; a reference that leads to no end is returned as it is.
    fn follow<'a>(&'a self, node: &'a Value) -> &'a Value {
        let mut seen = Vec::new();
        let mut next = node;
        while let Some(target) = tree::reference(next) {
            let Some(found) = self.resolve(target).filter(|_| !seen.contains(&target)) else { return node };
            seen.push(target);
            next = found;
        }
        next
    }
}

impl Operation<'_> {
    /// Whether a call creates something: every POST does, unless the document says `x-creates: false`.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.method == "POST" && self.node.get("x-creates").and_then(Value::as_bool) != Some(false)
    }
}

/// As `operationId (METHOD /path)`.
impl fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, method, path, .. } = self;
        match id {
            Some(id) => write!(f, "{id} ({method} {path})"),
            None => write!(f, "{method} {path}"),
        }
    }
}

/// YAML reads the status `200`, when nothing quotes it, as a number.
fn with_text_keys(node: Value) -> Value {
    match node {
        Value::Mapping(entries) => {
            let text = |key| match key {
                Value::Number(number) => Value::String(number.to_string()),
                other => other,
            };
            let entries = entries.into_iter().map(|(key, value)| (text(key), with_text_keys(value)));
            Value::Mapping(entries.collect::<Mapping>())
        }
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(with_text_keys).collect()),
        other => other,
    }
}

/// A schema for a message, without what is nested in it.
fn one_line(schema: &Value) -> String {
    let scalar = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => "…".to_owned(),
    };
    let entries = schema.as_mapping().into_iter().flatten();
    let entries: Vec<String> =
        entries.map(|(key, value)| format!("{}: {}", scalar(key), scalar(value))).collect();
    format!("{{{}}}", entries.join(", "))
}

#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
