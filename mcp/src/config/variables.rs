//! The variables that are ours, and which of them are secrets.

/// Who issues a secret, which decides how short it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// The provider, for a device: hex digits, whose number is fixed.
    Device,
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
}

/// Every secret there is. What reads secrets, hides them and tests that they are hidden goes through this list.
pub(crate) const SECRETS: [SecretVariable; 6] = [
    SecretVariable { name: "BITNOVO_DEVICE_ID", issuer: Issuer::Device },
    SecretVariable { name: "BITNOVO_DEVICE_SECRET", issuer: Issuer::Device },
    SecretVariable { name: "BITNOVO_DEVICE_SECRET_PREVIOUS", issuer: Issuer::Device },
    SecretVariable { name: "WEBHOOK_STATS_TOKEN", issuer: Issuer::Merchant },
    SecretVariable { name: "NGROK_AUTHTOKEN", issuer: Issuer::Service },
    SecretVariable { name: "ZROK_TOKEN", issuer: Issuer::Service },
];

/// Variables that hold for the whole server, each with its name that no provider is part of. The first of a pair is the
/// documented one.
pub(crate) const NEUTRAL: [(&str, &str); 4] = [
    ("BITNOVO_LANGUAGE", "PAYMENTS_LANGUAGE"),
    ("BITNOVO_QR_DELIVERY", "PAYMENTS_QR_DELIVERY"),
    ("BITNOVO_READ_ONLY", "PAYMENTS_READ_ONLY"),
    ("BITNOVO_TOOLSETS", "PAYMENTS_TOOLSETS"),
];

/// What is no secret and comes in a file too: a certificate.
pub(crate) const CERTIFICATE: &str = "NGROK_CA";

/// The other variables.
const SETTINGS: [&str; 43] = [
    "API_TIMEOUT",
    "BITNOVO_ALLOW_HTTP_LOOPBACK",
    "BITNOVO_API_TIMEOUT_MS",
    "BITNOVO_BASE_URL",
    "BITNOVO_CONFIRM_OVER",
    "BITNOVO_DAILY_LIMIT",
    "BITNOVO_ENV",
    "BITNOVO_LANGUAGE",
    "BITNOVO_MAX_AMOUNT",
    "BITNOVO_MAX_RETRIES",
    "BITNOVO_QR_DELIVERY",
    "BITNOVO_READ_ONLY",
    "BITNOVO_REDIRECT_HOSTS",
    "BITNOVO_RETRY_DELAY_MS",
    "BITNOVO_TOOLSETS",
    "LOG_LEVEL",
    "MAX_RETRIES",
    "NGROK_CA",
    "NGROK_DOMAIN",
    "NGROK_SERVER_ADDR",
    "PAYMENTS_LANGUAGE",
    "PAYMENTS_QR_DELIVERY",
    "PAYMENTS_READ_ONLY",
    "PAYMENTS_TIMEZONE",
    "PAYMENTS_TOOLSETS",
    "RETRY_DELAY",
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
];

/// The variables that limit what an agent can do.
pub(crate) const LIMITS: [&str; 6] = [
    "BITNOVO_MAX_AMOUNT",
    "BITNOVO_DAILY_LIMIT",
    "BITNOVO_CONFIRM_OVER",
    "BITNOVO_REDIRECT_HOSTS",
    "BITNOVO_READ_ONLY",
    "BITNOVO_TOOLSETS",
];

/// Every variable of ours, but for the `_FILE` ones.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SECRETS.iter().map(|secret| secret.name).chain(SETTINGS)
}

/// The variables that a file can stand for.
pub(crate) fn in_files() -> impl Iterator<Item = &'static str> {
    SECRETS.iter().map(|secret| secret.name).chain([CERTIFICATE])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A variable that is missing here would be skipped when what is not UTF-8 is looked for.
    #[test]
    fn every_documented_variable_is_known() {
        let page = include_str!("../../../docs/environment.md");
        let first_cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let documented: Vec<&str> = first_cells.flat_map(|cell| cell.split("`, `")).collect();
        assert!(documented.len() > 30, "{documented:?}");
        for name in documented.iter().map(|name| name.trim_end_matches('`')) {
            let name = name.strip_suffix("_FILE").unwrap_or(name);
            assert!(names().any(|known| known == name), "{name}");
        }
        assert!(names().eq(names().filter(|name| name.to_ascii_uppercase() == **name)));
    }
}
