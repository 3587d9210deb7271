//! Bad input from an agent: each gets its code and the place, and none leaves an order behind.

use payments_test_support::{
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::{Value, json};

/// Calls that must be refused with this code, and `details.field` where there is one; afterwards there is no order.
pub(crate) async fn refuse_all(cases: Vec<(&str, Value, &str, Option<&str>)>) {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    for (tool, arguments, code, field) in cases {
        let error = session.refused(tool, arguments.clone());
        assert_eq!(error["code"], code, "{tool} {arguments}: {error}");
        if let Some(field) = field {
            assert_eq!(error["details"]["field"], field, "{tool} {arguments}: {error}");
        }
        let outcome = if tool.starts_with("create_") { json!("not_created") } else { Value::Null };
        assert_eq!(error["outcome"], outcome, "{tool} {arguments}: {error}");
        assert_eq!(error["retryable"], false, "{tool} {arguments}: {error}");
    }
    assert_eq!(sandbox.count().await, 0, "an order was created");
    let journal = sandbox.look("journal").await.to_string();
    assert!(!journal.contains("POST"), "a create was sent: {journal}");
}

pub(crate) fn onchain(field: &str, value: Value) -> (&'static str, Value) {
    let mut arguments = json!({ "amount_eur": 50, "input_currency": "BTC" });
    arguments[field] = value;
    ("create_payment_onchain", arguments)
}

pub(crate) fn link(field: &str, value: Value) -> (&'static str, Value) {
    let mut arguments = json!({ "amount_eur": 50 });
    arguments[field] = value;
    ("create_payment_link", arguments)
}

#[tokio::test]
async fn types_lengths_and_names_are_checked() {
    let long = |length: usize| json!("ñ".repeat(length));
    let mut cases = Vec::new();
    for (field, value) in [
        ("amount_eur", json!(true)),
        ("amount_eur", json!([5])),
        ("amount_eur", json!({ "value": 5 })),
        ("fiat", json!("XXX")),
        ("fiat", json!("euro")),
        ("fiat", json!(978)),
        ("notes", long(513)),
        ("notes", json!(7)),
        ("reference", long(257)),
        ("reference", json!(7)),
        ("language", json!("spanish")),
        ("include_qr", json!("yes")),
        ("include_qr", json!(1)),
        ("idempotency_key", json!(["key"])),
        ("colour", json!("red")),
        ("Notes", json!("Coffee")),
    ] {
        for (tool, arguments) in [onchain(field, value.clone()), link(field, value)] {
            cases.push((tool, arguments, "INVALID_ARGUMENT", Some(field)));
        }
    }
    for (field, value) in
        [("input_currency", json!(5)), ("input_currency", json!("")), ("url_ok", json!("https://a.com/"))]
    {
        let (tool, arguments) = onchain(field, value);
        cases.push((tool, arguments, "INVALID_ARGUMENT", Some(field)));
    }
    cases.push((
        "create_payment_onchain",
        json!({ "amount_eur": 5 }),
        "INVALID_ARGUMENT",
        Some("input_currency"),
    ));
    cases.push((
        "create_payment_onchain",
        json!({ "input_currency": "BTC" }),
        "INVALID_ARGUMENT",
        Some("amount_eur"),
    ));
    cases.push(("create_payment_link", json!({}), "INVALID_ARGUMENT", Some("amount_eur")));
    cases.push((
        "create_payment_link",
        json!({ "amount_eur": null }),
        "INVALID_ARGUMENT",
        Some("amount_eur"),
    ));
    refuse_all(cases).await;
}

#[test]
fn the_longest_texts_that_the_api_takes_are_accepted() {
    let mut session = Session::on_sandbox();
    let arguments =
        json!({ "amount_eur": 5, "notes": "ñ".repeat(512), "reference": "ñ".repeat(256), "fiat": "USD" });
    session.done("create_payment_link", arguments);
}

#[tokio::test]
async fn identifiers_that_are_no_uuids_are_refused() {
    let mut cases = Vec::new();
    for identifier in [
        json!(""),
        json!("1001"),
        json!("0b9d6f0e6c5e4a539f4e2d1f5b7c8a01"),
        json!("{0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01}"),
        json!("0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a0g"),
        json!(" 0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01"),
        json!("../../currencies"),
        json!(7),
        Value::Null,
    ] {
        for tool in ["get_payment_status", "wait_for_payment", "generate_payment_qr"] {
            cases.push((tool, json!({ "identifier": identifier }), "INVALID_ARGUMENT", Some("identifier")));
        }
    }
    for (field, value) in [
        ("qr_type", json!("everything")),
        ("size", json!(99)),
        ("size", json!(2001)),
        ("size", json!(512.5)),
        ("size", json!("512.5")),
        ("size", json!("2001")),
        ("size", json!(-512)),
        ("style", json!("baroque")),
        ("branding", json!("no")),
    ] {
        let mut arguments = json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01" });
        arguments[field] = value;
        cases.push(("generate_payment_qr", arguments, "INVALID_ARGUMENT", Some(field)));
    }
    let nobody = json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a99" });
    cases.push(("get_payment_status", nobody.clone(), "PAYMENT_NOT_FOUND", None));
    cases.push(("generate_payment_qr", nobody, "PAYMENT_NOT_FOUND", None));
    refuse_all(cases).await;
}

#[tokio::test]
async fn redirects_that_lead_elsewhere_are_refused() {
    let mut cases = Vec::new();
    for url in [
        "javascript:alert(1)",
        "data:text/html,hello",
        "http://shop.com/ok",
        "ftp://shop.com/ok",
        "shop.com/ok",
        "//shop.com/ok",
        "https://",
        "https://user@shop.com/",
        "https://good.com@127.0.0.1/",
        "https://127.0.0.1/ok",
        "https://127.1/ok",
        "https://0x7f.1/ok",
        "https://2130706433/ok",
        "https://１２７.0.0.1/ok",
        "https://[::1]/ok",
        "https://[::ffff:127.0.0.1]/ok",
        "https://localhost/ok",
        "https://localhost./ok",
        "https://shop.com./ok",
        "https://till.local/ok",
        "https://till.internal/ok",
        "https://shop.com/o\nk",
        "https://shop.com/o\tk",
        " https://shop.com/ok",
        "https://SHOP.com/ok",
        "https:shop.com/ok",
        "https://shop.com\\ok",
    ] {
        for field in ["url_ok", "url_ko"] {
            let (tool, arguments) = link(field, json!(url));
            cases.push((tool, arguments, "INVALID_REDIRECT_URL", Some(field)));
        }
    }
    refuse_all(cases).await;
}

#[tokio::test]
async fn a_currency_is_never_guessed() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let mut refused = |currency: &str| {
        let arguments = json!({ "amount_eur": 50, "input_currency": currency });
        let error = session.refused("create_payment_onchain", arguments);
        assert_eq!(error["code"], "CURRENCY_NOT_SUPPORTED", "{currency}: {error}");
        assert_eq!(error["details"]["input_currency"], currency, "{error}");
        assert!(
            error["details"]["supported_currencies"].as_array().unwrap().contains(&json!("BTC")),
            "{error}"
        );
        error
    };
    for currency in ["btc", "Bitcoin", "bitcoin", "Btc"] {
        let error = refused(currency);
        assert_eq!(error["details"]["did_you_mean"], "BTC", "{error}");
        assert!(error["message"].as_str().unwrap().contains("BTC"), "{error}");
    }
    for currency in ["USDC", "usdc"] {
        let error = refused(currency);
        assert_eq!(error["details"].get("did_you_mean"), None, "{error}");
        let candidates = error["details"]["candidates"].as_array().unwrap();
        let symbols: Vec<&Value> = candidates.iter().map(|candidate| &candidate["symbol"]).collect();
        assert!(symbols.contains(&&json!("USDC_ERC20")) && symbols.len() >= 2, "{error}");
        assert!(candidates.iter().all(|candidate| candidate["network"].is_string()), "{error}");
        assert!(
            error["next_action"].as_str().unwrap().to_lowercase().contains("ask the customer"),
            "{error}"
        );
    }
    assert_eq!(refused("DOGECOIN_9")["details"].get("candidates"), None);
    assert_eq!(sandbox.count().await, 0);
}

#[test]
fn malformed_requests_are_protocol_errors_and_the_session_goes_on() {
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &["--sandbox"], &[]);
        for params in [
            json!({ "arguments": {} }),
            json!({ "name": 7 }),
            json!({ "name": "get_payment_status", "arguments": "x" }),
        ] {
            session.begin("tools/call", params.clone());
            let answer = session.receive();
            assert!(answer["error"]["code"].is_i64(), "{params}: {answer}");
        }
        let answer = session.request("tools/fly", json!({}));
        assert_eq!(answer["error"]["code"], -32601, "{answer}");
        assert_eq!(answer["error"]["message"], "Unknown method: tools/fly");
        session.done("list_currencies_catalog", json!({}));
    }
}
