//! Problems of the environment, and the error of a tool that needs what is wrong.

use std::fmt;

use payments_webhook::Provider;

use crate::answer::failure::{Code, Failure};
use crate::config::variables;

/// The longest wrong value that a message repeats.
const LONGEST_SHOWN: usize = 20;

/// Something in the environment that cannot be used as it is.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) variable: String,
    pub(crate) message: String,
    /// The documented code, where this problem has one of its own.
    pub(crate) code: Option<Code>,
}

impl Problem {
    pub(super) fn new(variable: &str, message: impl Into<String>) -> Self {
        Self { variable: variable.to_owned(), message: message.into(), code: None }
    }

    pub(super) fn unexpected(variable: &str, found: &str, expected: &str) -> Self {
        // A long value is more likely a secret in the wrong variable than a typing error.
        let shown = match found.chars().count() {
            ..=LONGEST_SHOWN => format!("{:?}", payments_core::clean_text(found)),
            length => format!("a value of {length} characters"),
        };
        Self::new(variable, format!("is {shown}; set it to {expected}, or leave it out."))
    }

    /// The provider that the problem keeps from being used; `None` when it concerns the whole server.
    pub(super) fn provider(&self) -> Option<Provider> {
        variables::provider_of(&self.variable)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.message)
    }
}

/// The error of a tool whose settings cannot be used: it lists all problems, and has the code of the only one.
pub(crate) fn unusable(problems: &[Problem]) -> Failure {
    let code = match problems {
        [only] => only.code.unwrap_or(Code::NotConfigured),
        _ => Code::NotConfigured,
    };
    let problems: Vec<String> = problems.iter().map(Problem::to_string).collect();
    Failure::new(code, format!("The server is not configured: {}", problems.join(" ")))
        .detail("problems", problems)
}
