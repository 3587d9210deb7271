use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::*;
use crate::{
    event::EventSource,
    scheme::bitnovo::{self, Bitnovo, Secret},
    store::{EventPage, EventQuery, MemoryEventStore, StoreFuture},
};

const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
const START: u64 = 1_700_000_000;

fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

fn scheme() -> Bitnovo {
    let secret: Secret = SECRET.parse().unwrap();
    Bitnovo::new(vec![secret]).unwrap()
}

fn memory() -> Arc<MemoryEventStore> {
    Arc::new(MemoryEventStore::new(NonZeroUsize::new(1000).unwrap(), Duration::from_secs(3600)))
}

fn receiver() -> Receiver {
    Receiver::new(scheme(), memory(), at(START - 1))
}

async fn post(receiver: &Receiver, body: &str, signed: u64, now: u64) -> Result<ReceiveOutcome, Unavailable> {
    let nonce = bitnovo::nonce(at(signed));
    let signature = bitnovo::sign(&SECRET.parse().unwrap(), &nonce, body.as_bytes()).to_string();
    let headers = [("x-nonce", nonce.as_bytes()), ("x-signature", signature.as_bytes())];
    receiver.receive(Unverified { headers: &headers, body: body.as_bytes() }, at(now)).await
}

async fn all(receiver: &Receiver) -> EventPage {
    let query = EventQuery { limit: usize::MAX, ..EventQuery::default() };
    receiver.store().query(query, at(START + 100)).await.unwrap()
}

fn is_new(outcome: &Result<ReceiveOutcome, Unavailable>) -> bool {
    matches!(outcome, Ok(ReceiveOutcome::New(_)))
}

fn is_refused(outcome: &Result<ReceiveOutcome, Unavailable>, why: &Rejection) -> bool {
    matches!(outcome, Ok(ReceiveOutcome::Rejected(refused)) if refused == why)
}

#[tokio::test]
async fn an_event_is_stored_with_what_is_known_of_it() {
    let receiver = receiver();
    let body = r#"{"identifier": "p1", "status": "CO"}"#;
    let Ok(ReceiveOutcome::New(event)) = post(&receiver, body, START + 5, START + 6).await else { panic!() };
    assert_eq!(event.event_id(), "p1:1700000005");
    assert_eq!(event.identifier(), Some("p1"));
    assert_eq!(event.status(), Some("CO"));
    assert_eq!(event.payload().get(), body);
    assert_eq!(event.received_at(), at(START + 6));
    assert_eq!(event.signed_at(), Some(at(START + 5)));
    assert_eq!(event.source(), EventSource::Webhook);
    assert!(event.validated() && event.rejection().is_none());
    let stored = all(&receiver).await.events;
    assert_eq!(stored.len(), 1);
    assert!(Arc::ptr_eq(&stored[0], &event));
}

#[tokio::test]
async fn a_body_that_is_not_json_is_stored_as_it_is() {
    let receiver = receiver();
    let deep = "[".repeat(30_000);
    for (number, body) in ["", "not json", "{\"identifier\":", deep.as_str()].into_iter().enumerate() {
        assert!(is_new(&post(&receiver, body, START, START).await), "{number}");
        let stored = &all(&receiver).await.events[0];
        assert_eq!(stored.body(), body.as_bytes());
        let payload: serde_json::Value = serde_json::from_str(stored.payload().get()).unwrap();
        assert_eq!(payload, serde_json::json!({ "raw": body }));
    }
}

#[tokio::test]
async fn a_replay_has_no_effect_and_the_same_news_signed_anew_is_stored_once() {
    let receiver = receiver();
    let body = r#"{"identifier": "p1", "status": "CO"}"#;
    assert!(is_new(&post(&receiver, body, START, START).await));
    assert!(is_refused(&post(&receiver, body, START, START + 1).await, &Rejection::Replayed));

    let anew = post(&receiver, body, START + 2, START + 2).await;
    assert!(matches!(anew, Ok(ReceiveOutcome::Known { event_id }) if event_id == "p1:1700000000"));
    assert!(is_refused(&post(&receiver, body, START + 2, START + 3).await, &Rejection::Replayed));
    assert_eq!(all(&receiver).await.total, 1);
}

