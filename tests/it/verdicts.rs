//! What became of a payment, in the words and with the verdict of the contract. Goods are handed over on a verdict, so
//! each row of the table is shown.

use payments_test_support::{
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{Stub, exports, json_answer, payment},
};
use serde_json::{Value, json};

/// Code, the words in English and Spanish, the verdict when nothing else says more.
const TABLE: [(&str, &str, &str, &str); 13] = [
    ("NR", "Not Ready", "No preparado", "unpaid"),
    ("PE", "Pending", "Pendiente", "unpaid"),
    ("AC", "Awaiting Completion", "Esperando confirmación", "detected"),
    ("IA", "Insufficient Amount", "Importe insuficiente", "underpaid"),
    ("CO", "Completed", "Completado", "paid"),
    ("CM", "Completed by Merchant", "Completado por el comercio", "paid"),
    ("OC", "Out of Conditions", "Fuera de condiciones", "needs_review"),
    ("EX", "Expired", "Expirado", "expired"),
    ("CA", "Cancelled", "Cancelado", "expired"),
    ("RF", "Refunded", "Reembolsado", "refunded"),
    ("FA", "Failed", "Fallido", "failed"),
    ("DE", "Deleted", "Eliminado", "expired"),
    ("ZZ", "Unknown (ZZ)", "Desconocido (ZZ)", "needs_review"),
];

#[tokio::test]
async fn each_status_has_its_words_in_both_languages_and_its_verdict() {
    let stub = Stub::start().await;
    let identifier = |row: usize| format!("0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a{row:02}");
    for (row, (code, ..)) in TABLE.iter().enumerate() {
        let mut read = payment("BTC_TEST");
        read["identifier"] = json!(identifier(row));
        read["status"] = json!(code);
        if ["CO", "CM", "RF"].contains(code) {
            read["confirmed_amount"] = read["crypto_amount"].clone();
        }
        stub.on("GET", &format!("/api/v1/orders/info/{}", identifier(row)), json_answer(&json!([read])))
            .await;
    }
    let base_url = stub.base_url();
    for language in ["en", "es"] {
        let mut environment = exports(&base_url).to_vec();
        environment.push(("BITNOVO_LANGUAGE", language));
        let mut session = Session::start(Revision::Handshake, &[], &environment);
        for (row, (code, english, spanish, verdict)) in TABLE.into_iter().enumerate() {
            let words = if language == "en" { english } else { spanish };
            let answer = session.call("get_payment_status", json!({ "identifier": identifier(row) }));
            let read = answer.done(code);
            assert_eq!(
                (&read["status"], &read["status_description"], &read["verdict"]),
                (&json!(code), &json!(words), &json!(verdict))
            );
            assert!(answer.texts()[0].contains(words), "{}", answer.texts()[0]);
        }
    }
}

/// A payment of 50 EUR in BTC (0.00083334), what happens to it, and what the merchant is told.
async fn after(steps: &[(&str, Value)]) -> Value {
    let sandbox = Sandbox::start();
    let identifier = sandbox.order_after(steps).await;
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    session.done("get_payment_status", json!({ "identifier": identifier }))
}

#[tokio::test]
async fn a_payment_that_was_seen_is_detected_until_it_is_safe() {
    let seen = after(&[("pay", json!({}))]).await;
    assert_eq!(
        (&seen["status"], &seen["safe"], &seen["verdict"]),
        (&json!("AC"), &json!(false), &json!("detected"))
    );
    let safe = after(&[("pay", json!({})), ("wait", json!({ "seconds": 120 }))]).await;
    assert_eq!(
        (&safe["status"], &safe["safe"], &safe["verdict"]),
        (&json!("AC"), &json!(true), &json!("paid"))
    );
}

#[tokio::test]
async fn an_underpaid_payment_says_exactly_how_much_is_missing() {
    let short = after(&[("pay", json!({ "amount": "0.0005" }))]).await;
    assert_eq!((&short["status"], &short["verdict"]), (&json!("IA"), &json!("underpaid")));
    assert_eq!(
        (&short["crypto_amount"], &short["remaining_amount"]),
        (&json!("0.00083334"), &json!("0.00033334"))
    );
    assert_eq!(short["transactions"][0]["amount"], "0.0005");
}

#[tokio::test]
async fn more_than_was_asked_for_is_overpaid() {
    let over = after(&[("pay", json!({ "percent": 120 })), ("mine", json!({}))]).await;
    assert_eq!((&over["status"], &over["verdict"]), (&json!("CO"), &json!("overpaid")));
    let exact = after(&[("pay", json!({})), ("mine", json!({}))]).await;
    assert_eq!((&exact["verdict"], &exact["confirmed_amount"]), (&json!("paid"), &json!("0.00083334")));
    assert_eq!((&exact["received_amount"], exact.get("remaining_amount")), (&json!("50.00"), None));
}

#[tokio::test]
async fn what_came_short_or_late_needs_a_person_and_says_why() {
    let (pay, part, late) = (json!({}), json!({ "percent": 60 }), json!({ "seconds": 901 }));
    for (steps, details) in [
        (vec![("pay", part.clone()), ("wait", late.clone())], "short"),
        (vec![("wait", late.clone()), ("pay", pay), ("mine", json!({}))], "late"),
        (vec![("wait", late), ("pay", part), ("mine", json!({}))], "both"),
    ] {
        let read = after(&steps).await;
        assert_eq!((&read["status"], &read["verdict"]), (&json!("OC"), &json!("needs_review")), "{steps:?}");
        assert_eq!(read["details"], details, "{steps:?}: {read}");
    }
}

#[tokio::test]
async fn texts_that_customers_wrote_come_back_as_harmless_data() {
    let stub = Stub::start().await;
    let mut read = payment("BTC_TEST");
    read["notes"] = json!("pay\u{202e}ment\u{200b} \u{7}now\u{e0041}\n\u{1b}[31m");
    read["reference"] = json!("x".repeat(2000));
    stub.read(json_answer(&json!([read]))).await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let answer = session.done("get_payment_status", json!({ "identifier": read["identifier"] }));
    let notes = answer["notes"].as_str().unwrap();
    for harmful in ['\u{202e}', '\u{200b}', '\u{7}', '\u{e0041}', '\u{1b}'] {
        assert!(!notes.contains(harmful), "{harmful:?} in {notes:?}");
    }
    assert!(answer["reference"].as_str().unwrap().len() <= 512, "{answer}");
}
