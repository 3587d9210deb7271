//! Texts for people come in one language. What is for the model stays English: descriptions, next_action, advice.

use payments_test_support::{
    answer::Answer,
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::{Value, json};

/// Words that a sentence of the one language can hardly do without, and one of the other never has.
const ENGLISH: [&str; 24] = [
    "the",
    "is",
    "are",
    "of",
    "and",
    "not",
    "was",
    "were",
    "with",
    "this",
    "that",
    "which",
    "please",
    "has",
    "have",
    "must",
    "could",
    "been",
    "your",
    "before",
    "left",
    "payment",
    "currencies",
    "needs",
];
const SPANISH: [&str; 20] = [
    "el", "la", "los", "las", "de", "del", "que", "no hay", "para", "con", "pago", "una", "este", "esta",
    "envíe", "cliente", "ha", "red", "quedan", "aquí",
];

/// Everything of an answer that people read.
fn said(answer: &Answer) -> Vec<String> {
    let texts = answer.texts();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if answer.is_error() {
        let body: Value = serde_json::from_str(texts[0]).unwrap();
        return text(&body["error"]["message"]).into_iter().collect();
    }
    let structured = &answer.0["structuredContent"];
    let fields = ["customer_message", "instructions", "status_description"];
    let warnings = structured["warnings"].as_array().into_iter().flatten();
    let fields = fields.iter().map(|field| &structured[*field]);
    let summary = texts[0].to_owned();
    fields.chain(warnings).filter_map(text).chain([summary]).collect()
}

fn assert_without(words: &[&str], answer: &Answer, what: &str) {
    for text in said(answer) {
        // Names of arguments, tools and hosts are the same in every language.
        let lower = text.to_lowercase();
        let found: Vec<&str> = lower
            .split(|c: char| c.is_whitespace() || ",.;:()¿?¡!«»".contains(c))
            .filter(|word| words.contains(word))
            .collect();
        assert!(found.is_empty(), "{what} says {found:?} in {text:?}");
    }
}

/// Calls every tool over the states that a payment can have, rightly and wrongly.
async fn every_tool(language: &str, zone: Option<&str>) -> Vec<(String, Answer)> {
    let sandbox = Sandbox::start();
    let mut environment = sandbox.exports().to_vec();
    environment.extend([
        ("BITNOVO_LANGUAGE", language),
        ("WEBHOOK_ENABLED", "true"),
        ("WEBHOOK_PORT", "0"),
        ("BITNOVO_MAX_AMOUNT", "900 EUR"),
        ("BITNOVO_REDIRECT_HOSTS", "shop.example"),
        ("BITNOVO_CONFIRM_OVER", "600 EUR"),
    ]);
    environment.extend(zone.map(|zone| ("PAYMENTS_TIMEZONE", zone)));
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let mut answers = Vec::new();
    let mut call = |tool: &str, arguments: Value| {
        let answer = session.call(tool, arguments.clone());
        answers.push((format!("{tool} {arguments}"), answer));
    };
    for (tool, arguments) in [
        ("list_currencies_catalog", json!({})),
        ("list_currencies_catalog", json!({ "filter_by_amount": 25 })),
        ("create_payment_link", json!({ "amount_eur": 5, "include_qr": true })),
        ("create_payment_link", json!({ "amount_eur": 5 })),
        ("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC", "include_qr": true })),
        (
            "create_payment_onchain",
            json!({ "amount_eur": 5, "input_currency": "BTC", "idempotency_key": "k" }),
        ),
        (
            "create_payment_onchain",
            json!({ "amount_eur": 5, "input_currency": "BTC", "idempotency_key": "k" }),
        ),
        (
            "create_payment_onchain",
            json!({ "amount_eur": 6, "input_currency": "BTC", "idempotency_key": "k" }),
        ),
        ("create_payment_onchain", json!({ "amount_eur": 25, "input_currency": "XRP", "include_qr": true })),
        (
            "create_payment_onchain",
            json!({ "amount_eur": 25, "input_currency": "USDC_ERC20", "include_qr": true }),
        ),
        ("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "Bitcoin" })),
        ("create_payment_onchain", json!({ "amount_eur": 25, "input_currency": "USDC" })),
        ("create_payment_onchain", json!({ "amount_eur": "0.01", "input_currency": "BTC" })),
        ("create_payment_onchain", json!({ "amount_eur": "12,50", "input_currency": "BTC" })),
        ("create_payment_onchain", json!({ "amount_eur": 5 })),
        ("create_payment_link", json!({ "amount_eur": 1000 })),
        ("create_payment_link", json!({ "amount_eur": 700 })),
        ("create_payment_link", json!({ "amount_eur": 7, "url_ok": "http://shop.example/" })),
        ("create_payment_link", json!({ "amount_eur": 7, "url_ok": "https://evil.example/" })),
        ("get_payment_status", json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01" })),
        ("get_payment_status", json!({ "identifier": "x" })),
        ("list_payments", json!({})),
        ("list_payments", json!({ "from": "2026-13-01" })),
        ("get_webhook_events", json!({})),
        ("get_webhook_url", json!({ "validate": false })),
        ("get_webhook_url", json!({})),
        ("get_tunnel_status", json!({})),
    ] {
        call(tool, arguments);
    }
    let part = json!({ "percent": 60 });
    let all: [&[(&str, Value)]; 8] = [
        &[],
        &[("pay", part.clone())],
        &[("pay", json!({}))],
        &[("pay", json!({})), ("mine", json!({}))],
        &[("pay", json!({ "percent": 120 })), ("mine", json!({}))],
        &[("pay", part), ("wait", json!({ "seconds": 901 }))],
        &[("expire", json!({}))],
        &[("pay", json!({})), ("mine", json!({})), ("refund", json!({}))],
    ];
    for steps in all {
        let identifier = sandbox.order_after(steps).await;
        call("get_payment_status", json!({ "identifier": identifier }));
        call("generate_payment_qr", json!({ "identifier": identifier }));
    }
    let open = sandbox.order_after(&[]).await;
    call("wait_for_payment", json!({ "identifier": open, "timeout_seconds": 1 }));
    sandbox.fault("GET /api/v1/orders/info", "status", json!({ "status": 503, "times": 9 })).await;
    call("get_payment_status", json!({ "identifier": open }));
    answers
}

#[tokio::test]
async fn in_spanish_no_text_for_people_is_english() {
    for (what, answer) in every_tool("es", Some("Europe/Madrid")).await {
        assert_without(&ENGLISH, &answer, &what);
    }
}

#[tokio::test]
async fn in_english_no_text_for_people_is_spanish() {
    for (what, answer) in every_tool("en", None).await {
        assert_without(&SPANISH, &answer, &what);
    }
}

#[tokio::test]
async fn customers_read_amounts_and_times_in_the_forms_of_their_language() {
    let sandbox = Sandbox::start();
    for (language, zone, price, time) in [
        ("es", Some("Europe/Madrid"), "5,00 €", "antes de la"),
        ("es", None, "5,00 €", "a tiempo (quedan 14 min)"),
        ("en", Some("Europe/Madrid"), "5.00 EUR", "before "),
        ("en", None, "5.00 EUR", "Z (14 min left)"),
    ] {
        let mut environment = sandbox.exports().to_vec();
        environment.push(("BITNOVO_LANGUAGE", language));
        environment.extend(zone.map(|zone| ("PAYMENTS_TIMEZONE", zone)));
        let mut session = Session::start(Revision::Handshake, &[], &environment);
        let link = session.done("create_payment_link", json!({ "amount_eur": 5 }));
        assert!(link["customer_message"].as_str().unwrap().contains(price), "{link}");
        assert_eq!((&link["fiat_amount"], &link["fiat_currency"]), (&json!("5.00"), &json!("EUR")));
        let order =
            session.done("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC" }));
        let message = order["customer_message"].as_str().unwrap();
        assert!(message.contains(time) && message.contains("14 min"), "{message}");
        // The structured time is the same for every language.
        assert!(order["expires_at"].as_str().unwrap().ends_with('Z'), "{order}");
        if zone.is_some() {
            assert!(!message.contains('Z'), "{message}");
        }
    }
}

#[test]
fn an_unknown_time_zone_is_a_wrong_setting() {
    let done = payments_test_support::process::run(
        &["call", "list_currencies_catalog", "--sandbox"],
        &[("PAYMENTS_TIMEZONE", "Europe/Madird")],
    );
    assert_eq!(done.code, Some(78), "{done:?}");
    assert!(done.stderr.contains("PAYMENTS_TIMEZONE") && done.stderr.contains("Europe/Madrid"), "{done:?}");
}
