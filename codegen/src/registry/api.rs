//! What the registry needs of an API's document, so that a package builds without the document.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Problem, read, toml_files};

/// The operations of an API; `apis/NAME.toml` holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSummary {
    /// The word by which rows name the API.
    #[serde(skip)]
    pub name: String,
    /// The document, for messages.
    pub document: String,
    /// The operations that have an `operationId`, in the order of the document.
    #[serde(default, rename = "operation")]
    pub operations: Vec<OperationSummary>,
}

/// An operation of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationSummary {
    /// The `operationId`.
    pub id: String,
    /// The HTTP method in capitals.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// Whether a call creates something: every POST does, unless the document says `x-creates: false`.
    pub creates: bool,
}

impl ApiSummary {
    /// Every API of a folder; there is no API without the folder.
    pub(super) fn read_all(folder: &Path) -> Result<Vec<Self>, Vec<Problem>> {
        let (mut apis, mut problems) = (Vec::new(), Vec::new());
        let files = if folder.is_dir() { toml_files(Path::new(""), folder) } else { Ok(Vec::new()) };
        for path in files.map_err(|problem| vec![problem])? {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match read::<Self>(Path::new(""), &path) {
                Ok(api) => apis.push(Self { name, ..api }),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(apis) } else { Err(problems) }
    }

    /// The summary of a document.
    #[cfg(feature = "sdk")]
    #[must_use]
    pub fn of(name: &str, spec: &crate::spec::Spec) -> Self {
        let operations = spec.operations().filter_map(|operation| {
            let (id, method) = (operation.id?.to_owned(), operation.method.to_owned());
            let (path, creates) = (operation.path.to_owned(), operation.creates());
            Some(OperationSummary { id, method, path, creates })
        });
        let document = spec.path().display().to_string();
        Self { name: name.to_owned(), document, operations: operations.collect() }
    }

    /// The content of `apis/NAME.toml`.
    #[cfg(feature = "sdk")]
    #[must_use]
    pub fn to_toml(&self) -> String {
        let header =
            format!("# @generated from {} by `cargo codegen generate`. Do not edit.\n", self.document);
        let operation = |OperationSummary { id, method, path, creates }: &OperationSummary| {
            let text = |text: &str| toml::Value::from(text);
            format!(
                "\n[[operation]]\nid = {}\nmethod = {}\npath = {}\ncreates = {creates}\n",
                text(id),
                text(method),
                text(path)
            )
        };
        let document = toml::Value::from(self.document.as_str());
        let operations: String = self.operations.iter().map(operation).collect();
        format!("{header}\ndocument = {document}\n{operations}")
    }
}
