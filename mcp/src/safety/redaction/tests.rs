use serde_json::json;

use super::{vocabulary::Fields, *};

const DEVICE: &str = "12345678-90ab-4cde-8f01-2345678990ab";
const SHOWN: &str = "12345678-****-****-****-********90ab";
const SECRET: &str = "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed";

static FIELDS: Fields = Fields {
    exact: &[
        "address",
        "currency_id",
        "customer_message",
        "expected_output_amount",
        "expires_at",
        "fiat_amount",
        "identifier",
        "next_action",
        "payment_uri",
        "replaces",
        "status",
        "tag_memo",
        "verdict",
        "web_url",
    ],
    free: &["last_error", "name", "notes", "payload", "reference"],
    names: &["get_payment_status", "LIMIT_EXCEEDED"],
};

fn nothing() -> Redaction {
    Redaction::new(Vocabulary::new([&FIELDS]))
}

fn credentials() -> Redaction {
    let mut redaction = nothing();
    redaction.hide_credential(DEVICE, SHOWN);
    redaction.hide_credential(SECRET, "[hidden]");
    redaction
}

fn token(token: &str) -> Redaction {
    let mut redaction = nothing();
    redaction.hide_token(token);
    redaction
}

#[test]
fn a_secret_is_taken_out_wherever_it_stands_and_in_either_case() {
    let mut redaction = nothing();
    redaction.hide_credential("abcdef0123", "[hidden]");
    let mut value = json!({ "payload": { "a": ["x ABCDEF0123 y abcdef0123", 1], "b": "é abcdef0123é", "c": "abcdef012", "xABCDEF0123": [] } });
    redaction.apply(&mut value);
    assert_eq!(
        value,
        json!({ "payload": { "a": ["x [hidden] y [hidden]", 1], "b": "é [hidden]é", "c": "abcdef012", "x[hidden]": [] } })
    );
}

#[test]
fn a_secret_that_was_cut_is_hidden_and_a_word_that_it_begins_with_is_not() {
    let mut redaction = token("production-key-of-the-till");
    redaction.hide_credential(DEVICE, "12345678-****");
    for (text, masked) in [
        ("\"device 12345678-90AB-4c\" is odd", Some("\"device 12345678-****\" is odd")),
        ("12345678-9012345678-90", Some("12345678-****12345678-****")),
        ("12345678-**** 12345678-", None),
        ("the production-key-of-", Some("the [hidden]")),
        ("the production-k", Some("the [hidden]")),
        ("in production-", None),
    ] {
        assert_eq!(redaction.masked(text).as_deref(), masked, "{text}");
    }
}

#[test]
fn a_secret_is_found_as_others_write_it() {
    let redaction = credentials();
    let digits = DEVICE.replace('-', "");
    let bytes = hex_bytes(SECRET).unwrap();
    for written in [
        digits.clone(),
        digits.to_uppercase(),
        digits[..12].to_owned(),
        STANDARD_NO_PAD.encode(DEVICE),
        STANDARD_NO_PAD.encode(&bytes),
        STANDARD_NO_PAD.encode(SECRET),
        percent(&bytes),
        percent(SECRET.as_bytes()),
        SECRET.bytes().map(|byte| format!("{byte:02X}")).collect(),
    ] {
        let text = format!("it says {written}.");
        let masked = redaction.masked(&text).unwrap_or_else(|| panic!("{written}"));
        let shown = [format!("it says {SHOWN}."), "it says [hidden].".to_owned()];
        assert!(shown.contains(&masked), "{masked}");
    }
    let redaction = token("a+b/c d&e=f~g");
    for written in ["a+b/c d&e=f~g", "a%2Bb%2Fc+d%26e%3Df%7Eg", "YStiL2MgZCZlPWZ+Zw", "YStiL2MgZCZlPWZ-Zw"] {
        assert_eq!(redaction.masked(written).as_deref(), Some("[hidden]"), "{written}");
    }
}

