//! The tools of a server: rows in `tools/*.toml`, checked against the operations of the APIs that they name.

mod api;
mod emit;
mod row;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use api::{ApiSummary, OperationSummary};
pub use row::{Available, Fault, Row};
use row::{Entry, Table};

/// The rows of one or several folders.
#[derive(Debug)]
pub struct Registry {
    /// One for each file of rows: those of an API first, in the order of the APIs.
    pub groups: Vec<Group>,
}

/// The rows of one file.
#[derive(Debug)]
pub struct Group {
    /// The name of the file, without its ending.
    pub stem: String,
    /// The provider whose API the tools call, for people; `None` for tools of the server itself.
    pub provider: Option<String>,
    /// The tools, in the order of their rows.
    pub tools: Vec<Tool>,
}

/// A row whose operations are known to exist.
#[derive(Debug)]
pub struct Tool {
    /// The row.
    pub row: Row,
    /// Method and path of each of its operations, such as `POST /orders/`, in the row's order.
    pub calls: Vec<String>,
}

/// Everything that is wrong with the rows and the APIs, one line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct RegistryError(pub Vec<Problem>);

/// One thing that is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A file or folder cannot be read or written.
    #[error("cannot {verb} {}: {source}", .path.display())]
    File {
        /// `read` or `write`.
        verb: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason of the system.
        source: io::Error,
    },
    /// A file is not TOML, or has a key that does not belong there.
    #[error("{}, line {line}: {message}", .path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// The reason of the parser.
        message: String,
    },
    /// The rows name an API that is not known.
    #[error("{}: the api {found:?} is none of the known ones: {known}", .rows.display())]
    UnknownApi {
        /// The file of the rows.
        rows: PathBuf,
        /// The API that the rows name.
        found: String,
        /// The known APIs.
        known: String,
    },
    /// A row is wrong.
    #[error("{}, {tool}: {fault}", .rows.display())]
    Row {
        /// The file of the rows.
        rows: PathBuf,
        /// The row's name in quotes, or its number when it has none.
        tool: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// Reads the rows `tools/*.toml` and the APIs `apis/*.toml` of `folder`, and writes a Rust file for each file of rows
/// into `out`, under the same name. Meant for a build script.
///
/// A file defines `ROWS`, an array of `Row`, and `routes(&Arc<Context>) -> Vec<Route>`. The module that includes the
/// file has `Arc`, `Available`, `Context`, `Route` and `Row` in scope, and for each row a module of its name with a
/// function `call`. `Route::creating` binds the rows with `creates`, `Route::new` the others.
///
/// # Errors
/// Everything that is wrong, one line each; a line names the file and the row.
///
/// # Examples
/// ```no_run
/// # use std::path::Path;
/// if let Err(error) = payments_codegen::registry::emit(Path::new(""), Path::new("out")) {
///     error.to_string().lines().for_each(|line| println!("cargo::error={line}"));
/// }
/// ```
pub fn emit(folder: &Path, out: &Path) -> Result<(), RegistryError> {
    let apis = ApiSummary::read_all(&folder.join("apis")).map_err(RegistryError)?;
    for group in Registry::load(Path::new(""), &[folder], &apis)?.groups {
        let path = out.join(format!("{}.rs", group.stem));
        fs::write(&path, emit::rust(&group))
            .map_err(|source| RegistryError(vec![Problem::File { verb: "write", path, source }]))?;
    }
    Ok(())
}

impl Registry {
    /// Reads the rows `tools/*.toml` of the folders, which are relative to `root`, and checks them against `apis`.
    ///
    /// # Errors
    /// Everything that is wrong, one line each.
    pub fn load(root: &Path, folders: &[&Path], apis: &[ApiSummary]) -> Result<Self, RegistryError> {
        let mut problems = Vec::new();
        let mut files = Vec::new();
        for folder in folders {
            match toml_files(root, &folder.join("tools")) {
                Ok(found) => files.extend(found),
                Err(problem) => problems.push(problem),
            }
        }
        let mut groups: Vec<(usize, Group)> = Vec::new();
        for rows in files {
            let Table { api, provider, tool } = match read(root, &rows) {
                Ok(table) => table,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let position = api.as_ref().map(|name| apis.iter().position(|known| known.name == *name));
            let Some(position) = position.unwrap_or(Some(apis.len())) else {
                let known = apis.iter().map(|api| api.name.as_str()).collect::<Vec<_>>().join(", ");
                problems.push(Problem::UnknownApi { rows, found: api.unwrap_or_default(), known });
                continue;
            };
            let mut tools: Vec<Tool> = Vec::new();
            for Entry { label, row } in
                tool.into_iter().enumerate().map(|(index, row)| Entry::new(index, row))
            {
                let mut earlier = groups.iter().flat_map(|(_, group)| &group.tools).chain(&tools);
                let checked = match row {
                    Ok(row) if earlier.any(|tool| tool.row.name == row.name) => Err(vec![Fault::Duplicate]),
                    Ok(row) => row.check(apis.get(position)).map(|calls| Tool { row, calls }),
                    Err(fault) => Err(vec![fault]),
                };
                let problem = |fault| Problem::Row { rows: rows.clone(), tool: label.clone(), fault };
                match checked {
                    Ok(tool) => tools.push(tool),
                    Err(faults) => problems.extend(faults.into_iter().map(problem)),
                }
            }
            let stem = rows.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            groups.push((position, Group { stem, provider, tools }));
        }
        groups.sort_by_key(|(position, _)| *position);
        let groups = groups.into_iter().map(|(_, group)| group).collect();
        if problems.is_empty() { Ok(Self { groups }) } else { Err(RegistryError(problems)) }
    }

    /// Every tool with its provider, in the order in which a server lists them: those that are always listed first.
    pub fn listed<'a>(&'a self) -> impl Iterator<Item = (Option<&'a str>, &'a Tool)> {
        let of = |group: &'a Group| group.tools.iter().map(|tool| (group.provider.as_deref(), tool));
        let mut tools: Vec<_> = self.groups.iter().flat_map(of).collect();
        tools.sort_by_key(|(_, tool)| tool.row.available);
        tools.into_iter()
    }
}

/// The TOML files of a folder, in the order of their names, relative to `root`.
fn toml_files(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let unreadable = |source| Problem::File { verb: "read", path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(unreadable)? {
        let file = folder.join(entry.map_err(unreadable)?.file_name());
        if file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn read<T: serde::de::DeserializeOwned>(root: &Path, path: &Path) -> Result<T, Problem> {
    let text = fs::read_to_string(root.join(path)).map_err(|source| Problem::File {
        verb: "read",
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Problem::Toml { path: path.to_owned(), line, message: error.message().replace('\n', ", ") }
    })
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
