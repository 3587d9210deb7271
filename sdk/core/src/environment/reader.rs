//! Reads settings, and collects every problem with them.

use std::{ffi::OsString, fmt};

use secrecy::SecretString;

use super::{ConfigError, ConfigErrors};
use crate::{SecretFile, SecretFileError};

/// A source of settings by the names of their variables.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Reads a file that holds a secret, by its path.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<SecretFile, SecretFileError>;

/// Reads typed settings and collects every problem, so that all of them can be reported at once.
///
/// An empty value counts as none.
pub struct EnvironmentReader<'a> {
    lookup: Lookup<'a>,
    read_file: ReadFile<'a>,
    problems: Vec<ConfigError>,
}

impl<'a> EnvironmentReader<'a> {
    /// A reader of variables and of the files that they name.
    #[must_use]
    pub fn new(lookup: Lookup<'a>, read_file: ReadFile<'a>) -> Self {
        Self { lookup, read_file, problems: Vec::new() }
    }

    /// A setting as text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match (self.lookup)(name)?.into_string() {
            Ok(text) => Some(text).filter(|text| !text.is_empty()),
            // A default would be a setting that the merchant did not choose.
            Err(_) => {
                self.problems.push(ConfigError::new(name, "is not UTF-8 text; write it anew".to_owned()));
                None
            }
        }
    }

    /// A setting that `parse` reads.
    pub fn parsed<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        self.take(parse(&text).map_err(|error| ConfigError::new(name, error.to_string())))
    }

    /// A secret from the variable `name`, or from the file that the variable `file_name` names.
    ///
    /// `None` also stands for a problem: [`has_problem`](Self::has_problem) says which of the two it is.
    pub fn secret(&mut self, name: &'static str, file_name: &'static str) -> Option<SecretString> {
        match (self.text(name), self.text(file_name)) {
            (value, None) => value.map(SecretString::from),
            (Some(_), Some(_)) => {
                self.refuse(file_name, format!("{name} is set too; leave one of the two out"));
                None
            }
            (None, Some(path)) => match (self.read_file)(&path) {
                Ok(file) => {
                    if file.is_readable_by_others() {
                        tracing::warn!(
                            "other users of this machine can read the file that {file_name} names: chmod 600 it"
                        );
                    }
                    Some(file.expose().into())
                }
                Err(error) => {
                    self.refuse(file_name, error.to_string());
                    None
                }
            },
        }
    }

    /// Adds a problem.
    pub fn refuse(&mut self, name: &'static str, message: String) {
        self.problems.push(ConfigError::new(name, message));
    }

    /// The value, or `None` and one problem more.
    pub fn take<T>(&mut self, result: Result<T, ConfigError>) -> Option<T> {
        result.map_err(|error| self.problems.push(error)).ok()
    }

    /// Whether one of these variables has a problem.
    #[must_use]
    pub fn has_problem(&self, names: &[&str]) -> bool {
        self.problems.iter().any(|problem| names.contains(&problem.variable()))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Every problem.
    pub fn finish(self) -> Result<(), ConfigErrors> {
        if self.problems.is_empty() { Ok(()) } else { Err(self.problems.into()) }
    }
}

impl fmt::Debug for EnvironmentReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentReader").field("problems", &self.problems).finish_non_exhaustive()
    }
}

/// Reads a switch: `true`, `1` or `yes`, and `false`, `0` or `no`, in upper or lower case.
///
/// # Errors
/// What was expected, for any other text.
pub fn parse_bool(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err("expected true or false"),
    }
}
