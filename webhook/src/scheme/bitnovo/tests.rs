use super::*;
use crate::event::EventSource;

#[derive(serde::Deserialize)]
struct Vector {
    secret_hex: String,
    nonce: String,
    body: String,
    signature: String,
}

fn published() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn secret(text: &str) -> Secret {
    text.parse().unwrap()
}

fn at(unix_seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(unix_seconds)
}

fn check(vector: &Vector, secrets: Vec<Secret>, now: u64) -> Result<String, Rejection> {
    let headers = [
        ("X-Nonce", vector.nonce.as_bytes()),
        ("x-signature", vector.signature.as_bytes()),
        ("Host", b"shop.example"),
    ];
    let scheme = Bitnovo::new(secrets).unwrap();
    let verified = scheme.verify(Unverified { headers: &headers, body: vector.body.as_bytes() })?;
    let fresh = verified.fresh(scheme.window(), at(now))?;
    Ok(fresh.verified().signature().to_string())
}

fn refuse(headers: &[(&str, &[u8])], body: &[u8]) -> Rejection {
    let key = secret(&published()[0].secret_hex);
    Bitnovo::new(vec![key]).unwrap().verify(Unverified { headers, body }).unwrap_err()
}

/// Verifies `body` as if it had been signed in its place, and describes it.
fn describe(nonce: &str, body: &[u8]) -> Description {
    let key = secret(&published()[0].secret_hex);
    let signature = sign(&key, nonce, body).to_string();
    let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
    let scheme = Bitnovo::new(vec![key]).unwrap();
    scheme.describe(&scheme.verify(Unverified { headers: &headers, body }).unwrap())
}

#[test]
fn published_vectors_are_signed_and_verified() {
    for vector in published() {
        let key = secret(&vector.secret_hex);
        assert_eq!(sign(&key, &vector.nonce, vector.body.as_bytes()).to_string(), vector.signature);
        assert_eq!(check(&vector, vec![key], 1_645_634_942).unwrap(), vector.signature);
    }
}

#[test]
fn verified_holds_the_body_and_the_time_of_signing() {
    let vector = &published()[0];
    let headers = [("X-NONCE", vector.nonce.as_bytes()), ("X-SIGNATURE", vector.signature.as_bytes())];
    let scheme = Bitnovo::new(vec![secret(&vector.secret_hex)]).unwrap();
    let verified = scheme.verify(Unverified { headers: &headers, body: vector.body.as_bytes() }).unwrap();
    assert_eq!(verified.body(), vector.body.as_bytes());
    assert_eq!(verified.signed_at(), Some(at(1_645_634_942)));
}

#[test]
fn a_signature_in_upper_case_is_the_same_signature() {
    let mut vector = published().remove(0);
    let lower = vector.signature.clone();
    vector.signature = lower.to_uppercase();
    assert_eq!(check(&vector, vec![secret(&vector.secret_hex)], 1_645_634_942).unwrap(), lower);
}

#[test]
fn any_of_several_secrets_verifies_and_without_one_there_is_nothing_to_verify_with() {
    let vector = &published()[0];
    let other = || secret(&"11".repeat(32));
    assert!(check(vector, vec![other(), secret(&vector.secret_hex)], 1_645_634_942).is_ok());
    assert!(check(vector, vec![secret(&vector.secret_hex), other()], 1_645_634_942).is_ok());
    assert_eq!(check(vector, vec![other()], 1_645_634_942), Err(Rejection::BadSignature));
    assert_eq!(Bitnovo::new(Vec::new()).unwrap_err(), NoSecret);
}

#[test]
fn every_flipped_bit_of_the_body_is_noticed() {
    let vector = &published()[0];
    let headers = [("X-NONCE", vector.nonce.as_bytes()), ("X-SIGNATURE", vector.signature.as_bytes())];
    for place in 0..vector.body.len() * 8 {
        let mut body = vector.body.clone().into_bytes();
        body[place / 8] ^= 1 << (place % 8);
        assert_eq!(refuse(&headers, &body), Rejection::BadSignature, "bit {place}");
    }
}

