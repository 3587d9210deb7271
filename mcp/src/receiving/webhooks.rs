//! Webhooks as this process receives them: verified, kept in memory, and told to whoever waits.

use std::{
    str::FromStr as _,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use payments_tunnel::{
    Supervisor,
    supervisor::{TunnelState, TunnelStatus},
};
use payments_webhook::{
    MemoryEventStore, Receiver,
    scheme::bitnovo::{Bitnovo, Secret},
    server::{Server, ServerSettings},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::answer::failure::{Code, Failure};
use crate::config::WebhookSettings;
use crate::receiving::reachability::{Prover, below};
use crate::receiving::tunnel;

/// How long a tunnel that is being opened is waited for. Its first attempt takes less, unless something is wrong.
const TUNNEL_OPENS_WITHIN: Duration = Duration::from_secs(10);

/// The tunnel gets a head start at the end, so that nothing new comes in while the last requests are answered.
const TUNNEL_CLOSES_WITHIN: Duration = Duration::from_millis(400);

/// The receiver of this process. It exists also when its port is taken: then it is deaf, and says so.
pub(crate) struct Webhooks {
    settings: WebhookSettings,
    receiver: Arc<Receiver>,
    server: Result<Arc<Server>, String>,
    tunnel: Option<Supervisor>,
    on_sandbox: bool,
    started_at: SystemTime,
    /// From when on what is signed is trusted: an earlier process may have accepted what was signed before.
    trusts_from: SystemTime,
}

/// The address at which webhooks reach this process.
pub(crate) struct Address {
    /// Without the path for webhooks.
    pub(crate) base: Url,
    /// For the dashboard.
    pub(crate) url: Url,
    /// What carries them here, such as `ngrok`; `local` on the sandbox.
    pub(crate) provider: &'static str,
    /// Whether it will be the same after a restart of this process.
    pub(crate) is_stable: bool,
}

impl Webhooks {
    /// Starts to receive. `invented` is the secret of an embedded sandbox, for when none is configured.
    ///
    /// # Errors
    /// A message that says why not even a deaf receiver can be made.
    pub(crate) async fn start(
        settings: WebhookSettings,
        invented: Option<SecretString>,
        on_sandbox: bool,
    ) -> Result<Self, String> {
        let Some(one) = settings.receivers.first().cloned() else {
            return Err("There is no provider whose webhooks could be received.".to_owned());
        };
        let secrets: Result<Vec<Secret>, _> = one
            .secrets
            .iter()
            .chain(&invented)
            .map(|secret| Secret::from_str(secret.expose_secret()))
            .collect();
        let scheme =
            Bitnovo::new(secrets.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        let scheme = scheme.at(one.path.clone()).tolerance(settings.tolerance);
        let scheme = if settings.replays_are_ok { scheme.acknowledging_replays() } else { scheme };
        let store = Arc::new(MemoryEventStore::new(settings.max_events, settings.ttl));
        let started_at = SystemTime::now();
        // A secret that this process has invented has signed nothing that another one could have accepted.
        let remembers_since = if one.secrets.is_empty() { UNIX_EPOCH } else { started_at };
        let trusts_from = next_second(remembers_since);
        let receiver = Arc::new(Receiver::new(scheme, store, remembers_since));
        let mut behaviour = ServerSettings::new(SystemTime::now);
        if let Some(token) = settings.stats_token.clone() {
            behaviour = behaviour.stats_token(token);
        }
        let server = Server::bind(settings.address, Arc::clone(&receiver), behaviour).await;
        let server = server.map(Arc::new).map_err(|error| format!("Webhooks are not received: {error}. Set WEBHOOK_PORT, WEBHOOK_HOST or WEBHOOK_PATH, and restart the server."));
        match &server {
            Ok(server) => {
                tracing::info!(address = %server.local_addr(), path = one.path, "webhooks are received")
            }
            Err(message) => tracing::error!("{message}"),
        }
        let tunnel = server.as_ref().ok().and_then(|server| tunnel::start(&settings, server));
        Ok(Self { settings, receiver, server, tunnel, on_sandbox, started_at, trusts_from })
    }

    pub(crate) fn receiver(&self) -> &Arc<Receiver> {
        &self.receiver
    }

    pub(crate) fn settings(&self) -> &WebhookSettings {
        &self.settings
    }

    /// The path at which webhooks arrive.
    pub(crate) fn path(&self) -> &str {
        self.settings.receivers.first().map_or("/", |receiver| receiver.path.as_str())
    }

    pub(crate) fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// Waits, a second at most, until webhooks that are signed from now on are trusted.
    pub(crate) async fn trusting(&self) {
        if let Ok(left) = self.trusts_from.duration_since(SystemTime::now()) {
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
    }

    /// What carries webhooks here, when something is meant to and anything is received.
    pub(crate) fn tunnel(&self) -> Option<&Supervisor> {
        self.tunnel.as_ref()
    }

    /// Why nothing is received, when nothing is.
    pub(crate) fn deaf(&self) -> Option<&str> {
        self.server.as_ref().err().map(String::as_str)
    }

    /// The address on this machine, path included.
    pub(crate) fn local_url(&self) -> Option<Url> {
        Some(below(&self.local_base()?, self.path()))
    }

    fn local_base(&self) -> Option<Url> {
        let address = self.server.as_ref().ok()?.local_addr();
        let host =
            if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Url::parse(&format!("http://{host}:{}", address.port())).ok()
    }

    /// The address for the provider's dashboard. A tunnel that is being opened is waited for.
    ///
    /// # Errors
    /// `NOT_CONFIGURED` when nothing leads here from outside, or nothing is received; `TUNNEL_CONNECTION_FAILED` when the
    /// tunnel that should does not stand.
    pub(crate) async fn address(&self) -> Result<Address, Failure> {
        if let Some(reason) = self.deaf() {
            return Err(Failure::new(Code::NotConfigured, reason));
        }
        // An address that others look after is what it is, whether it works or not.
        if let Some(base) = self.settings.manual_address() {
            return Ok(self.at(base.clone(), "manual", true));
        }
        if let Some(tunnel) = &self.tunnel {
            let status = match tunnel.status().state {
                TunnelState::Connected => tunnel.status(),
                TunnelState::Error => {
                    tunnel.look().await;
                    tunnel.settled(TUNNEL_OPENS_WITHIN).await
                }
                _ => tunnel.settled(TUNNEL_OPENS_WITHIN).await,
            };
            return match status.public_url {
                Some(base) if status.state == TunnelState::Connected => {
                    Ok(self.at(base, tunnel.provider(), tunnel.address_is_stable()))
                }
                _ => Err(no_tunnel(tunnel.provider(), &status)),
            };
        }
        match self.local_base() {
            // The sandbox is on this machine, and so is everything that it has to reach.
            Some(base) if self.on_sandbox => Ok(self.at(base, "local", false)),
            _ => Err(Failure::new(
                Code::NotConfigured,
                "Webhooks are received on this machine only: nothing leads here from outside.",
            )
            .next(
                "Set WEBHOOK_PUBLIC_URL to an https address that leads to this machine, or TUNNEL_ENABLED=true with a \
                 TUNNEL_PROVIDER, and restart the server.",
            )),
        }
    }

    fn at(&self, base: Url, provider: &'static str, is_stable: bool) -> Address {
        Address { url: below(&base, self.path()), base, provider, is_stable }
    }

    /// Whether a request to the address comes out in this very process.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) async fn prove(&self, base: &Url) -> Result<(), String> {
        let server = self.server.as_ref().map_err(Clone::clone)?;
        Prover::new(server, self.settings.allow_loopback).prove(base).await
    }

    /// Accepts nothing more and lets the requests in flight finish.
    pub(crate) async fn stop(&self) {
        let Ok(server) = &self.server else { return };
        let tunnel = async {
            if let Some(tunnel) = &self.tunnel {
                tunnel.stop().await;
            }
        };
        let mut tunnel = std::pin::pin!(tunnel);
        if tokio::time::timeout(TUNNEL_CLOSES_WITHIN, &mut tunnel).await.is_ok() {
            return server.stop().await;
        }
        tokio::join!(tunnel, server.stop());
    }
}

fn next_second(time: SystemTime) -> SystemTime {
    let into_the_second = time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    time + Duration::from_secs(1).saturating_sub(Duration::from_nanos(into_the_second.into()))
}

fn no_tunnel(provider: &str, status: &TunnelStatus) -> Failure {
    let state = status.state;
    let reason = status.last_error.as_deref().unwrap_or("It is still being opened.");
    let failure = Failure::new(
        Code::TunnelConnectionFailed,
        format!("The tunnel with {provider} does not stand: {reason}"),
    )
    .detail("provider", provider)
    .detail("status", state.as_str());
    match state {
        TunnelState::Connecting | TunnelState::Reconnecting => failure
            .passing()
            .next("It is being opened: call again in some seconds. get_tunnel_status tells how it stands."),
        _ => {
            let advice = status.advice.as_deref().unwrap_or("Read the message.");
            failure.next(format!("{advice} Then call get_tunnel_status, which tries again."))
        }
    }
}
