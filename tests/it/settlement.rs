//! What is told about a payment that did not go as planned: exact amounts, a sentence for the customer in the merchant's
//! language, and the next step for the agent.

use payments_test_support::{
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{IDENTIFIER, Stub, exports, json_answer, payment},
};
use serde_json::{Value, json};

/// A payment of 50 EUR in BTC (0.00083334) after some steps, as both tools that tell the status have it.
async fn after(steps: &[(&str, Value)], language: &str) -> Value {
    let sandbox = Sandbox::start();
    let identifier = sandbox.order_after(steps).await;
    let mut environment = sandbox.exports().to_vec();
    environment.push(("BITNOVO_LANGUAGE", language));
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let answer = session.call("get_payment_status", json!({ "identifier": identifier }));
    let read = answer.done("get_payment_status");
    let message = read["customer_message"].as_str().unwrap();
    assert!(answer.texts()[0].ends_with(message), "the text for people ends with it: {:?}", answer.texts());
    let waited = session.done("wait_for_payment", json!({ "identifier": identifier, "timeout_seconds": 1 }));
    for field in ["customer_message", "next_action", "remaining_amount", "surplus_amount", "shortfall_amount"]
    {
        assert_eq!(waited.get(field), read.get(field), "{field}");
    }
    read
}

#[tokio::test]
async fn who_paid_too_little_is_told_exactly_what_is_missing_where_and_until_when() {
    let short = after(&[("pay", json!({ "amount": "0.0005" }))], "en").await;
    assert_eq!((&short["verdict"], &short["remaining_amount"]), (&json!("underpaid"), &json!("0.00033334")));
    let message = short["customer_message"].as_str().unwrap();
    assert!(message.starts_with("0.00033334 BTC is still missing"), "{message}");
    assert!(message.contains("network of BTC"), "{message}");
    assert!(message.contains(&short["expires_at"].as_str().unwrap()[..16]), "{message} {short}");
    assert!(short["next_action"].as_str().unwrap().contains("do not create another payment"), "{short}");
    let spanish = after(&[("pay", json!({ "amount": "0.0005" }))], "es").await;
    assert!(
        spanish["customer_message"].as_str().unwrap().starts_with("Importe que falta: 0.00033334 BTC"),
        "{spanish}"
    );
}

#[tokio::test]
async fn who_paid_too_much_is_told_the_exact_surplus_and_who_refunds_it() {
    for (language, surplus, refund) in
        [("en", "0.00000001 BTC too much", "the merchant"), ("es", "0.00000001 BTC de más", "el comercio")]
    {
        let over = after(&[("pay", json!({ "amount": "0.00083335" })), ("mine", json!({}))], language).await;
        assert_eq!((&over["verdict"], &over["surplus_amount"]), (&json!("overpaid"), &json!("0.00000001")));
        let message = over["customer_message"].as_str().unwrap();
        assert!(message.contains(surplus) && message.contains(refund), "{message}");
        assert!(over["next_action"].as_str().unwrap().starts_with("Hand over the goods"), "{over}");
    }
}

#[tokio::test]
async fn what_needs_a_person_says_why_and_how_much_was_missing() {
    let (late, part) = (json!({ "seconds": 901 }), json!({ "amount": "0.0005" }));
    for (steps, details, shortfall, words) in [
        (
            vec![("pay", part.clone()), ("wait", late.clone())],
            "short",
            Some("0.00033334"),
            "0.00033334 BTC short",
        ),
        (
            vec![("wait", late.clone()), ("pay", json!({})), ("mine", json!({}))],
            "late",
            None,
            "in full, but after",
        ),
        (
            vec![("wait", late), ("pay", part), ("mine", json!({}))],
            "both",
            Some("0.00033334"),
            "0.00033334 BTC short",
        ),
    ] {
        let read = after(&steps, "en").await;
        assert_eq!((&read["verdict"], &read["details"]), (&json!("needs_review"), &json!(details)));
        assert_eq!(read.get("shortfall_amount"), shortfall.map(Value::from).as_ref(), "{read}");
        assert_eq!(read.get("remaining_amount"), None, "it can not be paid any more: {read}");
        assert!(read["customer_message"].as_str().unwrap().contains(words), "{read}");
        assert!(read["next_action"].as_str().unwrap().contains("tell the merchant"), "{read}");
    }
}

#[tokio::test]
async fn a_payment_whose_tag_is_missing_is_not_to_be_paid() {
    let stub = Stub::start().await;
    let mut read = payment("XRP_TEST");
    read["tag_memo"] = json!("");
    stub.read(json_answer(&json!([read]))).await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let identifier = json!({ "identifier": IDENTIFIER });
    assert_eq!(session.refused("generate_payment_qr", identifier.clone())["code"], "TAG_REQUIRED");
    let read = session.done("get_payment_status", identifier);
    assert_eq!(read["verdict"], "unpaid");
    let message = read["customer_message"].as_str().unwrap();
    assert!(message.starts_with("Please do not send anything") && message.contains("XRP_TEST"), "{message}");
    assert!(read["next_action"].as_str().unwrap().starts_with("Do not let the customer pay"), "{read}");
}
