//! `webhook verify` and `webhook sign`: a signature is checked by hand, and one that does not hold says why.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use payments_test_support::{
    process::{Finished, binary, command, finish, run},
    real_part, sample,
};
use tempfile::TempDir;

const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
const NONCE: &str = "1645634942";

/// A folder with a secret and a body.
struct Desk(TempDir);

impl Desk {
    fn with(secret: &str, body: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::write(desk.path("secret"), secret).unwrap();
        fs::write(desk.path("body"), body).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, what: &str, arguments: &[&str]) -> Finished {
        let mut command = command(binary());
        command.args(["webhook", what, "--secret-file"]).arg(self.path("secret"));
        finish(command.args(arguments).arg("--body").arg(self.path("body")))
    }

    fn verify(&self, nonce: &str, signature: &str) -> Finished {
        self.run("verify", &["--nonce", nonce, "--signature", signature, "--no-max-age"])
    }

    /// The two values that `webhook sign` prints.
    fn sign(&self, arguments: &[&str]) -> (String, String) {
        let done = self.run("sign", arguments);
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
        let lines: Vec<&str> = done.stdout.lines().collect();
        let [nonce, signature] = lines.as_slice() else { panic!("two lines are expected: {done:?}") };
        let value =
            |line: &str, name: &str| line.strip_prefix(name).unwrap_or_else(|| panic!("{line}")).to_owned();
        (value(nonce, "X-NONCE: "), value(signature, "X-SIGNATURE: "))
    }
}

fn refused(done: &Finished, code: &str, hint: &str) {
    assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""), "{done:?}");
    assert!(done.stderr.starts_with(code), "{code}: {done:?}");
    assert!(done.stderr.contains(hint), "{hint}: {done:?}");
    assert!(!done.stderr.contains(&SECRET[..12]), "no part of the secret: {done:?}");
}

#[test]
fn the_published_vectors_verify_from_a_file_and_from_standard_input() {
    for vector in sample("webhook_vectors").as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let desk = Desk::with(&format!("{}\n", text("secret_hex")), text("body"));
        let (nonce, signature) = (text("nonce"), text("signature"));
        let from_file = desk.verify(nonce, signature);
        let mut piped = command(binary());
        piped.args([
            "webhook",
            "verify",
            "--nonce",
            nonce,
            "--signature",
            &signature.to_uppercase(),
            "--no-max-age",
        ]);
        piped.arg("--secret-file").arg(desk.path("secret")).stdin(File::open(desk.path("body")).unwrap());
        for done in [from_file, finish(&mut piped)] {
            assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
            let payment = "1040095a-737d-41a2-a2e1-d031d19ec8cd";
            for line in [
                &format!("event    {payment}:{nonce}"),
                &format!("payment  {payment}"),
                "status   AC (Awaiting Completion)",
            ] {
                assert!(done.stdout.lines().any(|found| found == line), "{line}: {done:?}");
            }
            assert!(done.stdout.starts_with("Genuine: signed at 2022-02-23T16:49:02Z."), "{done:?}");
        }
    }
}

#[test]
fn an_old_webhook_is_refused_with_its_age() {
    let desk = Desk::with(SECRET, "{}");
    let (nonce, signature) = desk.sign(&["--nonce", NONCE]);
    let done = desk.run("verify", &["--nonce", &nonce, "--signature", &signature]);
    refused(&done, "INVALID_SIGNATURE: signed ", "this machine's clock is ");
    assert!(done.stderr.contains("--no-max-age"), "{done:?}");
    let (nonce, signature) = desk.sign(&["--nonce", "9999999999"]);
    refused(
        &desk.run("verify", &["--nonce", &nonce, "--signature", &signature]),
        "INVALID_SIGNATURE",
        "s behind",
    );
}

#[test]
fn what_is_signed_now_verifies_now() {
    let desk = Desk::with(SECRET, r#"{"status": "ZZ"}"#);
    let (nonce, signature) = desk.sign(&[]);
    let done = desk.run("verify", &["--nonce", &nonce, "--signature", &signature]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.starts_with("Genuine and fresh: signed "), "{done:?}");
    assert!(
        done.stdout.contains("status   Unknown (ZZ)") && done.stdout.contains("payment  (not in the body)"),
        "{done:?}"
    );
}

#[test]
fn a_signature_is_the_one_that_openssl_computes() {
    let Some(program) = real_part::find("openssl") else { return };
    for body in ["", "{}", "{\"a\": \"caf\u{e9}\"}\r\n\0"] {
        let desk = Desk::with(SECRET, body);
        fs::write(desk.path("message"), format!("{NONCE}{body}")).unwrap();
        let key = format!("hexkey:{SECRET}");
        let mut openssl = command(&program);
        openssl.args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &key, "-r"]).arg(desk.path("message"));
        let theirs = finish(&mut openssl);
        let ours = desk.sign(&["--nonce", NONCE]);
        assert_eq!(theirs.stdout.split_whitespace().next(), Some(ours.1.as_str()), "{theirs:?}");
        assert_eq!(desk.verify(NONCE, &ours.1).code, Some(0));
    }
}

