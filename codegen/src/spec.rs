//! An OpenAPI document as it was written.
//!
//! It is kept as an untyped tree. A typed model drops what it does not know, and some of the faults that
//! [`Spec::preflight`] looks for are exactly that.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_yaml_ng::Value;

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
        /// What the system said.
        source: io::Error,
    },
    /// The text is not YAML.
    #[error("{} is not YAML", .path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// What the parser said, with line and column.
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
    /// Reads a document from a file.
    ///
    /// # Errors
    /// When the file cannot be read or is not YAML.
    pub fn load(path: &Path) -> Result<Self, SpecError> {
        let text = fs::read_to_string(path).map_err(|source| SpecError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, text)
    }

    /// Reads a document from `text`; `path` is what messages call it.
    ///
    /// # Errors
    /// When the text is not YAML.
    pub fn parse(path: &Path, text: String) -> Result<Self, SpecError> {
        let path = path.to_owned();
        match serde_yaml_ng::from_str(&text) {
            Ok(root) => Ok(Self { path, text, root }),
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
        let paths = self
            .root
            .get("paths")
            .and_then(Value::as_mapping)
            .into_iter()
            .flatten();
        paths.flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |(key, method)| {
                let id = item.get(key)?.get("operationId").and_then(Value::as_str);
                Some(Operation {
                    id,
                    method,
                    path: path.as_str()?,
                })
            })
        })
    }
}
