//! The sandbox against the document: what it answers must be what the API could have answered.

use std::collections::BTreeSet;

use payments_test_support::{document::Body, keys, sample, sandbox::Sandbox};
use serde_json::{Value, json};

const NOBODY: &str = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a99";

#[tokio::test]
async fn the_catalogue_is_what_the_document_says_and_holds_what_the_contract_names() {
    let sandbox = Sandbox::start();
    let (status, catalogue) = sandbox.api("GET", "/currencies", None).await;
    assert_eq!(status, 200);
    Body::Answer("currencies_list", 200).check(&catalogue);
    assert_eq!(keys(&catalogue[0]), keys(&sample("currencies_list_200")[0]));

    let catalogue = catalogue.as_array().unwrap();
    let symbols: BTreeSet<&str> = catalogue.iter().map(|entry| entry["symbol"].as_str().unwrap()).collect();
    for symbol in ["BTC", "ETH", "XRP", "LTC", "USDC_ERC20", "BTC_TEST", "ETH_TEST5", "XRP_TEST"] {
        assert!(symbols.contains(symbol), "{symbol} is missing among {symbols:?}");
    }
    let usdc = catalogue.iter().filter(|entry| entry["name"].as_str().unwrap().ends_with("USDC"));
    let networks: BTreeSet<&str> = usdc.map(|entry| entry["blockchain"].as_str().unwrap()).collect();
    assert!(networks.len() >= 2, "USDC on one network only: {networks:?}");
}

#[tokio::test]
async fn an_order_in_each_currency_and_a_link_have_the_fields_of_the_samples() {
    let sandbox = Sandbox::start();
    let (_, catalogue) = sandbox.api("GET", "/currencies", None).await;
    let onchain = keys(&sample("orders_create_200_onchain_btc"));
    for currency in catalogue.as_array().unwrap() {
        let created = sandbox.order(currency["symbol"].as_str().unwrap(), 50).await;
        Body::Answer("orders_create", 200).check(&created);
        assert_eq!(keys(&created), onchain);
        let payment = sandbox.payment(created["identifier"].as_str().unwrap()).await;
        assert_eq!(payment["status"], "PE");
        assert_eq!(payment["address"], created["address"]);
    }
    let link =
        json!({ "expected_output_amount": 22.0, "fiat": "USD", "merchant_urlok": "https://shop.example/ok" });
    let (status, created) = sandbox.api("POST", "/orders/", Some(link)).await;
    assert_eq!(status, 200);
    Body::Answer("orders_create", 200).check(&created);
    assert_eq!(keys(&created), keys(&sample("orders_create_200_redirect")));
    let payment = sandbox.payment(created["identifier"].as_str().unwrap()).await;
    assert_eq!((&payment["status"], &payment["url_ok"]), (&json!("NR"), &json!("https://shop.example/ok")));
}

#[tokio::test]
async fn every_sample_of_a_request_is_accepted() {
    let sandbox = Sandbox::start();
    for name in
        ["orders_create_request_minimal", "orders_create_request_onchain", "orders_create_request_redirect"]
    {
        let (status, answer) = sandbox.api("POST", "/orders/", Some(sample(name))).await;
        assert_eq!(status, 200, "{name}: {answer}");
    }
    let (status, device) = sandbox.api("POST", "/device/", Some(sample("device_create_request"))).await;
    assert_eq!(status, 200);
    Body::Answer("device_create", 200).check(&device);
    assert_eq!(keys(&device), keys(&sample("device_create_200")));
    let new = device["identifier"].as_str().unwrap();
    let (status, _) = sandbox.send("GET", "/api/v1/currencies", None, Some(new)).await;
    assert_eq!(status, 200, "the new device is a device");
}

