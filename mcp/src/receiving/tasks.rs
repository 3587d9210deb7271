//! What runs beside the calls for one provider's webhooks: it registers the receiver at a sandbox, wakes those who wait
//! for a payment, and announces what was missed.

use std::sync::Arc;

use futures::{FutureExt as _, future::BoxFuture};
use payments_tunnel::{Supervisor, supervisor::TunnelState};
use tokio::sync::broadcast::error::RecvError;
use url::Url;

use crate::receiving::backfill::Backfill;
use crate::receiving::gap_detector::watch;
use crate::receiving::provider::WebhookProvider;
use crate::receiving::reachability::below;
use crate::receiving::webhooks::{HostedReceiver, Webhooks};

/// Registers the receiver at a sandbox, and returns what is to run until the process ends.
pub(crate) async fn start(
    webhooks: &Arc<Webhooks>,
    provider: Arc<dyn WebhookProvider>,
) -> Vec<BoxFuture<'static, ()>> {
    let Ok(receiver) = webhooks.receiver(Some(provider.provider().id)) else { return Vec::new() };
    if let Some(url) = webhooks.local_url(receiver) {
        register(&*provider, &url).await;
    }
    let every = webhooks.settings().tunnel.health_check_every;
    let backfill =
        Backfill::new(Arc::clone(&provider), Arc::clone(&receiver.receiver), webhooks.started_at());
    // In the background: nothing at start waits for the API.
    let mut tasks = vec![
        pass_on_hints(receiver, Arc::clone(&provider)),
        watch(Arc::clone(webhooks), backfill, every).boxed(),
    ];
    tasks.extend(follow_tunnel(webhooks, receiver, provider));
    tasks
}

/// Registers the tunnel's address each time that it changes.
fn follow_tunnel(
    webhooks: &Webhooks,
    receiver: &HostedReceiver,
    provider: Arc<dyn WebhookProvider>,
) -> Option<BoxFuture<'static, ()>> {
    let mut changes = webhooks.tunnel().map(Supervisor::changes)?;
    let path = receiver.path().to_owned();
    changes.mark_changed();
    let task = async move {
        let mut registered = None;
        while changes.changed().await.is_ok() {
            let status = changes.borrow_and_update().clone();
            if let Some(base) = status.public_url.filter(|_| status.state == TunnelState::Connected)
                && registered.as_ref() != Some(&base)
            {
                register(&*provider, &below(&base, &path)).await;
                registered = Some(base);
            }
        }
    };
    Some(task.boxed())
}

/// Wakes those who wait for a payment when a webhook names it. Webhooks that came too late to be trusted count too: they
/// are a reason to read, and nothing more.
fn pass_on_hints(receiver: &HostedReceiver, provider: Arc<dyn WebhookProvider>) -> BoxFuture<'static, ()> {
    let mut events = receiver.receiver.subscribe();
    async move {
        loop {
            match events.recv().await {
                Ok(event) => {
                    if let Some(identifier) = event.identifier() {
                        provider.hint(identifier);
                    }
                }
                // The next poll notices what was missed.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
    .boxed()
}

/// On a sandbox the merchant does not enter our address in a dashboard.
async fn register(provider: &dyn WebhookProvider, url: &Url) {
    if let Some(registration) = provider.register(url)
        && let Err(failure) = registration.await
    {
        tracing::warn!("the sandbox does not know where to send webhooks: {}", failure.message);
    }
}
