//! Amounts: what is none is refused, what is one arrives exactly, and limits are told before anything is created.

use payments_test_support::{
    answer::Answer,
    process::run,
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::json;

use crate::bad_input::{link, onchain, refuse_all};

#[tokio::test]
async fn amounts_that_are_no_amounts_are_refused() {
    let mut cases = Vec::new();
    for amount in [
        json!(0),
        json!(-5),
        json!(-0.01),
        json!(12.345),
        json!("12.345"),
        json!(1_000_000_000_000_u64),
        json!(1e300),
        json!("0"),
        json!("-5"),
        json!("12,50"),
        json!("1.234,50"),
        json!("1e400"),
        json!("NaN"),
        json!("Infinity"),
        json!(""),
        json!(" 5"),
        json!("5 EUR"),
        json!("+5"),
        json!("0x10"),
        json!("٥"),
        json!("5."),
        json!(".5"),
        json!("1_000"),
    ] {
        for (tool, arguments) in [onchain("amount_eur", amount.clone()), link("amount_eur", amount)] {
            cases.push((tool, arguments, "INVALID_AMOUNT", Some("amount_eur")));
        }
    }
    for fiat in ["JPY", "CLP", "KRW", "ISK", "PYG"] {
        let arguments = json!({ "amount_eur": "1500.5", "fiat": fiat });
        cases.push(("create_payment_link", arguments, "INVALID_AMOUNT", Some("amount_eur")));
    }
    let filter = json!({ "filter_by_amount": -1 });
    cases.push(("list_currencies_catalog", filter, "INVALID_AMOUNT", Some("filter_by_amount")));
    refuse_all(cases).await;
}

#[tokio::test]
async fn amounts_that_are_amounts_arrive_exactly() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    for (amount, fiat, shown) in [
        (json!(50.0), "EUR", "50.00"),
        (json!("19.99"), "EUR", "19.99"),
        (json!(0.29), "EUR", "0.29"),
        (json!(1_500), "JPY", "1500"),
        (json!("1500.00"), "JPY", "1500"),
        (json!("999999999999.99"), "USD", "999999999999.99"),
    ] {
        let arguments = json!({ "amount_eur": amount, "fiat": fiat });
        let link = session.done("create_payment_link", arguments.clone());
        assert_eq!(
            (&link["fiat_amount"], &link["fiat_currency"]),
            (&json!(shown), &json!(fiat)),
            "{arguments}"
        );
        let read = session.done("get_payment_status", json!({ "identifier": link["identifier"] }));
        assert_eq!(read["fiat_amount"], shown);
    }
}

#[tokio::test]
async fn limits_are_told_with_numbers_before_anything_is_created() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    for (amount, code) in [("0.99", "AMOUNT_TOO_LOW"), ("10000.01", "AMOUNT_TOO_HIGH")] {
        let error = session
            .refused("create_payment_onchain", json!({ "amount_eur": amount, "input_currency": "BTC" }));
        assert_eq!(error["code"], code, "{error}");
        let details = &error["details"];
        assert_eq!(
            (&details["min_amount"], &details["max_amount"]),
            (&json!("1.00"), &json!("10000.00")),
            "{error}"
        );
        assert_eq!(details["fiat"], "EUR", "{error}");
    }
    assert_eq!(sandbox.count().await, 0);
    let journal = sandbox.look("journal").await.to_string();
    assert!(!journal.contains("POST"), "a create was sent: {journal}");
    for amount in ["1.00", "10000.00"] {
        session.done("create_payment_onchain", json!({ "amount_eur": amount, "input_currency": "BTC" }));
    }
}

#[tokio::test]
async fn a_number_that_a_float_would_round_is_not_rounded_unseen() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    for (id, number) in ["4.99999999999999999999", "5.0000000000000001", "1e400", "5e-400"].iter().enumerate()
    {
        session.send(&format!(
            r#"{{"jsonrpc":"2.0","id":{},"method":"tools/call","params":{{"name":"create_payment_link","arguments":{{"amount_eur":{number}}}}}}}"#,
            900 + id
        ));
        let answer = session.receive();
        assert_eq!(answer["id"], 900 + id, "{answer}");
        assert_eq!(Answer::of(&answer).refused(number)["code"], "INVALID_AMOUNT", "{number}");
    }
    assert_eq!(sandbox.count().await, 0);
    let exports = sandbox.exports();
    let call = run(&["call", "create_payment_link", r#"{"amount_eur": 5.0000000000000001}"#], &exports);
    assert_eq!(call.code, Some(1), "{call:?}");
    assert_eq!(sandbox.count().await, 0);
}
