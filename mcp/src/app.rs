//! What every tool shares: the configuration, the client, the catalogue, what is remembered, and the sandbox.

use std::sync::{Arc, OnceLock};

use bitnovo_pay::Client;
use bitnovo_pay_sandbox::Sandbox;
use futures::FutureExt;

use crate::{
    catalogue::{Cache, Catalogue},
    config::{Config, Problem, QrDelivery, Toolsets, Upstream},
    error::{Code, Failure},
    orders::Orders,
    steering::Steering,
    texts::Texts,
};

/// One running application. There is one per process.
pub(crate) struct App {
    config: Config,
    upstream: Running,
    client: OnceLock<Client>,
    catalogue: Cache,
    orders: Orders,
}

/// Where the API is, once the process runs.
enum Running {
    /// The configuration lacks something; the tools say what.
    Unconfigured,
    /// A provider's API.
    Remote(bitnovo_pay::Config),
    /// A sandbox: ours while `_embedded` lives, or another process's.
    Sandbox { api: bitnovo_pay::Config, _embedded: Option<Sandbox> },
}

impl App {
    /// Starts the application, with the embedded sandbox when the configuration asks for it.
    pub(crate) async fn start(config: Config) -> Result<Self, bitnovo_pay_sandbox::StartError> {
        let upstream = match &config.upstream {
            Upstream::Unconfigured => Running::Unconfigured,
            Upstream::Remote(api) => Running::Remote(api.clone()),
            Upstream::SharedSandbox(api) => Running::Sandbox { api: api.clone(), _embedded: None },
            Upstream::EmbeddedSandbox(embedded) => {
                let sandbox = Sandbox::start(embedded.sandbox(0)).await?;
                match embedded.api(sandbox.base_url(), sandbox.device_id()) {
                    Ok(api) => Running::Sandbox { api, _embedded: Some(sandbox) },
                    Err(_) => Running::Unconfigured,
                }
            }
        };
        Ok(Self { upstream, ..Self::idle(config) })
    }

    /// An application that reaches no API: enough to list the tools.
    pub(crate) fn idle(config: Config) -> Self {
        Self {
            config,
            upstream: Running::Unconfigured,
            client: OnceLock::new(),
            catalogue: Cache::default(),
            orders: Orders::default(),
        }
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
            return Err(self.unconfigured());
        };
        Ok(self.client.get_or_init(|| Client::new(api.clone())))
    }

    fn unconfigured(&self) -> Failure {
        let problems: Vec<String> = self.config.problems.iter().map(Problem::to_string).collect();
        let code = match self.config.problems.as_slice() {
            [only] => only.code.unwrap_or(Code::NotConfigured),
            _ => Code::NotConfigured,
        };
        Failure::new(code, format!("The server is not configured: {}", problems.join(" ")))
            .detail("problems", problems)
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

    /// The currencies of the account.
    pub(crate) async fn catalogue(&self) -> Result<Catalogue, Failure> {
        let client = self.client()?.clone();
        let load = || async move { client.currencies_list().await.map(Arc::new).map_err(Arc::new) }.boxed();
        self.catalogue.get(load).await.map_err(|error| Failure::from_api(&error))
    }

    /// Has the catalogue read anew when it is next asked for.
    pub(crate) async fn forget_catalogue(&self) {
        self.catalogue.clear().await;
    }

    pub(crate) fn orders(&self) -> &Orders {
        &self.orders
    }

    pub(crate) fn texts(&self) -> Texts {
        Texts(self.config.language)
    }

    pub(crate) fn toolsets(&self) -> &Toolsets {
        &self.config.toolsets
    }

    pub(crate) fn qr_delivery(&self) -> QrDelivery {
        self.config.qr_delivery
    }

    /// Whether no money is real.
    pub(crate) fn is_sandbox(&self) -> bool {
        matches!(self.upstream, Running::Sandbox { .. })
    }
}
