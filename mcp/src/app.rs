//! Puts the parts together: builds the contexts of the providers from the configuration, starts and stops what runs
//! beside the calls, and hands the tools to the protocol.

pub(crate) mod offer;

use std::{sync::Arc, time::Duration};

use payments_sandbox::SandboxStartError;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::answer::failure::Failure;
use crate::config::Config;
use crate::protocol::backend::Backend;
use crate::protocol::registry::Selection;
use crate::protocol::route::Route;
use crate::protocol::server::{Parts, Server};
use crate::receiving::webhooks::Webhooks;
use crate::safety::redaction::Redaction;
use crate::{bitnovo, receiving};

/// How long the background may take to end.
const STOPS_WITHIN: Duration = Duration::from_millis(1500);

/// One running application. There is one per process.
pub(crate) struct App {
    config: Arc<Config>,
    bitnovo: Arc<bitnovo::context::Context>,
    receiving: Arc<receiving::context::Context>,
    background: Background,
}

impl App {
    /// Starts the application, with the embedded sandbox when the configuration asks for it.
    ///
    /// # Errors
    /// When the embedded sandbox cannot start.
    pub(crate) async fn start(config: Config) -> Result<Self, SandboxStartError> {
        let config = Arc::new(config);
        let bitnovo = Arc::new(bitnovo::context::Context::start(Arc::clone(&config)).await?);
        let receivers = bitnovo::webhook_provider::receivers(&config.webhooks, bitnovo.embedded_secret());
        let receiving = receiving::context::Context::start(
            Arc::clone(&config),
            receivers,
            bitnovo.is_sandbox(),
            &bitnovo::errors::ERRORS,
        )
        .await;
        let background = Background::default();
        if let (Ok(webhooks), Ok(provider)) = (receiving.webhooks(), bitnovo.webhook_provider()) {
            for task in receiving::tasks::start(webhooks, provider).await {
                background.spawn(task);
            }
        }
        Ok(Self { config, bitnovo, receiving: Arc::new(receiving), background })
    }

    /// An application that reaches no API: enough to list the tools.
    pub(crate) fn idle(config: Config) -> Self {
        let config = Arc::new(config);
        Self {
            bitnovo: Arc::new(bitnovo::context::Context::idle(Arc::clone(&config))),
            receiving: Arc::new(receiving::context::Context::idle(Arc::clone(&config))),
            background: Background::default(),
            config,
        }
    }

    /// Ends what runs in the background, in order, and within a time that leaves the process the rest of its two seconds.
    pub(crate) async fn stop(&self) {
        let ended = async {
            self.background.stop().await;
            if let Ok(webhooks) = self.webhooks() {
                webhooks.stop().await;
            }
        };
        if tokio::time::timeout(STOPS_WITHIN, ended).await.is_err() {
            tracing::warn!("not everything in the background has ended in time");
        }
    }

    /// The MCP server over everything that there is.
    pub(crate) fn server(&self) -> Server {
        compose(&self.config, self.parts())
    }

    /// Everything that offers tools, with its routes.
    fn parts(&self) -> Vec<(Arc<dyn Backend>, Vec<Route>)> {
        vec![
            (self.bitnovo.clone(), bitnovo::tools::routes(&self.bitnovo)),
            (self.receiving.clone(), receiving::tools::routes(&self.receiving)),
        ]
    }

    pub(crate) fn bitnovo(&self) -> &bitnovo::context::Context {
        &self.bitnovo
    }

    /// The receiver of webhooks.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_ENABLED`, or what keeps it from receiving: `INVALID_DEVICE_SECRET`, `NOT_CONFIGURED`.
    pub(crate) fn webhooks(&self) -> Result<&Webhooks, Failure> {
        self.receiving.webhooks().map(|webhooks| &**webhooks)
    }

    pub(crate) fn redaction(&self) -> &Redaction {
        &self.config.redaction
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }
}

/// One server over all parts, in their order.
fn compose(config: &Config, parts: Vec<(Arc<dyn Backend>, Vec<Route>)>) -> Server {
    let (backends, routes): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    Server::new(Parts {
        title: "Bitnovo Pay",
        backends,
        routes: routes.into_iter().flatten().collect(),
        selection: Selection::of(config),
        language: config.forms.language,
        redaction: Arc::clone(&config.redaction),
    })
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

/// A server of every tool, without a configuration.
#[cfg(test)]
pub(crate) fn idle_server() -> Server {
    let environment =
        crate::config::Environment::new(|_| None, |_| Err(bitnovo_pay::SecretFileError::NotText));
    App::idle(Config::from_environment(&environment, false, offer::OFFER)).server()
}

#[cfg(test)]
mod tool_table;
#[cfg(test)]
mod two_providers;

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
        let environment =
            crate::config::Environment::new(variables, |_| Err(bitnovo_pay::SecretFileError::NotText));
        let app = App::start(Config::from_environment(&environment, true, crate::config::Offer::NOTHING))
            .await
            .unwrap();
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
