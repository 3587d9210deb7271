//! What a tool answers when it cannot do what was asked: one code, one message, one next step.

mod spanish;

use bitnovo_pay::{IdempotencyKey, Language, PaymentStatus};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::answer::confirmation_request::Question;

/// The documented codes. Each has an entry in docs/errors.md, and a test compares the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The device id is not a UUID, or the API does not know it.
    InvalidDeviceId,
    /// The device secret is not 64 hex digits.
    InvalidDeviceSecret,
    /// No active currency has this symbol.
    CurrencyNotSupported,
    /// Below the currency's minimum.
    AmountTooLow,
    /// Above the currency's maximum.
    AmountTooHigh,
    /// No payment has this identifier.
    PaymentNotFound,
    /// The payment's time is over, and nothing was paid.
    PaymentExpired,
    /// The payment must not be paid now: it is paid, being confirmed, refunded, failed, or for the merchant to decide.
    PaymentNotPayable,
    /// Webhooks are not received.
    WebhookNotEnabled,
    /// The tunnel does not stand.
    TunnelConnectionFailed,
    /// An argument is missing, unknown, of another type or outside its limits.
    InvalidArgument,
    /// The amount is no positive decimal that the fiat currency can express.
    InvalidAmount,
    /// A redirect is not an https URL of a public domain.
    InvalidRedirectUrl,
    /// The currency needs a destination tag and the order has none.
    TagRequired,
    /// There is nothing to draw, or not in this process.
    QrNotAvailable,
    /// Too many requests.
    RateLimited,
    /// The API did not answer in time.
    ApiTimeout,
    /// The API cannot be reached, or failed.
    ApiUnavailable,
    /// The API refused, or answered something unexpected.
    ApiError,
    /// A limit that the merchant has set forbids it.
    LimitExceeded,
    /// The idempotency key was used before, for another sale.
    IdempotencyConflict,
    /// The server's configuration lacks something that this tool needs.
    NotConfigured,
}

