//! At most one payable order for each sale, whatever becomes of the answers. The sandbox's own list is the judge.

use std::collections::HashSet;

use payments_test_support::{
    answer::Answer,
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::{Value, json};

pub(crate) const TOOLS: [&str; 2] = ["create_payment_onchain", "create_payment_link"];

pub(crate) fn arguments(tool: &str, key: Option<&str>) -> Value {
    let mut arguments = json!({ "amount_eur": 5 });
    if tool == "create_payment_onchain" {
        arguments["input_currency"] = json!("XRP");
    }
    if let Some(key) = key {
        arguments["idempotency_key"] = json!(key);
    }
    arguments
}

pub(crate) fn session(sandbox: &Sandbox, timeout: &str) -> Session {
    let mut environment = sandbox.exports().to_vec();
    environment.extend([("RETRY_DELAY", "1"), ("API_TIMEOUT", timeout), ("MAX_RETRIES", "2")]);
    Session::start(Revision::Handshake, &[], &environment)
}

pub(crate) async fn fault(sandbox: &Sandbox, mode: &str, more: Value) {
    sandbox.fault("POST /api/v1/orders/", mode, more).await;
}

/// The orders that somebody could pay: nobody knows the page of one that was replaced.
async fn payable(sandbox: &Sandbox) -> Vec<String> {
    let orders = sandbox.look("orders").await;
    let orders = orders.as_array().unwrap();
    let imprint =
        |order: &Value| -> Option<Value> { serde_json::from_str(order["internal_data"].as_str()?).ok() };
    let replaced: HashSet<String> =
        orders.iter().filter_map(|order| Some(imprint(order)?["replaces"].as_str()?.to_owned())).collect();
    let identifiers = orders.iter().map(|order| order["identifier"].as_str().unwrap().to_owned());
    identifiers.filter(|identifier| !replaced.contains(identifier)).collect()
}

/// How many requests of this method and path there were.
pub(crate) async fn asked(sandbox: &Sandbox, verb: &str, path: &str) -> usize {
    let journal = sandbox.look("journal").await;
    let entries = journal.as_array().unwrap().iter();
    entries.filter(|entry| entry["method"] == verb && entry["path"] == path).count()
}

pub(crate) const ORDERS: &str = "/api/v1/orders/";

/// Sends the call so many times without waiting, and gives the answers.
fn at_once(session: &mut Session, calls: usize, tool: &str, arguments: &Value) -> Vec<Answer> {
    for _ in 0..calls {
        session.begin_call(tool, arguments);
    }
    (0..calls).map(|_| Answer::of(&session.receive())).collect()
}

pub(crate) fn identifier(result: &Value) -> &str {
    result["identifier"].as_str().unwrap()
}

#[tokio::test]
async fn thirty_concurrent_calls_whose_answer_is_lost_make_one_order_before_and_after_a_kill() {
    let sandbox = Sandbox::start();
    fault(&sandbox, "drop_after_commit", json!({ "times": 9 })).await;
    let arguments = arguments(TOOLS[0], Some("ORD-1001"));
    let mut told = HashSet::new();
    for (round, looks) in [(1, 2), (2, 3)] {
        let mut session = session(&sandbox, "15000");
        for answer in at_once(&mut session, 30, TOOLS[0], &arguments) {
            let order = answer.done("thirty");
            let uri = order["payment_uri"].as_str().unwrap();
            assert!(uri.contains(order["address"].as_str().unwrap()) && uri.contains("dt="), "{order}");
            assert!(order["warnings"][0].is_string(), "{order}");
            told.insert(json!([order["identifier"], order["address"], order["tag_memo"], uri]).to_string());
        }
        assert_eq!(told.len(), 1, "round {round}: {told:?}");
        assert_eq!(sandbox.count().await, 1, "round {round}");
        assert_eq!(asked(&sandbox, "POST", ORDERS).await, 1, "round {round}");
        assert_eq!(asked(&sandbox, "GET", ORDERS).await, looks, "round {round}: one look for all");
        // Dropping a session kills its server with SIGKILL.
    }
}

#[tokio::test]
async fn thirty_concurrent_calls_for_a_link_get_the_one_that_takes_the_place_of_the_lost_one() {
    let sandbox = Sandbox::start();
    fault(&sandbox, "drop_after_commit", json!({})).await;
    let mut session = session(&sandbox, "15000");
    let answers = at_once(&mut session, 30, TOOLS[1], &arguments(TOOLS[1], Some("ORD-1001")));
    let links: Vec<Value> = answers.iter().map(|answer| answer.done("thirty")).collect();
    let payable = payable(&sandbox).await;
    assert_eq!((sandbox.count().await, payable.len()), (2, 1));
    for link in &links {
        assert_eq!((identifier(link), &link["web_url"]), (payable[0].as_str(), &links[0]["web_url"]));
        assert_eq!(link["replaces"], links[0]["replaces"]);
        assert!(link["warnings"].to_string().contains(link["replaces"].as_str().unwrap()), "{link}");
    }
    assert_ne!(links[0]["replaces"], links[0]["identifier"]);
}

#[tokio::test]
async fn under_every_fault_there_is_at_most_one_payable_order_and_the_outcome_is_true() {
    let faults = [
        ("status", json!({ "status": 503 })),
        ("status", json!({ "status": 500 })),
        ("status", json!({ "status": 502 })),
        ("status", json!({ "status": 504 })),
        // Of a server or a proxy that gave up on a request, which another may have taken on.
        ("status", json!({ "status": 408 })),
        ("status", json!({ "status": 425 })),
        ("status", json!({ "status": 499 })),
        ("reset", json!({})),
        ("delay", json!({ "delay_ms": 4000 })),
        ("truncate", json!({})),
        ("not_json", json!({})),
        ("not_json", json!({ "status": 502 })),
        ("drop_after_commit", json!({})),
    ];
    let sandbox = Sandbox::start();
    for (mode, more) in faults {
        for tool in TOOLS {
            for key in [None, Some("ORD-1001")] {
                sandbox.steer("reset", json!({})).await;
                fault(&sandbox, mode, more.clone()).await;
                let mut session = session(&sandbox, "1000");
                let what = format!("{mode} {more} {tool} {key:?}");
                let first = session.call(tool, arguments(tool, key));
                let orders = payable(&sandbox).await;
                assert!(orders.len() <= 1, "{what}: {orders:?}");
                let committed = matches!(mode, "delay" | "truncate" | "drop_after_commit");
                assert_eq!(first.is_error(), !committed, "{what}: {first:?}");
                let mut key = key.map(str::to_owned);
                if first.is_error() {
                    let error = first.refused(&what);
                    assert_eq!(error["outcome"], "unknown", "{what}: {error}");
                    assert_eq!(error["retryable"], false, "{what}: {error}");
                    assert!(
                        error["next_action"].as_str().unwrap().contains("do not create it again"),
                        "{error}"
                    );
                    // Whoever had no key is given one with which trying again is safe.
                    key = error["details"]["idempotency_key"].as_str().map(str::to_owned);
                } else {
                    assert_eq!(orders, [identifier(&first.done(&what))], "{what}");
                }
                let posts = asked(&sandbox, "POST", ORDERS).await;
                if let Some(key) = &key {
                    let again = session.call(tool, arguments(tool, Some(key)));
                    assert_eq!(again.is_error(), first.is_error(), "{what}: {again:?}");
                    assert_eq!(payable(&sandbox).await, orders, "{what}");
                    assert_eq!(asked(&sandbox, "POST", ORDERS).await, posts, "{what}: nothing is sent again");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_creates_nothing_and_leaves_the_key_free() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, "15000");
    for status in [400, 401, 403, 404, 409, 410, 413, 415, 422, 429] {
        for tool in TOOLS {
            fault(&sandbox, "status", json!({ "status": status, "times": 3 })).await;
            let arguments = arguments(tool, Some(&format!("{tool}-{status}")));
            let error = session.refused(tool, arguments.clone());
            assert_eq!(error["outcome"], "not_created", "{status}: {error}");
            sandbox.steer("reset", json!({})).await;
            let mut other = arguments;
            other["notes"] = json!("The next attempt may be another sale");
            let order = session.done(tool, other);
            let told = sandbox.look("orders").await;
            assert_eq!((told.as_array().unwrap().len(), &told[0]["identifier"]), (1, &order["identifier"]));
            sandbox.steer("reset", json!({})).await;
        }
    }
}

#[tokio::test]
async fn a_key_that_was_answered_gives_the_same_payment_without_a_create_or_a_look() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, "15000");
    for tool in TOOLS {
        let key = format!("key-of-{tool}");
        let mut first = session.done(tool, arguments(tool, Some(&key)));
        let before = (asked(&sandbox, "POST", ORDERS).await, asked(&sandbox, "GET", ORDERS).await);
        let mut again = session.done(tool, arguments(tool, Some(&key)));
        assert!(
            again["warnings"].to_string().contains("earlier call with the same idempotency_key"),
            "{again}"
        );
        for result in [&mut first, &mut again] {
            result.as_object_mut().unwrap().remove("warnings");
        }
        assert_eq!(first, again);
        let after = (asked(&sandbox, "POST", ORDERS).await, asked(&sandbox, "GET", ORDERS).await);
        assert_eq!(before, after, "{tool}");
    }
}

#[tokio::test]
async fn other_arguments_under_the_same_key_are_refused_in_this_process_and_in_the_next() {
    let sandbox = Sandbox::start();
    for tool in TOOLS {
        let key = format!("key-of-{tool}");
        let mut first = session(&sandbox, "15000");
        first.done(tool, arguments(tool, Some(&key)));
        for session in [&mut first, &mut session(&sandbox, "15000")] {
            let mut other = arguments(tool, Some(&key));
            other["amount_eur"] = json!(6);
            let error = session.refused(tool, other);
            assert_eq!(
                (&error["code"], &error["outcome"]),
                (&json!("IDEMPOTENCY_CONFLICT"), &json!("not_created"))
            );
        }
    }
    assert_eq!(sandbox.count().await, TOOLS.len());
}

#[tokio::test]
async fn a_link_of_another_process_is_followed_and_not_replaced() {
    let sandbox = Sandbox::start();
    let arguments = arguments(TOOLS[1], Some("ORD-1001"));
    let link = session(&sandbox, "15000").done(TOOLS[1], arguments.clone());
    let mut second = session(&sandbox, "15000");
    let error = second.refused(TOOLS[1], arguments.clone());
    assert_eq!(
        (&error["outcome"], &error["details"]["identifier"]),
        (&json!("created"), &link["identifier"])
    );
    assert_eq!(error["retryable"], false);
    assert!(error["next_action"].as_str().unwrap().contains("new idempotency_key"), "{error}");
    // The customer, who has the link, chooses and pays a part.
    sandbox.steer(&format!("orders/{}/pay", identifier(&link)), json!({ "percent": 50 })).await;
    let error = second.refused(TOOLS[1], arguments);
    assert_eq!(
        (&error["outcome"], &error["details"]["identifier"]),
        (&json!("created"), &link["identifier"])
    );
    assert!(error["next_action"].as_str().unwrap().contains("get_payment_status"), "{error}");
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn the_key_of_a_payment_that_is_over_makes_no_other() {
    let sandbox = Sandbox::start();
    let arguments = arguments(TOOLS[0], Some("ORD-1001"));
    let mut first = session(&sandbox, "15000");
    let order = first.done(TOOLS[0], arguments.clone());
    sandbox.steer(&format!("orders/{}/expire", identifier(&order)), json!({})).await;
    for session in [&mut first, &mut session(&sandbox, "15000")] {
        let error = session.refused(TOOLS[0], arguments.clone());
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("PAYMENT_EXPIRED"), &json!("created")),
            "{error}"
        );
        assert!(error["next_action"].as_str().unwrap().contains("new idempotency_key"), "{error}");
    }
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn the_key_of_a_payment_that_was_refunded_advises_no_other() {
    let sandbox = Sandbox::start();
    let arguments = arguments(TOOLS[0], Some("ORD-1001"));
    let mut first = session(&sandbox, "15000");
    let order = first.done(TOOLS[0], arguments.clone());
    for (step, body) in [("pay", json!({ "percent": 100 })), ("mine", json!({})), ("refund", json!({}))] {
        sandbox.steer(&format!("orders/{}/{step}", identifier(&order)), body).await;
    }
    for session in [&mut first, &mut session(&sandbox, "15000")] {
        let error = session.refused(TOOLS[0], arguments.clone());
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("PAYMENT_NOT_PAYABLE"), &json!("created")),
            "{error}"
        );
        assert!(!error["next_action"].as_str().unwrap().contains("reate"), "{error}");
    }
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn an_identical_payment_without_a_key_comes_with_a_warning_that_names_the_first() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, "15000");
    for tool in TOOLS {
        let first = session.done(tool, arguments(tool, None));
        assert_eq!(first.get("warnings"), None, "{first}");
        let mut other = arguments(tool, None);
        other["notes"] = json!("Another table");
        assert_eq!(session.done(tool, other).get("warnings"), None);
        let keyed = session.done(tool, arguments(tool, Some(&format!("key-of-{tool}"))));
        assert_eq!(keyed.get("warnings"), None, "a key says that it is another sale: {keyed}");
        let second = session.done(tool, arguments(tool, None));
        assert!(second["warnings"].to_string().contains(identifier(&first)), "{second}");
        assert_ne!(first["identifier"], second["identifier"]);
    }
    let looks = asked(&sandbox, "GET", ORDERS).await;
    assert_eq!(looks, 2 * TOOLS.len(), "only a key that was given is looked for, before and after");
}

