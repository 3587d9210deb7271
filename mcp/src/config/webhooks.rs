//! The settings of webhooks: what verifies them, where they arrive, how long they are kept.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    time::Duration,
};

use payments_core::RedirectUrl;
use payments_tunnel::context::{self, DetectedContext};
use payments_webhook::server::check_path;
use secrecy::SecretString;
use url::Url;

use crate::config::bitnovo;
use crate::config::environment::Environment;
use crate::config::environment::unreadable as unreadable_variable;
use crate::config::problem::Problem;
use crate::config::reader::Reader;
use crate::config::receiver::ReceiverSettings;
use crate::config::tunnel;
use crate::config::tunnel::{TunnelChoice, TunnelSettings};
use crate::config::variables::names;

/// Whether webhooks are received.
#[derive(Debug)]
pub(crate) enum WebhookConfig {
    /// `WEBHOOK_ENABLED` is not set, or false.
    Off,
    /// They are enabled, but these settings cannot be used.
    Unusable(Vec<Problem>),
    On(Box<WebhookSettings>),
}

/// How webhooks are received.
#[derive(Clone, Debug)]
pub(crate) struct WebhookSettings {
    /// One for each provider.
    pub(crate) receivers: Vec<ReceiverSettings>,
    pub(crate) address: SocketAddr,
    pub(crate) max_events: NonZeroUsize,
    pub(crate) ttl: Duration,
    pub(crate) tolerance: Duration,
    /// Whether a replay is answered 200, for senders that resend until they see it.
    pub(crate) replays_are_ok: bool,
    pub(crate) stats_token: Option<SecretString>,
    pub(crate) public_url: Option<PublicUrl>,
    /// Loopback addresses are fetched only when this is set, for tests.
    pub(crate) allow_loopback: bool,
    pub(crate) tunnel: TunnelSettings,
}

impl WebhookSettings {
    /// The address outside of this process's control, when it is what leads here.
    pub(crate) fn manual_address(&self) -> Option<&Url> {
        let is_manual = self.tunnel.enabled && self.tunnel.provider == TunnelChoice::Manual;
        self.public_url.as_ref().filter(|_| is_manual).map(|public| &public.url)
    }

    /// The configured address, but not one that the platform offers.
    pub(crate) fn configured_address(&self) -> Option<&Url> {
        self.public_url.as_ref().filter(|public| public.is_configured).map(|public| &public.url)
    }
}

/// Reads the settings; every problem goes to `problems` too.
pub(super) fn read(environment: &Environment, sandbox: bool, problems: &mut Vec<Problem>) -> WebhookConfig {
    let mut reader = Reader { environment, problems: Vec::new() };
    let unreadable = names()
        .filter(|name| {
            ["WEBHOOK_", "TUNNEL_", "NGROK_", "ZROK_"].iter().any(|prefix| name.starts_with(prefix))
        })
        .filter(|name| environment.is_unreadable(name));
    reader.problems.extend(unreadable.map(unreadable_variable));
    let enabled = reader.flag("WEBHOOK_ENABLED");
    let settings = if enabled { reader.settings(sandbox) } else { None };
    // What holds for every variable has been checked before: one problem is one line.
    let known: Vec<String> = problems.iter().map(|problem| problem.variable.clone()).collect();
    problems.extend(reader.problems.iter().filter(|problem| !known.contains(&problem.variable)).cloned());
    match settings {
        Some(settings) if reader.problems.is_empty() => WebhookConfig::On(Box::new(settings)),
        _ if !reader.problems.is_empty() => WebhookConfig::Unusable(reader.problems),
        _ => WebhookConfig::Off,
    }
}

