//! A device id and a secret that would be recognised anywhere, and a search for them in everything that comes out.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use payments_test_support::{
    process::run,
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{CREATE, CURRENCIES, IDENTIFIER, Stub, exports, refusal},
};
use serde_json::json;
use wiremock::ResponseTemplate;

const DEVICE: &str = "d3c0ded1-7e57-4bad-9bee-f00dfeed1e55";
const MASKED: &str = "d3c0ded1-****-****-****-********1e55";
const SECRET: &str = "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed";
const TOKEN: &str = "ngrok-c4na2y-t0ken";

/// The ways in which a value could slip out, in lower case.
fn forms() -> Vec<String> {
    let bytes = |hex: &str| -> Vec<u8> {
        let digits = hex.replace('-', "");
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    };
    let percent = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let mut forms = vec![TOKEN.to_owned()];
    for value in [DEVICE, SECRET] {
        let raw = bytes(value);
        forms.extend([value.to_owned(), value.replace('-', ""), format!("{raw:?}"), percent(&raw)]);
        forms.push(percent(value.as_bytes()));
        for data in [raw.as_slice(), value.as_bytes()] {
            forms.extend(
                [STANDARD.encode(data), URL_SAFE.encode(data)]
                    .map(|text| text.trim_end_matches('=').to_owned()),
            );
        }
    }
    // Of the secret not even a part, and of the device id nothing between its ends.
    forms.extend(SECRET.as_bytes().windows(8).map(|part| String::from_utf8(part.to_vec()).unwrap()));
    forms.push("7e57-4bad-9bee".to_owned());
    forms.iter().map(|form| form.to_lowercase()).collect()
}

fn search(where_: &str, text: &str) {
    let lower = text.to_lowercase();
    for form in forms() {
        assert!(!lower.contains(&form), "{form} stands in {where_}: {text}");
    }
}

fn canaries<'a>(environment: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut environment = environment.to_vec();
    environment.extend([
        ("BITNOVO_DEVICE_ID", DEVICE),
        ("BITNOVO_DEVICE_SECRET", SECRET),
        ("NGROK_AUTHTOKEN", TOKEN),
        ("LOG_LEVEL", "debug"),
        ("MAX_RETRIES", "1"),
        ("RETRY_DELAY", "1"),
    ]);
    environment
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for leak in [
        DEVICE,
        SECRET,
        &SECRET.to_uppercase(),
        &SECRET[10..30],
        &DEVICE.replace('-', ""),
        &STANDARD.encode(DEVICE),
    ] {
        let found = std::panic::catch_unwind(|| search("a leak", &format!("… {leak} …")));
        assert!(found.is_err(), "{leak} was not found");
    }
    search("a masked id", MASKED);
}

#[tokio::test]
async fn no_tool_call_shows_them_whether_it_succeeds_or_fails() {
    // An API that repeats the device id in everything it says, as an upstream page may.
    let page = format!("<html>device {DEVICE} with key {SECRET} is unknown</html>");
    let answers = [
        None,
        Some(refusal(403, &page)),
        Some(refusal(404, &page)),
        Some(refusal(429, &page)),
        Some(refusal(500, &page)),
        Some(ResponseTemplate::new(200).set_body_raw(page.clone(), "text/html")),
        Some(
            ResponseTemplate::new(302)
                .insert_header("Location", format!("https://example.com/?device={DEVICE}")),
        ),
    ];
    for answer in answers {
        let stub = Stub::start().await;
        if let Some(answer) = &answer {
            stub.on("POST", CREATE, answer.clone()).await;
            stub.read(answer.clone()).await;
            stub.on("GET", CURRENCIES, answer.clone()).await;
        }
        stub.works().await;
        let base_url = stub.base_url();
        let environment = canaries(&exports(&base_url));
        let mut session = Session::start(Revision::Handshake, &[], &environment);
        let mut shown = String::new();
        for (tool, arguments) in [
            ("create_payment_link", json!({ "amount_eur": 22, "include_qr": true })),
            ("create_payment_onchain", json!({ "amount_eur": 22, "input_currency": "BTC_TEST" })),
            ("get_payment_status", json!({ "identifier": IDENTIFIER })),
            ("generate_payment_qr", json!({ "identifier": IDENTIFIER, "qr_type": "address" })),
            ("list_currencies_catalog", json!({})),
        ] {
            shown.push_str(&session.call(tool, arguments).0.to_string());
        }
        // A client that mixes up what goes where.
        for secret in [DEVICE, SECRET, TOKEN] {
            shown.push_str(&session.request(secret, json!({})).to_string());
            shown.push_str(&session.request("tools/call", json!({ "name": secret })).to_string());
        }
        let log = session.close().stderr;
        assert!(log.contains(MASKED), "the log names the device masked: {log}");
        search("a result", &shown);
        search("the log", &log);
    }
}

