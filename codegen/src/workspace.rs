//! The list of APIs in the root `Cargo.toml`, under `[[workspace.metadata.codegen.api]]`.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// The workspace whose APIs are generated.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the root `Cargo.toml`; the paths of every [`Api`] are relative to it.
    pub root: PathBuf,
    /// The APIs, in the order of the file.
    pub apis: Vec<Api>,
}

/// One API: its document, and what is made from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The word by which rows of tools name this API.
    pub name: String,
    /// The OpenAPI document.
    pub spec: PathBuf,
    /// The generated client.
    pub out: PathBuf,
    /// The folder whose `tools/*.toml` hold the rows of tools; its `apis` get a summary of the document. An API may have
    /// no tools.
    pub registry: Option<PathBuf>,
    /// The file that holds the table of these tools between its markers.
    pub readme: Option<PathBuf>,
    /// The type that the client's hooks work with, as written in the crate of `out`.
    pub transport: String,
    /// The exact number that takes the place of `{type: number, format: decimal}`, as written in the crate of `out`. An
    /// API may have no decimals.
    pub money: Option<String>,
    /// Components of the document that a hand-written type takes the place of.
    #[serde(default)]
    pub replacements: BTreeMap<String, Replacement>,
}

/// A hand-written type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// Its path, as written in the crate of `out`.
    #[serde(rename = "type")]
    pub path: String,
    /// Which of `Display`, `FromStr` and `Default` it has.
    pub impls: Vec<String>,
}

/// Why the list of APIs cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// No `Cargo.toml` from here upwards has a `[workspace]` table.
    #[error("{} lies in no Cargo workspace: run the command inside one", .0.display())]
    NotFound(PathBuf),
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason of the system.
        source: io::Error,
    },
    /// The file is not TOML, or an entry misses a key or has one too many.
    #[error("{}, [[workspace.metadata.codegen.api]]", .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The reason of the parser, with the line.
        source: toml::de::Error,
    },
    /// The workspace names no API.
    #[error("{} has no [[workspace.metadata.codegen.api]]: add one for each API", .0.display())]
    NoApis(PathBuf),
}

#[derive(Deserialize)]
struct Manifest {
    workspace: Option<Root>,
}

#[derive(Deserialize)]
struct Root {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    codegen: Codegen,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Codegen {
    #[serde(default)]
    api: Vec<Api>,
}

impl Workspace {
    /// Finds the workspace that holds the folder `start`.
    ///
    /// # Errors
    /// When there is none, or its list of APIs is empty or cannot be read.
    pub fn find(start: &Path) -> Result<Self, WorkspaceError> {
        for root in start.ancestors() {
            let path = root.join("Cargo.toml");
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(WorkspaceError::Read { path, source }),
            };
            let manifest: Manifest = match toml::from_str(&text) {
                Ok(manifest) => manifest,
                Err(source) => return Err(WorkspaceError::Invalid { path, source }),
            };
            if let Some(workspace) = manifest.workspace {
                let apis = workspace.metadata.codegen.api;
                if apis.is_empty() {
                    return Err(WorkspaceError::NoApis(path));
                }
                return Ok(Self { root: root.to_owned(), apis });
            }
        }
        Err(WorkspaceError::NotFound(start.to_owned()))
    }
}

#[cfg(test)]
mod tests;
