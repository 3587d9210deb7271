//! Catching up: the provider does not resend, so what was missed is read from the API.

use std::{collections::HashMap, time::SystemTime};

use bitnovo_pay::{Client, Payment, PaymentStatus};
use bitnovo_pay_webhook::{Receiver, WebhookEvent, scheme::bitnovo, store::Query};

use crate::error::{Code, Failure};

/// Reads the orders of the last seven days once, and records each change that no webhook has told as an event with
/// the source `reconciled`. Returns how many there were.
///
/// # Errors
/// What the API answered; what was missed stays missed until the next time.
pub(crate) async fn reconcile(
    client: &Client,
    receiver: &Receiver,
    now: SystemTime,
) -> Result<usize, Failure> {
    let payments = client.orders_list(None, None).await.map_err(|error| Failure::from_api(&error))?;
    let query = Query { limit: usize::MAX, ..Query::default() };
    let told = receiver.store().query(query, now).await.map_err(|error| unkept(&error))?;
    let mut latest: HashMap<&str, &WebhookEvent> = HashMap::new();
    // Newest first, so the first of a payment is what was told last.
    for event in &told.events {
        if let Some(identifier) = event.identifier() {
            latest.entry(identifier).or_insert(event);
        }
    }
    let mut missed = 0;
    // The list is newest first, and events are shown in the order of their arrival.
    for payment in payments.rows().iter().rev().filter(|payment| has_changed(payment)) {
        let identifier = payment.identifier.to_string();
        if latest.get(identifier.as_str()).is_some_and(|event| tells(event, payment)) {
            continue;
        }
        let body = serde_json::to_vec(payment).map_err(|error| unkept(&error))?;
        let event = bitnovo::reconciled(&body, now).map_err(|error| unkept(&error))?;
        let inserted = receiver.record(event).await.map_err(|error| unkept(&error))?;
        missed += usize::from(matches!(inserted, bitnovo_pay_webhook::store::Inserted::New(_)));
    }
    Ok(missed)
}

fn unkept(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::ApiError, format!("What the API answered cannot be kept: {error}."))
}

/// Nothing has happened yet to a payment that waits for its customer, and the provider sends no webhook for IA.
fn has_changed(payment: &Payment) -> bool {
    !matches!(payment.status, PaymentStatus::Nr | PaymentStatus::Pe)
}

/// Whether an event tells the state that the API reports. AC is two states: `safe` releases the goods.
fn tells(event: &WebhookEvent, payment: &Payment) -> bool {
    let same_status = event.status() == Some(payment.status.code());
    let safe = bitnovo::Notification::of(event).and_then(|notification| notification.safe).unwrap_or(false);
    same_status && (payment.status != PaymentStatus::Ac || safe == payment.safe.unwrap_or(false))
}
