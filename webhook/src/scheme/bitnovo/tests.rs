use super::*;

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

fn check(vector: &Vector, secrets: &[Secret], now: u64) -> Result<String, Refused> {
    let headers = [
        ("X-Nonce", vector.nonce.as_bytes()),
        ("x-signature", vector.signature.as_bytes()),
        ("Host", b"shop.example"),
    ];
    let request = Unverified {
        headers: &headers,
        body: vector.body.as_bytes(),
    };
    verify(request, secrets, at(now), TOLERANCE).map(|verified| verified.signature().to_string())
}

fn refuse(headers: &[(&str, &[u8])]) -> Refused {
    let vector = &published()[0];
    let request = Unverified {
        headers,
        body: vector.body.as_bytes(),
    };
    verify(
        request,
        &[secret(&vector.secret_hex)],
        at(1_645_634_942),
        TOLERANCE,
    )
    .unwrap_err()
}

#[test]
fn published_vectors_are_signed_and_verified() {
    for vector in published() {
        let key = secret(&vector.secret_hex);
        assert_eq!(
            sign(&key, &vector.nonce, vector.body.as_bytes()).to_string(),
            vector.signature
        );
        assert_eq!(check(&vector, &[key], 1_645_634_942).unwrap(), vector.signature);
    }
}

#[test]
fn verified_holds_the_body_and_the_time_of_signing() {
    let vector = &published()[0];
    let headers = [
        ("X-NONCE", vector.nonce.as_bytes()),
        ("X-SIGNATURE", vector.signature.as_bytes()),
    ];
    let request = Unverified {
        headers: &headers,
        body: vector.body.as_bytes(),
    };
    let verified = verify(
        request,
        &[secret(&vector.secret_hex)],
        at(1_645_634_950),
        TOLERANCE,
    )
    .unwrap();
    assert_eq!(verified.body(), vector.body.as_bytes());
    assert_eq!(verified.signed_at(), at(1_645_634_942));
}

#[test]
fn a_signature_in_upper_case_is_the_same_signature() {
    let mut vector = published().remove(0);
    let lower = vector.signature.clone();
    vector.signature = lower.to_uppercase();
    assert_eq!(
        check(&vector, &[secret(&vector.secret_hex)], 1_645_634_942).unwrap(),
        lower
    );
}

#[test]
fn any_of_several_secrets_verifies_and_none_verifies_nothing() {
    let vector = &published()[0];
    let other = "11".repeat(32);
    let both = [secret(&other), secret(&vector.secret_hex)];
    assert!(check(vector, &both, 1_645_634_942).is_ok());
    assert_eq!(
        check(vector, &[secret(&other)], 1_645_634_942),
        Err(Refused::BadSignature)
    );
    assert_eq!(check(vector, &[], 1_645_634_942), Err(Refused::BadSignature));
}

#[test]
fn every_changed_byte_of_the_body_is_noticed() {
    let vector = &published()[0];
    let key = [secret(&vector.secret_hex)];
    let headers = [
        ("X-NONCE", vector.nonce.as_bytes()),
        ("X-SIGNATURE", vector.signature.as_bytes()),
    ];
    for place in 0..vector.body.len() {
        let mut body = vector.body.clone().into_bytes();
        body[place] ^= 1;
        let outcome = verify(
            Unverified {
                headers: &headers,
                body: &body,
            },
            &key,
            at(1_645_634_942),
            TOLERANCE,
        );
        assert_eq!(outcome.unwrap_err(), Refused::BadSignature, "byte {place}");
    }
}

#[test]
fn a_digit_cannot_move_from_the_nonce_into_the_body() {
    let vector = &published()[0];
    let body = format!("2{}", vector.body);
    let headers = [
        ("X-NONCE", b"164563494".as_slice()),
        ("X-SIGNATURE", vector.signature.as_bytes()),
    ];
    let request = Unverified {
        headers: &headers,
        body: body.as_bytes(),
    };
    let outcome = verify(
        request,
        &[secret(&vector.secret_hex)],
        at(1_645_634_942),
        TOLERANCE,
    );
    assert_eq!(outcome.unwrap_err(), Refused::MalformedNonce);
}

#[test]
fn freshness_holds_up_to_the_tolerance_on_either_side() {
    let vector = &published()[0];
    let key = [secret(&vector.secret_hex)];
    let stale = |age_seconds| {
        Err(Refused::Stale {
            age_seconds,
            tolerance_seconds: 20,
        })
    };
    assert!(check(vector, &key, 1_645_634_962).is_ok());
    assert!(check(vector, &key, 1_645_634_922).is_ok());
    assert_eq!(check(vector, &key, 1_645_634_963), stale(21));
    assert_eq!(check(vector, &key, 1_645_634_921), stale(-21));
}

#[test]
fn staleness_is_told_only_to_a_key_holder() {
    let vector = &published()[0];
    assert_eq!(
        check(vector, &[secret(&"11".repeat(32))], 1_900_000_000),
        Err(Refused::BadSignature)
    );
}

#[test]
fn missing_repeated_and_malformed_headers_are_told_apart() {
    let signature = "ab".repeat(32);
    let signature = signature.as_bytes();
    let nonce = b"1645634942".as_slice();
    assert_eq!(
        refuse(&[("X-SIGNATURE", signature)]),
        Refused::MissingHeader { name: "X-NONCE" }
    );
    assert_eq!(
        refuse(&[("X-NONCE", nonce)]),
        Refused::MissingHeader { name: "X-SIGNATURE" }
    );
    let twice = [("X-NONCE", nonce), ("x-nonce", nonce), ("X-SIGNATURE", signature)];
    assert_eq!(refuse(&twice), Refused::RepeatedHeader { name: "X-NONCE" });
    for bad in [
        "",
        "164563494",
        "16456349420",
        "+645634942",
        " 645634942",
        "1645634942\n",
        "１645634",
    ] {
        let outcome = refuse(&[("X-NONCE", bad.as_bytes()), ("X-SIGNATURE", signature)]);
        assert_eq!(outcome, Refused::MalformedNonce, "{bad:?}");
    }
    for bad in [
        &signature[1..],
        b"".as_slice(),
        b"zz",
        &[signature, b"0"].concat(),
    ] {
        let outcome = refuse(&[("X-NONCE", nonce), ("X-SIGNATURE", bad)]);
        assert_eq!(outcome, Refused::MalformedSignature, "{bad:?}");
    }
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
    assert_eq!(
        refused(&good.replace("7c", "7x")),
        SecretError::NotHex { place: 12 }
    );
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
