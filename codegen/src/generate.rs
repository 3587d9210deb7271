//! Everything that the documents of a workspace become, beside what is committed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use similar::TextDiff;

use crate::{
    docs::{self, DocsError},
    registry::{Registry, RegistryError},
    sdk::{self, SdkError},
    spec::{Spec, SpecError},
    workspace::{Api, Workspace},
};

/// One generated file.
#[derive(Debug)]
pub struct Output {
    /// Its path, relative to the workspace.
    pub path: PathBuf,
    /// What it holds now; `None` where it does not exist.
    pub committed: Option<String>,
    /// What it should hold.
    pub generated: String,
}

/// Why a file could not be generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The document cannot be read.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The document cannot become a client.
    #[error(transparent)]
    Sdk(#[from] SdkError),
    /// The rows or the documents that they name are wrong.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The tool table has no place to go.
    #[error(transparent)]
    Docs(#[from] DocsError),
    /// A file that would be compared or rewritten cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Generates every file of the workspace, in memory.
pub fn outputs(workspace: &Workspace) -> Vec<Result<Output, GenerateError>> {
    let clients = workspace.apis.iter().map(|api| client(&workspace.root, api));
    let mut readmes: Vec<&Path> = workspace.apis.iter().map(|api| api.readme.as_path()).collect();
    readmes.sort_unstable();
    readmes.dedup();
    clients.chain(readmes.into_iter().map(|path| readme(workspace, path))).collect()
}

fn client(root: &Path, api: &Api) -> Result<Output, GenerateError> {
    let generated = sdk::generate(&Spec::load(root, &api.spec)?, api)?;
    let committed = match read(root, &api.out) {
        Err(GenerateError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
        other => Some(other?),
    };
    Ok(Output { path: api.out.clone(), committed, generated })
}

/// The table in a README is that of every API that names it.
fn readme(workspace: &Workspace, path: &Path) -> Result<Output, GenerateError> {
    let apis = workspace.apis.iter().filter(|api| api.readme == path);
    let sources = apis.map(|api| (api.name.as_str(), api.spec.as_path(), api.tools.as_path()));
    let registry = Registry::load(&workspace.root, sources)?;
    let committed = read(&workspace.root, path)?;
    let generated = docs::insert(path, &committed, &registry)?;
    Ok(Output { path: path.to_owned(), committed: Some(committed), generated })
}

fn read(root: &Path, path: &Path) -> Result<String, GenerateError> {
    fs::read_to_string(root.join(path))
        .map_err(|source| GenerateError::Read { path: path.to_owned(), source })
}

impl Output {
    /// Whether the committed file is not what the document says.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.committed.as_ref() != Some(&self.generated)
    }

    /// What regenerating would change.
    #[must_use]
    pub fn diff(&self) -> String {
        let path = self.path.display();
        TextDiff::from_lines(self.committed.as_deref().unwrap_or_default(), &self.generated)
            .unified_diff()
            .header(&format!("{path} (committed)"), &format!("{path} (generated)"))
            .to_string()
    }
}