impl Code {
    /// Every code, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::InvalidDeviceId,
        Self::InvalidDeviceSecret,
        Self::CurrencyNotSupported,
        Self::AmountTooLow,
        Self::AmountTooHigh,
        Self::PaymentNotFound,
        Self::PaymentExpired,
        Self::PaymentNotPayable,
        Self::WebhookNotEnabled,
        Self::TunnelConnectionFailed,
        Self::InvalidArgument,
        Self::InvalidAmount,
        Self::InvalidRedirectUrl,
        Self::TagRequired,
        Self::QrNotAvailable,
        Self::RateLimited,
        Self::ApiTimeout,
        Self::ApiUnavailable,
        Self::ApiError,
        Self::LimitExceeded,
        Self::IdempotencyConflict,
        Self::NotConfigured,
    ];

    /// The code as it stands in answers and documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidDeviceId => "INVALID_DEVICE_ID",
            Self::InvalidDeviceSecret => "INVALID_DEVICE_SECRET",
            Self::CurrencyNotSupported => "CURRENCY_NOT_SUPPORTED",
            Self::AmountTooLow => "AMOUNT_TOO_LOW",
            Self::AmountTooHigh => "AMOUNT_TOO_HIGH",
            Self::PaymentNotFound => "PAYMENT_NOT_FOUND",
            Self::PaymentExpired => "PAYMENT_EXPIRED",
            Self::PaymentNotPayable => "PAYMENT_NOT_PAYABLE",
            Self::WebhookNotEnabled => "WEBHOOK_NOT_ENABLED",
            Self::TunnelConnectionFailed => "TUNNEL_CONNECTION_FAILED",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::InvalidAmount => "INVALID_AMOUNT",
            Self::InvalidRedirectUrl => "INVALID_REDIRECT_URL",
            Self::TagRequired => "TAG_REQUIRED",
            Self::QrNotAvailable => "QR_NOT_AVAILABLE",
            Self::RateLimited => "RATE_LIMITED",
            Self::ApiTimeout => "API_TIMEOUT",
            Self::ApiUnavailable => "API_UNAVAILABLE",
            Self::ApiError => "API_ERROR",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT",
            Self::NotConfigured => "NOT_CONFIGURED",
        }
    }

    pub(crate) fn next_action(self) -> &'static str {
        match self {
            Self::InvalidDeviceId => {
                "Copy BITNOVO_DEVICE_ID from the dashboard: a UUID without spaces, of the environment that BITNOVO_BASE_URL names."
            }
            Self::InvalidDeviceSecret => {
                "Copy BITNOVO_DEVICE_SECRET from the dashboard: 64 hex digits without spaces, of this device and environment."
            }
            Self::CurrencyNotSupported => {
                "Call list_currencies_catalog and pass an exact symbol; a currency that is missing there is not active in the merchant's account."
            }
            Self::AmountTooLow => "Raise the amount to the minimum, or choose another currency.",
            Self::AmountTooHigh => {
                "Lower the amount, split it into several payments, or choose another currency."
            }
            Self::PaymentNotFound => {
                "Check the identifier, and that the payment was created with this device and in this environment."
            }
            Self::PaymentExpired => "Create a new payment.",
            Self::PaymentNotPayable => {
                "Do not ask the customer to send anything: follow this payment with get_payment_status, whose next_action says how to go on."
            }
            Self::WebhookNotEnabled => {
                "Set WEBHOOK_ENABLED=true and BITNOVO_DEVICE_SECRET, and restart the server."
            }
            Self::TunnelConnectionFailed => {
                "Check the settings of the tunnel with the provider's own command; then call get_tunnel_status, which tries again."
            }
            Self::InvalidArgument => "Correct the argument named in details.field and call again.",
            Self::InvalidAmount => {
                "Pass a positive amount with a point as decimal separator and no more decimals than the currency has, such as 19.99."
            }
            Self::InvalidRedirectUrl => {
                "Pass an https URL of a public domain name, without user name or password."
            }
            Self::TagRequired => {
                "Do not let the customer pay: funds sent without the tag are lost. Create a new payment, or a payment link."
            }
            Self::QrNotAvailable => "Ask for the kind of code that the message names.",
            Self::RateLimited => "Wait for retry_after_seconds, then call again.",
            Self::ApiTimeout | Self::ApiUnavailable => "Call again in a few seconds.",
            Self::ApiError => "Read the message; if it does not help, look the order up in the dashboard.",
            Self::LimitExceeded => {
                "Do not try to get around the limit: tell the merchant, who alone can change it, and which limit it is."
            }
            Self::IdempotencyConflict => {
                "To repeat the sale, pass the arguments of its first call with the same idempotency_key; get_payment_status shows the payment named in the message. Take a new idempotency_key only when the customer buys something else: it creates a second payment."
            }
            Self::NotConfigured => "Correct the settings named in the message and restart the server.",
        }
    }

    /// Whether the same call may succeed later without any change.
    fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::ApiTimeout | Self::ApiUnavailable)
    }
}

/// What to do when the payment of a key is over.
pub(crate) const KEY_SPENT: &str = "Do not let the customer pay this order. Look with get_payment_status whether something has come: then tell the merchant, and create nothing. If nothing has and they still want to pay, create a new payment with a new idempotency_key.";

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

