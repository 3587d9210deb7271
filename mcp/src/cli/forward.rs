//! Hands verified webhooks on to another receiver, such as a shop under development, with the same bytes and headers.

use std::{sync::Arc, time::Duration};

use bitnovo_pay_webhook::{WebhookEvent, scheme::bitnovo};
use tokio::sync::broadcast::{self, error::RecvError};

use super::delivery::Courier;

/// How often a webhook is sent again, at most.
pub(super) const RETRIES: u32 = 5;
/// Then doubling: 7.75 s in all, so that a signature, fresh for 20 s, outlives a receiver that restarts.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// What becomes of one webhook on its way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The receiver took it.
    Delivered { status: u16, attempt: u32 },
    /// There will be another attempt after the pause.
    Again { attempt: u32, pause: Duration, reason: String },
    /// The receiver will not take it, however often it is asked.
    Refused { status: u16 },
    /// No attempt is left.
    GivenUp { reason: String },
}

/// Whether an event is one to hand on: a genuine webhook in time. What was read from the API has no signature.
pub(super) fn concerns(event: &WebhookEvent) -> bool {
    event.validated() && event.signature().is_some()
}

/// Hands on every such webhook, one after the other and in the order of their arrival, until there are no more.
pub(super) async fn run(
    courier: Courier,
    mut events: broadcast::Receiver<Arc<WebhookEvent>>,
    report: impl Fn(&WebhookEvent, &Progress),
) {
    loop {
        match events.recv().await {
            Ok(event) if concerns(&event) => hand_on(&courier, &event, &report).await,
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(
                    missed,
                    "webhooks came faster than they could be forwarded, and were left out"
                );
            }
            Err(RecvError::Closed) => return,
        }
    }
}

async fn hand_on(courier: &Courier, event: &WebhookEvent, report: &impl Fn(&WebhookEvent, &Progress)) {
    let (Some(signature), Some(signed_at)) = (event.signature(), event.signed_at()) else { return };
    let (nonce, signature) = (bitnovo::nonce(signed_at), signature.to_string());
    let mut pause = FIRST_PAUSE;
    for attempt in 1_u32.. {
        let reason = match courier.post(&nonce, &signature, event.body().to_vec()).await {
            Ok(receipt) if receipt.is_success() => {
                return report(event, &Progress::Delivered { status: receipt.status, attempt });
            }
            Ok(receipt) if !may_change_its_mind(receipt.status) => {
                return report(event, &Progress::Refused { status: receipt.status });
            }
            Ok(receipt) => format!("it answers {}", receipt.status),
            Err(reason) => reason,
        };
        if attempt > RETRIES {
            return report(event, &Progress::GivenUp { reason });
        }
        report(event, &Progress::Again { attempt, pause, reason });
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2);
    }
}

fn may_change_its_mind(status: u16) -> bool {
    status >= 500 || [408, 425, 429].contains(&status)
}
