//! What a client says twice, the language of checkout pages, and lists that are far longer than they should be.

use payments_test_support::{
    process::run,
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{RawApi, Stub, bytes, created, exports, payment},
};
use serde_json::{Value, json};

#[tokio::test]
async fn an_argument_that_is_there_twice_is_refused_by_its_place() {
    let sandbox = Sandbox::start();
    let environment = sandbox.exports();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let mut number = 100;
    for (tool, arguments, field) in [
        ("create_payment_link", r#"{"amount_eur": 5, "amount_eur": 6}"#, "amount_eur"),
        ("create_payment_link", r#"{"amount_eur": 5, "amount_eur": 5}"#, "amount_eur"),
        ("create_payment_link", r#"{"amount_eur": 5, "notes": "a", "notes": "b"}"#, "notes"),
        (
            "create_payment_onchain",
            r#"{"input_currency": "BTC", "amount_eur": 5.00000000000000001, "input\u005fcurrency": "ETH"}"#,
            "input_currency",
        ),
        ("create_payment_link", r#"{"amount_eur": 5, "extra": [{"a": {"b": 1, "b": 2}}]}"#, "extra[0].a.b"),
        ("get_payment_status", r#"{"identifier": "a", "identifier": "b"}"#, "identifier"),
    ] {
        let finished = run(&["call", tool, arguments], &environment);
        let error: Value = serde_json::from_str(&finished.stdout).unwrap();
        assert_eq!(finished.code, Some(1), "{arguments}");
        assert_eq!(error["error"]["code"], "INVALID_ARGUMENT", "{arguments}: {error}");
        assert_eq!(error["error"]["details"]["field"], field, "{arguments}: {error}");
        let as_text = json!(arguments).to_string();
        for arguments in [arguments, &as_text] {
            number += 1;
            session.send(&format!(
                r#"{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
            ));
            let answer = session.receive();
            let text = answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
            let error: Value = serde_json::from_str(text).unwrap();
            assert_eq!(error["error"]["code"], "INVALID_ARGUMENT", "{arguments}: {error}");
            assert_eq!(error["error"]["details"]["field"], field, "{arguments}: {error}");
        }
    }
    for line in [
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"create_payment_link","arguments":{"amount_eur":5},"arguments":{"amount_eur":6}}}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"create_payment_link","arguments":{"amount_eur":5}},"params":{"name":"create_payment_link","arguments":{"amount_eur":6}}}"#,
    ] {
        session.send(line);
        let answer = session.receive();
        assert_eq!(answer["id"], 7, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("twice"), "{answer}");
    }
    assert_eq!(sandbox.count().await, 0);
}

#[tokio::test]
async fn a_checkout_page_is_in_the_language_that_is_asked_for_or_set_or_left_to_the_api() {
    for (set, argument, sent) in [
        (None, None, None),
        (Some("en"), None, Some("EN")),
        (Some("es"), None, Some("ES")),
        (Some("es"), Some("fr"), Some("FR")),
        (None, Some("en"), Some("EN")),
    ] {
        let stub = Stub::that_works().await;
        let base_url = stub.base_url();
        let mut environment = exports(&base_url).to_vec();
        environment.extend(set.map(|language| ("BITNOVO_LANGUAGE", language)));
        let mut session = Session::start(Revision::Handshake, &[], &environment);
        let mut arguments = json!({ "amount_eur": 22, "input_currency": "BTC_TEST" });
        if let Some(language) = argument {
            arguments["language"] = json!(language);
        }
        session.done("create_payment_onchain", arguments);
        let order: Value = serde_json::from_str(&stub.orders().await[0]).unwrap();
        assert_eq!(order.get("language").and_then(Value::as_str), sent, "{set:?} {argument:?}");
    }
}

/// A line of what the system says of the server's memory, in KiB.
#[cfg(target_os = "linux")]
fn memory(session: &Session, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", session.process())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_catalogue_of_a_hundred_thousand_currencies_costs_forty_mebibytes_at_most() {
    let entry = |number: u32| {
        json!({
            "symbol": format!("COIN{number}"), "name": format!("Coin number {number}"), "min_amount": "0.01",
            "max_amount": "10000.00", "blockchain": "BTC_TEST",
            "image": format!("https://paytest.bitnovo.com/media/cryptocurrencies/coin-{number}.png"),
        })
    };
    let catalogue = bytes(&(0..100_000).map(entry).collect());
    let api = RawApi::start(move |line| {
        if line.starts_with("POST") {
            let mut created = created("BTC_TEST");
            created["input_currency"] = json!("COIN99999");
            bytes(&created)
        } else if line.contains("/info/") {
            let mut payment = payment("BTC_TEST");
            payment["currency_id"] = json!("COIN99999");
            bytes(&json!([payment]))
        } else if line.contains("currencies") {
            catalogue.clone()
        } else {
            bytes(&json!([]))
        }
    });
    let mut session = Session::start(Revision::Handshake, &[], &exports(&api.base_url));
    session.tools();
    let idle = memory(&session, "VmRSS");
    let answer = session.done("list_currencies_catalog", json!({}));
    assert_eq!(answer["total_count"], 100_000);
    assert!(answer["currencies"].as_array().unwrap().len() < 1000);
    assert!(answer["warnings"].to_string().contains("100000"), "{}", answer["warnings"]);
    // The last one is not among those that are kept, and can be paid in all the same.
    session.done("create_payment_onchain", json!({ "amount_eur": 22, "input_currency": "COIN99999" }));
    let grown = memory(&session, "VmHWM").saturating_sub(idle) / 1024;
    assert!(grown <= 40, "{grown} MiB");
}
