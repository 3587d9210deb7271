//! The variables that hold for the whole server, and the form of every provider's own.

use payments_webhook::Provider;

/// Who issues a secret, which decides how short it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// The provider, in a shape of its own: any other value is an error that its provider reports.
    Provider,
    /// Another service. What it issues is what there is.
    Service,
    /// The merchant.
    Merchant,
}

/// A variable that holds a secret. The secret can stand in a file instead: `NAME_FILE` holds its path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretVariable {
    pub(crate) name: &'static str,
    pub(crate) issuer: Issuer,
    /// What stands in the place of a value whose shape nothing else has, such as 64 hex digits. Such a value is hidden in
    /// amounts and identifiers too; any other value only in free text.
    pub(crate) shown: fn(&str) -> Option<String>,
}

impl SecretVariable {
    const fn without_shape(name: &'static str, issuer: Issuer) -> Self {
        Self { name, issuer, shown: |_| None }
    }
}

/// The variables of one provider, or of the server.
#[derive(Debug)]
pub(crate) struct Variables {
    /// Whose they are; `None`: the server's.
    pub(crate) provider: Option<Provider>,
    pub(crate) secrets: &'static [SecretVariable],
    pub(crate) settings: &'static [&'static str],
    /// Those of the settings that limit what an agent can do.
    pub(crate) limits: &'static [&'static str],
}

/// The names of the variables that hold a provider's limits.
#[derive(Debug)]
pub(crate) struct LimitVariables {
    pub(crate) max_amount: &'static str,
    pub(crate) daily_limit: &'static str,
    pub(crate) confirm_over: &'static str,
    pub(crate) redirect_hosts: &'static str,
}

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
pub(crate) const SERVER: Variables = Variables {
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
