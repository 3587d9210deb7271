//! The error of a tool: one code, one message, one next step.

mod spanish;

use payments_core::Language;
use payments_webhook::Provider;
use serde_json::{Map, Value, json};

pub use crate::answer::code::Code;
use crate::answer::confirmation_request::ConfirmationRequest;

/// Whether an order exists after a create that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No order was made.
    NotCreated,
    /// An order was made, and something after it went wrong.
    Created,
    /// The request was sent and its answer is missing: an order may exist.
    Unknown,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::NotCreated => "not_created",
            Self::Created => "created",
            Self::Unknown => "unknown",
        }
    }
}

/// A provider, and its own words for errors where they differ from the ones of [`Code`].
#[derive(Debug)]
pub(crate) struct ProviderErrors {
    #[expect(dead_code, reason = "read once there is a second provider")]
    pub(crate) provider: Provider,
    pub(crate) next_action: fn(Code) -> Option<&'static str>,
    /// What happened, in Spanish.
    pub(crate) spanish: fn(Code) -> Option<&'static str>,
}

/// A tool's error, on its way to the caller.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) outcome: Option<Outcome>,
    details: Map<String, Value>,
    /// Whose error it is; `None` when it is the server's own.
    provider: Option<&'static ProviderErrors>,
    next_action: Option<String>,
    passing: bool,
    lasting: bool,
    /// The same call looks at the payment that exists, and cannot create another.
    looks_first: bool,
    /// The confirmation that the same call needs to succeed.
    pub(crate) confirmation: Option<Box<ConfirmationRequest>>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            outcome: None,
            details: Map::new(),
            provider: None,
            next_action: None,
            passing: false,
            lasting: false,
            looks_first: false,
            confirmation: None,
        }
    }

    /// A panic inside a tool.
    pub(crate) fn defect() -> Self {
        Self::new(Code::ApiError, "The tool failed because of a defect in this server.")
    }

    /// An argument that cannot be used as it is.
    pub(crate) fn argument(field: &str, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message).detail("field", field)
    }

    pub(crate) fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    pub(crate) fn next(mut self, action: impl Into<String>) -> Self {
        self.next_action = Some(action.into());
        self
    }

    /// Makes it an error of this provider, unless it has a provider already.
    pub(crate) fn of(mut self, provider: &'static ProviderErrors) -> Self {
        self.provider.get_or_insert(provider);
        self
    }

    /// The same call may succeed later, although errors of this code usually last.
    pub(crate) fn passing(mut self) -> Self {
        self.passing = true;
        self
    }

    /// The same call cannot succeed until a setting changes, although errors of this code usually pass.
    pub(crate) fn lasting(mut self) -> Self {
        self.lasting = true;
        self
    }

    /// The same call finds the payment that exists, and cannot create another.
    pub(crate) fn looks_first(mut self) -> Self {
        self.looks_first = true;
        self
    }

    pub(crate) fn ask(mut self, question: ConfirmationRequest) -> Self {
        self.confirmation = Some(Box::new(question));
        self
    }

    /// The message in the merchant's language. The details keep the exact English words, for the model.
    pub(crate) fn in_language(mut self, language: Language) -> Self {
        if language == Language::Es {
            let message = spanish::sentence(&self);
            let exact = std::mem::replace(&mut self.message, message);
            self.details.insert("explanation".to_owned(), exact.into());
        }
        self
    }

    /// The message alone, where the failure is no more than a warning.
    pub(crate) fn sentence(self, language: Language) -> String {
        self.in_language(language).message
    }

    /// Whether repeating the same call can succeed. Never after a create whose outcome is unknown; after a create that has
    /// created a payment only when the same call finds that payment.
    pub(crate) fn retryable(&self) -> bool {
        let passes = self.passing || (self.code.is_transient() && !self.lasting);
        self.looks_first || (passes && matches!(self.outcome, None | Some(Outcome::NotCreated)))
    }

    /// The documented error body.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "error": self.to_data() })
    }

    /// The content of the error body, and of the data of a protocol error.
    pub(crate) fn to_data(&self) -> Map<String, Value> {
        let mut error = Map::new();
        error.insert("code".into(), self.code.as_str().into());
        error.insert("message".into(), self.message.as_str().into());
        if !self.details.is_empty() {
            error.insert("details".into(), Value::Object(self.details.clone()));
        }
        error.insert("retryable".into(), self.retryable().into());
        if let Some(outcome) = self.outcome {
            error.insert("outcome".into(), outcome.as_str().into());
        }
        error.insert("next_action".into(), self.next_action().into());
        error
    }

    /// The next step: the one of this error, or else the usual one of its code.
    pub(crate) fn next_action(&self) -> &str {
        let usual = || {
            let own = self.provider.and_then(|provider| (provider.next_action)(self.code));
            own.unwrap_or(self.code.next_action())
        };
        self.next_action.as_deref().unwrap_or_else(usual)
    }
}

/// An error's message as a sentence of its own.
pub(crate) fn sentence(error: &impl std::error::Error) -> String {
    let message = error.to_string();
    let mut rest = message.chars();
    let first = rest.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", rest.as_str().trim_end_matches('.'))
}
