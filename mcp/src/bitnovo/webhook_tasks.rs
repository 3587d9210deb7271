//! What Bitnovo does with webhooks in the background: tells a sandbox where to send them, wakes those who wait for a
//! payment, and reads what was missed.

use std::sync::Arc;

use futures::{FutureExt as _, future::BoxFuture};
use payments_tunnel::{Supervisor, supervisor::TunnelState};
use tokio::sync::broadcast::error::RecvError;
use url::Url;
use uuid::Uuid;

use crate::bitnovo::context::Context;
use crate::bitnovo::sandbox_control::Steering;
use crate::receiving::backfill::Backfill;
use crate::receiving::gap_detector::watch;
use crate::receiving::reachability::below;
use crate::receiving::webhooks::Webhooks;

/// Registers the receiver at a sandbox, and returns what is to run until the process ends.
pub(crate) async fn start(context: &Context, webhooks: &Arc<Webhooks>) -> Vec<BoxFuture<'static, ()>> {
    register_at_sandbox(context, webhooks).await;
    let tasks =
        [follow_tunnel(context, webhooks), pass_on_hints(context, webhooks), catch_up(context, webhooks)];
    tasks.into_iter().flatten().collect()
}

/// On a sandbox nobody enters our address in a dashboard.
async fn register_at_sandbox(context: &Context, webhooks: &Webhooks) {
    if let (Ok(steering), Some(url)) = (context.steering(), webhooks.local_url()) {
        register(&steering, &url).await;
    }
}

/// The same when a tunnel carries what the sandbox sends, each time its address changes.
fn follow_tunnel(context: &Context, webhooks: &Webhooks) -> Option<BoxFuture<'static, ()>> {
    let steering = context.steering().ok()?;
    let mut changes = webhooks.tunnel().map(Supervisor::changes)?;
    let path = webhooks.path().to_owned();
    changes.mark_changed();
    let task = async move {
        let mut registered = None;
        while changes.changed().await.is_ok() {
            let status = changes.borrow_and_update().clone();
            if let Some(base) = status.public_url.filter(|_| status.state == TunnelState::Connected)
                && registered.as_ref() != Some(&base)
            {
                register(&steering, &below(&base, &path)).await;
                registered = Some(base);
            }
        }
    };
    Some(task.boxed())
}

/// Wakes whoever waits for a payment when a webhook tells something about it. Webhooks that came too late to be
/// trusted count too: they are a reason to read, and nothing more.
fn pass_on_hints(context: &Context, webhooks: &Webhooks) -> Option<BoxFuture<'static, ()>> {
    let (mut events, client) = (webhooks.receiver().subscribe(), context.client().ok()?.clone());
    let task = async move {
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
    };
    Some(task.boxed())
}

/// Reads what was missed, now and after each interruption. In the background: nothing at start waits for the API.
fn catch_up(context: &Context, webhooks: &Arc<Webhooks>) -> Option<BoxFuture<'static, ()>> {
    let client = context.client().ok()?.clone();
    let every = webhooks.settings().tunnel.health_check_every;
    let backfill = Backfill::new(client, Arc::clone(webhooks.receiver()), webhooks.started_at());
    Some(watch(Arc::clone(webhooks), backfill, every).boxed())
}

async fn register(steering: &Steering, url: &Url) {
    if let Err(failure) = steering.send_webhooks_to(url).await {
        tracing::warn!("the sandbox does not know where to send webhooks: {}", failure.message);
    }
}
