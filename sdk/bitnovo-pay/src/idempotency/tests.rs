use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::future::join_all;
use payments_core::store::{KeyEntry, KeyPhase, Namespace, StoreKey};
use tokio::time::{Instant, sleep};

use self::api::{Api, Fate};
use super::*;
use crate::{
    CurrencyFacts, Fiat, KeyStore, MemoryKeyStore, OrderOrigin, Outcome, PaymentStatus, Stored,
    UNKNOWN_OUTCOME_WINDOW,
};

mod api;
mod documented;
mod replicas;

/// Creates an order without a look at limits in between.
async fn create(
    orders: &impl Orders,
    keys: &Keys,
    order: &NewOrder,
    key: &IdempotencyKey,
) -> Result<PlacedOrder, Error> {
    match check(orders, keys, order, key).await? {
        KeyCheck::Exists(order) => Ok(order),
        KeyCheck::Free(claim) => claim.create().await,
    }
}

fn keys() -> Keys {
    Keys::new(records(Arc::new(MemoryKeyStore::default())), wall())
}

fn records(store: Arc<dyn KeyStore>) -> KeyRecords {
    KeyRecords::new(store, Namespace::new("bitnovo", "a-device", ""))
}

/// A wall clock that runs with the timer.
fn wall() -> impl Fn() -> DateTime<Utc> + Send + Sync + 'static {
    let started = Instant::now();
    move || DateTime::UNIX_EPOCH + started.elapsed()
}

fn policy(base_delay: u64) -> HttpRetry {
    HttpRetry::new(2, Duration::from_millis(base_delay)).unwrap()
}

fn onchain() -> NewOrder {
    NewOrder::onchain("22".parse().unwrap(), Fiat::Eur, "BTC")
}

fn link() -> NewOrder {
    NewOrder::link("22".parse().unwrap(), Fiat::Eur)
}

