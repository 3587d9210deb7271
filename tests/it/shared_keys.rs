//! Keys that more than one process has: what dies, what comes late, what is asked for twice at once. The sandbox's own
//! list is the judge.

use std::collections::{BTreeMap, BTreeSet};

use payments_test_support::{answer::Answer, process::eventually, sandbox::Sandbox, session::Session};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng, seq::IndexedRandom as _};
use serde_json::{Value, json};

use crate::one_order::{ORDERS, TOOLS, arguments, asked, fault, identifier, session};

#[tokio::test]
async fn an_order_that_comes_after_its_process_was_killed_is_not_told_to_anybody() {
    for tool in TOOLS {
        let sandbox = Sandbox::start();
        let arguments = arguments(tool, Some("ORD-1001"));
        fault(&sandbox, "commit_late", json!({ "delay_ms": 600_000 })).await;
        let mut killed = session(&sandbox, "15000");
        let lost = killed.refused(tool, arguments.clone());
        assert_eq!((&lost["outcome"], &lost["retryable"]), (&json!("unknown"), &json!(false)), "{lost}");
        drop(killed);

        let mut second = session(&sandbox, "15000");
        let told = second.done(tool, arguments.clone());
        sandbox.steer("clock/advance", json!({ "seconds": 600 })).await;
        assert_eq!(sandbox.count().await, 2, "{tool}: the lost one has come");
        let again = second.done(tool, arguments.clone());
        assert_eq!(identifier(&again), identifier(&told));
        let third = session(&sandbox, "15000").call(tool, arguments.clone());
        if tool == "create_payment_onchain" {
            let third = third.done("the third process");
            assert_eq!((&third["identifier"], &third["address"]), (&told["identifier"], &told["address"]));
            assert_eq!(
                (&third["tag_memo"], &third["payment_uri"]),
                (&told["tag_memo"], &told["payment_uri"])
            );
            let orders = sandbox.look("orders").await;
            let other =
                orders.as_array().unwrap().iter().find(|order| order["identifier"] != told["identifier"]);
            let other = other.unwrap()["identifier"].as_str().unwrap();
            assert!(third["warnings"].to_string().contains(other), "{third}");
        } else {
            let third = third.refused("the third process");
            assert_eq!(
                (&third["outcome"], &third["details"]["identifier"]),
                (&json!("created"), &told["identifier"])
            );
        }
    }
}

#[tokio::test]
async fn a_process_that_is_killed_while_it_creates_leaves_one_order() {
    for tool in TOOLS {
        let sandbox = Sandbox::start();
        let arguments = arguments(tool, Some("ORD-1001"));
        fault(&sandbox, "delay", json!({ "delay_ms": 60_000 })).await;
        let mut killed = session(&sandbox, "90000");
        killed.begin_call(tool, &arguments);
        eventually("the order", async || (sandbox.count().await == 1).then_some(())).await;
        drop(killed);
        let next = session(&sandbox, "15000").call(tool, arguments);
        let order = match tool {
            "create_payment_onchain" => next.done("the next process")["identifier"].clone(),
            // Its page may have been told to a customer, as far as the next process can know.
            _ => next.refused("the next process")["details"]["identifier"].clone(),
        };
        assert_eq!(order, sandbox.look("orders").await[0]["identifier"]);
        assert_eq!(sandbox.count().await, 1, "{tool}");
    }
}

#[tokio::test]
async fn two_processes_that_get_the_same_keys_at_the_same_moment_tell_the_same_orders() {
    let sandbox = Sandbox::start();
    let keys: Vec<String> = (0..20).map(|number| format!("ORD-{number}")).collect();
    for tool in TOOLS {
        let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut processes = [session(&sandbox, "15000"), session(&sandbox, "15000")];
        let calls = processes.each_mut().map(|process| {
            let named = |key: &String| format!("{tool}-{key}");
            let calls = keys
                .iter()
                .map(|key| (process.begin_call(tool, &arguments(tool, Some(&named(key)))), named(key)));
            calls.collect::<BTreeMap<u64, String>>()
        });
        for (process, calls) in processes.iter_mut().zip(&calls) {
            for _ in calls {
                let answer = process.receive();
                let key = &calls[&answer["id"].as_u64().unwrap()];
                let answer = Answer::of(&answer);
                if tool == "create_payment_onchain" || !answer.is_error() {
                    let order = answer.done(key);
                    told.entry(key.clone()).or_default().insert(identifier(&order).to_owned());
                } else {
                    let error = answer.refused(key);
                    assert_eq!(error["outcome"], "created", "{error}");
                    let first = error["details"]["identifier"].as_str().unwrap();
                    told.entry(key.clone()).or_default().insert(first.to_owned());
                }
            }
        }
        assert_eq!(told.len(), keys.len());
        assert!(told.values().all(|orders| orders.len() == 1), "{told:?}");
    }
}

