//! An order after it was asked for: read back, compared, explained, and never paid when it is not the right one.

use std::time::Duration;

use payments_test_support::{
    sample,
    session::{Revision, Session},
    stub::{CREATE, CURRENCIES, IDENTIFIER, Stub, created, exports, json_answer, payment, refusal, slow},
};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

#[tokio::test]
async fn a_read_that_fails_after_the_create_is_a_success_with_a_warning() {
    let failures = [
        refusal(500, "Internal server error."),
        refusal(404, "Not found."),
        ResponseTemplate::new(200).set_body_raw("<html></html>", "text/html"),
        slow(ResponseTemplate::new(200)),
    ];
    for failure in failures {
        for (tool, arguments) in [
            ("create_payment_onchain", json!({ "amount_eur": 22, "input_currency": "BTC_TEST" })),
            ("create_payment_link", json!({ "amount_eur": 22 })),
        ] {
            let stub = Stub::start().await;
            stub.read(failure.clone()).await;
            stub.works().await;
            let base_url = stub.base_url();
            let mut environment = exports(&base_url).to_vec();
            environment.extend([("API_TIMEOUT", "1000"), ("MAX_RETRIES", "0"), ("RETRY_DELAY", "1")]);
            let mut session = Session::start(Revision::Handshake, &[], &environment);
            let result = session.done(tool, arguments);
            assert_eq!(result["identifier"], IDENTIFIER);
            assert_eq!((result.get("status"), result.get("expires_at")), (None, None), "{result}");
            assert_eq!(result["warnings"].as_array().map(Vec::len), Some(1), "{result}");
            assert!(result["warnings"][0].as_str().unwrap().contains("get_payment_status"), "{result}");
            assert_eq!(stub.count("POST").await, 1);
        }
    }
}

#[tokio::test]
async fn an_order_that_is_not_the_one_asked_for_is_an_error_without_a_code_to_scan() {
    let changed = |mut value: Value, field: &str, to: Value| {
        value[field] = to;
        value
    };
    let order = || created("BTC_TEST");
    let read = || payment("BTC_TEST");
    let cases = [
        ("currency in the create", changed(order(), "input_currency", json!("ETH_TEST5")), read()),
        ("fiat in the create", changed(order(), "fiat", json!("USD")), read()),
        ("currency in the read", order(), changed(read(), "currency_id", json!("ETH_TEST5"))),
        ("fiat in the read", order(), changed(read(), "fiat", json!("USD"))),
        ("amount in the read", order(), changed(read(), "fiat_amount", json!(2200.0))),
        ("address in the read", order(), changed(read(), "address", json!("tb1qsomebodyelse"))),
        ("crypto amount in the read", order(), changed(read(), "crypto_amount", json!(0.5))),
    ];
    for (what, order, read) in cases {
        let stub = Stub::start().await;
        stub.on("POST", CREATE, json_answer(&order)).await;
        stub.read(json_answer(&json!([read]))).await;
        stub.works().await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        let arguments = json!({ "amount_eur": 22, "input_currency": "BTC_TEST", "include_qr": true });
        // `refused` also checks that nothing but the error is in the answer.
        let error = session.refused("create_payment_onchain", arguments);
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("API_ERROR"), &json!("created")),
            "{what}: {error}"
        );
        assert_eq!(error["details"]["identifier"], IDENTIFIER, "{what}: {error}");
        assert_eq!(error["retryable"], false, "{what}: {error}");
        assert_eq!(stub.count("POST").await, 1, "{what}");
    }
}

#[tokio::test]
async fn a_payment_other_than_the_one_asked_for_is_never_reported() {
    let stub = Stub::start().await;
    let mut other = payment("BTC_TEST");
    other["identifier"] = json!("1c8e7a1f-7d6f-4b64-8a5f-3e2a6c8d9b02");
    other["status"] = json!("CO");
    stub.read(json_answer(&json!([other]))).await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    for tool in ["get_payment_status", "generate_payment_qr"] {
        assert_eq!(session.refused(tool, json!({ "identifier": IDENTIFIER }))["code"], "API_ERROR");
    }
}

#[tokio::test]
async fn a_currency_that_needs_a_tag_and_has_none_must_not_be_paid() {
    for missing in [json!(""), Value::Null] {
        let stub = Stub::start().await;
        let mut order = created("XRP_TEST");
        order["tag_memo"] = missing.clone();
        order["payment_uri"] = json!("ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059");
        let mut read = payment("XRP_TEST");
        read["tag_memo"] = missing;
        stub.on("POST", CREATE, json_answer(&order)).await;
        stub.read(json_answer(&json!([read]))).await;
        stub.works().await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        let arguments = json!({ "amount_eur": 22, "input_currency": "XRP_TEST", "include_qr": true });
        let error = session.refused("create_payment_onchain", arguments);
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("TAG_REQUIRED"), &json!("created")),
            "{error}"
        );
        for kind in ["address", "payment_uri", "both"] {
            let arguments = json!({ "identifier": IDENTIFIER, "qr_type": kind });
            assert_eq!(session.refused("generate_payment_qr", arguments)["code"], "TAG_REQUIRED", "{kind}");
        }
    }
}

#[tokio::test]
async fn a_refused_create_is_explained_by_the_catalogue_as_it_is_now() {
    let catalogue = sample("currencies_list_200");
    let mut without = catalogue.clone();
    without.as_array_mut().unwrap().retain(|entry| entry["symbol"] != "BTC_TEST");
    let limits = |min: &str, max: &str| {
        let mut limited = catalogue.clone();
        limited[1]["min_amount"] = json!(min);
        limited[1]["max_amount"] = json!(max);
        limited
    };
    for (now, code) in [
        (without, "CURRENCY_NOT_SUPPORTED"),
        (limits("30.00", "10000.00"), "AMOUNT_TOO_LOW"),
        (limits("0.01", "20.00"), "AMOUNT_TOO_HIGH"),
    ] {
        let stub = Stub::start().await;
        stub.once("GET", CURRENCIES, json_answer(&catalogue)).await;
        stub.on("GET", CURRENCIES, json_answer(&now)).await;
        stub.on("POST", CREATE, refusal(404, "Refused.")).await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        let arguments = json!({ "amount_eur": 22, "input_currency": "BTC_TEST" });
        let error = session.refused("create_payment_onchain", arguments);
        assert_eq!((&error["code"], &error["outcome"]), (&json!(code), &json!("not_created")), "{error}");
        assert_eq!(stub.count("POST").await, 1);
    }
}

#[tokio::test]
async fn twenty_creates_at_once_ask_for_the_catalogue_once() {
    let stub = Stub::start().await;
    let catalogue = json_answer(&sample("currencies_list_200")).set_delay(Duration::from_millis(300));
    stub.on("GET", CURRENCIES, catalogue).await;
    stub.works().await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let call = json!({
        "name": "create_payment_onchain", "arguments": { "amount_eur": 22, "input_currency": "BTC_TEST" },
    });
    let mut waiting: Vec<u64> = (0..20).map(|_| session.begin("tools/call", call.clone())).collect();
    while !waiting.is_empty() {
        let answer = session.receive();
        assert_eq!(answer["result"]["structuredContent"]["identifier"], IDENTIFIER, "{answer}");
        waiting.retain(|id| answer["id"] != *id);
    }
    let requests = stub.server.received_requests().await.unwrap();
    assert_eq!(requests.iter().filter(|request| request.url.path() == CURRENCIES).count(), 1);
    assert_eq!(stub.count("POST").await, 20);
}
