use bitnovo_pay_webhook::scheme::bitnovo::{Secret, sign};

use super::*;

const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
const NONCE: &str = "1645634942";
const SENT: &str = r#"{"fiat_amount": 100.0, "status": "AC", "confirmed_amount": 0.0, "notes": "caf\u00e9: 1, 2", "safe": true}"#;

fn scheme() -> Bitnovo {
    Bitnovo::new(vec![SECRET.parse().unwrap()]).unwrap()
}

/// The hint for a body that is not the one that was signed.
fn hint_for(sent: &str, at_hand: &str) -> String {
    let secret: Secret = SECRET.parse().unwrap();
    let signature = sign(&secret, NONCE, sent.as_bytes()).to_string();
    hint_of(&signature, NONCE, at_hand)
}

fn hint_of(signature: &str, nonce: &str, body: &str) -> String {
    let claimed = Claimed { nonce, signature, body: body.as_bytes() };
    let refused =
        scheme().verify(Unverified { headers: &claimed.headers(), body: claimed.body }).unwrap_err();
    hint(&refused, &scheme(), SECRET, claimed)
}

fn signed_with_text(key: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    let tag: [u8; 32] = mac.chain_update(NONCE).chain_update(body).finalize().into_bytes().into();
    Signature::from(tag).to_string()
}

#[test]
fn a_line_break_at_the_end_is_found() {
    for end in ["\n", "\r\n", " \n"] {
        let hint = hint_for(SENT, &format!("{SENT}{end}"));
        assert!(hint.contains("ends in a line break"), "{hint}");
    }
}

#[test]
fn a_body_that_was_printed_again_is_found_however_it_was_printed() {
    let compact =
        r#"{"fiat_amount":100.0,"status":"AC","confirmed_amount":0.0,"notes":"caf\u00e9: 1, 2","safe":true}"#;
    let by_javascript =
        r#"{"fiat_amount":100,"status":"AC","confirmed_amount":0,"notes":"café: 1, 2","safe":true}"#;
    let pretty = "{\n  \"fiat_amount\": 100.0,\n  \"status\": \"AC\",\n  \"confirmed_amount\": 0.0,\n  \"notes\": \"caf\\u00e9: 1, 2\",\n  \"safe\": true\n}\n";
    for (at_hand, also) in [(compact, None), (pretty, None), (by_javascript, Some("100.0 where"))] {
        let hint = hint_for(SENT, at_hand);
        assert!(hint.contains("parsed and printed again") && hint.contains(r#"", " and ": ""#), "{hint}");
        assert_eq!(hint.contains("100.0 where"), also.is_some(), "{hint}");
    }
    let hint = hint_for(compact, SENT);
    assert!(hint.contains("parsed and printed again") && hint.contains(r#""," and ":""#), "{hint}");
}

#[test]
fn a_secret_taken_as_text_is_found_also_under_another_mistake() {
    for key in [SECRET.to_owned(), SECRET.to_uppercase()] {
        let hint = hint_of(&signed_with_text(&key, SENT), NONCE, SENT);
        assert!(hint.contains("took the secret as text") && !hint.contains("Besides"), "{hint}");
        assert!(!hint.to_lowercase().contains(SECRET), "{hint}");
    }
    let hint = hint_of(&signed_with_text(SECRET, SENT), NONCE, &format!("{SENT}\n"));
    assert!(hint.contains("took the secret as text") && hint.contains("Besides, the body ends"), "{hint}");
}

#[test]
fn wrong_headers_are_named() {
    let tag = "ab".repeat(32);
    for (nonce, signature, named) in [
        (tag.as_str(), NONCE, "swapped"),
        (NONCE, &*format!("sha256={tag}"), "sha256="),
        (NONCE, &*format!("v1={tag}"), "no prefix"),
        (NONCE, &*format!("X-SIGNATURE: {tag}"), "values alone"),
        (NONCE, &*format!("\"{tag}\""), "values alone"),
        (" 1645634942", &*tag, "values alone"),
        ("X-NONCE: 1645634942", &*tag, "values alone"),
        ("1645634942000", &*tag, "milliseconds"),
        ("a3f2", &*tag, "X-NONCE and X-SIGNATURE"),
    ] {
        let hint = hint_of(signature, nonce, SENT);
        assert!(hint.contains(named), "{nonce} {signature}: {hint}");
    }
}

#[test]
fn the_clock_is_blamed_by_as_much_as_it_is_off() {
    let claimed = Claimed { nonce: NONCE, signature: "", body: b"" };
    let stale = |age_seconds| Refused::Stale { age_seconds, tolerance_seconds: 20 };
    let late = hint(&stale(90), &scheme(), SECRET, claimed);
    assert!(late.contains("90 s ahead") && late.contains("--no-max-age"), "{late}");
    let early = hint(&stale(-3600), &scheme(), SECRET, claimed);
    assert!(early.contains("3600 s behind") && !early.contains("--no-max-age"), "{early}");
}

#[test]
fn what_nothing_explains_is_said_to_be_so() {
    let hint = hint_of(&"ab".repeat(32), NONCE, SENT);
    assert!(hint.contains("Compare the secret with the dashboard"), "{hint}");
    assert!(hint_for(SENT, "").contains("the body is empty"));
    assert!(hint_for(SENT, &SENT.replace("AC", "CO")).contains("Compare the secret"));
}
