//! The documented codes of errors, and what to do about each.

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
    /// The tunnel is not connected.
    TunnelConnectionFailed,
    /// An argument is missing, unknown, of another type or outside its limits.
    InvalidArgument,
    /// The amount is not a positive decimal that the fiat currency can express.
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
    /// The API rejected the request, or returned something unexpected.
    ApiError,
    /// A limit of the merchant forbids the payment.
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

    /// What to do next. A provider may have words of its own: see [`ProviderErrors`](super::failure::ProviderErrors).
    pub(crate) fn next_action(self) -> &'static str {
        match self {
            Self::InvalidDeviceId | Self::InvalidDeviceSecret => {
                "Copy the value from the provider's dashboard, without spaces, and restart the server."
            }
            Self::CurrencyNotSupported => {
                "Pass the exact symbol of a currency that is active in the merchant's account."
            }
            Self::AmountTooLow => "Raise the amount to the minimum, or choose another currency.",
            Self::AmountTooHigh => {
                "Lower the amount, split it into several payments, or choose another currency."
            }
            Self::PaymentNotFound => {
                "Check the identifier, and that the payment was created in this account and environment."
            }
            Self::PaymentExpired => "Create a new payment.",
            Self::PaymentNotPayable => {
                "Do not ask the customer to send anything, and do not create another payment: read this one again."
            }
            Self::WebhookNotEnabled => {
                "Set WEBHOOK_ENABLED=true and the provider's webhook secret, and restart the server."
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
                "Do not let the customer pay: funds sent without the tag are lost. Create a new payment."
            }
            Self::QrNotAvailable => "Ask for the kind of code that the message names.",
            Self::RateLimited => "Wait for retry_after_seconds, then call again.",
            Self::ApiTimeout | Self::ApiUnavailable => "Call again in a few seconds.",
            Self::ApiError => "Read the message; if it does not help, look the order up in the dashboard.",
            Self::LimitExceeded => {
                "Do not try to get around the limit: name it to the merchant, who alone can change it."
            }
            Self::IdempotencyConflict => {
                "To repeat the sale, pass the arguments of its first call with the same idempotency_key. Take a new idempotency_key only when the customer buys something else: it creates a second payment."
            }
            Self::NotConfigured => "Correct the settings named in the message and restart the server.",
        }
    }

    /// Whether the same call may succeed later without any change.
    pub(super) fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::ApiTimeout | Self::ApiUnavailable)
    }
}
