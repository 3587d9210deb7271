//! Secrets that stand in a file instead of the environment.

use std::io;

use crate::ConfigError;

/// Reads a secret from the variable `name`, or from the file whose path stands in `{name}_FILE`.
///
/// # Errors
/// When both are set, or the file cannot be read.
pub(crate) fn secret(
    name: &'static str,
    file_name: &'static str,
    lookup: &impl Fn(&str) -> Option<String>,
    read: &impl Fn(&str) -> io::Result<String>,
) -> Result<Option<String>, ConfigError> {
    match (lookup(name), lookup(file_name)) {
        (value, None) => Ok(value),
        (Some(_), Some(_)) => {
            Err(ConfigError::new(file_name, format!("{name} is set too; leave one of the two out")))
        }
        (None, Some(path)) => match read(&path) {
            // Editors and `echo` end a file with a line feed. Any other space is for the value's own check to report.
            Ok(text) => Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => Err(ConfigError::new(file_name, format!("the file cannot be read: {error}"))),
        },
    }
}
