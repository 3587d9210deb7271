//! What every tool shares: the configuration, the client, the catalogue, what is remembered, and the sandbox.

pub(crate) mod offer;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bitnovo_pay::{
    Client, DeviceId, KeyStore, ListedCurrency, MemoryKeyStore, Payment, PlacedOrder, RedirectUrl,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use payments_sandbox::Sandbox;
use payments_tunnel::{Supervisor, supervisor::State};
use payments_webhook::scheme::bitnovo::PROVIDER;
use tokio::{sync::broadcast::error::RecvError, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::{Host, Url};
use uuid::Uuid;

use crate::answer::failure::{Code, Failure};
use crate::bitnovo::catalogue::{Cache, Catalogue, Currencies};
use crate::bitnovo::currency::{Known, KnownCurrencies};
use crate::bitnovo::duplicates::Duplicates;
use crate::bitnovo::errors;
use crate::bitnovo::sandbox_control::Steering;
use crate::bitnovo::texts::Texts;
use crate::bitnovo::withheld::Withheld;
use crate::config;
use crate::config::bitnovo::upstream::Upstream;
use crate::config::{Config, Problem, QrDelivery, unusable};
use crate::limits::Guard;
use crate::receiving::backfill::Backfill;
use crate::receiving::gap_detector::watch;
use crate::receiving::reachability::below;
use crate::receiving::webhooks::Webhooks;
use crate::safety::redaction::Redaction;
use crate::safety::untrusted_text::is_plain;

/// How long the background may take to end.
const STOPS_WITHIN: Duration = Duration::from_millis(1500);

/// By how much a clock seems to differ from the API's when it does not: the API tells whole seconds, and answers take time.
const SAME_CLOCK: TimeDelta = TimeDelta::seconds(20);

/// One running application. There is one per process.
pub(crate) struct App {
    config: Config,
    upstream: Running,
    webhooks: Receiving,
    client: OnceLock<Client>,
    catalogue: Cache,
    currencies: KnownCurrencies,
    /// What only the answer to a create holds: the API tells the payment URI and the checkout page once.
    orders: Arc<MemoryKeyStore>,
    duplicates: Duplicates,
    withheld: Withheld,
    guard: Guard,
    background: Background,
}

/// What runs beside the calls, until the application stops.
#[derive(Default)]
struct Background {
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Background {
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            stopping.run_until_cancelled(work).await;
        });
    }

    async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Where the API is, once the process runs.
enum Running {
    /// The configuration lacks something; the tools say what.
    Unconfigured,
    /// A provider's API.
    Remote(bitnovo_pay::Config),
    /// A sandbox: ours when it is embedded, or another process's.
    Sandbox { api: bitnovo_pay::Config, embedded: Option<Sandbox> },
}

/// Whether webhooks are received.
enum Receiving {
    Off,
    Unusable(Vec<Problem>),
    Failed(String),
    On(Arc<Webhooks>),
}

impl App {
    /// Starts the application, with the embedded sandbox when the configuration asks for it.
    pub(crate) async fn start(config: Config) -> Result<Self, payments_sandbox::StartError> {
        let upstream = match &config.bitnovo.upstream {
            Upstream::Unconfigured => Running::Unconfigured,
            Upstream::Remote(api) => Running::Remote(api.clone()),
            Upstream::SharedSandbox(api) => Running::Sandbox { api: api.clone(), embedded: None },
            Upstream::EmbeddedSandbox(embedded) => {
                let sandbox = Sandbox::start(embedded.sandbox(0)).await?;
                match embedded.api(sandbox.base_url(), sandbox.device_id()) {
                    Ok(api) => Running::Sandbox { api, embedded: Some(sandbox) },
                    Err(_) => Running::Unconfigured,
                }
            }
        };
        let webhooks = Receiving::start(&config.webhooks, &upstream).await;
        let app = Self { upstream, webhooks, ..Self::idle(config) };
        app.register_at_sandbox().await;
        app.follow_tunnel();
        app.pass_on_hints();
        app.catch_up();
        Ok(app)
    }

    /// On a sandbox nobody enters our address in a dashboard.
    async fn register_at_sandbox(&self) {
        let (Receiving::On(webhooks), Ok(steering)) = (&self.webhooks, self.steering()) else { return };
        if let Some(url) = webhooks.local_url() {
            register(&steering, &url).await;
        }
    }