/// A tool's error, on its way to the caller.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) outcome: Option<Outcome>,
    details: Map<String, Value>,
    next_action: Option<String>,
    passing: bool,
    lasting: bool,
    /// The same call looks at the payment that exists, and cannot create another.
    looks_first: bool,
    /// What a person must be asked before the same call can succeed.
    pub(crate) question: Option<Box<Question>>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            outcome: None,
            details: Map::new(),
            next_action: None,
            passing: false,
            lasting: false,
            looks_first: false,
            question: None,
        }
    }

    /// A panic inside a tool.
    pub(crate) fn defect() -> Self {
        Self::new(Code::ApiError, "The tool failed inside the server; this is a defect of ours.")
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

    /// It is a matter of time.
    pub(crate) fn passing(mut self) -> Self {
        self.passing = true;
        self
    }

    /// It stays until somebody changes something, although failures of its code usually pass.
    fn lasting(mut self) -> Self {
        self.lasting = true;
        self
    }

    pub(crate) fn ask(mut self, question: Question) -> Self {
        self.question = Some(Box::new(question));
        self
    }

    /// The message in the language of the people here. The exact English words stay among the details, for the model.
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

    /// Makes it the failure of an order that is over. Where the customer has begun to pay it, nothing may advise a new one;
    /// otherwise one under a key of its own may follow.
    pub(crate) fn over(mut self, begun: bool, keyed: bool) -> Self {
        if begun {
            self.code = Code::PaymentNotPayable;
            self.next(Code::PaymentNotPayable.next_action())
        } else {
            self.code = Code::PaymentExpired;
            if keyed { self.next(KEY_SPENT) } else { self }
        }
    }

    /// What the API's refusal means to the caller of a tool that reads.
    pub(crate) fn from_api(error: &bitnovo_pay::Error) -> Self {
        use bitnovo_pay::Error;
        let failure = match error {
            Error::DeviceRefused => Self::new(
                Code::InvalidDeviceId,
                "The API refused the device id (401 or 403). It is not a device of this environment.",
            ),
            Error::NotFound => Self::new(Code::PaymentNotFound, "No payment has this identifier."),
            Error::RateLimited { .. } => Self::new(Code::RateLimited, sentence(error)),
            Error::Timeout => Self::new(Code::ApiTimeout, sentence(error)),
            Error::Unreachable { failure: Some(failure), .. } if failure.is_lasting() => {
                Self::new(Code::ApiUnavailable, sentence(error)).lasting().next(
                    "Calling again does not help: tell whoever runs the server what the message says. They correct it and \
                     restart the server.",
                )
            }
            Error::Unreachable { .. } | Error::ServerError { .. } | Error::InDoubt => {
                Self::new(Code::ApiUnavailable, sentence(error))
            }
            Error::IdempotencyConflict { created, existing, differing } => {
                conflict(*created, *existing, &named(differing))
            }
            Error::NotCompared { identifier, source } => {
                let cause = Self::from_api(source);
                let failure = Self { message: sentence(error), looks_first: true, ..cause };
                failure.detail("identifier", identifier.to_string()).next(
                    "The payment exists. Show it to nobody yet, because another server may have created one under the same \
                     idempotency_key: call again with the same arguments and idempotency_key in a few seconds, which reads \
                     the list again and returns the one payment to show. Do not create another.",
                )
            }
            Error::NewerMarker { identifier, .. } => Self::new(Code::ApiError, sentence(error))
                .detail("identifier", identifier.to_string())
                .next(
                    "Follow the payment details.identifier with get_payment_status. Do not create another. Ask the merchant \
                     to update this server.",
                ),
            // The one that was refused itself knows which limit it was.
            Error::NotAdmitted => Self::new(
                Code::LimitExceeded,
                "A call with the same idempotency_key was just refused by one of the merchant's limits.",
            ),
            Error::KeySpent { identifier, status } => {
                let begun = matches!(status, PaymentStatus::Rf | PaymentStatus::Fa);
                let failure = Self::new(Code::PaymentExpired, sentence(error));
                failure.detail("identifier", identifier.to_string()).over(begun, true)
            }
            Error::LinkLost { identifier } => Self::new(Code::ApiError, sentence(error))
                .detail("identifier", identifier.to_string())
                .next(
                    "Another call or server may have given the link to the customer: ask the merchant or the customer \
                     before you do anything else. If the customer has it, follow it with get_payment_status. Only if they \
                     never got it, create a payment with a new idempotency_key; this link then is simply not used.",
                ),
            Error::NotLookedUp { source } => {
                let cause = Self::from_api(source);
                let failure = Self { message: sentence(error), ..cause };
                let action = failure.code.next_action();
                failure.next(format!(
                    "{action} An earlier call may have created the payment: do not create it again, except by calling with \
                     the same arguments and idempotency_key, which looks for it first."
                ))
            }
            Error::Unreadable { name, unreadable } => {
                let failure = Self::new(Code::ApiError, sentence(error)).detail("field", unreadable.field.as_ref());
                let failure = match name {
                    Some(name) => failure.detail("identifier", name.as_str()),
                    None => failure,
                };
                failure.next(
                    "Tell the merchant the field and the identifier: the dashboard shows the payment. Create no other for \
                     the same sale, and do not hand over the goods before somebody has looked.",
                )
            }
            Error::UnreadableOrder { identifier, unreadable } => Self::new(Code::ApiError, sentence(error))
                .detail("field", unreadable.field.as_ref())
                .detail("identifier", identifier.to_string())
                .next(
                    "The order exists and cannot be shown to a customer. Call again with the same arguments and \
                     idempotency_key, which looks for it in the API's list, or look it up in the dashboard.",
                ),
            _ => Self::new(Code::ApiError, sentence(error)),
        };
        match error {
            Error::RateLimited { retry_after: Some(wait), .. } => {
                failure.detail("retry_after_seconds", wait.as_secs())
            }
            _ => failure,
        }
    }

    /// The same for a create, where it matters most whether an order exists.
    pub(crate) fn from_create(error: &bitnovo_pay::Error, key: &IdempotencyKey) -> Self {
        let failure = match error {
            // A 404 on create is a business refusal; there is no payment that could have been not found.
            bitnovo_pay::Error::NotFound => Self::new(Code::ApiError, sentence(error)),
            _ => Self::from_api(error),
        };
        match error.outcome() {
            bitnovo_pay::Outcome::NotCreated => failure.outcome(Outcome::NotCreated),
            bitnovo_pay::Outcome::Created => failure.outcome(Outcome::Created),
            bitnovo_pay::Outcome::Unknown => {
                let failure = failure.outcome(Outcome::Unknown).detail("idempotency_key", key.as_str());
                match error {
                    // Says itself what to do.
                    bitnovo_pay::Error::NotLookedUp { .. } => failure,
                    _ => failure.next(
                        "The order may exist: do not create it again, except by calling again with the same arguments and \
                         idempotency_key = details.idempotency_key, which looks for it first.",
                    ),
                }
            }
        }
    }

    /// Whether calling again as it is can help. Never after a create whose outcome is unknown; after one that has created a
    /// payment only when the same call looks at that one.
    pub(crate) fn retryable(&self) -> bool {
        let passes = self.passing || (self.code.is_transient() && !self.lasting);
        self.looks_first || (passes && matches!(self.outcome, None | Some(Outcome::NotCreated)))
    }

    /// The documented error body.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "error": self.to_data() })
    }

    /// What stands in it, and in the data of an error of the protocol.
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
        let action = self.next_action.as_deref().unwrap_or(self.code.next_action());
        error.insert("next_action".into(), action.into());
        error
    }
}

