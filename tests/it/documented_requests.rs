//! The requests of the product's documentation, and what their results say.

use payments_test_support::{
    keys,
    session::{Revision, Session},
};
use serde_json::{Value, json};

/// The requests of the product's documentation, word for word; `…` stands for the identifier of an order.
const DOCUMENTED: [(&str, &str); 7] = [
    (
        "create_payment_onchain",
        r#"{"amount_eur": 50.0, "input_currency": "BTC", "fiat": "EUR", "notes": "Coffee payment", "include_qr": true}"#,
    ),
    ("create_payment_onchain", r#"{"amount_eur": 5.0, "input_currency": "BTC", "notes": "Tip - Table 7"}"#),
    (
        "create_payment_onchain",
        r#"{"amount_eur": 500.0, "input_currency": "USDC_ERC20", "fiat": "USD", "notes": "Invoice #2025-001 - Web development"}"#,
    ),
    (
        "create_payment_link",
        r#"{"amount_eur": 50.0, "fiat": "EUR", "url_ok": "https://mystore.com/success", "url_ko": "https://mystore.com/cancelled", "notes": "Order #1234", "include_qr": true}"#,
    ),
    (
        "create_payment_link",
        r#"{"amount_eur": 200.0, "url_ok": "https://hotel.com/bookings/confirm/789", "url_ko": "https://hotel.com/bookings/cancel/789", "notes": "Reservation deposit"}"#,
    ),
    ("list_currencies_catalog", r#"{"filter_by_amount": 25.0}"#),
    (
        "generate_payment_qr",
        r#"{"identifier": "…", "qr_type": "both", "size": 512, "style": "branded", "branding": true}"#,
    ),
];

#[test]
fn every_request_of_the_documentation_works_verbatim() {
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &["--sandbox"], &[]);
        let tools = session.tools();
        let mut identifier = String::new();
        for (number, (name, arguments)) in DOCUMENTED.into_iter().enumerate() {
            let arguments = arguments.replace('…', &identifier);
            let answer = session.call(name, serde_json::from_str(&arguments).unwrap());
            let result = answer.done(&arguments);
            if number == 0 {
                identifier = result["identifier"].as_str().unwrap().to_owned();
            }
            let tool = tools.iter().find(|tool| tool["name"] == name).unwrap();
            let schema =
                jsonschema::options().should_validate_formats(true).build(&tool["outputSchema"]).unwrap();
            let faults: Vec<String> = schema.iter_errors(&result).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{name}: {faults:?} in {result}");
            let described = keys(&tool["outputSchema"]["properties"]);
            assert!(
                keys(&result).iter().all(|key| described.contains(key)),
                "{name} answers more than it describes"
            );
            assert!(!result.to_string().contains("null"), "absent rather than null: {result}");
            assert_eq!(result["sandbox"], true);
            let texts = answer.texts();
            assert_eq!(
                serde_json::from_str::<Value>(texts.last().unwrap()).unwrap(),
                result,
                "the JSON as text"
            );
            assert!(!texts[0].starts_with('{'), "first a block for people: {}", texts[0]);
            let codes = keys(&result).iter().filter(|key| key.starts_with("qr_")).count();
            assert_eq!(answer.images().len(), codes, "one image for each code");
        }
    }
}

#[test]
fn an_onchain_payment_says_everything_a_customer_needs() {
    let mut session = Session::on_sandbox();
    let answer =
        session.call("create_payment_onchain", json!({ "amount_eur": 50.0, "input_currency": "BTC" }));
    let result = answer.done("an on-chain payment");
    assert_eq!((&result["fiat_amount"], &result["fiat_currency"]), (&json!("50.00"), &json!("EUR")));
    assert_eq!((&result["currency_id"], &result["status"]), (&json!("BTC"), &json!("PE")));
    assert_eq!(result.get("tag_memo"), None);
    let amount = result["expected_output_amount"].as_str().unwrap();
    let address = result["address"].as_str().unwrap();
    let uri = result["payment_uri"].as_str().unwrap();
    assert!(uri.starts_with(&format!("bitcoin:{address}?amount={amount}")), "{uri}");
    let expiry = result["expires_at"].as_str().unwrap();
    assert!(expiry.ends_with('Z'), "times are UTC: {expiry}");
    for part in [amount, address, "BTC", &expiry[..16]] {
        assert!(answer.texts()[0].contains(part), "{part} is missing in {}", answer.texts()[0]);
    }
    assert!(!keys(&result).iter().any(|field| field.contains("rate")), "a rate would mislead: {result}");
}

#[test]
fn a_destination_tag_is_in_the_result_the_text_and_the_payment_uri() {
    let mut session = Session::on_sandbox();
    let arguments = json!({ "amount_eur": 10, "input_currency": "XRP", "include_qr": true });
    let answer = session.call("create_payment_onchain", arguments);
    let result = answer.done("a payment in XRP");
    let tag = result["tag_memo"].as_str().unwrap();
    assert!(answer.texts()[0].contains(tag), "{}", answer.texts()[0]);
    assert!(result["payment_uri"].as_str().unwrap().contains(&format!("dt={tag}")), "{result}");
    assert!(result["warnings"].to_string().to_lowercase().contains("tag"), "{result}");
    let drawn = session.call("generate_payment_qr", json!({ "identifier": result["identifier"] }));
    assert_eq!(drawn.done("its codes")["tag_memo"], tag);
    assert!(drawn.texts()[0].contains(tag));
}