impl Reader<'_> {
    fn settings(&mut self, sandbox: bool) -> Option<WebhookSettings> {
        let receivers = vec![bitnovo::webhooks::read(self, sandbox)];
        let context =
            context::detect(|name| self.environment.get(name), |path| std::path::Path::new(path).exists());
        let allow_loopback = self.flag("WEBHOOK_ALLOW_HTTP_LOOPBACK") || sandbox;
        let unusable = receivers.iter().find_map(|receiver| check_path(&receiver.path).err());
        if let Some(error) = unusable {
            self.problems.push(Problem::new("WEBHOOK_PATH", format!("{error}.")));
            return None;
        }
        let public_url = self.public_url(&receivers, &context, allow_loopback);
        let tunnel = tunnel::read(self, context, public_url.is_some());
        let everywhere = tunnel.enabled && tunnel.provider == TunnelChoice::Manual;
        let host = if everywhere { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let host = self.number(
            "WEBHOOK_HOST",
            IpAddr::V4(host),
            "an address of this machine, such as 127.0.0.1",
            |_| true,
        );
        let port = self.number("WEBHOOK_PORT", 3000, "a port, 0 to 65535 (0 takes a free one)", |_| true);
        let max_events =
            self.number("WEBHOOK_MAX_EVENTS", NonZeroUsize::new(1000)?, "a number of 1 or more", |_| true);
        let ttl = self.number("WEBHOOK_EVENT_TTL_MS", 3_600_000, "milliseconds, 1 or more", |ttl| *ttl > 0);
        let tolerance = self.number("WEBHOOK_TOLERANCE_SECONDS", 20, "seconds, 1 to 300", |tolerance| {
            (1..=300).contains(tolerance)
        });
        let replay =
            self.number("WEBHOOK_REPLAY_STATUS", 401_u16, "401 or 200", |status| [200, 401].contains(status));
        Some(WebhookSettings {
            receivers,
            address: SocketAddr::new(host, port),
            max_events,
            ttl: Duration::from_millis(ttl),
            tolerance: Duration::from_secs(tolerance),
            replays_are_ok: replay == 200,
            stats_token: self.chosen_secret("WEBHOOK_STATS_TOKEN"),
            public_url,
            allow_loopback,
            tunnel,
        })
    }

    /// The configured address, or else the one that the platform offers if it is public. An address for the platform's own
    /// network is ignored; it is not a mistake of the merchant.
    fn public_url(
        &mut self,
        receivers: &[ReceiverSettings],
        context: &DetectedContext,
        allow_loopback: bool,
    ) -> Option<PublicUrl> {
        let (text, is_configured) = match self.environment.get("WEBHOOK_PUBLIC_URL") {
            Some(text) => (text, true),
            None => (context.public_url.clone()?, false),
        };
        match public_base(&text, receivers.iter().map(|receiver| receiver.path.as_str()), allow_loopback) {
            Ok(url) => Some(PublicUrl { url, is_configured }),
            Err(message) if is_configured => {
                self.problems.push(Problem::new("WEBHOOK_PUBLIC_URL", message));
                None
            }
            Err(_) => None,
        }
    }
}

/// An address from outside that others look after, without the path for webhooks.
#[derive(Clone, Debug)]
pub(crate) struct PublicUrl {
    pub(crate) url: Url,
    /// Whether it is configured, rather than offered by the platform.
    pub(crate) is_configured: bool,
}

fn public_base<'a>(
    text: &str,
    mut paths: impl Iterator<Item = &'a str>,
    allow_loopback: bool,
) -> Result<Url, String> {
    let on_loopback = |url: &Url| matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback());
    let mut url = match Url::parse(text) {
        Ok(url) if allow_loopback && on_loopback(&url) => url,
        _ => {
            let url = text.parse::<RedirectUrl>().map_err(|error| error.to_string())?;
            Url::parse(url.as_str()).map_err(|error| error.to_string())?
        }
    };
    // Whether a path for webhooks is there already, and with or without a slash at the end, makes no difference.
    let base = url.path().trim_end_matches('/');
    let without = paths.find_map(|path| base.strip_suffix(path.trim_end_matches('/')));
    let base = without.unwrap_or(base).trim_end_matches('/').to_owned();
    url.set_path(&base);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_for_webhooks_is_there_once_however_the_address_was_entered() {
        for path in ["/webhook/bitnovo", "/webhook/bitnovo/"] {
            for end in ["", "/", "/webhook/bitnovo", "/webhook/bitnovo/", "/webhook/bitnovo//"] {
                let base =
                    public_base(&format!("https://shop.example{end}"), [path].into_iter(), false).unwrap();
                assert_eq!(base.as_str(), "https://shop.example/", "{end} {path}");
                let base = public_base(&format!("https://shop.example/pay{end}"), [path].into_iter(), false)
                    .unwrap();
                assert_eq!(base.as_str(), "https://shop.example/pay", "{end} {path}");
            }
        }
        let base = public_base("https://shop.example/hooks/", ["/"].into_iter(), false).unwrap();
        assert_eq!(base.as_str(), "https://shop.example/hooks");
    }
}
