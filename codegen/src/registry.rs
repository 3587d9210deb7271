//! The table of tools, checked against the documents whose operations its rows name.

mod emit;
mod row;

use std::{
    collections::BTreeMap,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use crate::spec::{Spec, SpecError};
use row::Entry;
pub use row::{Fault, Row};

/// Every tool, in the order of its rows.
#[derive(Debug)]
pub struct Registry {
    /// The tools.
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

/// Everything that is wrong with the rows and documents, one line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct RegistryError(pub Vec<Problem>);

/// One thing that is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A document cannot be used.
    #[error("{}", on_one_line(.0))]
    Document(#[from] SpecError),
    /// The rows cannot be read.
    #[error("cannot read {}: {source}", .rows.display())]
    Read {
        /// The file of the rows.
        rows: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The rows are not TOML, or hold something beside `[[tool]]`.
    #[error("{}, line {line}: {message}", .rows.display())]
    Toml {
        /// The file of the rows.
        rows: PathBuf,
        /// Counted from one.
        line: usize,
        /// What the parser said.
        message: String,
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

/// Reads documents and rows and returns the Rust text of the registry, for a build script to write.
///
/// Each entry names an API, its document and the file of the rows; APIs may share that file. The text defines
/// `routes()` and expects `Row`, `Available` and `Route` to be in scope, and a function `call` in `crate::bitnovo::tools::…`
/// for each row.
///
/// # Errors
/// Everything that is wrong, one line each; a line names the row and what in it is wrong.
///
/// # Examples
/// ```no_run
/// match payments_codegen::registry::emit(&[("shop", "../openapi/shop.yaml", "tools.toml")]) {
///     Ok(text) => std::fs::write("registry.rs", text)?,
///     Err(error) => error.to_string().lines().for_each(|line| println!("cargo::error={line}")),
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn emit(apis: &[(&str, &str, &str)]) -> Result<String, RegistryError> {
    let apis = apis.iter().map(|(name, document, rows)| (*name, Path::new(document), Path::new(rows)));
    Ok(emit::rust(&Registry::load(Path::new(""), apis)?))
}

impl Registry {
    /// Reads and checks the rows of the APIs, given as name, document and rows; paths are relative to `root`.
    ///
    /// # Errors
    /// Everything that is wrong, one line each.
    pub fn load<'a>(
        root: &Path,
        apis: impl IntoIterator<Item = (&'a str, &'a Path, &'a Path)>,
    ) -> Result<Self, RegistryError> {
        let mut problems = Vec::new();
        let mut documents = BTreeMap::new();
        let mut files = Vec::new();
        for (name, document, rows) in apis {
            match Spec::load(root, document) {
                Ok(spec) => drop(documents.insert(name, spec)),
                Err(error) => problems.push(error.into()),
            }
            if !files.contains(&rows) {
                files.push(rows);
            }
        }
        // Without its document, every operation of a row would look like one that has disappeared.
        if !problems.is_empty() {
            return Err(RegistryError(problems));
        }
        let mut tools: Vec<Tool> = Vec::new();
        for rows in files {
            let entries = read(root, rows).unwrap_or_else(|problem| {
                problems.push(problem);
                Vec::new()
            });
            for Entry { label, row } in entries {
                let is_taken = |name: &str| tools.iter().any(|tool| tool.row.name == name);
                let checked = match row {
                    Ok(row) if is_taken(&row.name) => Err(vec![Fault::Duplicate]),
                    Ok(row) => row.check(&documents).map(|calls| Tool { row, calls }),
                    Err(fault) => Err(vec![fault]),
                };
                let problem = |fault| Problem::Row { rows: rows.to_owned(), tool: label.clone(), fault };
                match checked {
                    Ok(tool) => tools.push(tool),
                    Err(faults) => problems.extend(faults.into_iter().map(problem)),
                }
            }
        }
        if problems.is_empty() { Ok(Self { tools }) } else { Err(RegistryError(problems)) }
    }
}

/// The rows of a file.
fn read(root: &Path, rows: &Path) -> Result<Vec<Entry>, Problem> {
    let text = fs::read_to_string(root.join(rows))
        .map_err(|source| Problem::Read { rows: rows.to_owned(), source })?;
    let table: row::Table = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Problem::Toml { rows: rows.to_owned(), line, message: error.message().replace('\n', ", ") }
    })?;
    Ok(table.tool.into_iter().enumerate().map(|(index, table)| Entry::new(index, table)).collect())
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The error and its cause: a build script shows one line for each problem.
fn on_one_line(error: &SpecError) -> String {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}").replace('\n', " ")
}

#[cfg(test)]
mod tests;
