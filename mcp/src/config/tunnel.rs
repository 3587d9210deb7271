//! The settings of tunnels: what carries webhooks to this machine, and what it needs for that.

use std::time::Duration;

use payments_tunnel::{Programs, context::DetectedContext};
use secrecy::SecretString;

use super::reader::Reader;

/// What can carry webhooks to this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TunnelChoice {
    Ngrok,
    Zrok,
    Cloudflared,
    Command,
    Manual,
}

impl TunnelChoice {
    const ALL: [Self; 5] = [Self::Ngrok, Self::Zrok, Self::Cloudflared, Self::Command, Self::Manual];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ngrok => "ngrok",
            Self::Zrok => "zrok",
            Self::Cloudflared => "cloudflared",
            Self::Command => "command",
            Self::Manual => "manual",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str().eq_ignore_ascii_case(name))
    }
}

/// What should carry webhooks to this machine.
#[derive(Clone, Debug)]
pub(crate) struct TunnelSettings {
    /// Whether something should: a tunnel that we open, or an address that others look after.
    pub(crate) enabled: bool,
    pub(crate) provider: TunnelChoice,
    pub(crate) context: DetectedContext,
    pub(crate) max_retries: u32,
    pub(crate) backoff: Duration,
    pub(crate) health_check_every: Duration,
    pub(crate) ngrok: NgrokSettings,
    pub(crate) zrok: ZrokSettings,
    /// A program that opens a tunnel and prints its address.
    pub(crate) command: Option<String>,
    /// How the programs of tunnels are run.
    pub(crate) programs: Programs,
}

/// What ngrok needs.
#[cfg_attr(not(feature = "ngrok"), expect(dead_code, reason = "only the agent reads most of it"))]
#[derive(Clone, Debug)]
pub(crate) struct NgrokSettings {
    pub(crate) authtoken: Option<SecretString>,
    pub(crate) domain: Option<String>,
    /// Another edge than ngrok's own, as `host:port`.
    pub(crate) server_addr: Option<String>,
    /// Who signs that edge's certificate, in PEM.
    pub(crate) ca: Option<String>,
}

/// What zrok needs.
#[derive(Clone, Debug)]
pub(crate) struct ZrokSettings {
    pub(crate) token: Option<SecretString>,
    pub(crate) unique_name: Option<String>,
}

/// Reads the settings. `has_public_url`: an address is configured, or offered by the place where the process runs.
pub(super) fn read(
    reader: &mut Reader<'_>,
    context: DetectedContext,
    has_public_url: bool,
) -> TunnelSettings {
    let enabled = reader.flag("TUNNEL_ENABLED");
    let command = reader.text("TUNNEL_COMMAND");
    let named = reader.text("TUNNEL_PROVIDER").and_then(|name| {
        let provider = TunnelChoice::named(&name);
        if provider.is_none() {
            reader.refuse("TUNNEL_PROVIDER", &name, &TunnelChoice::ALL.map(TunnelChoice::as_str).join(", "));
        }
        provider
    });
    let provider = match named {
        // The documented set-up of a server: an address and no tunnel.
        _ if has_public_url && !enabled => TunnelChoice::Manual,
        Some(provider) => provider,
        None if command.is_some() => TunnelChoice::Command,
        None => TunnelChoice::named(context.suggested_provider).unwrap_or(TunnelChoice::Manual),
    };
    let max_retries =
        reader.number("TUNNEL_RECONNECT_MAX_RETRIES", 10, "a number, 0 to 1000", |retries| *retries <= 1000);
    let backoff = reader.number("TUNNEL_RECONNECT_BACKOFF_MS", 5000, "milliseconds, 1 to 60000", |pause| {
        (1..=60_000).contains(pause)
    });
    let health_check_every =
        reader.number("TUNNEL_HEALTH_CHECK_INTERVAL", 60_000, "milliseconds, 1000 or more", |every| {
            *every >= 1000
        });
    // Pasted from the dashboard, it comes with its scheme.
    let domain = reader
        .text("NGROK_DOMAIN")
        .map(|domain| domain.strip_prefix("https://").unwrap_or(&domain).trim_end_matches('/').to_owned());
    TunnelSettings {
        enabled: enabled || (has_public_url && provider == TunnelChoice::Manual),
        provider,
        context,
        max_retries,
        backoff: Duration::from_millis(backoff),
        health_check_every: Duration::from_millis(health_check_every),
        ngrok: NgrokSettings {
            authtoken: reader.secret("NGROK_AUTHTOKEN"),
            domain,
            server_addr: reader.text("NGROK_SERVER_ADDR"),
            ca: reader.text("NGROK_CA"),
        },
        zrok: ZrokSettings {
            token: reader.secret("ZROK_TOKEN"),
            unique_name: reader.text("ZROK_UNIQUE_NAME"),
        },
        command,
        programs: reader.programs(),
    }
}
