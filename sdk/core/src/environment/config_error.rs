//! What is wrong with a configuration, all of it at once.

use std::fmt;

use crate::DeviceIdError;

/// One setting that cannot be used. It prints what is wrong and how to mend it, without the variable's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    variable: &'static str,
    message: String,
    malformed_device_id: bool,
}

impl ConfigError {
    pub(crate) fn new(variable: &'static str, message: String) -> Self {
        Self { variable, message, malformed_device_id: false }
    }

    pub(crate) fn malformed_device_id(variable: &'static str, error: DeviceIdError) -> Self {
        Self { malformed_device_id: true, ..Self::new(variable, error.to_string()) }
    }

    /// The name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        self.variable
    }

    /// Whether there is a device id that is none, as opposed to none at all.
    #[must_use]
    pub fn is_malformed_device_id(&self) -> bool {
        self.malformed_device_id
    }
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// The problems, one for each setting.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.0.iter()
    }
}

impl From<Vec<ConfigError>> for ConfigErrors {
    fn from(errors: Vec<ConfigError>) -> Self {
        Self(errors)
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<String> = self.iter().map(|error| format!("{}: {error}", error.variable)).collect();
        f.write_str(&problems.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