#[test]
fn a_body_that_was_parsed_and_printed_again_is_refused() {
    let vector = &published()[0];
    let value: serde_json::Value = serde_json::from_str(&vector.body).unwrap();
    let headers = [("X-NONCE", vector.nonce.as_bytes()), ("X-SIGNATURE", vector.signature.as_bytes())];
    let printed_again = [
        value.to_string(),
        serde_json::to_string_pretty(&value).unwrap(),
        vector.body.replace("100.0", "100"),
        vector.body.replace(", ", ","),
        vector.body.replace(
            "\"fiat_amount\": 100.0, \"status\": \"AC\"",
            "\"status\": \"AC\", \"fiat_amount\": 100.0",
        ),
        format!("{}\n", vector.body),
        format!("\u{feff}{}", vector.body),
    ];
    for body in printed_again {
        assert_ne!(body, vector.body);
        assert_eq!(refuse(&headers, body.as_bytes()), Rejection::BadSignature, "{body}");
    }
}

#[test]
fn a_signature_with_the_secret_as_text_or_with_another_nonce_is_refused() {
    let vector = &published()[0];
    let body = vector.body.as_bytes();
    let tag = Hmac::<Sha256>::new_from_slice(vector.secret_hex.as_bytes()).unwrap();
    let as_text = tag.chain_update(&vector.nonce).chain_update(body).finalize().into_bytes();
    let as_text = hex::encode(as_text);
    let headers = [("X-NONCE", vector.nonce.as_bytes()), ("X-SIGNATURE", as_text.as_bytes())];
    assert_eq!(refuse(&headers, body), Rejection::BadSignature);

    let other_nonce = [("X-NONCE", b"1645634943".as_slice()), ("X-SIGNATURE", vector.signature.as_bytes())];
    assert_eq!(refuse(&other_nonce, body), Rejection::BadSignature);
}

#[test]
fn a_digit_cannot_move_from_the_nonce_into_the_body() {
    let vector = &published()[0];
    let body = format!("2{}", vector.body);
    let headers = [("X-NONCE", b"164563494".as_slice()), ("X-SIGNATURE", vector.signature.as_bytes())];
    assert!(matches!(refuse(&headers, body.as_bytes()), Rejection::MalformedNonce { .. }));
}

#[test]
fn freshness_holds_up_to_the_tolerance_on_either_side() {
    let vector = &published()[0];
    let check = |now| check(vector, vec![secret(&vector.secret_hex)], now);
    let stale = |age_seconds| Err(Rejection::Stale { age_seconds, tolerance_seconds: 20 });
    for now in [1_645_634_961, 1_645_634_962, 1_645_634_923, 1_645_634_922] {
        assert!(check(now).is_ok());
    }
    assert_eq!(check(1_645_634_963), stale(21));
    assert_eq!(check(1_645_634_921), stale(-21));
}

#[test]
fn staleness_is_told_only_to_a_key_holder() {
    let vector = &published()[0];
    let other = secret(&"11".repeat(32));
    assert_eq!(check(vector, vec![other], 1_900_000_000), Err(Rejection::BadSignature));
}

#[test]
fn missing_repeated_and_malformed_headers_are_told_apart() {
    let signature = "ab".repeat(32);
    let signature = signature.as_bytes();
    let nonce = b"1645634942".as_slice();
    let refuse = |headers: &[(&str, &[u8])]| refuse(headers, b"{}");
    assert_eq!(refuse(&[("X-SIGNATURE", signature)]), Rejection::MissingHeader { name: "X-NONCE" });
    assert_eq!(refuse(&[("X-NONCE", nonce)]), Rejection::MissingHeader { name: "X-SIGNATURE" });
    let twice = [("X-NONCE", nonce), ("x-nonce", nonce), ("X-SIGNATURE", signature)];
    assert_eq!(refuse(&twice), Rejection::RepeatedHeader { name: "X-NONCE" });
    for bad in ["", "164563494", "16456349420", "+645634942", " 645634942", "1645634942\n", "1645634"] {
        let outcome = refuse(&[("X-NONCE", bad.as_bytes()), ("X-SIGNATURE", signature)]);
        assert!(matches!(outcome, Rejection::MalformedNonce { .. }), "{bad:?}");
    }
    for bad in [&signature[1..], b"".as_slice(), b"zz", &[signature, b"0"].concat()] {
        let outcome = refuse(&[("X-NONCE", nonce), ("X-SIGNATURE", bad)]);
        assert!(matches!(outcome, Rejection::MalformedSignature { .. }), "{bad:?}");
    }
}

