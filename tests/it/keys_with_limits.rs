//! A sale under a key meets the merchant's limits once: when it is created, and not when it is repeated.

use std::collections::{HashMap, HashSet};

use payments_test_support::{
    answer::Answer,
    process::eventually,
    sample,
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{self, CURRENCIES, Stub, exports, json_answer, payment},
};
use serde_json::{Value, json};

use crate::one_order::asked;

mod callers;
mod confirmation;

const ONCHAIN: &str = "create_payment_onchain";
const LINK: &str = "create_payment_link";
const CREATE: &str = "POST /api/v1/orders/";
const LOOK: &str = "GET /api/v1/orders/";

fn environment<'a>(sandbox: &'a Sandbox, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&sandbox.exports()[..], &[("RETRY_DELAY", "1"), ("API_TIMEOUT", "15000")], more].concat()
}

fn session(sandbox: &Sandbox, more: &[(&str, &str)]) -> Session {
    Session::start(Revision::Handshake, &[], &environment(sandbox, more))
}

fn sale(key: &str, amount: u32) -> Value {
    json!({ "amount_eur": amount, "input_currency": "XRP", "idempotency_key": key })
}

/// Receives until all these calls are answered. Whatever else comes belongs to a call that was cancelled.
fn answers(session: &mut Session, calls: &[u64]) -> HashMap<u64, Answer> {
    let mut answers = HashMap::new();
    while answers.len() < calls.len() {
        let message = session.receive();
        let Some(call) = message["id"].as_u64().filter(|call| calls.contains(call)) else { continue };
        assert!(answers.insert(call, Answer::of(&message)).is_none(), "answered twice: {message}");
    }
    answers
}

fn is_limit(error: &Value, variable: &str) {
    let read = (&error["code"], &error["outcome"], &error["details"]["variable"]);
    assert_eq!(read, (&json!("LIMIT_EXCEEDED"), &json!("not_created"), &json!(variable)), "{error}");
}

fn is_conflict(error: &Value) {
    let read = (&error["code"], &error["outcome"]);
    assert_eq!(read, (&json!("IDEMPOTENCY_CONFLICT"), &json!("not_created")), "{error}");
}

/// Holds the next request of this kind up until whoever sent it has gone away. It is carried out at once.
async fn hold_up(sandbox: &Sandbox, matches: &str) {
    sandbox.fault(matches, "delay", json!({ "delay_ms": 600_000 })).await;
}

/// Waits until the API has seen so many requests of this kind.
async fn arrived(sandbox: &Sandbox, request: &str, times: usize) {
    let (method, path) = request.split_once(' ').unwrap();
    let what = format!("{request}, {times} times");
    eventually(&what, async || (asked(sandbox, method, path).await >= times).then_some(())).await;
}

/// What an order is told as, apart from how it came about.
fn told(order: &Value) -> [&Value; 4] {
    ["identifier", "address", "payment_uri", "fiat_amount"].map(|field| &order[field])
}

#[tokio::test]
async fn what_a_key_repeats_recovers_or_replaces_counts_once_towards_the_day() {
    let sandbox = Sandbox::start();
    let limit = [("BITNOVO_DAILY_LIMIT", "60 EUR")];
    let mut first = session(&sandbox, &limit);
    let lost = async || sandbox.fault(CREATE, "drop_after_commit", json!({})).await;
    // One that the API refused counts nothing.
    sandbox.fault(CREATE, "status", json!({ "status": 400 })).await;
    assert_eq!(first.refused(ONCHAIN, sale("refused", 10))["outcome"], "not_created");
    let thrice = |session: &mut Session, tool: &str, arguments: Value| {
        let orders = [(); 3].map(|()| session.done(tool, arguments.clone()));
        assert!(orders.iter().all(|order| told(order) == told(&orders[0])), "{orders:?}");
        orders[0].clone()
    };
    thrice(&mut first, ONCHAIN, sale("answered", 10));
    lost().await;
    thrice(&mut first, ONCHAIN, sale("lost", 10));
    lost().await;
    assert!(
        thrice(&mut first, LINK, json!({ "amount_eur": 10, "idempotency_key": "link" }))["replaces"]
            .is_string()
    );
    // An answer that was lost, and could not be looked up at once either.
    lost().await;
    sandbox.fault(LOOK, "status", json!({ "status": 403 })).await;
    let unknown = first.refused(ONCHAIN, json!({ "amount_eur": 10, "input_currency": "XRP" }));
    assert_eq!(unknown["outcome"], "unknown", "{unknown}");
    let key = unknown["details"]["idempotency_key"].as_str().unwrap();
    thrice(&mut first, ONCHAIN, sale(key, 10));
    // A caller who gave up when the order existed already.
    hold_up(&sandbox, CREATE).await;
    let gone = first.begin_call(ONCHAIN, &sale("gone", 10));
    arrived(&sandbox, CREATE, 7).await;
    first.cancel(gone);
    thrice(&mut first, ONCHAIN, sale("gone", 10));
    // There is room for one of these two sales, however often each is asked for.
    let calls: Vec<u64> =
        (0..20).map(|call| first.begin_call(ONCHAIN, &sale(["a", "b"][call % 2], 10))).collect();
    let (mut orders, mut refused) = (HashSet::new(), 0);
    for answer in answers(&mut first, &calls).values() {
        if answer.is_error() {
            is_limit(&answer.refused("no room"), "BITNOVO_DAILY_LIMIT");
            refused += 1;
        } else {
            orders.insert(answer.done("room")["identifier"].to_string());
        }
    }
    assert_eq!((orders.len(), refused), (1, 10));
    for mut session in [first, session(&sandbox, &limit)] {
        for key in ["answered", "lost", key, "gone"] {
            session.done(ONCHAIN, sale(key, 10));
        }
        let full = session.refused(LINK, json!({ "amount_eur": "0.01" }));
        is_limit(&full, "BITNOVO_DAILY_LIMIT");
        assert_eq!(full["details"]["used"], "60.00", "{full}");
    }
    assert_eq!(sandbox.count().await, 7, "one of them was replaced");
    let existing =
        session(&sandbox, &limit).refused(LINK, json!({ "amount_eur": 10, "idempotency_key": "link" }));
    assert_eq!(existing["outcome"], "created", "a link of another process, and no limit: {existing}");
    let mut wider = session(&sandbox, &[("BITNOVO_DAILY_LIMIT", "70 EUR")]);
    wider.done(ONCHAIN, sale("refused", 10));
    is_limit(&wider.refused(LINK, json!({ "amount_eur": "0.01" })), "BITNOVO_DAILY_LIMIT");
}