/// Has both tills create an order: neither sees the other's in the list before.
async fn begin_at_once(sandbox: &Sandbox, tills: &mut [Session; 2], tool: &str, arguments: &Value) {
    sandbox.fault("GET /api/v1/orders/", "delay", json!({ "delay_ms": 400, "times": 2 })).await;
    fault(sandbox, "delay", json!({ "delay_ms": 700, "times": 2 })).await;
    for till in tills {
        till.begin_call(tool, arguments);
    }
}

#[tokio::test]
async fn while_the_list_cannot_be_read_neither_till_shows_its_own_order() {
    for tool in TOOLS {
        let sandbox = Sandbox::start();
        let arguments = arguments(tool, Some("ORD-1001"));
        let mut tills = [session(&sandbox, "15000"), session(&sandbox, "15000")];
        begin_at_once(&sandbox, &mut tills, tool, &arguments).await;
        eventually("two orders", async || (sandbox.count().await == 2).then_some(())).await;
        sandbox.fault("GET /api/v1/orders/", "status", json!({ "status": 429, "times": 8 })).await;
        let mut withheld = Vec::new();
        for till in &mut tills {
            let error = Answer::of(&till.receive()).refused("not compared");
            let read = (&error["code"], &error["outcome"], &error["retryable"]);
            assert_eq!(read, (&json!("RATE_LIMITED"), &json!("created"), &json!(true)), "{error}");
            assert!(error["details"]["identifier"].is_string(), "{error}");
            let text = error.to_string();
            assert!(!text.contains("http") && !text.contains("\"address\""), "{error}");
            withheld.push(error["details"]["identifier"].as_str().unwrap().to_owned());
        }
        // Apart from the look of the other till: these read under the same path.
        for (till, identifier) in tills.iter_mut().zip(withheld) {
            asks_for_nothing(till, &identifier);
        }
        // From the first look that succeeds on, both tell one order.
        let mut told = BTreeSet::new();
        for till in &mut tills {
            let answer = till.call(tool, arguments.clone());
            if tool == TOOLS[0] || !answer.is_error() {
                told.insert(identifier(&answer.done("read again")).to_owned());
            } else {
                let error = answer.refused("the link is known to the other till");
                told.insert(error["details"]["identifier"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!((told.len(), sandbox.count().await), (1, 2), "{tool}: {told:?}");
    }
}

/// Whoever knows the identifier of an order that must not be shown learns no more from the other tools.
fn asks_for_nothing(till: &mut Session, identifier: &str) {
    // On a slow machine the looks end early, and leave some of the faults to these reads.
    let mut reads = (0..9).map(|_| till.call("get_payment_status", json!({ "identifier": identifier })));
    let status = reads.find(|answer| !answer.is_error()).unwrap().done("a status");
    let message = status["customer_message"].as_str().unwrap();
    assert!(message.starts_with("Please send nothing to this payment"), "{status}");
    assert!(status["next_action"].as_str().unwrap().contains("idempotency_key"), "{status}");
    let waited = till.done("wait_for_payment", json!({ "identifier": identifier, "timeout_seconds": 1 }));
    assert_eq!(waited["customer_message"], status["customer_message"], "{waited}");
    let refused = till.call("generate_payment_qr", json!({ "identifier": identifier, "qr_type": "address" }));
    assert_eq!(refused.refused("a code")["code"], "PAYMENT_NOT_PAYABLE");
}

#[tokio::test]
async fn a_till_that_knows_of_a_second_order_notices_that_the_customer_pays_that_one() {
    let sandbox = Sandbox::start();
    let arguments = arguments(TOOLS[0], Some("ORD-1001"));
    let mut tills = [session(&sandbox, "15000"), session(&sandbox, "15000")];
    begin_at_once(&sandbox, &mut tills, TOOLS[0], &arguments).await;
    let told = tills.each_mut().map(|till| Answer::of(&till.receive()).done("an order"));
    assert_eq!(identifier(&told[0]), identifier(&told[1]));
    let orders = sandbox.look("orders").await;
    let other =
        orders.as_array().unwrap().iter().map(identifier).find(|order| *order != identifier(&told[0]));
    let other = other.unwrap();
    sandbox.steer(&format!("orders/{other}/pay"), json!({})).await;
    for till in &mut tills {
        let again = till.done(TOOLS[0], arguments.clone());
        assert_eq!(identifier(&again), other, "{again}");
    }
}

#[tokio::test]
async fn a_conflict_names_the_payment_and_the_arguments_that_differ() {
    let sandbox = Sandbox::start();
    let mut first = session(&sandbox, "15000");
    let created = first.done(TOOLS[0], arguments(TOOLS[0], Some("ORD-1001")));
    let mut other = arguments(TOOLS[0], Some("ORD-1001"));
    other["amount_eur"] = json!(6);
    other["notes"] = json!("Two coffees");
    // From memory, and after a restart from the API's list.
    for mut session in [first, session(&sandbox, "15000")] {
        let error = session.refused(TOOLS[0], other.clone());
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("IDEMPOTENCY_CONFLICT"), &json!("not_created"))
        );
        assert_eq!(error["details"]["identifier"], created["identifier"], "{error}");
        assert_eq!(error["details"]["differing_arguments"], json!(["amount_eur", "notes"]), "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(identifier(&created)) && message.contains("amount_eur, notes"), "{error}");
    }
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_new_payment_does_not_hide_one_that_exists() {
    let sandbox = Sandbox::start();
    let arguments = arguments(TOOLS[0], Some("ORD-1001"));
    let first = session(&sandbox, "15000").done(TOOLS[0], arguments.clone());
    // The catalogue cannot be read, or no longer has the currency.
    for (mode, more) in
        [("not_json", json!({ "times": 9 })), ("status", json!({ "status": 404, "times": 9 }))]
    {
        sandbox.fault("GET /api/v1/currencies", mode, more).await;
        let found = session(&sandbox, "15000").done(TOOLS[0], arguments.clone());
        assert_eq!((&found["identifier"], &found["tag_memo"]), (&first["identifier"], &first["tag_memo"]));
    }
    // Where nothing exists, it is told, and that nothing was created.
    let mut third = session(&sandbox, "15000");
    let mut unknown = arguments.clone();
    unknown["idempotency_key"] = json!("ORD-1002");
    unknown["input_currency"] = json!("XRQ");
    sandbox.steer("reset", json!({})).await;
    let error = third.refused(TOOLS[0], unknown.clone());
    assert_eq!(
        (&error["code"], &error["outcome"]),
        (&json!("CURRENCY_NOT_SUPPORTED"), &json!("not_created"))
    );
    assert_eq!(error["details"]["did_you_mean"], "XRP", "{error}");
    // Neither can be found out.
    sandbox.steer("faults", json!({ "match": "GET /api/v1/", "mode": "not_json", "times": 99 })).await;
    unknown["idempotency_key"] = json!("ORD-1003");
    let error = third.refused(TOOLS[0], unknown);
    assert_eq!(error["outcome"], "unknown", "{error}");
    assert_eq!(asked(&sandbox, "POST", ORDERS).await, 0);
}

/// Ten keys, thirty calls a round, every fault, calls given up and processes killed: whatever is told of a key is one
/// order.
#[tokio::test]
async fn a_day_on_which_everything_goes_wrong_tells_one_order_for_each_key() {
    let sandbox = Sandbox::start();
    let mut chance = SmallRng::seed_from_u64(7);
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut processes = [session(&sandbox, "300"), session(&sandbox, "300")];
    for _ in 0..8 {
        for _ in 0..chance.random_range(0..4) {
            let modes = ["drop_after_commit", "reset", "truncate", "not_json", "status", "delay"];
            let mode = *modes.choose(&mut chance).unwrap();
            let verb = *["POST", "POST", "GET"].choose(&mut chance).unwrap();
            let mut fault = json!({ "match": format!("{verb} /api/v1/orders/"), "mode": mode });
            fault["times"] = json!(chance.random_range(1..4));
            match mode {
                "status" => fault["status"] = json!([429, 500, 502, 503].choose(&mut chance)),
                "delay" => fault["delay_ms"] = json!(400),
                _ => {}
            }
            sandbox.steer("faults", fault).await;
        }
        for process in &mut processes {
            let mut calls = BTreeMap::new();
            let mut given_up = BTreeSet::new();
            for _ in 0..15 {
                let key = format!("ORD-{}", chance.random_range(0..10));
                let id = process.begin_call(TOOLS[0], &arguments(TOOLS[0], Some(&key)));
                calls.insert(id, key);
                if chance.random_ratio(1, 7) {
                    given_up.insert(id);
                    process.cancel(id);
                }
            }
            if chance.random_ratio(1, 4) {
                *process = session(&sandbox, "300");
                continue;
            }
            let mut waiting: BTreeSet<u64> =
                calls.keys().copied().filter(|id| !given_up.contains(id)).collect();
            while !waiting.is_empty() {
                let answer = process.receive();
                let Some(id) = answer["id"].as_u64() else { continue };
                waiting.remove(&id);
                let (key, answer) = (&calls[&id], Answer::of(&answer));
                if answer.is_error() {
                    let error = answer.refused(key);
                    assert_ne!(error["outcome"], Value::Null, "{error}");
                } else {
                    told.entry(key.clone()).or_default().insert(identifier(&answer.done(key)).to_owned());
                }
            }
        }
    }
    assert!(told.len() >= 8, "most keys came to something: {told:?}");
    assert!(told.values().all(|orders| orders.len() == 1), "{told:?}");
    let orders = sandbox.look("orders").await;
    let known: BTreeSet<&str> = orders.as_array().unwrap().iter().map(identifier).collect();
    assert!(told.values().flatten().all(|order| known.contains(order.as_str())));
}