/// Each way to a status, as steps under `/_sandbox/orders/{id}/` or of the clock.
const ROADS: [(&str, &[(&str, &str)]); 12] = [
    ("PE", &[]),
    ("AC", &[("pay", "{}")]),
    ("IA", &[("pay", r#"{"percent": 60}"#)]),
    ("AC", &[("pay", r#"{"percent": 60}"#), ("pay", "{}")]),
    ("CO", &[("pay", "{}"), ("mine", "{}")]),
    ("CO", &[("pay", r#"{"percent": 150}"#), ("mine", "{}")]),
    ("OC", &[("pay", r#"{"percent": 60}"#), ("expire", "{}")]),
    ("OC", &[("expire", "{}"), ("pay", "{}")]),
    ("EX", &[("clock", r#"{"seconds": 901}"#)]),
    ("CA", &[("expire", "{}"), ("clock", r#"{"seconds": 86401}"#)]),
    ("FA", &[("pay", "{}"), ("fail", "{}")]),
    ("RF", &[("pay", "{}"), ("mine", "{}"), ("refund", "{}")]),
];

#[tokio::test]
async fn a_payment_in_each_status_is_what_the_document_says() {
    let shape = keys(&sample("orders_info_200_CO")[0]);
    let transaction = keys(&sample("orders_info_200_CO")[0]["transactions"][0]);
    for (status, road) in ROADS {
        let sandbox = Sandbox::start();
        let created = sandbox.order("BTC", 50).await;
        let identifier = created["identifier"].as_str().unwrap();
        for (step, body) in road {
            let body: Value = serde_json::from_str(body).unwrap();
            match *step {
                "clock" => sandbox.steer("clock/advance", body).await,
                step => sandbox.steer(&format!("orders/{identifier}/{step}"), body).await,
            }
        }
        let (_, read) = sandbox.api("GET", &format!("/orders/info/{identifier}"), None).await;
        Body::Answer("orders_info", 200).check(&read);
        assert_eq!(read.as_array().unwrap().len(), 1, "an array that holds one payment");
        assert_eq!(read[0]["status"], status, "after {road:?}");
        assert_eq!(keys(&read[0]), shape);
        for seen in read[0]["transactions"].as_array().unwrap() {
            assert_eq!(keys(seen), transaction);
        }
        let (_, list) = sandbox.api("GET", "/orders/", None).await;
        Body::Answer("orders_list", 200).check(&list);
        assert_eq!(list, read, "the list shows the same payment");
    }
}

#[tokio::test]
async fn a_payment_becomes_safe_and_then_final_as_time_passes() {
    let sandbox = Sandbox::start();
    let created = sandbox.order("XRP", 10).await;
    let identifier = created["identifier"].as_str().unwrap();
    sandbox.steer(&format!("orders/{identifier}/pay"), json!({})).await;
    let payment = sandbox.payment(identifier).await;
    assert_eq!((&payment["status"], &payment["safe"]), (&json!("AC"), &json!(false)));
    sandbox.steer("clock/advance", json!({ "seconds": 120 })).await;
    let payment = sandbox.payment(identifier).await;
    assert_eq!((&payment["status"], &payment["safe"]), (&json!("AC"), &json!(true)));
    sandbox.steer("clock/advance", json!({ "seconds": 900 })).await;
    assert_eq!(sandbox.payment(identifier).await["status"], "CO");
}

#[tokio::test]
async fn the_list_is_newest_first_and_of_the_days_asked_for() {
    let sandbox = Sandbox::start();
    let first = sandbox.order("BTC", 50).await["identifier"].clone();
    sandbox.steer("clock/advance", json!({ "seconds": 60 })).await;
    let second = sandbox.order("BTC", 50).await["identifier"].clone();
    let (_, list) = sandbox.api("GET", "/orders/", None).await;
    let order: Vec<&Value> = list.as_array().unwrap().iter().map(|payment| &payment["identifier"]).collect();
    assert_eq!(order, [&second, &first]);
    let (status, none) = sandbox.api("GET", "/orders/?start=2001/01/01&end=2001/01/02", None).await;
    assert_eq!((status, none), (200, json!([])));
}

#[tokio::test]
async fn each_refusal_has_the_status_and_the_body_of_the_document() {
    let sandbox = Sandbox::start();
    let order = |body: Value| Some(body);
    let ok = json!({ "expected_output_amount": 50 });
    let cases = [
        (
            "orders_create",
            404,
            "/orders/",
            order(json!({ "expected_output_amount": 50, "input_currency": "NONE" })),
        ),
        (
            "orders_create",
            404,
            "/orders/",
            order(json!({ "expected_output_amount": 0.5, "input_currency": "BTC" })),
        ),
        ("orders_create", 400, "/orders/", order(json!({}))),
        ("orders_create", 400, "/orders/", order(json!({ "expected_output_amount": 0 }))),
        ("orders_create", 400, "/orders/", order(json!({ "expected_output_amount": 5, "fiat": "XXX" }))),
        (
            "orders_create",
            400,
            "/orders/",
            order(json!({ "expected_output_amount": 5, "notes": "n".repeat(513) })),
        ),
        ("device_create", 400, "/device/", order(json!({}))),
    ];
    for (operation, expected, path, body) in cases {
        let (status, answer) = sandbox.api("POST", path, body.clone()).await;
        assert_eq!(status, expected, "{body:?}: {answer}");
        Body::Answer(operation, status).check(&answer);
    }
    let (status, answer) = sandbox.api("GET", &format!("/orders/info/{NOBODY}"), None).await;
    assert_eq!(status, 404);
    Body::Answer("orders_info", 404).check(&answer);

    for device in [None, Some(NOBODY), Some("not-a-uuid")] {
        for (operation, method, path, body) in [
            ("currencies_list", "GET", "/api/v1/currencies", None),
            ("orders_list", "GET", "/api/v1/orders/", None),
            ("orders_info", "GET", &format!("/api/v1/orders/info/{NOBODY}"), None),
            ("orders_create", "POST", "/api/v1/orders/", Some(ok.clone())),
            ("device_create", "POST", "/api/v1/device/", Some(json!({ "name": "till" }))),
        ] {
            let (status, answer) = sandbox.send(method, path, body, device).await;
            assert_eq!(status, 403, "{method} {path} with device {device:?}: {answer}");
            Body::Answer(operation, 403).check(&answer);
        }
    }
    assert_eq!(sandbox.count().await, 0, "a refusal leaves no order");
}

#[tokio::test]
async fn a_fault_answers_as_the_document_allows_and_wears_off() {
    let sandbox = Sandbox::start();
    for status in [429_u16, 500, 503] {
        let fault =
            json!({ "match": "GET /api/v1/currencies", "mode": "status", "status": status, "times": 1 });
        sandbox.steer("faults", fault).await;
        let (answered, body) = sandbox.api("GET", "/currencies", None).await;
        assert_eq!(answered, status);
        Body::Answer("currencies_list", status).check(&body);
        assert_eq!(sandbox.api("GET", "/currencies", None).await.0, 200, "the fault was armed once");
    }
}
