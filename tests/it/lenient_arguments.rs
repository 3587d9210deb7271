//! Values that models write in another way than the schema says: the type is read leniently, the value strictly.

use payments_test_support::{
    process::run,
    session::{Revision, Session},
};
use serde_json::{Value, json};

#[test]
fn what_is_empty_is_left_out_in_every_optional_argument() {
    let mut session = Session::on_sandbox();
    let optional =
        ["notes", "reference", "language", "idempotency_key", "confirmation_token", "fiat", "include_qr"];
    for nothing in [json!(""), Value::Null] {
        for (tool, mut arguments, more) in [
            ("create_payment_link", json!({ "amount_eur": 5 }), &["url_ok", "url_ko"][..]),
            ("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC" }), &[]),
        ] {
            for name in optional.iter().chain(more) {
                arguments[name] = nothing.clone();
            }
            let created = session.done(tool, arguments);
            assert_eq!(created["fiat_currency"], "EUR", "{created}");
            let read = session.done("get_payment_status", json!({ "identifier": created["identifier"] }));
            assert_eq!((read.get("reference"), read.get("notes")), (None, None), "{read}");
        }
        let arguments = json!({ "from": nothing, "to": nothing, "status": nothing, "reference": nothing, "limit": nothing });
        session.done("list_payments", arguments);
        session.done("list_currencies_catalog", json!({ "filter_by_amount": nothing }));
    }
}

#[test]
fn numbers_flags_and_codes_are_understood_in_other_spellings() {
    let mut session = Session::on_sandbox();
    let created = session.done(
        "create_payment_onchain",
        json!({ "amount_eur": "5", "input_currency": "BTC", "fiat": "eur", "language": "ES", "include_qr": "true" }),
    );
    assert!(created["qr_address"].is_string(), "{created}");
    let identifier = &created["identifier"];
    let side = |session: &mut Session, size: Value| {
        let arguments = json!({ "identifier": identifier, "qr_type": "ADDRESS", "size": size, "style": "Basic", "branding": "False" });
        session.done("generate_payment_qr", arguments.clone());
        let drawn = session.call("generate_payment_qr", arguments);
        drawn.images()[0].to_owned()
    };
    let expected = side(&mut session, json!(300));
    for size in [json!(300.0), json!("300"), json!("300.0"), json!("3e2")] {
        assert_eq!(side(&mut session, size.clone()), expected, "{size}");
    }
    let listed = session.done("list_payments", json!({ "status": "pe", "limit": "1" }));
    assert_eq!(listed["total_count"], 1, "{listed}");
    let waited = json!({ "identifier": identifier, "until": "SAFE", "timeout_seconds": "1" });
    assert_eq!(session.done("wait_for_payment", waited)["done"], false);
}

#[test]
fn a_refusal_says_what_was_expected_and_no_name_of_our_code() {
    let mut session = Session::on_sandbox();
    let identifier = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";
    let mut message = |tool: &str, arguments: Value| {
        let error = session.refused(tool, arguments);
        let message = error["message"].as_str().unwrap().to_owned();
        for word in
            ["u32", "u64", "i64", "f64", "struct", "enum", "variant", "sequence", "invalid type", "untagged"]
        {
            assert!(!message.contains(word), "{word}: {message}");
        }
        message
    };
    for size in [
        json!(512.5),
        json!("512.5"),
        json!(99),
        json!(true),
        json!([512]),
        json!({}),
        json!("1e400"),
        json!(-1),
    ] {
        let message = message("generate_payment_qr", json!({ "identifier": identifier, "size": size }));
        assert!(message.contains("expected a whole number from 100 to 2000"), "{size}: {message}");
    }
    for (name, value, expected) in [
        ("fiat", json!("EURO"), "expected one of ARS, "),
        ("fiat", json!(978), "expected one of ARS, "),
        ("include_qr", json!("yes"), "expected true or false"),
        ("notes", json!({ "text": "Coffee" }), "expected text"),
        ("reference", json!(1001), "expected text"),
        ("language", json!(["en"]), "expected a language of two letters"),
        ("idempotency_key", json!(7), "expected a key"),
        ("amount_eur", json!([5]), "expected a number such as 19.99"),
    ] {
        let mut arguments = json!({ "amount_eur": 5 });
        arguments[name] = value;
        let message = message("create_payment_link", arguments);
        assert!(message.contains(expected), "{name}: {message}");
    }
    for (name, value) in [("from", json!(20250203)), ("status", json!(5)), ("limit", json!(0))] {
        assert!(message("list_payments", json!({ name: value })).contains("expected "), "{name}");
    }
    assert!(message("get_payment_status", json!({ "identifier": 7 })).contains("a UUID such as"));
}

#[test]
fn the_command_line_reads_arguments_in_the_same_way() {
    let done = run(
        &[
            "--sandbox",
            "call",
            "create_payment_link",
            r#"{"amount_eur":5,"fiat":"eur","reference":"","include_qr":"TRUE"}"#,
        ],
        &[],
    );
    assert_eq!(done.code, Some(0), "{done:?}");
    let created: Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(created["qr_web_url"].is_string(), "{created}");
}

#[test]
fn a_session_without_a_handshake_reads_arguments_in_the_same_way() {
    let mut session = Session::start(Revision::Stateless, &["--sandbox"], &[]);
    session.done(
        "create_payment_link",
        json!({ "amount_eur": 5, "fiat": "usd", "notes": "", "include_qr": "false" }),
    );
}