    /// The same when a tunnel carries what the sandbox sends, each time its address changes.
    fn follow_tunnel(&self) {
        let (Receiving::On(webhooks), Ok(steering)) = (&self.webhooks, self.steering()) else { return };
        let Some(mut changes) = webhooks.tunnel().map(Supervisor::changes) else { return };
        let path = webhooks.path().to_owned();
        changes.mark_changed();
        self.background.spawn(async move {
            let mut registered = None;
            while changes.changed().await.is_ok() {
                let status = changes.borrow_and_update().clone();
                if let Some(base) = status.public_url.filter(|_| status.state == State::Connected)
                    && registered.as_ref() != Some(&base)
                {
                    register(&steering, &below(&base, &path)).await;
                    registered = Some(base);
                }
            }
        });
    }

    /// Wakes whoever waits for a payment when a webhook tells something about it. Webhooks that came too late to be
    /// trusted count too: they are a reason to read, and nothing more.
    fn pass_on_hints(&self) {
        let (Receiving::On(webhooks), Ok(client)) = (&self.webhooks, self.client()) else { return };
        let (mut events, client) = (webhooks.receiver().subscribe(), client.clone());
        self.background.spawn(async move {
            loop {
                match events.recv().await {
                    Ok(event) => {
                        if let Some(Ok(identifier)) = event.identifier().map(Uuid::try_parse) {
                            client.hint(identifier);
                        }
                    }
                    // What was missed is noticed at the next poll.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    /// Reads what was missed, now and after each interruption. In the background: nothing at start waits for the API.
    fn catch_up(&self) {
        let (Receiving::On(webhooks), Ok(client)) = (&self.webhooks, self.client()) else { return };
        let every = webhooks.settings().tunnel.health_check_every;
        let backfill = Backfill::new(client.clone(), Arc::clone(webhooks.receiver()), webhooks.started_at());
        self.background.spawn(watch(Arc::clone(webhooks), backfill, every));
    }

    /// Ends what runs in the background, in order, and within a time that leaves the process the rest of its two seconds.
    pub(crate) async fn stop(&self) {
        let ended = async {
            self.background.stop().await;
            if let Receiving::On(webhooks) = &self.webhooks {
                webhooks.stop().await;
            }
        };
        if tokio::time::timeout(STOPS_WITHIN, ended).await.is_err() {
            tracing::warn!("not everything in the background has ended in time");
        }
    }

    /// An application that reaches no API: enough to list the tools.
    pub(crate) fn idle(config: Config) -> Self {
        let guard = Guard::new(config.bitnovo.limits.clone(), random_key(), Utc::now);
        Self {
            config,
            guard,
            upstream: Running::Unconfigured,
            webhooks: Receiving::Off,
            client: OnceLock::new(),
            catalogue: Cache::default(),
            currencies: KnownCurrencies::default(),
            orders: Arc::default(),
            duplicates: Duplicates::default(),
            withheld: Withheld::default(),
            background: Background::default(),
        }
    }

    /// The time by the API's clock, by which payments end.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.in_api_time(Utc::now())
    }

    /// The same moment of this machine's clock by the API's. Both are the same where they differ by no more than whole
    /// seconds and a slow answer explain.
    pub(crate) fn in_api_time(&self, local: DateTime<Utc>) -> DateTime<Utc> {
        let offset =
            self.client().ok().and_then(Client::clock_offset).filter(|offset| offset.abs() > SAME_CLOCK);
        offset.and_then(|offset| local.checked_add_signed(offset)).unwrap_or(local)
    }

    /// The client of the API.
    ///
    /// # Errors
    /// `NOT_CONFIGURED` with every problem of the configuration, or `INVALID_DEVICE_ID` when that is the only one.
    pub(crate) fn client(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let (Running::Remote(api) | Running::Sandbox { api, .. }) = &self.upstream else {
            return Err(unusable(&self.config.problems_of(PROVIDER)));
        };
        let orders = || Arc::clone(&self.orders) as Arc<dyn KeyStore>;
        Ok(self.client.get_or_init(|| Client::with_key_store(api.clone(), orders())))
    }

    /// The receiver of webhooks.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_ENABLED`, or what keeps it from receiving: `INVALID_DEVICE_SECRET`, `NOT_CONFIGURED`.
    pub(crate) fn webhooks(&self) -> Result<&Webhooks, Failure> {
        match &self.webhooks {
            Receiving::On(webhooks) => Ok(webhooks),
            Receiving::Unusable(problems) => Err(unusable(problems)),
            Receiving::Failed(message) => Err(Failure::new(Code::NotConfigured, message.as_str())),
            Receiving::Off => {
                Err(Failure::new(Code::WebhookNotEnabled, "This server does not receive webhooks."))
            }
        }
    }

    /// The sandbox that runs inside this process, if one does.
    pub(crate) fn embedded_sandbox(&self) -> Option<&Sandbox> {
        match &self.upstream {
            Running::Sandbox { embedded, .. } => embedded.as_ref(),
            Running::Remote(_) | Running::Unconfigured => None,
        }
    }

    /// The steering wheel of the sandbox.
    ///
    /// # Errors
    /// `NOT_CONFIGURED` when the server works on a real API.
    pub(crate) fn steering(&self) -> Result<Steering, Failure> {
        let Running::Sandbox { api, .. } = &self.upstream else {
            return Err(Failure::new(Code::NotConfigured, "Payments can be simulated on the sandbox only.")
                .next("Start the server with --sandbox or BITNOVO_ENV=sandbox to rehearse; real payments are made by the customer."));
        };
        Steering::new(api.base_url.as_str()).map_err(|error| {
            Failure::new(Code::ApiUnavailable, format!("The sandbox cannot be steered: {error}."))
        })
    }

    /// The currencies of the account, at most five minutes old.
    pub(crate) async fn catalogue(&self) -> Result<Catalogue, Failure> {
        self.catalogue_since(None).await
    }

    /// The currencies of the account, from an answer of the API that was asked for after `since`.
    pub(crate) async fn catalogue_since(&self, since: Option<Instant>) -> Result<Catalogue, Failure> {
        let client = self.client()?.clone();
        let load = || {
            async move { client.currencies_list().await.map(|list| Arc::new(list.into())).map_err(Arc::new) }
                .boxed()
        };
        self.catalogue.get(since, load).await.map_err(|error| errors::from_api(&error))
    }

    /// The catalogue, or the entry of this currency alone when the catalogue is too long to be known whole.
    pub(crate) async fn with_entry(&self, catalogue: Catalogue, symbol: &str) -> Result<Catalogue, Failure> {
        if !catalogue.may_lack(symbol) {
            return Ok(catalogue);
        }
        let wanted = symbol.to_owned();
        let read = move |row: &ListedCurrency| {
            if *row.symbol()? == wanted { row.currency().map(Some) } else { Ok(None) }
        };
        let entry = self.client()?.currencies_list_as(1, read).await;
        let entry = Currencies::from(entry.map_err(|error| errors::from_api(&error))?);
        Ok(if entry.is_empty() { catalogue } else { Arc::new(entry) })
    }

    /// What is known of the currency with this symbol. Never an error, and seldom a request: the catalogue is read when the
    /// symbol is new.
    pub(crate) async fn currency(&self, symbol: &str) -> Known {
        self.currencies.get(symbol, self.catalogue()).await
    }

    /// The same for the currency of a payment, if one is chosen.
    pub(crate) async fn currency_of(&self, payment: &Payment) -> Known {
        match payment.currency_id.as_deref().filter(|symbol| !symbol.is_empty()) {
            Some(symbol) => self.currency(symbol).await,
            None => Known::default(),
        }
    }

    /// The same for the currency of an order, if it has one.
    pub(crate) async fn currency_of_order(&self, order: &PlacedOrder) -> Known {
        match order.input_currency.as_deref().filter(|symbol| !symbol.is_empty()) {
            Some(symbol) => self.currency(symbol).await,
            None => Known::default(),
        }
    }

    /// Whether a customer may be sent to this page: by the rules of a redirect. An API on this machine has its checkout
    /// pages there too.
    pub(crate) fn is_page(&self, url: &str) -> bool {
        is_plain(url) && (url.parse::<RedirectUrl>().is_ok() || (self.is_local() && is_loopback_page(url)))
    }

    /// Whether the page is one of the provider's: on a host of Bitnovo, or on that of the API.
    pub(crate) fn is_own_page(&self, url: &str) -> bool {
        let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let Some(page) = host(url) else { return false };
        let known = ["bitnovo.com", "pre-bnvo.com"].iter().any(|domain| {
            page.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        known || self.api().and_then(|api| host(api.base_url.as_str())) == Some(page)
    }

    /// Whether the API is on this machine.
    fn is_local(&self) -> bool {
        self.api().is_some_and(|api| is_loopback_page(api.base_url.as_str()))
    }

    fn api(&self) -> Option<&bitnovo_pay::Config> {
        match &self.upstream {
            Running::Remote(api) | Running::Sandbox { api, .. } => Some(api),
            Running::Unconfigured => None,
        }
    }

    pub(crate) fn masks(&self) -> &Arc<Redaction> {
        &self.config.redaction
    }

    pub(crate) fn orders(&self) -> &MemoryKeyStore {
        &self.orders
    }

    /// Orders that this process created and that are not what was asked for.
    pub(crate) fn withheld(&self) -> &Withheld {
        &self.withheld
    }

    /// Whether the order must not be shown to a customer, whoever asks for it.
    pub(crate) fn is_withheld(&self, identifier: Uuid) -> bool {
        self.withheld.holds(identifier) || self.orders.is_withheld(identifier)
    }

    pub(crate) fn duplicates(&self) -> &Duplicates {
        &self.duplicates
    }

    pub(crate) fn texts(&self) -> Texts<'_> {
        Texts(&self.config.forms)
    }

    /// What stands in front of every create.
    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn qr_delivery(&self) -> QrDelivery {
        self.config.qr_delivery
    }

    /// The device, which prints itself masked.
    pub(crate) fn device(&self) -> Option<&DeviceId> {
        self.api().map(|api| &api.device_id)
    }

    /// Whether no money is real.
    pub(crate) fn is_sandbox(&self) -> bool {
        matches!(self.upstream, Running::Sandbox { .. })
    }
}

fn is_loopback_page(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_loopback && url.username().is_empty() && url.password().is_none()
}

async fn register(steering: &Steering, url: &Url) {
    if let Err(failure) = steering.send_webhooks_to(url).await {
        tracing::warn!("the sandbox does not know where to send webhooks: {}", failure.message);
    }
}

impl Receiving {
    async fn start(wanted: &config::Webhooks, upstream: &Running) -> Self {
        let settings = match wanted {
            config::Webhooks::Off => return Self::Off,
            config::Webhooks::Unusable(problems) => return Self::Unusable(problems.clone()),
            config::Webhooks::On(settings) => (**settings).clone(),
        };
        let (invented, on_sandbox) = match upstream {
            Running::Sandbox { embedded: Some(sandbox), .. } => (Some(sandbox.device_secret().into()), true),
            Running::Sandbox { .. } => (None, true),
            Running::Remote(_) | Running::Unconfigured => (None, false),
        };
        match Webhooks::start(settings, invented, on_sandbox).await {
            Ok(webhooks) => Self::On(Arc::new(webhooks)),
            Err(message) => Self::Failed(message),
        }
    }
}

/// Four random UUIDs: far more bits than anybody can guess, as long as the MAC takes them.
fn random_key() -> [u8; 64] {
    let mut key = [0; 64];
    for part in key.chunks_mut(16) {
        part.copy_from_slice(Uuid::new_v4().as_bytes());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_runs_in_the_background_ends_with_the_application() {
        struct Ended(Arc<std::sync::atomic::AtomicBool>);

        impl Drop for Ended {
            fn drop(&mut self) {
                self.0.store(true, std::sync::atomic::Ordering::SeqCst);
            }
        }

        let variables = |name: &str| match name {
            "WEBHOOK_ENABLED" => Some("true".into()),
            "WEBHOOK_PORT" => Some("0".into()),
            _ => None,
        };
        let environment = config::Environment::new(variables, |_| Err(bitnovo_pay::SecretFileError::NotText));
        let app =
            App::start(Config::from_environment(&environment, true, config::Offer::NOTHING)).await.unwrap();
        let has_ended = Arc::default();
        let ended = Ended(Arc::clone(&has_ended));
        app.background.spawn(async move {
            let _ended = ended;
            std::future::pending().await
        });
        assert!(app.background.tasks.len() >= 3, "{}", app.background.tasks.len());
        app.stop().await;
        assert!(app.background.tasks.is_empty() && has_ended.load(std::sync::atomic::Ordering::SeqCst));
    }
}
