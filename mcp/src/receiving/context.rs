//! What the tools about webhooks share: the receiver, or what keeps it from receiving.

use std::sync::Arc;

use payments_webhook::Provider;
use secrecy::SecretString;

use crate::answer::failure::{Code, Failure, ProviderErrors};
use crate::bitnovo::texts::Texts;
use crate::config;
use crate::config::{Config, Problem, unusable};
use crate::protocol::backend::Backend;
use crate::receiving::webhooks::Webhooks;

/// The tools' context. There is one per process.
pub(crate) struct Context {
    config: Arc<Config>,
    receiver: Receiving,
    is_sandbox: bool,
    errors: Option<&'static ProviderErrors>,
}

/// Whether webhooks are received.
enum Receiving {
    Off,
    Unusable(Vec<Problem>),
    Failed(String),
    On(Arc<Webhooks>),
}

impl Context {
    /// Starts to receive, where the configuration asks for it. `invented` is the secret of an embedded sandbox;
    /// `is_sandbox` holds when every provider is one; `errors` are the words for what is wrong with a provider's settings.
    pub(crate) async fn start(
        config: Arc<Config>,
        invented: Option<SecretString>,
        is_sandbox: bool,
        errors: &'static ProviderErrors,
    ) -> Self {
        let receiver = match &config.webhooks {
            config::Webhooks::Off => Receiving::Off,
            config::Webhooks::Unusable(problems) => Receiving::Unusable(problems.clone()),
            config::Webhooks::On(settings) => {
                match Webhooks::start((**settings).clone(), invented, is_sandbox).await {
                    Ok(webhooks) => Receiving::On(Arc::new(webhooks)),
                    Err(message) => Receiving::Failed(message),
                }
            }
        };
        Self { config, receiver, is_sandbox, errors: Some(errors) }
    }

    /// A context that receives nothing: enough to list the tools.
    pub(crate) fn idle(config: Arc<Config>) -> Self {
        Self { config, receiver: Receiving::Off, is_sandbox: false, errors: None }
    }

    /// The receiver of webhooks.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_ENABLED`, or what keeps it from receiving: `INVALID_DEVICE_SECRET`, `NOT_CONFIGURED`.
    pub(crate) fn webhooks(&self) -> Result<&Arc<Webhooks>, Failure> {
        match &self.receiver {
            Receiving::On(webhooks) => Ok(webhooks),
            Receiving::Unusable(problems) => Err(unusable(problems)),
            Receiving::Failed(message) => Err(Failure::new(Code::NotConfigured, message.as_str())),
            Receiving::Off => {
                Err(Failure::new(Code::WebhookNotEnabled, "This server does not receive webhooks."))
            }
        }
    }

    pub(crate) fn texts(&self) -> Texts<'_> {
        Texts(&self.config.forms)
    }
}

impl Backend for Context {
    fn provider(&self) -> Option<Provider> {
        None
    }

    fn errors(&self) -> Option<&'static ProviderErrors> {
        self.errors
    }

    fn is_configured(&self) -> bool {
        true
    }

    fn is_sandbox(&self) -> bool {
        self.is_sandbox
    }
}