#[tokio::test]
async fn safe_after_unsafe_with_the_same_amounts_is_a_second_event() {
    let receiver = receiver();
    let body = |safe| {
        format!(r#"{{"identifier": "p1", "status": "AC", "crypto_amount": 4.534059, "safe": {safe}}}"#)
    };
    let Ok(ReceiveOutcome::New(first)) = post(&receiver, &body(false), START, START).await else { panic!() };
    let Ok(ReceiveOutcome::New(second)) = post(&receiver, &body(true), START, START).await else { panic!() };
    assert_eq!(first.event_id(), "p1:1700000000");
    assert!(second.event_id().starts_with("p1:1700000000-"), "{}", second.event_id());
    let newest = &all(&receiver).await.events[0];
    assert_eq!(bitnovo::Notification::of(newest).unwrap().safe, Some(true));
}

#[tokio::test]
async fn a_hundred_events_of_one_second_are_all_stored() {
    let receiver = receiver();
    for number in 0..100 {
        let body = format!(r#"{{"identifier": "p{}", "n": {number}}}"#, number % 7);
        assert!(is_new(&post(&receiver, &body, START, START).await));
    }
    let page = all(&receiver).await;
    let ids: std::collections::HashSet<_> = page.events.iter().map(|event| event.event_id()).collect();
    assert_eq!((page.total, ids.len()), (100, 100));
}

#[tokio::test]
async fn a_replay_after_five_minutes_is_refused_and_leaves_no_second_record() {
    let receiver = receiver();
    let body = r#"{"identifier": "p1"}"#;
    assert!(is_new(&post(&receiver, body, START, START).await));
    assert!(is_refused(&post(&receiver, body, START, START + 301).await, &Rejection::Replayed));
    assert_eq!(all(&receiver).await.total, 1);
}

#[tokio::test]
async fn a_late_webhook_is_on_record_once_as_not_validated_and_wakes_the_subscribers() {
    let receiver = receiver();
    let mut waiting = receiver.subscribe();
    let body = r#"{"identifier": "p1", "status": "CO"}"#;
    for (signed, now, age_seconds) in [(START, START + 21, 21), (START + 60, START + 39, -21)] {
        let stale = Rejection::Stale { age_seconds, tolerance_seconds: 20 };
        assert!(is_refused(&post(&receiver, body, signed, now).await, &stale));
        assert!(is_refused(&post(&receiver, body, signed, now).await, &Rejection::Replayed));
        let event = waiting.try_recv().unwrap();
        assert!(!event.validated());
        assert_eq!(event.rejection(), Some(stale.to_string().as_str()));
        assert!(waiting.try_recv().is_err());
    }
    assert_eq!(all(&receiver).await.total, 2);
    // The same news in time is not held back by the late copies.
    assert!(is_new(&post(&receiver, body, START + 40, START + 40).await));
}

#[tokio::test]
async fn nineteen_seconds_are_accepted_either_way() {
    let receiver = receiver();
    assert!(is_new(&post(&receiver, "a", START + 100, START + 119).await));
    assert!(is_new(&post(&receiver, "b", START + 100, START + 81).await));
}

#[tokio::test]
async fn what_was_signed_up_to_the_second_of_the_start_is_recorded_but_not_trusted() {
    let receiver = receiver();
    for second in [START - 2, START - 1] {
        let body = format!("{{\"n\": {second}}}");
        assert!(is_refused(&post(&receiver, &body, second, START).await, &Rejection::BeforeMemory));
        assert!(!all(&receiver).await.events[0].validated());
    }
    assert!(is_new(&post(&receiver, "{}", START, START + 1).await));
}

#[tokio::test]
async fn ten_thousand_forged_requests_push_no_event_out_and_are_counted() {
    let receiver = receiver();
    assert!(is_new(&post(&receiver, r#"{"identifier": "real"}"#, START, START).await));
    let nonce = bitnovo::nonce(at(START));
    for number in 0..10_000_u32 {
        let forged = format!("{number:064x}");
        let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", forged.as_bytes())];
        let outcome = receiver.receive(Unverified { headers: &headers, body: b"{}" }, at(START + 9)).await;
        assert!(is_refused(&outcome, &Rejection::BadSignature));
    }
    let page = all(&receiver).await;
    assert_eq!((page.total, page.events[0].identifier()), (1, Some("real")));
    let rejected = receiver.rejections().snapshot();
    assert_eq!(rejected.len(), 1);
    assert_eq!((rejected[0].reason, rejected[0].count), (RejectionReason::BadSignature, 10_000));
    assert_eq!(rejected[0].last_at, at(START + 9));
}

#[tokio::test]
async fn a_reconciled_event_is_recorded_once_and_wakes_the_subscribers() {
    let receiver = receiver();
    let mut waiting = receiver.subscribe();
    let read = || bitnovo::reconciled(br#"{"identifier": "p1", "status": "CO"}"#, at(START)).unwrap();
    assert!(matches!(receiver.record(read()).await, Ok(Inserted::New(_))));
    assert!(matches!(receiver.record(read()).await, Ok(Inserted::Known { .. })));
    assert_eq!(waiting.try_recv().unwrap().source(), EventSource::Reconciled);
    assert!(waiting.try_recv().is_err());
}

/// A store that can be made to fail or to hang, and that outlives the process.
struct Shaky {
    store: Arc<MemoryEventStore>,
    fails: AtomicBool,
    hangs: AtomicBool,
}

impl Shaky {
    fn new() -> Arc<Self> {
        Arc::new(Self { store: memory(), fails: false.into(), hangs: false.into() })
    }
}

impl EventStore for Shaky {
    fn insert(&self, event: WebhookEvent) -> StoreFuture<'_, Inserted> {
        Box::pin(async move {
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.fails.load(Ordering::SeqCst) {
                return Err(EventStoreError::new("disk full"));
            }
            self.store.insert(event).await
        })
    }

    fn query(&self, query: EventQuery, now: SystemTime) -> StoreFuture<'_, EventPage> {
        self.store.query(query, now)
    }

    fn prune(&self, now: SystemTime) -> StoreFuture<'_, usize> {
        self.store.prune(now)
    }

    fn outlives_the_process(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_request_that_could_not_be_stored_can_be_delivered_again() {
    let store = Shaky::new();
    let receiver = Receiver::new(scheme(), Arc::clone(&store) as Arc<dyn EventStore>, at(START));
    store.fails.store(true, Ordering::SeqCst);
    let failed = post(&receiver, "{}", START, START).await;
    assert_eq!(failed.unwrap_err().to_string(), "the event store failed: disk full");
    assert_eq!(receiver.rejections().snapshot()[0].reason, RejectionReason::Unavailable);
    store.fails.store(false, Ordering::SeqCst);
    assert!(is_new(&post(&receiver, "{}", START, START).await));
}

#[tokio::test]
async fn a_request_that_was_given_up_while_storing_can_be_delivered_again() {
    let store = Shaky::new();
    let receiver = Receiver::new(scheme(), Arc::clone(&store) as Arc<dyn EventStore>, at(START));
    store.hangs.store(true, Ordering::SeqCst);
    {
        let mut given_up = std::pin::pin!(post(&receiver, "{}", START, START));
        assert!(futures::poll!(given_up.as_mut()).is_pending());
        // While it is being stored, the same request is a replay.
        assert!(is_refused(&post(&receiver, "{}", START, START).await, &Rejection::Replayed));
    }
    store.hangs.store(false, Ordering::SeqCst);
    assert!(is_new(&post(&receiver, "{}", START, START).await));
}

#[tokio::test]
async fn a_store_that_outlives_the_process_knows_the_replay_of_what_another_process_accepted() {
    let store = Shaky::new();
    let before = Receiver::new(scheme(), Arc::clone(&store) as Arc<dyn EventStore>, at(START));
    assert!(is_new(&post(&before, r#"{"identifier": "p1"}"#, START, START).await));
    let after = Receiver::new(scheme(), store as Arc<dyn EventStore>, at(START + 5));
    assert!(is_refused(
        &post(&after, r#"{"identifier": "p1"}"#, START, START + 6).await,
        &Rejection::Replayed
    ));
    assert!(is_new(&post(&after, r#"{"identifier": "p2"}"#, START + 1, START + 6).await));
}