#[tokio::test]
async fn a_sandbox_that_adopts_them_shows_them_nowhere() {
    for arguments in [
        ["demo"].as_slice(),
        &["demo", "--json"],
        &["tools"],
        &["tools", "--json"],
        &["qr", "https://pay.example/1/"],
        &["call", "list_currencies_catalog", "--sandbox"],
        &["call", "create_payment_onchain", r#"{"amount_eur": 5, "input_currency": "BTC"}"#, "--sandbox"],
        &["call", "create_payment_onchain", r#"{"amount_eur": 5, "input_currency": "btc"}"#, "--sandbox"],
        &["--help"],
    ] {
        let done = run(arguments, &canaries(&[]));
        search(&format!("stdout of {arguments:?}"), &done.stdout);
        search(&format!("stderr of {arguments:?}"), &done.stderr);
    }
}

#[tokio::test]
async fn faults_on_the_way_do_not_shake_them_loose() {
    let sandbox = Sandbox::start_with(&[("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET)]);
    for mode in ["reset", "drop_after_commit", "truncate", "not_json"] {
        sandbox.steer("reset", json!({})).await;
        // A link whose answer was lost is replaced once: that one meets the fault, too.
        let fault = json!({ "match": "POST /api/v1/orders/", "mode": mode, "times": 2 });
        sandbox.steer("faults", fault).await;
        let environment = canaries(&[("BITNOVO_ENV", "sandbox"), ("BITNOVO_BASE_URL", &sandbox.base_url)]);
        let done = run(&["call", "create_payment_link", r#"{"amount_eur": 5}"#], &environment);
        assert_ne!(done.code, Some(0), "{mode}: {done:?}");
        search("stdout", &done.stdout);
        search("stderr", &done.stderr);
    }
}

#[test]
fn wrong_values_are_reported_without_being_repeated() {
    for (name, value) in [
        ("BITNOVO_DEVICE_SECRET", format!("{SECRET} ")),
        ("BITNOVO_DEVICE_SECRET", SECRET[..40].to_owned()),
        ("BITNOVO_DEVICE_ID", format!(" {DEVICE}")),
        ("BITNOVO_DEVICE_ID", DEVICE.replace('-', "_")),
        ("BITNOVO_BASE_URL", format!("https://device:{SECRET}@pos.bitnovo.com")),
        ("BITNOVO_BASE_URL", format!("https://pos.bitnovo.com/?device={DEVICE}")),
    ] {
        for arguments in [["call", "list_currencies_catalog"].as_slice(), &["demo"], &["serve"]] {
            let done =
                run(arguments, &[("BITNOVO_DEVICE_ID", DEVICE), (name, &value), ("LOG_LEVEL", "debug")]);
            search(&format!("stdout of {arguments:?} with {name}={value}"), &done.stdout);
            search(&format!("stderr of {arguments:?} with {name}={value}"), &done.stderr);
        }
    }
}