#[tokio::test]
async fn a_limit_that_was_lowered_does_not_hold_up_a_sale_that_exists() {
    let sandbox = Sandbox::start();
    let created = session(&sandbox, &[]).done(ONCHAIN, sale("K", 40));
    for limit in ["BITNOVO_MAX_AMOUNT", "BITNOVO_DAILY_LIMIT"] {
        let mut session = session(&sandbox, &[(limit, "10 EUR")]);
        assert_eq!(told(&session.done(ONCHAIN, sale("K", 40))), told(&created), "{limit}");
        is_conflict(&session.refused(ONCHAIN, sale("K", 41)));
        is_limit(&session.refused(ONCHAIN, sale("L", 40)), limit);
    }
    let mut session = session(&sandbox, &[("BITNOVO_READ_ONLY", "true")]);
    is_limit(&session.refused(ONCHAIN, sale("K", 40)), "BITNOVO_READ_ONLY");
    is_limit(&session.refused(LINK, json!({ "amount_eur": 5 })), "BITNOVO_READ_ONLY");
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn a_link_that_exists_is_not_denied_because_its_redirect_is_no_longer_allowed() {
    let sandbox = Sandbox::start();
    let link =
        |key: &str| json!({ "amount_eur": 5, "url_ok": "https://shop.example/", "idempotency_key": key });
    let created = session(&sandbox, &[]).done(LINK, link("K"));
    let mut narrowed = session(&sandbox, &[("BITNOVO_REDIRECT_HOSTS", "other.example")]);
    let error = narrowed.refused(LINK, link("K"));
    assert_eq!(
        (&error["outcome"], &error["details"]["identifier"]),
        (&json!("created"), &created["identifier"])
    );
    let error = narrowed.refused(LINK, link("ORD-2"));
    assert_eq!((&error["code"], &error["outcome"]), (&json!("INVALID_REDIRECT_URL"), &json!("not_created")));
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn a_sale_that_exists_is_not_denied_because_its_coin_has_left_the_catalogue() {
    let sale = json!({ "amount_eur": 22, "input_currency": "BTC_TEST", "idempotency_key": "K" });
    let first = Stub::that_works().await;
    first.on("GET", stub::CREATE, json_answer(&json!([]))).await;
    let created =
        Session::start(Revision::Handshake, &[], &exports(&first.base_url())).done(ONCHAIN, sale.clone());
    let request: Value = serde_json::from_str(&first.orders().await[0]).unwrap();
    let mut listed = payment("BTC_TEST");
    listed["internal_data"] = request["internal_data"].clone();
    for gone in [false, true] {
        let mut catalogue = sample("currencies_list_200");
        catalogue.as_array_mut().unwrap().retain(|currency| !gone || currency["symbol"] != "BTC_TEST");
        let then = Stub::start().await;
        then.on("GET", CURRENCIES, json_answer(&catalogue)).await;
        then.on("GET", stub::CREATE, json_answer(&json!([listed]))).await;
        then.read(json_answer(&json!([listed]))).await;
        let again =
            Session::start(Revision::Handshake, &[], &exports(&then.base_url())).call(ONCHAIN, sale.clone());
        assert_eq!(again.done("the same sale")["identifier"], created["identifier"], "gone: {gone}");
        assert_eq!(then.count("POST").await, 0);
    }
}
