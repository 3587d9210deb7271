//! What another implementation signs, ours verifies.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use payments_webhook::{
    Rejection, Scheme, Unverified,
    scheme::bitnovo::{self, Bitnovo},
};
use sha2::{Digest, Sha256};

use payments_test_support::real_part;

const CASES: usize = 1000;

/// Bytes that look random and are the same in every run.
fn bytes(case: usize, purpose: &str, length: usize) -> Vec<u8> {
    let block = |number: usize| Sha256::digest(format!("{case} {purpose} {number}"));
    (0..length.div_ceil(32)).flat_map(block).take(length).collect()
}

fn nonce(case: usize) -> String {
    let digits = bytes(case, "nonce", 8).iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
    format!("{:010}", digits % 10_000_000_000)
}

fn body(case: usize) -> Vec<u8> {
    match case % 3 {
        0 => bytes(case, "body", case),
        1 => format!(r#"{{"identifier": "{case}", "status": "CO", "fiat_amount": {case}.10}}"#).into_bytes(),
        _ => format!("{{\n\t\"ñ\": \"{}\"\r\n}}", "é\u{202e}".repeat(case % 50)).into_bytes(),
    }
}

/// One openssl for each case, in one shell; `None` when there is no openssl.
fn signed_by_openssl() -> Option<Vec<String>> {
    let openssl = real_part::find("openssl")?;
    let directory = tempfile::tempdir().unwrap();
    let mut keys = String::new();
    for case in 0..CASES {
        let message = [nonce(case).as_bytes(), &body(case)].concat();
        fs::write(directory.path().join(case.to_string()), message).unwrap();
        keys.push_str(&format!("{case} {}\n", hex::encode(bytes(case, "secret", 32))));
    }
    let script = "while read -r case key; do \
                  $OPENSSL dgst -sha256 -mac HMAC -macopt hexkey:$key -r $case || exit 1; done";
    let mut shell = Command::new("sh")
        .args(["-c", script])
        .env("OPENSSL", openssl)
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = shell.stdin.take().unwrap();
    std::thread::spawn(move || input.write_all(keys.as_bytes()).unwrap());
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    Some(lines.lines().map(|line| line[..64].to_owned()).collect())
}

#[test]
fn what_openssl_signs_is_verified_and_nothing_else() {
    let Some(signatures) = signed_by_openssl() else { return };
    assert_eq!(signatures.len(), CASES);
    for (case, signature) in signatures.iter().enumerate() {
        let secret = || hex::encode(bytes(case, "secret", 32)).parse().unwrap();
        let (nonce, body) = (nonce(case), body(case));
        assert_eq!(bitnovo::sign(&secret(), &nonce, &body).to_string(), *signature, "case {case}");

        let scheme = Bitnovo::new(vec![secret()]).unwrap();
        let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
        assert!(scheme.verify(Unverified { headers: &headers, body: &body }).is_ok(), "case {case}");
        let longer = [&body, b" ".as_slice()].concat();
        let outcome = scheme.verify(Unverified { headers: &headers, body: &longer });
        assert_eq!(outcome.unwrap_err(), Rejection::BadSignature, "case {case}");
    }
}