fn key() -> IdempotencyKey {
    "ORD-1".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_share_one_look_one_create_and_one_answer() {
    for (fate, how, web_url) in
        [(Fate::Answered, OrderOrigin::Created, true), (Fate::Lost, OrderOrigin::Recovered, false)]
    {
        let (api, keys, order, key) = (Api::with([fate]), keys(), onchain(), key());
        let placed = join_all((0..30).map(|_| create(&api, &keys, &order, &key))).await;
        let placed: Vec<PlacedOrder> = placed.into_iter().map(Result::unwrap).collect();
        assert_eq!(placed[0].how, how);
        assert!(placed[1..].iter().all(|order| *order == placed[0].clone().repeated()), "{placed:?}");
        assert_eq!(placed[0].address.as_deref(), Some("address-1"));
        let json = r#"{"symbol":"BTC","name":"Bitcoin BTC","min_amount":"1","blockchain":"BTC"}"#;
        let facts = CurrencyFacts::of_currency(&serde_json::from_str(json).unwrap());
        let uri = placed[0].payment_uri(&facts).unwrap();
        assert_eq!(uri.unwrap().replace('-', "%2D"), "bitcoin:address%2D1?amount=0.5");
        assert_eq!(placed[0].web_url.is_some(), web_url);
        assert_eq!((api.counts().0, api.payable()), (1, 1));
        assert!(keys.none_in_use());
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_answered_is_answered_again_without_a_request() {
    let (api, keys) = (Api::default(), keys());
    let first = create(&api, &keys, &link(), &key()).await.unwrap();
    let before = api.counts();
    let again = create(&api, &keys, &link(), &key()).await.unwrap();
    assert_eq!((again, api.counts()), (first.repeated(), before));
    assert_eq!(before, (1, 2), "the list was looked into before and after the create");
}

#[tokio::test(start_paused = true)]
async fn a_generated_key_is_not_looked_for_before_its_first_use() {
    let (api, key) = (Api::default(), IdempotencyKey::generate());
    create(&api, &keys(), &link(), &key).await.unwrap();
    assert_eq!(api.counts(), (1, 0));
    // In a process that does not know it, it is.
    let error = create(&api, &keys(), &link(), &key).await.unwrap_err();
    assert!(matches!(error, Error::LinkLost { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn other_arguments_under_the_same_key_are_a_conflict_at_every_time() {
    let (api, memory) = (Api::default(), keys());
    let (one, other) = (onchain(), onchain().notes("Another sale"));
    let key = key();
    let (placed, conflict) =
        tokio::join!(create(&api, &memory, &one, &key), create(&api, &memory, &other, &key));
    placed.unwrap();
    let requests = api.counts();
    let known = create(&api, &memory, &other, &key).await;
    assert_eq!(api.counts(), requests, "a conflict with what is known costs no request");
    let restarted = create(&api, &keys(), &other, &key).await;
    for result in [conflict, known, restarted] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::IdempotencyConflict { created: None, .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::NotCreated);
    }
    assert_eq!(api.payable(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_process_recovers_an_order_on_chain_whole() {
    let api = Api::default();
    let first = create(&api, &keys(), &onchain(), &key()).await.unwrap();
    let found = create(&api, &keys(), &onchain(), &key()).await.unwrap();
    assert_eq!(
        (found.how, found.identifier, &found.address),
        (OrderOrigin::Recovered, first.identifier, &first.address)
    );
    assert_eq!(api.counts().0, 1);
}

#[tokio::test(start_paused = true)]
async fn another_process_does_not_replace_a_link_that_a_customer_may_have() {
    let api = Api::default();
    let first = create(&api, &keys(), &link(), &key()).await.unwrap();
    let error = create(&api, &keys(), &link(), &key()).await.unwrap_err();
    assert!(matches!(error, Error::LinkLost { identifier } if identifier == first.identifier), "{error}");
    assert_eq!((error.outcome(), api.counts().0), (Outcome::Created, 1));
    // Once the customer has chosen there, all that is needed is in the list.
    api.change(0, |payment| {
        payment.status = PaymentStatus::Pe;
        payment.address = Some("chosen".into());
    });
    let found = create(&api, &keys(), &link(), &key()).await.unwrap();
    assert_eq!((found.identifier, found.address.as_deref()), (first.identifier, Some("chosen")));
}

#[tokio::test(start_paused = true)]
async fn a_link_of_another_process_is_not_taken_for_the_one_that_was_lost_here() {
    let (api, here) = (Api::with([Fate::Swallowed]), keys());
    assert_eq!(create(&api, &here, &link(), &key()).await.unwrap_err().outcome(), Outcome::Unknown);
    let elsewhere = create(&api, &keys(), &link(), &key()).await.unwrap();
    let error = create(&api, &here, &link(), &key()).await.unwrap_err();
    assert!(matches!(error, Error::LinkLost { identifier } if identifier == elsewhere.identifier), "{error}");
    assert_eq!(api.payable(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_link_whose_page_nobody_saw_is_replaced_once() {
    let (api, memory, key, order) = (Api::with([Fate::Lost]), keys(), key(), link());
    let placed = join_all((0..3).map(|_| create(&api, &memory, &order, &key))).await;
    for order in placed {
        let order = order.unwrap();
        assert_eq!(order.web_url.as_deref(), Some("https://pay.example/2/"));
        assert_eq!(order.replaces, Some(Uuid::from_u128(1)));
    }
    assert_eq!((api.counts().0, api.payable()), (2, 1));
    let list = api.listed();
    assert_eq!(list[0].replaces(), Some(Uuid::from_u128(1)), "the list tells it, too");
    // Another process does not take the one that was replaced for the order.
    let error = create(&api, &keys(), &order, &key).await.unwrap_err();
    assert!(matches!(error, Error::LinkLost { identifier } if identifier == Uuid::from_u128(2)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_is_lost_as_well_is_not_replaced() {
    let (api, keys) = (Api::with([Fate::Lost; 9]), keys());
    for _ in 0..3 {
        let error = create(&api, &keys, &link(), &key()).await.unwrap_err();
        assert!(matches!(error, Error::LinkLost { .. }), "{error}");
        assert_eq!((error.outcome(), api.counts().0), (Outcome::Created, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_comes_late_is_waited_for() {
    for milliseconds in [0, 400, 3_000] {
        let (api, keys) = (Api::with([Fate::Late(milliseconds)]), keys());
        let order = create(&api, &keys, &onchain(), &key()).await.unwrap();
        assert_eq!((order.how, api.counts().0), (OrderOrigin::Recovered, 1), "{milliseconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_comes_after_the_call_has_ended_is_found_by_the_next() {
    let (api, keys) = (Api::with([Fate::Late(60_000)]), keys());
    let error = create(&api, &keys, &onchain(), &key()).await.unwrap_err();
    assert!(matches!(error, Error::Timeout) && error.outcome() == Outcome::Unknown, "{error}");
    let error = create(&api, &keys, &onchain(), &key()).await.unwrap_err();
    assert!(matches!(error, Error::InDoubt) && error.outcome() == Outcome::Unknown, "{error}");
    sleep(Duration::from_secs(60)).await;
    let order = create(&api, &keys, &onchain(), &key()).await.unwrap();
    assert_eq!((order.how, api.counts().0), (OrderOrigin::Recovered, 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_created_again_before_the_doubt_is_over() {
    for fate in [Fate::Swallowed, Fate::Status(500), Fate::Status(502), Fate::Status(503), Fate::Status(504)]
    {
        let (api, keys) = (Api::with([fate]), keys());
        let begin = Instant::now();
        assert_eq!(create(&api, &keys, &onchain(), &key()).await.unwrap_err().outcome(), Outcome::Unknown);
        while begin.elapsed() < UNKNOWN_OUTCOME_WINDOW - Duration::from_secs(30) {
            assert!(matches!(create(&api, &keys, &onchain(), &key()).await, Err(Error::InDoubt)));
            assert_eq!(api.counts().0, 1);
            sleep(Duration::from_secs(20)).await;
        }
        sleep(Duration::from_secs(40)).await;
        let order = create(&api, &keys, &onchain(), &key()).await.unwrap();
        assert_eq!((order.how, api.payable()), (OrderOrigin::Created, 1), "{fate:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_readable_list_nothing_is_created_twice_or_under_an_unknown_key() {
    let (api, memory) = (Api::with([Fate::Status(503)]), keys());
    api.list_fails.store(true, Ordering::SeqCst);
    let unseen = create(&api, &memory, &onchain(), &key()).await.unwrap_err();
    assert!(matches!(unseen, Error::NotLookedUp { .. }), "{unseen}");
    // Nothing was sent now; whether something was under this key before is what could not be found out.
    assert_eq!((unseen.outcome(), api.counts().0), (Outcome::Unknown, 0));
    let lost = create(&api, &memory, &onchain(), &IdempotencyKey::generate()).await.unwrap_err();
    assert_eq!((lost.outcome(), api.counts().0), (Outcome::Unknown, 1));
    api.list_fails.store(false, Ordering::SeqCst);
    create(&api, &memory, &onchain(), &key()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_frees_the_key_and_is_told_to_all_who_wait() {
    let (api, keys, order, key) = (Api::with([Fate::Refused]), keys(), onchain(), key());
    for result in join_all((0..5).map(|_| create(&api, &keys, &order, &key))).await {
        assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
    }
    assert_eq!(api.counts().0, 1);
    // The next call is another attempt, and may be another sale.
    create(&api, &keys, &onchain().notes("x"), &key).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_caller_that_goes_away_takes_over_and_looks_first() {
    for order in [onchain(), link()] {
        let (api, keys, key) = (Api::with([Fate::Hangs]), keys(), key());
        let (first, second) = tokio::join!(
            tokio::time::timeout(Duration::from_secs(5), create(&api, &keys, &order, &key)),
            create(&api, &keys, &order, &key),
        );
        assert!(first.is_err());
        let second = second.unwrap();
        let replaced = order.fingerprint().unwrap() == link().fingerprint().unwrap();
        assert_eq!((api.counts().0, api.payable()), (1 + usize::from(replaced), 1));
        assert_eq!(second.replaces.is_some(), replaced);
        assert!(keys.none_in_use());
    }
}

#[tokio::test(start_paused = true)]
async fn the_call_after_one_that_was_dropped_looks_first() {
    let (api, keys, key) = (Api::with([Fate::Hangs]), keys(), IdempotencyKey::generate());
    let dropped = tokio::time::timeout(Duration::from_secs(1), create(&api, &keys, &onchain(), &key)).await;
    assert!(dropped.is_err() && keys.none_in_use());
    sleep(UNKNOWN_OUTCOME_WINDOW * 2).await;
    let order = create(&api, &keys, &onchain(), &key).await.unwrap();
    assert_eq!((order.how, api.counts().0), (OrderOrigin::Recovered, 1));
}

#[tokio::test(start_paused = true)]
async fn the_key_of_an_order_that_is_over_is_spent() {
    for status in ["EX", "CA", "DE", "FA", "RF"] {
        let api = Api::default();
        create(&api, &keys(), &onchain(), &key()).await.unwrap();
        api.change(0, |payment| payment.status = status.into());
        let error = create(&api, &keys(), &onchain(), &key()).await.unwrap_err();
        assert!(matches!(error, Error::KeySpent { .. }), "{error}");
        assert_eq!((error.outcome(), api.counts().0), (Outcome::Created, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_others_wrote_into_internal_data_is_passed_over() {
    let api = Api::default();
    let foreign = ["", "{}", "ORD-1", "{\"bitnovo-pay\":1,\"key\":\"ORD-1\"}", "\u{0}", "{\"key\":[[[[["];
    for data in foreign {
        let order = api.commit(&onchain().request().unwrap(), 0);
        let index = api.orders.lock().unwrap().iter().position(|(_, p)| p.identifier == order.identifier);
        api.change(index.unwrap(), |payment| payment.internal_data = Some(data.to_owned()));
    }
    let order = create(&api, &keys(), &onchain().internal_data("mine"), &key()).await.unwrap();
    assert_eq!(order.how, OrderOrigin::Created);
    let listed = api.listed();
    let listed = listed.iter().find(|payment| payment.identifier == order.identifier).unwrap();
    assert_eq!((listed.idempotency_key(), listed.merchant_data()), (Some(key()), Some("mine".into())));
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_is_asked_before_something_new_is_created_and_only_then() {
    let (api, memory) = (Api::with([Fate::Lost]), keys());
    let refused = check(&api, &memory, &onchain(), &key()).await.unwrap();
    assert!(matches!(refused, KeyCheck::Free(_)));
    drop(refused);
    assert_eq!(api.counts().0, 0);
    assert!(memory.none_in_use());

    // Agreed to once; the same sale again, found again or remembered, is no other.
    let first = create(&api, &memory, &onchain(), &key()).await.unwrap();
    for keys in [&memory, &keys()] {
        let KeyCheck::Exists(again) = check(&api, keys, &onchain(), &key()).await.unwrap() else {
            panic!("asked about an order that exists")
        };
        assert_eq!(again.identifier, first.identifier);
    }
    assert_eq!(api.counts().0, 1);
}

#[tokio::test(start_paused = true)]
async fn a_503_is_not_sent_again_for_whoever_answered_it_may_have_passed_it_on() {
    let (api, keys) = (Api::with([Fate::BusyAndLate(3_000)]), keys());
    let order = create(&api, &keys, &onchain(), &IdempotencyKey::generate()).await.unwrap();
    assert_eq!((order.how, api.counts().0), (OrderOrigin::Recovered, 1));

    let (api, key) = (Api::with([Fate::BusyAndLate(60_000)]), IdempotencyKey::generate());
    let error = create(&api, &keys, &onchain(), &key).await.unwrap_err();
    assert!(matches!(error, Error::ServerError { status: 503 }), "{error}");
    assert_eq!((error.outcome(), api.counts().0), (Outcome::Unknown, 1));
    sleep(Duration::from_secs(60)).await;
    let order = create(&api, &keys, &onchain(), &key).await.unwrap();
    assert_eq!((order.how, api.counts().0), (OrderOrigin::Recovered, 1));
}

#[tokio::test(start_paused = true)]
async fn who_is_not_let_pass_does_not_keep_others_with_the_same_key_out() {
    let (api, keys) = (Api::default(), keys());
    let (order, key) = (onchain(), key());
    let refused = async {
        let refused = check(&api, &keys, &order, &key).await.unwrap();
        tokio::task::yield_now().await;
        matches!(refused, KeyCheck::Free(_))
    };
    let (refused, placed) = tokio::join!(refused, create(&api, &keys, &order, &key));
    assert!(refused);
    assert_eq!((placed.unwrap().how, api.counts().0), (OrderOrigin::Created, 1));
    assert!(keys.none_in_use());
}
