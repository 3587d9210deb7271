use std::time::UNIX_EPOCH;

use super::*;
use crate::{
    admission::event_of,
    description::Description,
    event::EventSource,
    provider::Provider,
    rejection::Rejection,
    request::Unverified,
    scheme::{Scheme as _, bitnovo},
};

fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

fn event(identifier: &str, state: u64, received: u64) -> WebhookEvent {
    let payment = format!(r#"{{"identifier": "{identifier}", "edited_at": "{state}"}}"#);
    bitnovo::reconciled(payment.as_bytes(), at(received)).unwrap()
}

fn store(capacity: usize) -> MemoryEventStore {
    MemoryEventStore::new(NonZeroUsize::new(capacity).unwrap(), Duration::from_secs(100))
}

fn insert(store: &MemoryEventStore, event: WebhookEvent) -> bool {
    matches!(store.insert_now(event), Inserted::New(_))
}

fn states(store: &MemoryEventStore, identifier: Option<&str>, now: u64) -> Vec<String> {
    let query = EventQuery {
        provider: None,
        identifier: identifier.map(str::to_owned),
        validated_only: true,
        limit: 500,
    };
    let page = store.find(&query, at(now));
    assert_eq!(page.total, page.events.len());
    page.events.iter().map(|event| event.payload().get().to_owned()).collect()
}

fn state(identifier: &str, state: u64) -> String {
    format!(r#"{{"identifier": "{identifier}", "edited_at": "{state}"}}"#)
}

#[test]
fn events_are_found_newest_first_by_payment_or_all() {
    let store = store(10);
    for (identifier, number) in [("a", 1), ("b", 2), ("a", 3)] {
        assert!(insert(&store, event(identifier, number, 0)));
    }
    assert_eq!(states(&store, None, 0), [state("a", 3), state("b", 2), state("a", 1)]);
    assert_eq!(states(&store, Some("a"), 0), [state("a", 3), state("a", 1)]);
    assert!(states(&store, Some("c"), 0).is_empty());
}

#[test]
fn a_limit_bounds_what_is_returned_but_not_the_total() {
    let store = store(10);
    for number in 0..5 {
        insert(&store, event("a", number, 0));
    }
    let page = store.find(&EventQuery { limit: 2, ..EventQuery::default() }, at(0));
    let newest: Vec<_> = page.events.iter().map(|event| event.payload().get().to_owned()).collect();
    assert_eq!((newest, page.total), (vec![state("a", 4), state("a", 3)], 5));
}

#[test]
fn the_same_event_is_stored_once() {
    let store = store(10);
    assert!(insert(&store, event("a", 1, 0)));
    let Inserted::Known { event_id, same_request } = store.insert_now(event("a", 1, 50)) else { panic!() };
    assert_eq!(event_id, event("a", 1, 0).event_id());
    assert!(!same_request, "a reconciled event has no request");
}

#[test]
fn at_capacity_the_oldest_goes_and_nothing_of_it_stays() {
    let store = store(3);
    for number in 0..1000 {
        assert!(insert(&store, event(if number % 2 == 0 { "even" } else { "odd" }, number, 0)));
    }
    assert_eq!(states(&store, None, 0), [state("odd", 999), state("even", 998), state("odd", 997)]);
    assert_eq!(states(&store, Some("even"), 0), [state("even", 998)]);
    let shelf = store.shelf();
    let sizes = [shelf.entries.len(), shelf.by_identity.len(), shelf.ids.len(), shelf.by_payment.len()];
    assert_eq!(sizes, [3, 3, 3, 2]);
    drop(shelf);
    assert!(insert(&store, event("even", 0, 0)), "what has gone can come again");
}

#[test]
fn expired_events_are_never_returned_and_leave_when_pruned() {
    let store = store(10);
    insert(&store, event("a", 1, 0));
    insert(&store, event("a", 2, 50));
    assert_eq!(states(&store, Some("a"), 99).len(), 2);
    assert_eq!(states(&store, Some("a"), 100), [state("a", 2)]);
    assert_eq!(states(&store, None, 150), [""; 0]);
    assert_eq!(store.drop_expired(&mut store.shelf(), at(100)), 1);
    assert_eq!(store.drop_expired(&mut store.shelf(), at(150)), 1);
    assert!(store.shelf().by_payment.is_empty());
}

#[test]
fn an_expired_event_does_not_hold_back_the_same_news() {
    let store = store(10);
    assert!(insert(&store, event("a", 1, 0)));
    assert!(insert(&store, event("a", 1, 100)));
}

/// A webhook as it was received, trusted or not.
fn webhook(number: u64, refused: Option<Rejection>, received: u64) -> WebhookEvent {
    let secret = || "ab".repeat(32).parse().unwrap();
    let body = state("a", number);
    let nonce = bitnovo::nonce(at(received));
    let signature = bitnovo::sign(&secret(), &nonce, body.as_bytes()).to_string();
    let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
    let scheme = bitnovo::Bitnovo::new(vec![secret()]).unwrap();
    let verified = scheme.verify(Unverified { headers: &headers, body: body.as_bytes() }).unwrap();
    let event = event_of(&scheme, &verified, at(received));
    match refused {
        None => event,
        Some(refused) => event.untrusted(&refused),
    }
}

fn stale() -> Option<Rejection> {
    Some(Rejection::Stale { age_seconds: 30, tolerance_seconds: 20 })
}

#[test]
fn neither_what_was_read_nor_what_is_not_trusted_pushes_a_webhook_out() {
    let store = store(20);
    assert!(insert(&store, webhook(1, None, 0)));
    for number in 0..1_500 {
        insert(&store, event("b", number, 1));
        insert(&store, webhook(number + 10, stale(), 2));
    }
    let all = store.find(&EventQuery { limit: 500, ..EventQuery::default() }, at(2));
    assert_eq!((all.total, all.validated), (1 + 20 + 2, 1));
    let evicted = Evicted { count: 1_480 + 1_498, oldest_kept: Some(at(0)) };
    assert_eq!(all.evicted, Some(evicted));
    let trusted =
        store.find(&EventQuery { limit: 500, validated_only: true, ..EventQuery::default() }, at(2));
    assert_eq!((trusted.total, trusted.events[20].validated()), (21, true));
    assert_eq!(trusted.evicted, Some(Evicted { count: 1_480, oldest_kept: Some(at(0)) }));
    assert_eq!(trusted.events.iter().filter(|event| event.source() == EventSource::Reconciled).count(), 20);
}

#[test]
fn webhooks_that_had_to_leave_are_counted_and_expired_ones_are_not() {
    let store = store(2);
    assert_eq!(store.find(&EventQuery::default(), at(0)).evicted, None);
    for number in 0..5 {
        insert(&store, webhook(number, None, number));
    }
    let evicted = store.find(&EventQuery::default(), at(4)).evicted;
    assert_eq!(evicted, Some(Evicted { count: 3, oldest_kept: Some(at(3)) }));
    store.drop_expired(&mut store.shelf(), at(200));
    assert_eq!(
        store.find(&EventQuery::default(), at(200)).evicted,
        Some(Evicted { count: 3, oldest_kept: None })
    );
}

#[test]
fn the_events_of_a_payment_are_found_whatever_has_left_between_them() {
    let store = store(3);
    for number in 0..10 {
        insert(&store, webhook(number, None, number));
        insert(&store, event("a", 100 + number, number));
    }
    let expected =
        [state("a", 109), state("a", 9), state("a", 108), state("a", 8), state("a", 107), state("a", 7)];
    assert_eq!(states(&store, Some("a"), 9), expected);
}

#[test]
fn requests_of_two_providers_are_told_apart_though_their_replay_keys_agree() {
    let (store, secret) = (store(10), || "ab".repeat(32).parse().unwrap());
    let (nonce, body) = (bitnovo::nonce(at(0)), state("a", 1));
    let signature = bitnovo::sign(&secret(), &nonce, body.as_bytes()).to_string();
    let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
    let scheme = bitnovo::Bitnovo::new(vec![secret()]).unwrap();
    let verified = scheme.verify(Unverified { headers: &headers, body: body.as_bytes() }).unwrap();
    let of = |provider| {
        let identity = Identity::of(provider, &[b"a"]);
        let description = Description { identity, ..scheme.describe(&verified) };
        WebhookEvent::verified(provider, description, &verified, [7; 16], at(0))
    };
    let other = Provider { id: "other", name: "Other" };
    for provider in [bitnovo::PROVIDER, other] {
        assert!(insert(&store, of(provider)), "{provider}");
        let again = store.insert_now(of(provider));
        assert!(matches!(again, Inserted::Known { same_request: true, .. }), "{provider}: {again:?}");
    }
    let query = EventQuery { provider: Some(other), limit: 500, ..EventQuery::default() };
    let found = store.find(&query, at(0));
    assert_eq!((found.total, found.events[0].provider()), (1, other));
}