/// The key belongs to another sale. An agent that only learns that takes a new key, and the customer pays twice.
fn conflict(created: Option<Uuid>, existing: Option<Uuid>, differing: &[&str]) -> Failure {
    let belongs = existing.map_or_else(
        || "The idempotency_key was used before".to_owned(),
        |existing| format!("The idempotency_key was used before, for payment {existing}"),
    );
    let differs = match differing {
        [] => "with other arguments".to_owned(),
        differing => format!("and the arguments differ: {}", differing.join(", ")),
    };
    let mut failure = Failure::new(Code::IdempotencyConflict, format!("{belongs}, {differs}."));
    if !differing.is_empty() {
        failure = failure.detail("differing_arguments", differing);
    }
    let Some(orphan) = created else {
        return match existing {
            Some(existing) => failure.detail("identifier", existing.to_string()),
            None => failure,
        };
    };
    if let Some(existing) = existing {
        failure = failure.detail("existing_identifier", existing.to_string());
    }
    failure.detail("identifier", orphan.to_string()).next(
        "Another server has used the key for another sale at the same moment. Do not let the customer pay \
         details.identifier, which nobody has been shown; create the payment for this sale with a new \
         idempotency_key.",
    )
}

/// The arguments as the tools name them.
fn named(differing: &[&'static str]) -> Vec<&'static str> {
    let name = |argument: &&'static str| match *argument {
        "amount" => "amount_eur",
        "currency" => "input_currency",
        argument => argument,
    };
    differing.iter().map(name).collect()
}

/// An error's message as a sentence of its own.
pub(crate) fn sentence(error: &impl std::error::Error) -> String {
    let message = error.to_string();
    let mut rest = message.chars();
    let first = rest.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", rest.as_str().trim_end_matches('.'))
}
