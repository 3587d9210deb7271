//! What receives one provider's webhooks.

use payments_webhook::Provider;
use secrecy::SecretString;

/// How one provider's webhooks are received.
#[derive(Clone, Debug)]
pub(crate) struct ReceiverSettings {
    pub(crate) provider: Provider,
    /// Where they arrive.
    pub(crate) path: String,
    /// What verifies them, the current secret first. Empty on a sandbox that invents one.
    pub(crate) secrets: Vec<SecretString>,
}