#[tokio::test]
async fn what_others_wrote_into_internal_data_is_passed_over() {
    let sandbox = Sandbox::start();
    for data in ["ORD-1001", "{\"bitnovo-pay\":1,\"key\":\"ORD-1001\"}", "{\"key\":", "\u{202e}"] {
        let body = json!({ "expected_output_amount": 5, "input_currency": "XRP", "internal_data": data });
        assert_eq!(sandbox.api("POST", "/orders/", Some(body)).await.0, 200);
    }
    let order = session(&sandbox, "15000").done(TOOLS[0], arguments(TOOLS[0], Some("ORD-1001")));
    assert_eq!(order.get("warnings"), None, "{order}");
    assert_eq!(sandbox.count().await, 5);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_with_what_was_expected() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, "15000");
    for tool in TOOLS {
        for key in [json!(" "), json!("order 1"), json!("é"), json!("k".repeat(256)), json!(7)] {
            let mut arguments = arguments(tool, None);
            arguments["idempotency_key"] = key;
            let error = session.refused(tool, arguments);
            assert_eq!(
                (&error["code"], &error["outcome"]),
                (&json!("INVALID_ARGUMENT"), &json!("not_created"))
            );
            assert_eq!(error["details"]["field"], "idempotency_key", "{error}");
        }
    }
    assert_eq!(sandbox.count().await, 0);
}

