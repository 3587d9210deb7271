use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use chrono::Utc;
use payments_webhook::{
    EventSource, MemoryEventStore, ReceiveOutcome, Unverified,
    scheme::bitnovo::Bitnovo,
    store::{EventPage, EventQuery},
};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::receiving::backfill::Backfill;

const NOW: u64 = 1_700_000_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

fn secret() -> String {
    "ab".repeat(32)
}

fn payment(number: u128, status: &str, edited: u64) -> Payment {
    let edited_at = DateTime::<Utc>::from(at(edited));
    serde_json::from_value(json!({
        "identifier": Uuid::from_u128(number), "created_at": edited_at, "edited_at": edited_at,
        "status": status, "fiat_amount": 5, "safe": false,
    }))
    .unwrap()
}

/// A client of an API that is not there.
fn client() -> Client {
    let config = bitnovo_pay::Config::from_lookup(|name| {
        (name == "BITNOVO_DEVICE_ID").then(|| Uuid::from_u128(7).to_string())
    });
    Client::new(config.unwrap())
}

/// A receiver whose events live an hour, and what it remembers of announcements.
struct Process {
    receiver: Arc<Receiver>,
    backfill: Backfill,
}

impl Process {
    fn start(second: u64) -> Self {
        let store = MemoryEventStore::new(NonZeroUsize::new(1000).unwrap(), Duration::from_secs(HOUR));
        let scheme = Bitnovo::new(vec![secret().parse().unwrap()]).unwrap();
        let receiver = Arc::new(Receiver::new(scheme, Arc::new(store), at(second)));
        let provider = Arc::new(BitnovoWebhooks { client: client(), sandbox: None, account: "till".into() });
        let backfill = Backfill::new(provider, Arc::clone(&receiver), at(second));
        Self { receiver, backfill }
    }

    async fn read(&mut self, payments: &[Payment], second: u64) -> usize {
        let listed: Vec<ListedPayment> = payments.iter().map(listed_payment).collect();
        self.backfill.announce(&listed, at(second)).await.unwrap()
    }

    async fn webhook(&self, number: u128, status: &str, second: u64) {
        let body = json!({ "identifier": Uuid::from_u128(number), "status": status }).to_string();
        let nonce = bitnovo::nonce(at(second));
        let signature = bitnovo::sign(&secret().parse().unwrap(), &nonce, body.as_bytes()).to_string();
        let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
        let request = Unverified { headers: &headers, body: body.as_bytes() };
        let outcome = self.receiver.receive(request, at(second)).await;
        assert!(matches!(outcome, Ok(ReceiveOutcome::New(_))), "{outcome:?}");
    }

    async fn shown(&self, second: u64) -> EventPage {
        let query = EventQuery { limit: usize::MAX, validated_only: true, ..EventQuery::default() };
        self.receiver.store().query(query, at(second)).await.unwrap()
    }
}

#[tokio::test]
async fn a_weeks_list_of_two_thousand_payments_and_six_interruptions_announce_nothing_twice() {
    let mut process = Process::start(NOW);
    // Newest first; the first hundred changed within the last day.
    let mut week: Vec<Payment> = (0..2_000_u64)
        .map(|number| {
            let edited = if number < 100 { NOW - number * 600 } else { NOW - DAY - number * 250 };
            payment(number.into(), "CO", edited)
        })
        .collect();
    assert_eq!(process.read(&week, NOW).await, 100, "what is older than a day is no news");
    for interruption in 1..=6 {
        // Every event of before has expired.
        let now = NOW + interruption * 2 * HOUR;
        assert_eq!(process.read(&week, now).await, 0, "interruption {interruption}");
        assert_eq!(process.shown(now).await.total, 0);
    }
    // What changes is announced, also when the payment is old.
    let now = NOW + DAY;
    week[1_999] = payment(1_999, "RF", now);
    week[0] = payment(0, "RF", now);
    week.insert(0, payment(9_999, "CO", now));
    assert_eq!(process.read(&week, now + 1).await, 3);
    assert_eq!(process.read(&week, now + 2 * HOUR).await, 0);
}

#[tokio::test]
async fn what_a_webhook_has_told_is_not_announced_again_once_its_event_is_gone() {
    let mut process = Process::start(NOW);
    process.webhook(1, "CO", NOW + 1).await;
    process.webhook(2, "AC", NOW + 1).await;
    let list = [payment(2, "AC", NOW + 1), payment(1, "CO", NOW + 1)];
    assert_eq!(process.read(&list, NOW + 5 * HOUR).await, 0);
    let list = [payment(2, "CO", NOW + 6 * HOUR), payment(1, "CO", NOW + 1)];
    assert_eq!(process.read(&list, NOW + 6 * HOUR).await, 1);
    let shown = process.shown(NOW + 6 * HOUR).await.events;
    let event = shown.first().unwrap();
    assert_eq!(
        (event.source(), event.validated(), event.status()),
        (EventSource::Reconciled, false, Some("CO"))
    );
}

#[tokio::test]
async fn a_webhook_that_came_while_the_list_was_read_is_not_followed_by_an_older_state() {
    let mut process = Process::start(NOW);
    process.webhook(1, "CO", NOW + 3).await;
    assert_eq!(process.read(&[payment(1, "AC", NOW + 1)], NOW + 2).await, 0);
    // Later readings are compared by the state alone.
    assert_eq!(process.read(&[payment(1, "RF", NOW + 9)], NOW + 10).await, 1);
}

#[tokio::test]
async fn a_webhook_that_is_not_trusted_announces_nothing() {
    let mut process = Process::start(NOW);
    let body = json!({ "identifier": Uuid::from_u128(1), "status": "CO" }).to_string();
    let nonce = bitnovo::nonce(at(NOW + 1));
    let signature = bitnovo::sign(&secret().parse().unwrap(), &nonce, body.as_bytes()).to_string();
    let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
    let request = Unverified { headers: &headers, body: body.as_bytes() };
    process.receiver.receive(request, at(NOW + 60)).await.unwrap();
    assert_eq!(process.read(&[payment(1, "CO", NOW + 1)], NOW + 61).await, 1);
}

#[tokio::test]
async fn a_payment_that_waits_for_its_customer_is_no_event() {
    let mut process = Process::start(NOW);
    assert_eq!(process.read(&[payment(1, "PE", NOW), payment(2, "NR", NOW)], NOW).await, 0);
    assert_eq!(process.read(&[payment(1, "AC", NOW + 1)], NOW + 2).await, 1);
    let safe = Payment { safe: Some(true), ..payment(1, "AC", NOW + 1) };
    assert_eq!(process.read(&[safe], NOW + 3).await, 1, "AC is two states");
}
