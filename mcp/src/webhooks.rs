//! Webhooks as this process receives them: verified, kept in memory, and told to whoever waits.

use std::{
    str::FromStr as _,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bitnovo_pay_webhook::{
    MemoryStore, Receiver,
    scheme::bitnovo::{Bitnovo, Secret},
    server::{Server, Settings},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::{
    config::WebhookSettings,
    error::{Code, Failure},
    public_address,
};

/// How long a proof of the public address may serve as an answer.
const PROOF_DEADLINE: Duration = Duration::from_secs(5);

/// The receiver of this process. It exists also when its port is taken: then it is deaf, and says so.
pub(crate) struct Webhooks {
    settings: WebhookSettings,
    receiver: Arc<Receiver>,
    server: Result<Server, String>,
    on_sandbox: bool,
    started_at: SystemTime,
}

/// The address at which webhooks reach this process.
pub(crate) struct Address {
    pub(crate) url: Url,
    /// What carries them here: `manual`, or `local` on the sandbox.
    pub(crate) provider: String,
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
        let secrets: Result<Vec<Secret>, _> = settings
            .secrets
            .iter()
            .chain(&invented)
            .map(|secret| Secret::from_str(secret.expose_secret()))
            .collect();
        let scheme =
            Bitnovo::new(secrets.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        let scheme = scheme.at(settings.path.clone()).tolerance(settings.tolerance);
        let scheme = if settings.replays_are_ok { scheme.acknowledging_replays() } else { scheme };
        let store = Arc::new(MemoryStore::new(settings.max_events, settings.ttl));
        let started_at = SystemTime::now();
        let receiver = Arc::new(Receiver::new(scheme, store, started_at));
        let mut behaviour = Settings::new(SystemTime::now);
        if let Some(token) = settings.stats_token.clone() {
            behaviour = behaviour.stats_token(token);
        }
        let server = Server::bind(settings.address, Arc::clone(&receiver), behaviour).await;
        let server = server.map_err(|error| format!("Webhooks are not received: {error}. Set WEBHOOK_PORT, WEBHOOK_HOST or WEBHOOK_PATH, and restart the server."));
        match &server {
            Ok(server) => {
                tracing::info!(address = %server.local_addr(), path = settings.path, "webhooks are received")
            }
            Err(message) => tracing::error!("{message}"),
        }
        Ok(Self { settings, receiver, server, on_sandbox, started_at })
    }

    pub(crate) fn receiver(&self) -> &Arc<Receiver> {
        &self.receiver
    }

    pub(crate) fn settings(&self) -> &WebhookSettings {
        &self.settings
    }

    pub(crate) fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// Why nothing is received, when nothing is.
    pub(crate) fn deaf(&self) -> Option<&str> {
        self.server.as_ref().err().map(String::as_str)
    }

    /// The address on this machine.
    pub(crate) fn local_url(&self) -> Option<Url> {
        let address = self.server.as_ref().ok()?.local_addr();
        let host =
            if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Url::parse(&format!("http://{host}:{}{}", address.port(), self.settings.path)).ok()
    }

    /// The address for the provider's dashboard.
    ///
    /// # Errors
    /// `NOT_CONFIGURED` when nothing leads here from outside, or nothing is received.
    pub(crate) fn address(&self) -> Result<Address, Failure> {
        if let Some(reason) = self.deaf() {
            return Err(Failure::new(Code::NotConfigured, reason));
        }
        if let Some(url) = &self.settings.public_url {
            return Ok(Address { url: url.clone(), provider: "manual".to_owned() });
        }
        match self.local_url() {
            // The sandbox is on this machine, and so is everything that it has to reach.
            Some(url) if self.on_sandbox => Ok(Address { url, provider: "local".to_owned() }),
            _ if self.settings.tunnel.enabled => {
                let provider = &self.settings.tunnel.provider;
                let message = format!("A tunnel with {provider} does not run in this version of the server.");
                let action = "Start the tunnel yourself, set WEBHOOK_PUBLIC_URL to its https address, and restart the server.";
                Err(Failure::new(Code::NotConfigured, message).next(action))
            }
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

    /// Whether a request to the public address comes out in this very process.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) async fn prove(&self, address: &Url) -> Result<(), String> {
        let server = self.server.as_ref().map_err(Clone::clone)?;
        let random = *uuid::Uuid::new_v4().as_bytes();
        let probe = server.probes().open(random);
        let mut health = address.clone();
        let prefix = address.path().strip_suffix(self.settings.path.as_str()).unwrap_or_default();
        health.set_path(&format!("{prefix}/health"));
        health.set_query(Some(&format!("probe={}", probe.token())));
        let body = public_address::fetch(&health, self.settings.allow_loopback, PROOF_DEADLINE).await?;
        if probe.is_answered_by(&body) {
            Ok(())
        } else {
            Err("something answers there, and it is not this process".to_owned())
        }
    }

    /// Accepts nothing more and lets the requests in flight finish.
    pub(crate) async fn stop(&self) {
        if let Ok(server) = &self.server {
            server.stop().await;
        }
    }
}