/// An answer of every kind of exact value, with sentences that repeat them.
fn answer() -> (Value, String) {
    let answer = json!({
        "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01",
        "status": "PE_STATUS_OF_THE_API",
        "verdict": "needs_review",
        "currency_id": "BTC_TEST",
        "address": "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh",
        "payment_uri": "bitcoin:bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh?amount=0.00083334",
        "expected_output_amount": "0.00083334",
        "tag_memo": "1234567890",
        "fiat_amount": "1234567890123456.00",
        "expires_at": "2026-01-01T00:00:00Z",
        "web_url": "https://pay.bitnovo.com/1a2b3c4d/",
        "customer_message": "Please send exactly 0.00083334 BTC_TEST to bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh, tag 1234567890.",
        "next_action": "Call get_payment_status; customer_message says the rest. Never LIMIT_EXCEEDED.",
        "sandbox": true,
    });
    (answer, "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01: 0.00083334 BTC_TEST, needs_review".to_owned())
}

#[test]
fn a_token_that_looks_like_a_part_of_an_answer_cuts_no_hole_into_it() {
    let (untouched, summary) = answer();
    for value in [
        "BTC_TEST",
        "PE_STATUS_OF_THE_API",
        "needs_review",
        "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01",
        "0b9d6f0e-6c5e",
        "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh",
        "bc1qxy2kgdygjrsq",
        "kgdygjrsqtzq2n0yrf2493",
        "0.00083334",
        "00083334",
        "1234567890",
        "1234567890123456",
        "2026-01-01T00:00:00Z",
        "https://pay.bitnovo.com/",
        "bitcoin:bc1qxy2k",
        "identifier",
        "customer_message",
        "expected_output_amount",
        "get_payment_status",
        "LIMIT_EXCEEDED",
    ] {
        let (mut shown, mut text) = (untouched.clone(), summary.clone());
        token(value).apply_to_answer(&mut shown, &mut [&mut text]);
        assert_eq!((&shown, &text), (&untouched, &summary), "{value}");
    }
}

#[test]
fn a_token_is_hidden_in_what_others_wrote_beside_exact_values() {
    let redaction = token("BTC_TEST");
    let mut shown =
        json!({ "currency_id": "BTC_TEST", "notes": "pay BTC_TESTING or BTC_TESTS", "name": "no BTC_TES" });
    redaction.apply(&mut shown);
    // What repeats the answer's own value cannot be told from it.
    assert_eq!(shown["notes"], "pay BTC_TESTING or BTC_TESTS");
    let redaction = token("2abc-ngrok-t0ken");
    let mut shown = json!({
        "notes": "my token is 2abc-NGROK-t0ken", "reference": "2abc-ngrok-t", "last_error": "x2abc-ngrok-t0kenx",
        "payload": { "2abc-ngrok-t0ken": "2abc-ngrok-t0ken", "identifier": "1", "deep": [[{ "2abc-ngrok-t0ken": 1 }]] },
    });
    let mut text = "2abc-ngrok-t0ken".to_owned();
    redaction.apply_to_answer(&mut shown, &mut [&mut text]);
    assert!(!format!("{shown}{text}").to_lowercase().contains("2abc-ngrok-t"), "{shown}");
    assert_eq!(shown["payload"]["identifier"], "1");
}

#[test]
fn a_credential_of_the_device_is_hidden_in_exact_places_too() {
    let redaction = credentials();
    let undashed = DEVICE.replace('-', "");
    let mut shown = json!({
        "identifier": DEVICE, "address": SECRET, "tag_memo": undashed, "currency_id": format!("X{SECRET}Y"),
        "web_url": format!("https://pay.example/?device={}", DEVICE.to_uppercase()), "status": &SECRET[..40],
        // Shares its beginning with the device, and is another.
        "replaces": "12345678-90ab-4cde-8f01-2345678990ac", "expected_output_amount": "12345678.90",
    });
    redaction.apply(&mut shown);
    assert_eq!(
        shown,
        json!({
            "identifier": SHOWN, "address": "[hidden]", "tag_memo": SHOWN, "currency_id": "X[hidden]Y",
            "web_url": format!("https://pay.example/?device={SHOWN}"), "status": "[hidden]",
            "replaces": "12345678-90ab-4cde-8f01-2345678990ac", "expected_output_amount": "12345678.90",
        })
    );
}

#[test]
fn the_names_of_our_own_fields_never_change() {
    let mut shown = json!({ "warnings": [], "identifier_of_the_till": 1 });
    let untouched = shown.clone();
    token("identifier_of_the_till").apply(&mut shown);
    assert_eq!(shown, untouched);
}
