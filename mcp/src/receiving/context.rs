//! What the webhook tools share: the receivers, or the reason why nothing is received.

use std::sync::Arc;

use payments_webhook::Provider;

use crate::answer::failure::{Code, Failure, ProviderErrors};
use crate::config;
use crate::config::{Config, Problem, unusable};
use crate::protocol::backend::Backend;
use crate::receiving::provider::ProviderReceiver;
use crate::receiving::texts::ReceivingTexts;
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
    /// Starts to receive, where the configuration asks for it. `providers` are those whose webhooks come in, or why there
    /// are none; `is_sandbox` holds when every provider is one; `errors` are the words for what is wrong with a provider's settings.
    pub(crate) async fn start(
        config: Arc<Config>,
        providers: Result<Vec<ProviderReceiver>, String>,
        is_sandbox: bool,
        errors: &'static ProviderErrors,
    ) -> Self {
        let receiver = match &config.webhooks {
            config::WebhookConfig::Off => Receiving::Off,
            config::WebhookConfig::Unusable(problems) => Receiving::Unusable(problems.clone()),
            config::WebhookConfig::On(settings) => match providers {
                Ok(providers) => {
                    let webhooks = Webhooks::start((**settings).clone(), providers, is_sandbox).await;
                    Receiving::On(Arc::new(webhooks))
                }
                Err(message) => Receiving::Failed(message),
            },
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
    /// `WEBHOOK_NOT_ENABLED`, or the reason why nothing is received: `INVALID_DEVICE_SECRET`, `NOT_CONFIGURED`.
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

    pub(crate) fn texts(&self) -> ReceivingTexts {
        ReceivingTexts(self.config.forms.language)
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
