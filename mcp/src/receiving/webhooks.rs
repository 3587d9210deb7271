//! Webhooks as this process receives them: verified, kept in memory, and announced to whatever waits for them.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use payments_core::Language;
use payments_tunnel::Supervisor;
use payments_webhook::{
    EventStore, MemoryEventStore, Provider, Receiver,
    server::{Server, ServerSettings},
};
use url::Url;

use crate::answer::failure::Failure;
use crate::config::WebhookSettings;
use crate::receiving::provider::ProviderReceiver;
use crate::receiving::reachability::{AddressProbe, below};
use crate::receiving::tunnel;

/// The tunnel gets a head start at the end, so that nothing new comes in while the last requests are answered.
const TUNNEL_CLOSES_WITHIN: Duration = Duration::from_millis(400);

/// The receivers of this process. They exist also when their port is taken: then nothing is received, and
/// [`not_receiving`](Self::not_receiving) returns the reason.
pub(crate) struct Webhooks {
    settings: WebhookSettings,
    receivers: Vec<HostedReceiver>,
    store: Arc<dyn EventStore>,
    server: Result<Arc<Server>, String>,
    tunnel: Option<Supervisor>,
    on_sandbox: bool,
    started_at: SystemTime,
    /// Webhooks signed before are not trusted: an earlier process may have accepted them.
    trusts_from: SystemTime,
}

/// The receiver of one provider's webhooks.
pub(crate) struct HostedReceiver {
    pub(crate) receiver: Arc<Receiver>,
    /// The steps to enter a URL in the provider's dashboard.
    pub(crate) dashboard_steps: fn(Language, &Url) -> String,
}

impl HostedReceiver {
    pub(crate) fn provider(&self) -> Provider {
        self.receiver.provider()
    }

    /// The path at which the provider's webhooks arrive.
    pub(crate) fn path(&self) -> &str {
        self.receiver.scheme().path()
    }
}

impl Webhooks {
    /// Starts to receive the webhooks of `providers`. `on_sandbox`: all of them are sandboxes on this machine.
    pub(crate) async fn start(
        settings: WebhookSettings,
        providers: Vec<ProviderReceiver>,
        on_sandbox: bool,
    ) -> Self {
        let store: Arc<dyn EventStore> = Arc::new(MemoryEventStore::new(settings.max_events, settings.ttl));
        let started_at = SystemTime::now();
        let has_old_secret = providers.iter().any(|provider| !provider.has_new_secret);
        let trusts_from = next_second(if has_old_secret { started_at } else { UNIX_EPOCH });
        let receivers: Vec<HostedReceiver> = providers
            .into_iter()
            .map(|ProviderReceiver { open, has_new_secret, dashboard_steps }| {
                let remembers_since = if has_new_secret { UNIX_EPOCH } else { started_at };
                let receiver = Arc::new(open(Arc::clone(&store), remembers_since));
                HostedReceiver { receiver, dashboard_steps }
            })
            .collect();
        let server = serve(&settings, &receivers).await;
        if let Err(message) = &server {
            tracing::error!("{message}");
        }
        let tunnel = server.as_ref().ok().and_then(|server| tunnel::start(&settings, server));
        Self { settings, receivers, store, server, tunnel, on_sandbox, started_at, trusts_from }
    }

    /// The receiver of the provider with this id; without an id, the only receiver.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with the candidates when no receiver has the id, or several exist and none is named.
    pub(crate) fn receiver(&self, provider: Option<&str>) -> Result<&HostedReceiver, Failure> {
        let found = match (provider, self.receivers.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(id), receivers) => receivers.iter().find(|receiver| receiver.provider().id == id),
        };
        found.ok_or_else(|| {
            let candidates: Vec<&str> =
                self.receivers.iter().map(|receiver| receiver.provider().id).collect();
            let message = format!("payment_provider: expected one of {}.", candidates.join(", "));
            Failure::argument("payment_provider", message).detail("candidates", candidates)
        })
    }

    /// The events of all providers.
    pub(crate) fn store(&self) -> &dyn EventStore {
        &*self.store
    }

    /// How many requests were rejected, by reason.
    pub(crate) fn rejected(&self) -> BTreeMap<String, u64> {
        let mut rejected = BTreeMap::new();
        for receiver in &self.receivers {
            for count in receiver.receiver.rejections().snapshot() {
                let sum: &mut u64 = rejected.entry(count.reason.as_str().to_owned()).or_default();
                *sum = sum.saturating_add(count.count);
            }
        }
        rejected
    }

    pub(crate) fn settings(&self) -> &WebhookSettings {
        &self.settings
    }

    pub(crate) fn is_on_sandbox(&self) -> bool {
        self.on_sandbox
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

    /// The tunnel, when one is configured and the server listens.
    pub(crate) fn tunnel(&self) -> Option<&Supervisor> {
        self.tunnel.as_ref()
    }

    /// Why nothing is received; `None` while webhooks are received.
    pub(crate) fn not_receiving(&self) -> Option<&str> {
        self.server.as_ref().err().map(String::as_str)
    }

    /// The server's address on this machine, without a path.
    pub(crate) fn local_base(&self) -> Option<Url> {
        let address = self.server.as_ref().ok()?.local_addr();
        let host =
            if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Url::parse(&format!("http://{host}:{}", address.port())).ok()
    }

    /// The address on this machine for this receiver's webhooks.
    pub(crate) fn local_url(&self, receiver: &HostedReceiver) -> Option<Url> {
        Some(below(&self.local_base()?, receiver.path()))
    }

    /// Checks that a request to the address arrives in this process.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) async fn check(&self, base: &Url) -> Result<(), String> {
        let server = self.server.as_ref().map_err(Clone::clone)?;
        AddressProbe::new(server, self.settings.allow_loopback).check(base).await
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

async fn serve(settings: &WebhookSettings, receivers: &[HostedReceiver]) -> Result<Arc<Server>, String> {
    let mut behaviour = ServerSettings::new(SystemTime::now);
    if let Some(token) = settings.stats_token.clone() {
        behaviour = behaviour.stats_token(token);
    }
    let hosted = receivers.iter().map(|hosted| Arc::clone(&hosted.receiver)).collect();
    let server = Server::host(settings.address, hosted, behaviour).await;
    let server = server.map_err(|error| format!("Webhooks are not received: {error}. Set WEBHOOK_PORT, WEBHOOK_HOST or WEBHOOK_PATH, and restart the server."))?;
    for receiver in receivers {
        let path = receiver.path();
        tracing::info!(address = %server.local_addr(), path, "webhooks are received");
    }
    Ok(Arc::new(server))
}

fn next_second(time: SystemTime) -> SystemTime {
    let into_the_second = time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    time + Duration::from_secs(1).saturating_sub(Duration::from_nanos(into_the_second.into()))
}
