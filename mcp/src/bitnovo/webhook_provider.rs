//! Bitnovo's payments as events, for the room that receives webhooks.

use std::time::SystemTime;

use bitnovo_pay::{Client, Payment, PaymentStatus};
use chrono::DateTime;
use futures::{FutureExt as _, future::BoxFuture};
use payments_core::Language;
use payments_core::store::{Namespace, StoreError};
use payments_webhook::{
    Provider, Receiver, WebhookEvent,
    scheme::bitnovo::{self, Bitnovo, Notification, PROVIDER, Secret},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use uuid::Uuid;

use crate::answer::failure::Failure;
use crate::bitnovo::errors;
use crate::bitnovo::sandbox_control::SandboxControl;
use crate::config::WebhookConfig;
use crate::receiving::provider::{ListedPayment, PaymentState, ProviderReceiver, WebhookProvider};

/// How Bitnovo's webhooks are verified, where they are wanted. `invented` is the secret of an embedded sandbox, for when
/// none is configured.
///
/// # Errors
/// Why the secrets cannot verify anything.
pub(crate) fn receivers(
    wanted: &WebhookConfig,
    invented: Option<SecretString>,
) -> Result<Vec<ProviderReceiver>, String> {
    let WebhookConfig::On(settings) = wanted else { return Ok(Vec::new()) };
    let Some(own) = settings.receivers.iter().find(|receiver| receiver.provider == PROVIDER) else {
        return Ok(Vec::new());
    };
    let secrets = own.secrets.iter().chain(&invented);
    let secrets: Result<Vec<Secret>, _> = secrets.map(|secret| secret.expose_secret().parse()).collect();
    let scheme =
        Bitnovo::new(secrets.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
    let scheme = scheme.at(own.path.clone()).tolerance(settings.tolerance);
    let scheme = if settings.replays_are_ok { scheme.acknowledging_replays() } else { scheme };
    let has_new_secret = own.secrets.is_empty();
    let open = Box::new(move |store, remembers_since| Receiver::new(scheme, store, remembers_since));
    Ok(vec![ProviderReceiver { open, has_new_secret, dashboard_steps }])
}

/// Where the URL is entered in Bitnovo's dashboard.
fn dashboard_steps(language: Language, url: &Url) -> String {
    match language {
        Language::En => format!(
            "1. Copy this URL: {url}\n2. Open pay.bitnovo.com and sign in.\n3. Go to Settings → Merchant → \
             Devices.\n4. Choose the device.\n5. Paste the URL into the field notification_url and save."
        ),
        Language::Es => format!(
            "1. Copie esta URL: {url}\n2. Abra pay.bitnovo.com e inicie sesión.\n3. Vaya a Configuración → \
             Comercio → Dispositivos.\n4. Elija el dispositivo.\n5. Pegue la URL en el campo notification_url y \
             guarde."
        ),
    }
}

/// The payments of one device.
pub(crate) struct BitnovoWebhooks {
    pub(crate) client: Client,
    /// `None` on the real API.
    pub(crate) sandbox: Option<SandboxControl>,
    /// What names the device where announcements are remembered.
    pub(crate) account: String,
}

impl WebhookProvider for BitnovoWebhooks {
    fn provider(&self) -> Provider {
        PROVIDER
    }

    fn namespace(&self) -> Namespace {
        Namespace::new(PROVIDER.id, &self.account, "")
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<ListedPayment>, Failure>> {
        async {
            let listed = self.client.orders_list(None, None).await;
            let listed = listed.map_err(|error| errors::from_api(&error))?;
            if listed.left_out_count() > 0 || listed.is_cut() {
                let left_out = listed.left_out_count();
                tracing::warn!(
                    left_out,
                    cut = listed.is_cut(),
                    "some orders of the list could not be read: their changes are not announced"
                );
            }
            Ok(listed.into_rows().iter().map(listed_payment).collect())
        }
        .boxed()
    }

    fn announced(&self, event: &WebhookEvent) -> Option<(String, PaymentState)> {
        // A webhook that came too late to be trusted announces nothing.
        if event.rejection().is_some() {
            return None;
        }
        let notification = Notification::of(event).unwrap_or_default();
        let edited_at = notification.edited_at.and_then(|time| DateTime::parse_from_rfc3339(&time).ok());
        let name = state_name(event.status()?, notification.safe);
        let state = PaymentState { name, edited_at: edited_at.map(|time| time.to_utc()) };
        Some((event.identifier()?.to_owned(), state))
    }

    fn reconciled(&self, body: &[u8], read_at: SystemTime) -> Result<WebhookEvent, StoreError> {
        bitnovo::reconciled(body, read_at).map_err(Into::into)
    }

    fn hint(&self, identifier: &str) {
        if let Ok(identifier) = Uuid::try_parse(identifier) {
            self.client.hint(identifier);
        }
    }

    fn register<'a>(&'a self, url: &'a Url) -> Option<BoxFuture<'a, Result<(), Failure>>> {
        Some(self.sandbox.as_ref()?.send_webhooks_to(url).boxed())
    }
}

fn listed_payment(payment: &Payment) -> ListedPayment {
    // Nothing has happened yet to a payment that waits for its customer, and Bitnovo sends no webhook for IA.
    let has_changed = !matches!(payment.status, PaymentStatus::Nr | PaymentStatus::Pe);
    ListedPayment {
        identifier: payment.identifier.to_string(),
        state: PaymentState {
            name: state_name(payment.status.code(), payment.safe),
            edited_at: payment.edited_at.map(|time| time.to_utc()),
        },
        changed_at: payment.edited_at.or(payment.created_at).map(|time| time.to_utc()),
        body: has_changed.then(|| serde_json::to_vec(payment).unwrap_or_default()),
    }
}

/// AC is two states: `safe` releases the goods. Of other statuses `safe` is not compared.
fn state_name(status: &str, safe: Option<bool>) -> String {
    if status == PaymentStatus::Ac.code() && safe == Some(true) {
        format!("{status}+safe")
    } else {
        status.to_owned()
    }
}

#[cfg(test)]
mod tests;
