//! The settings of a sandbox, and why it may not start.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::SystemTime,
};

use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use crate::clock::TimeSource;

/// The settings of a sandbox. The default invents everything and picks a free port.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Where to listen: 127.0.0.1, or another loopback address.
    pub host: IpAddr,
    /// The port, or 0 for a free one.
    pub port: u16,
    /// The device id that requests must carry; made from `seed` when `None`.
    pub device_id: Option<Uuid>,
    /// The secret that webhooks are signed with, 64 hex digits; made from `seed` when `None`.
    pub device_secret: Option<SecretString>,
    /// Where webhooks go at first; `PUT /_sandbox/webhook` changes it.
    pub webhook_url: Option<Url>,
    /// Everything invented comes from it: the same seed invents the same identifiers, addresses and hashes.
    pub seed: u64,
    /// The time. The simulation runs by it, plus what `POST /_sandbox/clock/advance` adds; nonces of webhooks are this
    /// time itself, because receivers compare them with their own clock.
    pub time: TimeSource,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            device_id: None,
            device_secret: None,
            webhook_url: None,
            seed: rand::random(),
            time: Arc::new(SystemTime::now),
        }
    }
}

impl fmt::Debug for SandboxConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The device id is a credential, and the seed gives away an invented secret.
        formatter
            .debug_struct("SandboxConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxStartError {
    /// It has no authentication, so it must not be reachable from other machines.
    #[error("the sandbox listens on loopback only, and {host} is not: use 127.0.0.1")]
    NotLoopback {
        /// The address that was asked for.
        host: IpAddr,
    },
    /// The device secret is not one.
    #[error(transparent)]
    Secret(#[from] payments_webhook::scheme::bitnovo::SecretError),
    /// The port is taken, as a rule.
    #[error(
        "the sandbox cannot listen on {host}:{port} ({source}): choose another port, or 0 for a free one"
    )]
    Listen {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The client that sends webhooks cannot be built.
    #[error("the sandbox cannot send webhooks: {0}")]
    Webhooks(#[from] reqwest::Error),
}
