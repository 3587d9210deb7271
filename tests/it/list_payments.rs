//! `list_payments`: finds the payments of some days, and nothing else.

use payments_test_support::{
    keys,
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{CREATE, Stub, exports, json_answer, payment},
};
use serde_json::{Value, json};

/// Payments that were created one per hour, the first of them first; `change` may set what it likes.
fn payments(count: u32, change: impl Fn(u32, &mut Value)) -> Value {
    let list = (0..count).map(|number| {
        let mut payment = payment("BTC_TEST");
        payment["identifier"] = json!(identifier(number));
        payment["created_at"] =
            json!(format!("2025-02-{:02}T{:02}:00:00+01:00", 1 + number / 24, number % 24));
        change(number, &mut payment);
        payment
    });
    list.collect()
}

fn identifier(number: u32) -> String {
    format!("0b9d6f0e-6c5e-4a53-9f4e-{number:012}")
}

/// A server on an API whose list is this one.
async fn listing(list: &Value) -> (Stub, Session) {
    let stub = Stub::start().await;
    stub.on("GET", CREATE, json_answer(list)).await;
    let base_url = stub.base_url();
    let session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    (stub, session)
}

fn identifiers(answer: &Value) -> Vec<&str> {
    answer["payments"].as_array().unwrap().iter().map(|entry| entry["identifier"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_newest_come_first_and_the_count_is_of_all_that_match() {
    let (_stub, mut session) = listing(&payments(30, |_, _| {})).await;
    let answer = session.done("list_payments", json!({}));
    assert_eq!((identifiers(&answer).len(), &answer["total_count"]), (20, &json!(30)));
    assert_eq!(identifiers(&answer)[..2], [identifier(29), identifier(28)]);
    let answer = session.done("list_payments", json!({ "limit": 1 }));
    assert_eq!((identifiers(&answer), &answer["total_count"]), (vec![identifier(29).as_str()], &json!(30)));
    assert_eq!(
        session.done("list_payments", json!({ "limit": 100 }))["payments"].as_array().unwrap().len(),
        30
    );
}

#[tokio::test]
async fn an_entry_is_compact_and_exact() {
    let (_stub, mut session) = listing(&payments(2, |number, payment| {
        if number == 0 {
            payment["status"] = json!("NR");
            payment["currency_id"] = json!(null);
        } else {
            payment["reference"] = json!("ORD\u{202e}-1\u{200b}");
            payment["fiat"] = json!("JPY");
            payment["fiat_amount"] = json!(1500);
        }
    }))
    .await;
    let answer = session.done("list_payments", json!({}));
    let [with, without] = answer["payments"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    let fields =
        ["created_at", "fiat_amount", "fiat_currency", "identifier", "status", "updated_at", "verdict"];
    assert_eq!(keys(without), fields);
    assert_eq!((&without["fiat_amount"], &without["verdict"]), (&json!("22.00"), &json!("unpaid")));
    assert_eq!((&with["fiat_amount"], &with["fiat_currency"]), (&json!("1500"), &json!("JPY")));
    assert_eq!((&with["currency_id"], &with["reference"]), (&json!("BTC_TEST"), &json!("ORD-1")));
    assert_eq!(with["created_at"], "2025-02-01T00:00:00Z");
}

#[tokio::test]
async fn status_and_reference_narrow_it_down() {
    let (_stub, mut session) = listing(&payments(6, |number, payment| {
        payment["status"] = json!(["PE", "CO", "EX"][(number % 3) as usize]);
        payment["reference"] = json!(["ORD-1", "ord-1", "ORD-10"][(number / 2) as usize]);
    }))
    .await;
    for (arguments, found) in [
        (json!({ "status": "CO" }), vec![4, 1]),
        (json!({ "status": "co" }), vec![4, 1]),
        (json!({ "status": "FA" }), vec![]),
        (json!({ "reference": "ORD-1" }), vec![1, 0]),
        (json!({ "reference": "ORD" }), vec![]),
        (json!({ "reference": "ORD-10", "status": "EX" }), vec![5]),
    ] {
        let answer = session.done("list_payments", arguments.clone());
        let found: Vec<String> = found.into_iter().map(identifier).collect();
        assert_eq!(identifiers(&answer), found, "{arguments}");
        assert_eq!(answer["total_count"], found.len(), "{arguments}");
    }
}

#[tokio::test]
async fn days_are_asked_for_as_the_api_writes_them_and_the_last_seven_by_default() {
    let (stub, mut session) = listing(&json!([])).await;
    for (arguments, query) in [
        (json!({}), None),
        (
            json!({ "from": "2025-02-01", "to": "2025-02-28" }),
            Some("end=2025%2F02%2F28&start=2025%2F02%2F01"),
        ),
        (json!({ "to": "2025-03-02" }), Some("end=2025%2F03%2F02&start=2025%2F02%2F24")),
    ] {
        session.done("list_payments", arguments.clone());
        let requests = stub.server.received_requests().await.unwrap();
        assert_eq!(requests.last().unwrap().url.query(), query, "{arguments}");
    }
}

#[tokio::test]
async fn a_range_or_a_filter_that_makes_no_sense_is_refused_before_anything_is_asked() {
    let (stub, mut session) = listing(&json!([])).await;
    for (arguments, field, words) in [
        (json!({ "from": "2025-02-02", "to": "2025-02-01" }), "to", "before from"),
        (json!({ "from": "2025-01-01", "to": "2025-12-31" }), "from", "365 days; ask for at most 92"),
        (json!({ "from": "2999-01-01" }), "from", "today is"),
        (json!({ "from": "2025-02-30" }), "from", "YYYY-MM-DD"),
        (json!({ "from": "01/02/2025" }), "from", "YYYY-MM-DD"),
        (json!({ "to": "2025-2-3" }), "to", "YYYY-MM-DD"),
        (json!({ "to": 20_250_203 }), "to", ""),
        (json!({ "status": "paid" }), "status", "two letters"),
        (json!({ "reference": "x".repeat(257) }), "reference", "1 to 256"),
        (json!({ "limit": 0 }), "limit", "1 to 100"),
        (json!({ "limit": 101 }), "limit", "1 to 100"),
    ] {
        let error = session.refused("list_payments", arguments.clone());
        assert_eq!((&error["code"], &error["details"]["field"]), (&json!("INVALID_ARGUMENT"), &json!(field)));
        assert!(error["message"].as_str().unwrap().contains(words), "{arguments}: {error}");
    }
    assert_eq!(stub.count("GET").await, 0);
}

#[tokio::test]
async fn a_sale_on_the_sandbox_is_found_by_its_reference() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    session.done("create_payment_link", json!({ "amount_eur": 5, "reference": "ORD-1" }));
    let sale = session.done("create_payment_link", json!({ "amount_eur": 6, "reference": "ORD-2" }));
    let answer = session.done("list_payments", json!({ "reference": "ORD-2" }));
    assert_eq!(identifiers(&answer), [sale["identifier"].as_str().unwrap()]);
    assert_eq!((&answer["total_count"], &answer["sandbox"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn a_link_that_another_one_has_taken_the_place_of_is_marked() {
    let sandbox = Sandbox::start();
    sandbox.steer("faults", json!({ "match": "POST /api/v1/orders/", "mode": "drop_after_commit" })).await;
    let mut environment = sandbox.exports().to_vec();
    environment.push(("RETRY_DELAY", "1"));
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let link = session.done("create_payment_link", json!({ "amount_eur": 5, "idempotency_key": "ORD-1" }));
    let answer = session.done("list_payments", json!({}));
    let [told, lost] = answer["payments"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!((&told["identifier"], told.get("replaced_by")), (&link["identifier"], None));
    assert_eq!((&lost["identifier"], &lost["replaced_by"]), (&link["replaces"], &link["identifier"]));
    assert_eq!((&told["idempotency_key"], &lost["idempotency_key"]), (&json!("ORD-1"), &json!("ORD-1")));
}
