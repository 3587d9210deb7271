//! What Bitnovo's tools share: the client, the catalogue, the limits, and what is remembered.

use std::sync::{Arc, OnceLock};

use bitnovo_pay::{Client, ListedCurrency, Payment, PlacedOrder, StoredOrder, UNKNOWN_OUTCOME_WINDOW};
use chrono::{DateTime, TimeDelta, Utc};
use payments_core::store::Namespace;
use payments_sandbox::{Sandbox, SandboxStartError};
use payments_webhook::scheme::bitnovo::PROVIDER;
use secrecy::SecretString;
use tokio::time::Instant;
use uuid::Uuid;

use crate::answer::failure::{Code, Failure};
use crate::bitnovo::catalogue::{Cache, Catalogue, Currencies};
use crate::bitnovo::currency::{Known, KnownCurrencies};
use crate::bitnovo::duplicates::Duplicates;
use crate::bitnovo::errors;
use crate::bitnovo::sandbox_control::SandboxControl;
use crate::bitnovo::texts::Texts;
use crate::bitnovo::upstream::Api;
use crate::bitnovo::webhook_provider::BitnovoWebhooks;
use crate::bitnovo::withheld::Withheld;
use crate::config::{Config, Problem, QrDelivery, unusable};
use crate::limits::Gate;
use crate::protocol::backend::LimitedBackend;
use crate::receiving::provider::WebhookProvider;

/// By how much a clock seems to differ from the API's when it does not: the API returns whole seconds, and answers take time.
const SAME_CLOCK: TimeDelta = TimeDelta::seconds(20);

/// How long an order may take to turn up in the API's list: as long as the key of one whose answer was lost stays in doubt.
const LISTED_WITHIN: TimeDelta = TimeDelta::seconds(UNKNOWN_OUTCOME_WINDOW.as_secs().cast_signed());

/// The tools' context. There is one per process.
pub(crate) struct Context {
    config: Arc<Config>,
    api: Api,
    client: OnceLock<Client>,
    catalogue: Cache,
    currencies: KnownCurrencies,
    duplicates: Duplicates,
    withheld: Withheld,
    gate: Gate,
}

impl Context {
    /// The context of the configured API, with the embedded sandbox when the configuration asks for it.
    ///
    /// # Errors
    /// When the embedded sandbox cannot start.
    pub(crate) async fn start(config: Arc<Config>) -> Result<Self, SandboxStartError> {
        let api = Api::start(&config.bitnovo.upstream).await?;
        Ok(Self { api, ..Self::idle(config) })
    }

    /// A context that reaches no API: enough to list the tools.
    pub(crate) fn idle(config: Arc<Config>) -> Self {
        Self {
            gate: Gate::new(
                config.bitnovo.limits.clone(),
                Namespace::new(PROVIDER.id, "", ""),
                random_key(),
                LISTED_WITHIN,
                Utc::now,
            ),
            config,
            api: Api::Unconfigured,
            client: OnceLock::new(),
            catalogue: Cache::default(),
            currencies: KnownCurrencies::default(),
            duplicates: Duplicates::default(),
            withheld: Withheld::default(),
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
        let Some(api) = self.api() else { return Err(unusable(&self.config.problems_of(PROVIDER))) };
        Ok(self.client.get_or_init(|| Client::new(api.clone())))
    }

    /// How the API is reached; `None` while it is not configured.
    pub(super) fn api(&self) -> Option<&bitnovo_pay::Config> {
        self.api.config()
    }

    /// Whether the merchant has set Bitnovo up, rightly or wrongly.
    pub(super) fn is_set_up(&self) -> bool {
        let is_wrong = |problem: &Problem| problem.code == Some(Code::InvalidDeviceId);
        self.api().is_some() || self.config.problems_of(PROVIDER).iter().any(is_wrong)
    }

    pub(crate) fn is_sandbox(&self) -> bool {
        self.api.is_sandbox()
    }

    /// The sandbox that runs inside this process, if one does.
    pub(crate) fn embedded_sandbox(&self) -> Option<&Sandbox> {
        self.api.embedded()
    }

    /// The secret with which the embedded sandbox signs webhooks.
    pub(crate) fn embedded_secret(&self) -> Option<SecretString> {
        self.api.embedded_secret()
    }

    /// The control of the sandbox.
    ///
    /// # Errors
    /// `NOT_CONFIGURED` when the server works on a real API.
    pub(crate) fn sandbox_control(&self) -> Result<SandboxControl, Failure> {
        self.api.sandbox_control()
    }

    /// The payments for the room that receives webhooks.
    ///
    /// # Errors
    /// As [`client`](Self::client).
    pub(crate) fn webhook_provider(&self) -> Result<Arc<dyn WebhookProvider>, Failure> {
        let client = self.client()?.clone();
        let account = self.api().map(|api| api.device_id.account()).unwrap_or_default();
        Ok(Arc::new(BitnovoWebhooks { client, sandbox: self.sandbox_control().ok(), account }))
    }

    /// The currencies of the account, at most five minutes old.
    pub(crate) async fn catalogue(&self) -> Result<Catalogue, Failure> {
        self.catalogue_since(None).await
    }

    /// The currencies of the account, from an answer of the API that was asked for after `since`.
    pub(crate) async fn catalogue_since(&self, since: Option<Instant>) -> Result<Catalogue, Failure> {
        let client = self.client()?;
        let load =
            async { client.currencies_list().await.map(|list| Arc::new(list.into())).map_err(Arc::new) };
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

    /// What is known of the currency with this symbol, if there is one. Never an error, and seldom a request: the
    /// catalogue is read when the symbol is new.
    pub(crate) async fn currency(&self, symbol: Option<&str>) -> Known {
        match symbol.filter(|symbol| !symbol.is_empty()) {
            // Off the stack of the callers: the reading of the catalogue is large.
            Some(symbol) => Box::pin(self.currencies.get(symbol, self.catalogue())).await,
            None => Known::default(),
        }
    }

    /// The same for the currency of a payment.
    pub(crate) async fn currency_of(&self, payment: &Payment) -> Known {
        self.currency(payment.currency_id.as_deref()).await
    }

    /// The same for the currency of an order.
    pub(crate) async fn currency_of_order(&self, order: &PlacedOrder) -> Known {
        self.currency(order.input_currency.as_deref()).await
    }

    /// Orders that this process created and that are not what was asked for.
    pub(crate) fn withheld(&self) -> &Withheld {
        &self.withheld
    }

    /// What the answer to the order's create said, as far as this process knows: the API returns the payment URI and the
    /// checkout page only once.
    pub(crate) async fn stored_order(&self, identifier: Uuid) -> Result<StoredOrder, Failure> {
        self.client()?.stored_order(identifier).await.map_err(|error| errors::from_api(&error))
    }

    /// Whether the order must not be shown to a customer.
    pub(crate) async fn is_withheld(&self, identifier: Uuid) -> Result<bool, Failure> {
        Ok(self.withheld.holds(identifier) || self.stored_order(identifier).await? == StoredOrder::Withheld)
    }

    pub(crate) fn duplicates(&self) -> &Duplicates {
        &self.duplicates
    }

    pub(crate) fn texts(&self) -> Texts<'_> {
        Texts(&self.config.forms)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn qr_delivery(&self) -> QrDelivery {
        self.config.qr_delivery
    }
}

impl LimitedBackend for Context {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// Four random UUIDs: more bits than can be guessed, as many as the MAC takes.
fn random_key() -> [u8; 64] {
    let mut key = [0; 64];
    for part in key.chunks_mut(16) {
        part.copy_from_slice(Uuid::new_v4().as_bytes());
    }
    key
}
