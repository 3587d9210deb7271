//! What receiving needs of a provider whose webhooks come in.

use std::{sync::Arc, time::SystemTime};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use payments_core::Language;
use payments_core::store::{Namespace, StoreError};
use payments_webhook::{EventStore, Provider, Receiver, WebhookEvent};
use url::Url;

use crate::answer::failure::Failure;

/// How webhooks of one provider are verified.
pub(crate) struct ProviderReceiver {
    /// Makes the receiver, with the store of all providers and the time from which on it knows what was accepted.
    pub(crate) open: Box<dyn FnOnce(Arc<dyn EventStore>, SystemTime) -> Receiver + Send>,
    /// Whether this process has invented the secret: then no earlier process can have accepted anything.
    pub(crate) has_new_secret: bool,
    /// The steps to enter the URL in the provider's dashboard.
    pub(crate) dashboard_steps: fn(Language, &Url) -> String,
}

/// A provider's payments, and those who wait for them.
pub(crate) trait WebhookProvider: Send + Sync {
    fn provider(&self) -> Provider;

    /// Under which name announcements of this account are remembered.
    fn namespace(&self) -> Namespace;

    /// Reads the payments of the last days, newest first.
    fn list(&self) -> BoxFuture<'_, Result<Vec<ListedPayment>, Failure>>;

    /// What an event announces: a payment and its state. `None` when it announces nothing.
    fn announced(&self, event: &WebhookEvent) -> Option<(String, PaymentState)>;

    /// The event of a listed payment whose state no webhook has announced.
    ///
    /// # Errors
    /// When the provider's own list cannot be read as an event.
    fn reconciled(&self, body: &[u8], read_at: SystemTime) -> Result<WebhookEvent, StoreError>;

    /// Wakes those who wait for this payment: it may have changed.
    fn hint(&self, identifier: &str);

    /// Has the sandbox send its webhooks to `url`; `None` on a real API, where the merchant enters it in the dashboard.
    fn register<'a>(&'a self, url: &'a Url) -> Option<BoxFuture<'a, Result<(), Failure>>>;
}

/// A payment as the provider lists it.
#[derive(Clone, Debug)]
pub(crate) struct ListedPayment {
    pub(crate) identifier: String,
    pub(crate) state: PaymentState,
    /// When it changed last, or else when it was created.
    pub(crate) changed_at: Option<DateTime<Utc>>,
    /// The payment as the provider returned it; `None` while nothing has happened to it that is worth an event.
    pub(crate) body: Option<Vec<u8>>,
}

/// A state of a payment that can be announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaymentState {
    /// Its name: two states with one name are the same.
    pub(crate) name: String,
    /// When it began, by the provider's account; not every webhook says.
    pub(crate) edited_at: Option<DateTime<Utc>>,
}