#[test]
fn an_event_is_named_after_its_payment_and_nonce_and_is_the_same_when_signed_anew() {
    let first = describe("1645634942", br#"{"identifier": "p1", "status": "AC", "safe": false}"#);
    assert_eq!(first.event_id, "p1:1645634942");
    assert_eq!(first.identifier.as_deref(), Some("p1"));
    assert_eq!(first.status.as_deref(), Some("AC"));

    let signed_anew = describe("1645634943", br#"{"identifier": "p1", "status": "AC", "safe": false}"#);
    assert_eq!(signed_anew.identity, first.identity);
    assert_ne!(signed_anew.event_id, first.event_id);

    let released = describe("1645634942", br#"{"identifier": "p1", "status": "AC", "safe": true}"#);
    assert_ne!(released.identity, first.identity);
}

#[test]
fn a_body_that_names_no_payment_is_described_all_the_same() {
    for body in ["", "not json", "[]", "{}", r#"{"identifier": null}"#, r#"{"identifier": ""}"#] {
        let description = describe("1645634942", body.as_bytes());
        assert_eq!(description.identifier, None, "{body}");
        assert_eq!(description.event_id, "unidentified:1645634942");
    }
    let description = describe("1645634942", br#"{"identifier": 42, "status": ["?"]}"#);
    assert_eq!(description.identifier.as_deref(), Some("42"));
    assert_eq!(description.status.as_deref(), Some(r#"["?"]"#));
}

#[test]
fn strangers_are_answered_alike_and_a_replay_as_configured() {
    let scheme = || Bitnovo::new(vec![secret(&published()[0].secret_hex)]).unwrap();
    let answer = |refused| scheme().answer(&ReceiveOutcome::Rejected(refused));
    let bad = answer(Rejection::BadSignature);
    assert_eq!((bad.status, &*bad.body), (401, r#"{"error":{"code":"INVALID_SIGNATURE"}}"#));
    for refused in [
        Rejection::MissingHeader { name: "X-NONCE" },
        Rejection::RepeatedHeader { name: "X-NONCE" },
        Rejection::MalformedNonce { expected: "" },
        Rejection::MalformedSignature { expected: "" },
        Rejection::Stale { age_seconds: 21, tolerance_seconds: 20 },
        Rejection::BeforeMemory,
        Rejection::Replayed,
    ] {
        assert_eq!(answer(refused), bad);
    }
    let acknowledged =
        scheme().acknowledging_replays().answer(&ReceiveOutcome::Rejected(Rejection::Replayed));
    assert_eq!((acknowledged.status, &*acknowledged.body), (200, r#"{"success":true}"#));

    let known = scheme().answer(&ReceiveOutcome::Known { event_id: "a\"b:1".to_owned() });
    assert_eq!((known.status, &*known.body), (200, r#"{"success":true,"event_id":"a\"b:1"}"#));
}

#[test]
fn a_payment_read_from_the_api_is_one_event_however_often_it_is_read() {
    let payment = br#"{"identifier": "p1", "status": "CO", "confirmed_amount": 3.09e-05}"#;
    let first = reconciled(payment, at(1_645_634_942)).unwrap();
    let again = reconciled(payment, at(1_645_634_999)).unwrap();
    assert_eq!(first.identity(), again.identity());
    assert_eq!(first.event_id(), again.event_id());
    assert_eq!(first.source(), EventSource::Reconciled);
    assert!(!first.validated(), "no signature vouches for it");
    assert_eq!(first.payload().get(), str::from_utf8(payment).unwrap());
    for other in ["", "[]", "{}", r#"{"identifier": null}"#] {
        assert_eq!(reconciled(other.as_bytes(), at(0)).unwrap_err(), NotAPayment, "{other}");
    }
}

#[test]
fn a_notification_keeps_every_digit_and_every_field() {
    let body = br#"{"identifier": "p1", "status": "XX", "fiat_amount": 100.0, "crypto_amount": "1.21461894",
        "unconfirmed_amount": null, "confirmed_amount": 3.09e-05, "currency": "DASH", "safe": "True", "more": [1.50]}"#;
    let notification = Notification::of(&reconciled(body, at(0)).unwrap()).unwrap();
    let expected = Notification {
        identifier: Some("p1".to_owned()),
        status: Some("XX".to_owned()),
        fiat_amount: Some("100.0".to_owned()),
        crypto_amount: Some("1.21461894".to_owned()),
        confirmed_amount: Some("3.09e-05".to_owned()),
        currency: Some("DASH".to_owned()),
        safe: Some(true),
        other: [("more".to_owned(), "[1.50]".to_owned())].into(),
        ..Notification::default()
    };
    assert_eq!(notification, expected);
}

#[test]
fn a_text_that_is_not_a_secret_is_refused_without_repeating_it() {
    let good = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
    let refused = |text: &str| text.parse::<Secret>().unwrap_err();
    assert_eq!(refused(&format!(" {good}")), SecretError::SurroundingSpace);
    assert_eq!(refused(&format!("{good}\n")), SecretError::SurroundingSpace);
    assert_eq!(refused(""), SecretError::Length { found: 0 });
    assert_eq!(refused(&good[..63]), SecretError::Length { found: 63 });
    assert_eq!(refused(&format!("{good}00")), SecretError::Length { found: 66 });
    assert_eq!(refused(&good.replace("7c", "7x")), SecretError::NotHex { place: 12 });
    assert_eq!(refused("my-secret"), SecretError::NotHex { place: 1 });
    assert!(!refused("my-secret").to_string().contains("my-secret"));
}

#[test]
fn neither_secret_nor_signature_can_be_read_from_debug_output() {
    let vector = &published()[0];
    let key = secret(&vector.secret_hex);
    let signature = sign(&key, &vector.nonce, vector.body.as_bytes());
    assert_eq!(format!("{key:?}"), "Secret(hidden)");
    assert_eq!(format!("{signature:?}"), "Signature(ff2ac6…)");
}

#[test]
fn a_payment_is_named_alike_in_whatever_case_it_is_written() {
    const LOWER: &str = "1040095a-737d-41a2-a2e1-d031d19ec8cd";
    for written in [LOWER.to_owned(), LOWER.to_uppercase(), LOWER.replace('a', "A")] {
        let body = format!(r#"{{"identifier": "{written}", "status": "CO"}}"#);
        let description = describe("1645634942", body.as_bytes());
        assert_eq!(description.identifier.as_deref(), Some(LOWER));
        assert_eq!(description.event_id, format!("{LOWER}:1645634942"));
        assert_eq!(reconciled(body.as_bytes(), at(0)).unwrap().identifier(), Some(LOWER));
    }
    for other in ["ORDER-7", "1040095A-737D-41A2-A2E1-D031D19EC8C", "1040095A-737D-41A2-A2E1-D031D19EC8CG"] {
        let body = format!(r#"{{"identifier": "{other}"}}"#);
        assert_eq!(describe("1645634942", body.as_bytes()).identifier.as_deref(), Some(other));
    }
}

#[test]
fn a_body_that_is_almost_json_still_names_its_payment() {
    let good = r#"{"identifier": "p1", "status": "CO", "fiat_amount": 5, "received_amount": 7}"#;
    for body in [
        good.replace('7', "NaN").into_bytes(),
        good.replace('7', "-Infinity").into_bytes(),
        good.replace('7', "1e400").into_bytes(),
        format!("\u{feff}{good}").into_bytes(),
        [&good.as_bytes()[..good.len() - 1], &b", \"notes\": \"\xff\"}"[..]].concat(),
    ] {
        let description = describe("1645634942", &body);
        let found = (description.identifier.as_deref(), description.status.as_deref());
        assert_eq!(found, (Some("p1"), Some("CO")), "{}", String::from_utf8_lossy(&body));
    }
}

#[test]
fn an_age_is_told_without_a_sign() {
    let text = |age_seconds| Rejection::Stale { age_seconds, tolerance_seconds: 20 }.to_string();
    assert!(text(-24).starts_with("signed 24 s later than this machine's clock"), "{}", text(-24));
    assert!(text(24).starts_with("signed 24 s earlier than this machine's clock"), "{}", text(24));
}
