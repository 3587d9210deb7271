//! What is wrong with a configuration, all of it at once.

use std::fmt;

/// One setting that cannot be used. It prints what is wrong and how to fix it, without the variable's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    variable: &'static str,
    message: String,
    malformed_credential: bool,
}

impl ConfigError {
    /// A setting that cannot be used, and how to fix it.
    #[must_use]
    pub fn new(variable: &'static str, message: String) -> Self {
        Self { variable, message, malformed_credential: false }
    }

    /// A credential of the provider that has another form than the provider's credentials have.
    #[must_use]
    pub fn malformed_credential(variable: &'static str, message: String) -> Self {
        Self { malformed_credential: true, ..Self::new(variable, message) }
    }

    /// The name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        self.variable
    }

    /// Whether the credential is set and has a wrong form, as opposed to not set.
    #[must_use]
    pub fn is_malformed_credential(&self) -> bool {
        self.malformed_credential
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
