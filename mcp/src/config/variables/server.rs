//! The variables that hold for the whole server.

use crate::config::variables::{Issuer, SecretVariable, Variables};

/// What is no secret and comes in a file too: a certificate.
pub(crate) const CERTIFICATE: &str = "NGROK_CA";

/// Settings of the whole server that have two names. The first of a pair is the documented one.
pub(crate) const NEUTRAL: [(&str, &str); 4] = [
    ("BITNOVO_LANGUAGE", "PAYMENTS_LANGUAGE"),
    ("BITNOVO_QR_DELIVERY", "PAYMENTS_QR_DELIVERY"),
    ("BITNOVO_READ_ONLY", "PAYMENTS_READ_ONLY"),
    ("BITNOVO_TOOLSETS", "PAYMENTS_TOOLSETS"),
];

/// The variables of the server. Some have the name of the first provider, by which they are documented.
pub(crate) static VARIABLES: Variables = Variables {
    provider: None,
    secrets: &[
        SecretVariable::without_shape("WEBHOOK_STATS_TOKEN", Issuer::Merchant),
        SecretVariable::without_shape("NGROK_AUTHTOKEN", Issuer::Service),
        SecretVariable::without_shape("ZROK_TOKEN", Issuer::Service),
    ],
    settings: &[
        "BITNOVO_LANGUAGE",
        "BITNOVO_QR_DELIVERY",
        "BITNOVO_READ_ONLY",
        "BITNOVO_TOOLSETS",
        "LOG_LEVEL",
        "NGROK_CA",
        "NGROK_DOMAIN",
        "NGROK_SERVER_ADDR",
        "PAYMENTS_LANGUAGE",
        "PAYMENTS_QR_DELIVERY",
        "PAYMENTS_READ_ONLY",
        "PAYMENTS_TIMEZONE",
        "PAYMENTS_TOOLSETS",
        "TUNNEL_COMMAND",
        "TUNNEL_ENABLED",
        "TUNNEL_HEALTH_CHECK_INTERVAL",
        "TUNNEL_PROVIDER",
        "TUNNEL_RECONNECT_BACKOFF_MS",
        "TUNNEL_RECONNECT_MAX_RETRIES",
        "WEBHOOK_ALLOW_HTTP_LOOPBACK",
        "WEBHOOK_ENABLED",
        "WEBHOOK_EVENT_TTL_MS",
        "WEBHOOK_HOST",
        "WEBHOOK_MAX_EVENTS",
        "WEBHOOK_PATH",
        "WEBHOOK_PORT",
        "WEBHOOK_PUBLIC_URL",
        "WEBHOOK_REPLAY_STATUS",
        "WEBHOOK_TOLERANCE_SECONDS",
        "ZROK_UNIQUE_NAME",
    ],
    limits: &["BITNOVO_READ_ONLY", "BITNOVO_TOOLSETS"],
};