#[test]
fn each_usual_mistake_with_the_body_is_found() {
    const SENT: &str = r#"{"fiat_amount": 100.0, "status": "AC", "notes": "a, b: \u00e9"}"#;
    let (nonce, signature) = Desk::with(SECRET, SENT).sign(&["--nonce", NONCE]);
    for (at_hand, hint) in [
        (format!("{SENT}\n"), "ends in a line break"),
        (
            r#"{"fiat_amount":100.0,"status":"AC","notes":"a, b: \u00e9"}"#.to_owned(),
            "parsed and printed again",
        ),
        (
            r#"{"fiat_amount":100,"status":"AC","notes":"a, b: é"}"#.to_owned(),
            "with 100.0 where this one has 100",
        ),
        (
            "{\n  \"fiat_amount\": 100.0,\n  \"status\": \"AC\",\n  \"notes\": \"a, b: \\u00e9\"\n}\n"
                .to_owned(),
            "parsed and printed again",
        ),
        (String::new(), "the body is empty"),
        (SENT.replace("AC", "CO"), "Compare the secret with the dashboard"),
    ] {
        refused(&Desk::with(SECRET, &at_hand).verify(&nonce, &signature), "INVALID_SIGNATURE: ", hint);
    }
}

#[test]
fn a_secret_that_was_taken_as_text_is_found() {
    let Some(program) = real_part::find("openssl") else { return };
    let desk = Desk::with(SECRET, "{}");
    fs::write(desk.path("message"), format!("{NONCE}{{}}")).unwrap();
    let mut openssl = command(&program);
    openssl.args(["dgst", "-sha256", "-hmac", SECRET, "-r"]).arg(desk.path("message"));
    let theirs = finish(&mut openssl);
    let signature = theirs.stdout.split_whitespace().next().unwrap();
    refused(&desk.verify(NONCE, signature), "INVALID_SIGNATURE: ", "used the secret as text");
}

#[test]
fn headers_that_are_not_the_right_ones_are_named() {
    let desk = Desk::with(SECRET, "{}");
    let (nonce, signature) = desk.sign(&["--nonce", NONCE]);
    refused(&desk.verify(&signature, &nonce), "INVALID_SIGNATURE: ", "the two are swapped");
    refused(&desk.verify(&nonce, &format!("sha256={signature}")), "INVALID_SIGNATURE: ", "sha256=");
    refused(
        &desk.verify(&nonce, &format!("X-SIGNATURE: {signature}")),
        "INVALID_SIGNATURE: ",
        "values alone",
    );
    refused(&desk.verify("1645634942000", &signature), "INVALID_SIGNATURE: ", "milliseconds");
    assert_eq!(desk.verify(&nonce, &signature.to_uppercase()).code, Some(0));
}

#[test]
fn a_secret_file_that_holds_something_else_is_told_without_showing_it() {
    for (content, hint) in [
        (format!("\"{SECRET}\""), "quotes around the secret"),
        (format!(" {SECRET}"), "has space around it"),
        (format!("BITNOVO_DEVICE_SECRET={SECRET}\n"), "leave the name out"),
        ("0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01".to_owned(), "id of a device"),
        (SECRET[..60].to_owned(), "60 characters"),
    ] {
        let desk = Desk::with(&content, "{}");
        refused(&desk.verify(NONCE, &"ab".repeat(32)), "INVALID_DEVICE_SECRET: ", hint);
        refused(&desk.run("sign", &[]), "INVALID_DEVICE_SECRET: ", hint);
    }
}

#[test]
fn what_cannot_be_read_or_is_left_out_is_named() {
    let desk = Desk::with(SECRET, "{}");
    let at = |path: &Path| path.display().to_string();
    let missing = at(&desk.path("missing"));
    let (secret, tag) = (at(&desk.path("secret")), "ab".repeat(32));
    let verify = ["webhook", "verify", "--nonce", NONCE, "--signature", &tag];
    let done = run(&[&verify[..], &["--secret-file", &missing]].concat(), &[]);
    assert!(done.code == Some(1) && done.stderr.contains(&missing), "{done:?}");
    let done = run(&[&verify[..], &["--secret-file", &secret, "--body", &missing]].concat(), &[]);
    assert!(done.code == Some(1) && done.stderr.contains(&missing), "{done:?}");
    let done = run(&verify, &[("BITNOVO_DEVICE_SECRET", SECRET)]);
    assert!(done.code == Some(2) && done.stderr.contains("--secret-file"), "{done:?}");
    for nonce in ["", "164563494", "16456349421", "16456349x2"] {
        let done = desk.run("sign", &["--nonce", nonce]);
        assert!(done.code == Some(2) && done.stderr.contains("ten digits"), "{nonce:?}: {done:?}");
    }
}