#[tokio::test]
async fn a_sale_that_is_repeated_after_it_was_paid_does_not_ask_for_the_money_again() {
    let mut session =
        Session::start(Revision::Handshake, &["--sandbox"], &[("BITNOVO_TOOLSETS", "default,sandbox")]);
    let arguments =
        json!({ "amount_eur": 5, "input_currency": "BTC", "idempotency_key": "paid-1", "include_qr": true });
    let first = session.done("create_payment_onchain", arguments.clone());
    assert!(first["qr_address"].is_string());
    session.done("simulate_payment", json!({ "identifier": first["identifier"] }));
    let answer =
        session.request("tools/call", json!({ "name": "create_payment_onchain", "arguments": arguments }));
    let (text, again) = (&answer["result"]["content"][0]["text"], &answer["result"]["structuredContent"]);
    assert_eq!((&again["identifier"], &again["status"]), (&first["identifier"], &json!("CO")));
    assert!(text.as_str().unwrap().contains("has been received"), "{text}");
    assert!(
        again["qr_address"].is_null()
            && again["payment_uri"].is_null()
            && again["warnings"].to_string().contains("begun to pay"),
        "{again}"
    );
}

#[tokio::test]
async fn a_sale_that_is_repeated_is_not_offered_for_payment_while_nobody_can_tell_whether_it_is_paid() {
    let sandbox = Sandbox::start();
    let mut first = session(&sandbox, "15000");
    for tool in TOOLS {
        let arguments = arguments(tool, Some(tool));
        let order = first.done(tool, arguments.clone());
        let unreadable =
            json!({ "match": "GET /api/v1/orders/info/", "mode": "status", "status": 500, "times": 3 });
        sandbox.steer("faults", unreadable).await;
        let error = first.refused(tool, arguments.clone());
        assert_eq!(
            (&error["code"], &error["outcome"], &error["details"]["identifier"]),
            (&json!("API_UNAVAILABLE"), &json!("created"), &order["identifier"])
        );
        assert!(error["next_action"].as_str().unwrap().contains("same idempotency_key"), "{error}");
        assert_eq!(identifier(&first.done(tool, arguments)), identifier(&order));
    }
    assert_eq!(sandbox.count().await, TOOLS.len());
}
