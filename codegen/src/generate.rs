//! Every file that is generated from the documents of a workspace, beside the committed one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use similar::TextDiff;

use crate::{
    docs::{self, DocsError},
    registry::{ApiSummary, Registry, RegistryError},
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
    /// The README has no place for the tool table.
    #[error(transparent)]
    Docs(#[from] DocsError),
    /// A file that would be compared or rewritten cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason of the system.
        source: io::Error,
    },
}

/// Generates every file of the workspace, in memory.
pub fn outputs(workspace: &Workspace) -> Vec<Result<Output, GenerateError>> {
    let (root, apis) = (workspace.root.as_path(), &workspace.apis);
    let specs: Vec<_> = apis.iter().map(|api| (api, Spec::load(root, &api.spec))).collect();
    let mut outputs = Vec::new();
    let mut summaries = Vec::new();
    for (api, spec) in specs {
        let spec = match spec {
            Ok(spec) => spec,
            Err(error) => {
                outputs.push(Err(error.into()));
                continue;
            }
        };
        outputs.push(client(root, api, &spec));
        if let Some(folder) = &api.registry {
            let summary = ApiSummary::of(&api.name, &spec);
            let path = folder.join("apis").join(format!("{}.toml", api.name));
            outputs.push(output(root, &path, summary.to_toml()));
            summaries.push(summary);
        }
    }
    // Without its document, every operation of a row would look like one that has disappeared.
    if outputs.iter().all(|output| !matches!(output, Err(GenerateError::Spec(_)))) {
        let mut readmes: Vec<&Path> = apis.iter().filter_map(|api| api.readme.as_deref()).collect();
        readmes.sort_unstable();
        readmes.dedup();
        outputs.extend(readmes.into_iter().map(|path| readme(workspace, path, &summaries)));
    }
    outputs
}

fn client(root: &Path, api: &Api, spec: &Spec) -> Result<Output, GenerateError> {
    output(root, &api.out, sdk::generate(spec, api)?)
}

/// A file that may not exist yet.
fn output(root: &Path, path: &Path, generated: String) -> Result<Output, GenerateError> {
    let committed = match read(root, path) {
        Err(GenerateError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
        other => Some(other?),
    };
    Ok(Output { path: path.to_owned(), committed, generated })
}

/// The table in a README is that of every API that names it.
fn readme(workspace: &Workspace, path: &Path, apis: &[ApiSummary]) -> Result<Output, GenerateError> {
    let named = workspace.apis.iter().filter(|api| api.readme.as_deref() == Some(path));
    let mut folders: Vec<&Path> = named.filter_map(|api| api.registry.as_deref()).collect();
    folders.sort_unstable();
    folders.dedup();
    let registry = Registry::load(&workspace.root, &folders, apis)?;
    let committed = read(&workspace.root, path)?;
    let generated = docs::insert(path, &committed, &registry)?;
    Ok(Output { path: path.to_owned(), committed: Some(committed), generated })
}

fn read(root: &Path, path: &Path) -> Result<String, GenerateError> {
    fs::read_to_string(root.join(path))
        .map_err(|source| GenerateError::Read { path: path.to_owned(), source })
}

impl Output {
    /// Whether the committed file is out of date.
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
