use super::*;
use crate::scheme::bitnovo::sign;

const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
const NONCE: &str = "1645634942";
/// As the provider writes it.
const SENT: &str = r#"{"fiat_amount": 100.0, "status": "AC", "crypto_amount": 3.09e-05, "confirmed_amount": 0.0, "currency": "BTC", "identifier": "1040095a-737d-41a2-a2e1-d031d19ec8cd", "safe": true, "reference": "caf\u00e9 <b> & a/b: \"1, 2\""}"#;

fn secret() -> Secret {
    SECRET.parse().unwrap()
}

fn signed(body: &str) -> String {
    sign(&secret(), NONCE, body.as_bytes()).to_string()
}

/// What is found when `at_hand` is verified with the signature over [`SENT`].
fn found(at_hand: &str) -> Vec<Mistake> {
    diagnose(&secret(), NONCE, &signed(SENT), at_hand.as_bytes())
}

fn tag(key: &[u8], message: &str) -> String {
    let tag = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message);
    hex::encode(tag.finalize().into_bytes())
}

fn reserialized(mistakes: &[Mistake]) -> &Reprint {
    match mistakes {
        [Mistake::Reserialized { as_sent }] => as_sent,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_body_that_another_language_printed_again_is_recognised() {
    let node = r#"{"fiat_amount":100,"status":"AC","crypto_amount":0.0000309,"confirmed_amount":0,"currency":"BTC","identifier":"1040095a-737d-41a2-a2e1-d031d19ec8cd","safe":true,"reference":"café <b> & a/b: \"1, 2\""}"#;
    let node_pretty =
        node.replace("\":", "\": ").replace(",\"", ",\n  \"").replace('{', "{\n  ").replace('}', "\n}\n");
    let php = r#"{"fiat_amount":100.0,"status":"AC","crypto_amount":3.09e-5,"confirmed_amount":0.0,"currency":"BTC","identifier":"1040095a-737d-41a2-a2e1-d031d19ec8cd","safe":true,"reference":"caf\u00e9 <b> & a\/b: \"1, 2\""}"#;
    let go = r#"{"confirmed_amount":0,"crypto_amount":0.0000309,"currency":"BTC","fiat_amount":100,"identifier":"1040095a-737d-41a2-a2e1-d031d19ec8cd","reference":"café \u003cb\u003e \u0026 a/b: \"1, 2\"","safe":true,"status":"AC"}"#;
    let java = SENT.replace("3.09e-05", "3.09E-5").replace(r"\u00e9", r"\u00E9");
    let ruby = SENT.replace(", \"", ",\"").replace("\": ", "\":").replace(r"\u00e9", "é");
    let python_utf8 = SENT.replace(r"\u00e9", "é");
    let marked = format!("\u{feff}{node}");
    for at_hand in [node, &node_pretty, php, go, &java, &ruby, &python_utf8, &marked] {
        assert_ne!(at_hand, SENT);
        let mistakes = found(at_hand);
        assert!(
            Explained(&mistakes).to_string().contains("parsed and printed again (re-serialized)"),
            "{at_hand}"
        );
        reserialized(&mistakes);
    }
    assert!(reserialized(&found(node)).to_string().contains("with 100.0 where this one has 100"));
    assert!(reserialized(&found(php)).to_string().contains("with 3.09e-05 where this one has 3.09e-5"));
    assert!(reserialized(&found(&python_utf8)).to_string().contains(r"with \u00e9 where this one has é"));
    assert!(reserialized(&found(go)).to_string().contains("fields in another order"));
}

#[test]
fn a_body_that_was_sent_in_another_style_is_recognised_too() {
    for sent in [
        r#"{"fiat_amount":100.0,"notes":"é"}"#,
        r#"{"fiat_amount": 100, "notes": "é", "list": [1, {"a": [2.50, null]}]}"#,
        r#"{"fiat_amount": 1e+16, "notes": "\ud83d\ude00"}"#,
        r#"[1.0, "a"]"#,
    ] {
        let at_hand = sent.replace(", ", " , ").replace("100.0", "100").replace("1e+16", "10000000000000000");
        let at_hand =
            at_hand.replace(r"\ud83d\ude00", "😀").replace("é", r"\u00e9").replace("1.0", "1") + "\n";
        let mistakes = diagnose(&secret(), NONCE, &signed(sent), at_hand.as_bytes());
        reserialized(&mistakes);
    }
}

#[test]
fn what_was_added_around_the_body_is_recognised() {
    for (at_hand, mistake) in [
        (format!("{SENT}\n"), Mistake::LineBreakAtEnd),
        (format!("{SENT}\r\n"), Mistake::LineBreakAtEnd),
        (format!("{SENT} \n"), Mistake::LineBreakAtEnd),
        (format!("\u{feff}{SENT}"), Mistake::ByteOrderMark),
        (format!("\u{feff}{SENT}\r\n"), Mistake::ByteOrderMark),
        (String::new(), Mistake::EmptyBody),
    ] {
        assert_eq!(found(&at_hand), [mistake], "{at_hand:?}");
    }
    let sent = "{\n\"a\": 1\n}\n";
    for at_hand in ["{\r\n\"a\": 1\r\n}\r\n", "{\n\"a\": 1\n}"] {
        let mistakes = diagnose(&secret(), NONCE, &signed(sent), at_hand.as_bytes());
        assert!(
            matches!(mistakes.as_slice(), [Mistake::LineBreaks | Mistake::LineBreakAtEnd]),
            "{mistakes:?}"
        );
    }
}

#[test]
fn mistakes_with_key_and_nonce_are_recognised_also_under_one_with_the_body() {
    let key = hex::decode(SECRET).unwrap();
    for (signature, mistake) in [
        (tag(SECRET.as_bytes(), &format!("{NONCE}{SENT}")), Mistake::SecretAsText),
        (tag(SECRET.to_uppercase().as_bytes(), &format!("{NONCE}{SENT}")), Mistake::SecretAsText),
        (tag(&key, SENT), Mistake::NonceLeftOut),
        (tag(&key, &format!("{SENT}{NONCE}")), Mistake::NonceLast),
        (tag(&key, &format!("{NONCE}.{SENT}")), Mistake::Separator { between: "." }),
        (tag(&key, &format!("{NONCE}\n{SENT}")), Mistake::Separator { between: "\n" }),
    ] {
        let of = |body: &str| diagnose(&secret(), NONCE, &signature, body.as_bytes());
        assert_eq!(of(SENT), std::slice::from_ref(&mistake));
        assert_eq!(of(&format!("{SENT}\n")), [mistake, Mistake::LineBreakAtEnd]);
        let text = Explained(&of(&SENT.replace("100.0", "100"))).to_string();
        assert!(text.contains(". Besides, the body was parsed and printed again"), "{text}");
        assert!(!text.to_lowercase().contains(SECRET), "{text}");
    }
}

#[test]
fn wrong_headers_are_recognised_by_their_form() {
    let tag = "ab".repeat(32);
    for (nonce, signature, mistake) in [
        (tag.as_str(), NONCE, Mistake::Swapped),
        (NONCE, &*format!("sha256={tag}"), Mistake::Prefix),
        (NONCE, &*format!("v1={tag}"), Mistake::Prefix),
        (NONCE, &*format!("X-SIGNATURE: {tag}"), Mistake::Decorated),
        (NONCE, &*format!("\"{tag}\""), Mistake::Decorated),
        (" 1645634942", &*tag, Mistake::Decorated),
        ("X-NONCE: 1645634942", &*tag, Mistake::Decorated),
        ("1645634942000", &*tag, Mistake::Milliseconds),
        (NONCE, "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=", Mistake::Base64),
        (NONCE, &tag[..40], Mistake::OtherHash { digits: 40 }),
    ] {
        assert_eq!(diagnose(&secret(), nonce, signature, SENT.as_bytes()), [mistake], "{nonce} {signature}");
    }
}

#[test]
fn what_nothing_explains_is_said_to_be_so() {
    let other: Secret = "11".repeat(32).parse().unwrap();
    assert_eq!(diagnose(&other, NONCE, &signed(SENT), SENT.as_bytes()), []);
    assert_eq!(found(&SENT.replace("100.0", "200.0")), []);
    assert_eq!(found(&SENT.replace("AC", "CO")), []);
    let deep = "[".repeat(5_000);
    for body in ["{", "\"\\", deep.as_str(), "{\"a\": 1e999999999}"] {
        assert_eq!(found(body), []);
    }
    assert_eq!(diagnose(&secret(), NONCE, "zz", SENT.as_bytes()), []);
}
