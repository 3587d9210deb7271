//! The variables of Bitnovo.

use std::str::FromStr as _;

use bitnovo_pay::{DeviceId, Fiat};
use payments_webhook::scheme::bitnovo::{PROVIDER, Secret};

use crate::config::variables::{Issuer, LimitVariables, SecretVariable, Variables};

pub(crate) const DEVICE_ID: &str = "BITNOVO_DEVICE_ID";
pub(crate) const DEVICE_SECRET: &str = "BITNOVO_DEVICE_SECRET";
pub(crate) const DEVICE_SECRET_PREVIOUS: &str = "BITNOVO_DEVICE_SECRET_PREVIOUS";

/// The limits of payments with Bitnovo.
pub(crate) static LIMITS: LimitVariables = LimitVariables {
    max_amount: "BITNOVO_MAX_AMOUNT",
    daily_limit: "BITNOVO_DAILY_LIMIT",
    confirm_over: "BITNOVO_CONFIRM_OVER",
    redirect_hosts: "BITNOVO_REDIRECT_HOSTS",
    currency: |code| code.parse().map(Fiat::currency).map_err(|error| error.to_string()),
};

pub(crate) static VARIABLES: Variables = Variables {
    provider: Some(PROVIDER),
    secrets: &[
        SecretVariable { name: DEVICE_ID, issuer: Issuer::Provider, shown },
        SecretVariable { name: DEVICE_SECRET, issuer: Issuer::Provider, shown },
        SecretVariable { name: DEVICE_SECRET_PREVIOUS, issuer: Issuer::Provider, shown },
    ],
    settings: &[
        "API_TIMEOUT",
        "BITNOVO_ALLOW_HTTP_LOOPBACK",
        "BITNOVO_API_TIMEOUT_MS",
        "BITNOVO_BASE_URL",
        "BITNOVO_CONFIRM_OVER",
        "BITNOVO_DAILY_LIMIT",
        "BITNOVO_ENV",
        "BITNOVO_MAX_AMOUNT",
        "BITNOVO_MAX_RETRIES",
        "BITNOVO_REDIRECT_HOSTS",
        "BITNOVO_RETRY_DELAY_MS",
        "MAX_RETRIES",
        "RETRY_DELAY",
    ],
    limits: &["BITNOVO_MAX_AMOUNT", "BITNOVO_DAILY_LIMIT", "BITNOVO_CONFIRM_OVER", "BITNOVO_REDIRECT_HOSTS"],
};

/// A device id prints itself masked; a device secret is not shown at all.
fn shown(value: &str) -> Option<String> {
    let secret = || Secret::from_str(value).ok().map(|_| "[hidden]".to_owned());
    DeviceId::from_str(value).ok().map(|device_id| device_id.to_string()).or_else(secret)
}

/// The variables that say how the client behaves: the SDK's names, and the documented ones.
pub(in crate::config) const BEHAVIOUR: [(&str, &str); 3] = [
    ("BITNOVO_API_TIMEOUT_MS", "API_TIMEOUT"),
    ("BITNOVO_MAX_RETRIES", "MAX_RETRIES"),
    ("BITNOVO_RETRY_DELAY_MS", "RETRY_DELAY"),
];

/// The variables that decide which API is used.
pub(in crate::config) const UPSTREAM: [&str; 5] =
    [DEVICE_ID, "BITNOVO_DEVICE_ID_FILE", "BITNOVO_BASE_URL", "BITNOVO_ENV", "BITNOVO_ALLOW_HTTP_LOOPBACK"];
