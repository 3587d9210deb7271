//! The command line: what each command prints and how it ends.

use std::path::Path;

use payments_test_support::{
    keys,
    picture::Picture,
    process::{Finished, run},
    sandbox::Sandbox,
    stub::{DEVICE_ID, Stub, exports, nobody_listens, refusal},
};
use serde_json::{Value, json};

const NOBODY: &str = r#"{"identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a99"}"#;

fn printed(done: &Finished) -> Value {
    serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"))
}

#[tokio::test]
async fn the_sandbox_prints_one_line_of_json_once_it_is_ready() {
    let sandbox = Sandbox::start();
    let (status, _) = sandbox.api("GET", "/currencies", None).await;
    assert_eq!(status, 200, "ready when it says so");
    assert!(sandbox.base_url.starts_with("http://127.0.0.1:"), "{}", sandbox.base_url);
    assert_eq!(sandbox.device_secret.len(), 64);
    let adopted =
        Sandbox::start_with(&[("BITNOVO_DEVICE_ID", DEVICE_ID), ("BITNOVO_DEVICE_SECRET", &"ab".repeat(32))]);
    // What the environment gave is used, and not printed.
    assert!(adopted.device_id.contains("-****-"), "{}", adopted.device_id);
    assert_eq!(adopted.device_secret, "[hidden]");
    let (status, _) = adopted.send("GET", "/api/v1/currencies", None, Some(DEVICE_ID)).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_the_sandbox_prints_for_people_can_be_exported() {
    use std::io::{BufRead as _, BufReader};
    let mut child = payments_test_support::process::command(payments_test_support::process::binary())
        .args(["sandbox", "--port", "0"])
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let exports: Vec<(String, String)> = lines
        .take_while(|line| !line.contains("/_sandbox/"))
        .filter_map(|line| {
            line.strip_prefix("export ")?.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()))
        })
        .collect();
    let exports: Vec<(&str, &str)> =
        exports.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let done = run(&["call", "create_payment_link", r#"{"amount_eur": 5}"#], &exports);
    payments_test_support::process::terminate(&child);
    let status = payments_test_support::process::wait(&mut child, std::time::Duration::from_secs(2));
    assert_eq!(done.code, Some(0), "{exports:?}: {done:?}");
    assert_eq!(printed(&done)["sandbox"], true);
    assert_eq!(status.code(), Some(0), "the sandbox ends on SIGTERM");
}

#[test]
fn call_prints_the_structured_result() {
    let done = run(&["call", "list_currencies_catalog", "--sandbox"], &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let catalogue = printed(&done);
    assert_eq!(catalogue["total_count"], catalogue["currencies"].as_array().unwrap().len());
    assert_eq!(catalogue.get("filtered_count"), None);
    let xrp =
        catalogue["currencies"].as_array().unwrap().iter().find(|entry| entry["symbol"] == "XRP").unwrap();
    assert_eq!((&xrp["requires_tag"], &xrp["min_amount"]), (&json!(true), &json!("1.00")));

    let done = run(&["call", "list_currencies_catalog", r#"{"filter_by_amount": 0.5}"#, "--sandbox"], &[]);
    let some = printed(&done);
    assert_eq!(some["filtered_count"], some["currencies"].as_array().unwrap().len());
    assert!(some["filtered_count"].as_u64() < some["total_count"].as_u64());
}

#[test]
fn call_prints_codes_as_data_uris_or_saves_them() {
    let arguments = r#"{"amount_eur": 25, "include_qr": true}"#;
    let shown = printed(&run(&["call", "create_payment_link", arguments, "--sandbox"], &[]));
    let picture = Picture::of_data_uri(shown["qr_web_url"].as_str().unwrap());
    assert_eq!(picture.text(), shown["web_url"].as_str().unwrap());

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("new folder").display().to_string();
    let done = run(&["call", "create_payment_link", arguments, "--sandbox", "--save-qr", &folder], &[]);
    let saved = printed(&done);
    let file = Path::new(saved["qr_web_url"].as_str().unwrap());
    assert!(file.starts_with(&folder), "{saved}");
    assert_eq!(Picture::of_png(std::fs::read(file).unwrap()).text(), saved["web_url"].as_str().unwrap());
}

#[test]
fn tools_prints_a_table_without_any_configuration() {
    let done = run(&["tools"], &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("create_payment_link") && done.stdout.contains("simulate_payment"));
    let list = printed(&run(&["tools", "--json"], &[("BITNOVO_DEVICE_ID", "nonsense")]));
    assert_eq!(keys(&list), ["tools"], "the list and nothing else");
}

#[test]
fn qr_draws_in_the_terminal_without_any_configuration() {
    let done = run(&["qr", "https://pay.example/1/"], &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.lines().count() > 10, "{}", done.stdout);
    assert!(done.stdout.lines().all(|line| line.chars().count() <= 80), "{}", done.stdout);
}

#[test]
fn help_and_version_need_no_configuration() {
    for arguments in [["--help"].as_slice(), &["--version"], &["demo", "--help"], &["call", "--help"]] {
        let done = run(arguments, &[("BITNOVO_BASE_URL", "nonsense")]);
        assert_eq!(done.code, Some(0), "{arguments:?}: {done:?}");
        assert!(!done.stdout.is_empty(), "{arguments:?}: {done:?}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let gif = folder.path().join("code.gif").display().to_string();
    for arguments in [
        ["fly"].as_slice(),
        &["call"],
        &["call", "print_money", "--sandbox"],
        &["call", "create_payment_link", "{", "--sandbox"],
        &["call", "create_payment_link", "[5]", "--sandbox"],
        &["sandbox", "--port", "99999"],
        &["qr"],
        &["qr", "text", "-o", &gif],
        &["qr", "text", "-o", &gif.replace("gif", "png"), "--size", "99"],
        &["qr", "text", "-o", &gif.replace("gif", "png"), "--size", "2001"],
    ] {
        let done = run(arguments, &[]);
        assert_eq!(done.code, Some(2), "{arguments:?}: {done:?}");
        assert!(done.stdout.is_empty() && !done.stderr.is_empty(), "{arguments:?}: {done:?}");
    }
}

#[test]
fn a_refused_call_ends_with_1_and_prints_the_error() {
    for (tool, arguments, code) in [
        ("create_payment_link", r#"{"amount_eur": -1}"#, "INVALID_AMOUNT"),
        ("create_payment_onchain", r#"{"amount_eur": 5, "input_currency": "btc"}"#, "CURRENCY_NOT_SUPPORTED"),
        ("get_payment_status", NOBODY, "PAYMENT_NOT_FOUND"),
    ] {
        let done = run(&["call", tool, arguments, "--sandbox"], &[]);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert_eq!(printed(&done)["error"]["code"], code);
    }
}

#[tokio::test]
async fn an_api_that_is_down_or_silent_ends_with_69() {
    let down = run(&["call", "get_payment_status", NOBODY], &exports(&nobody_listens()));
    assert_eq!(down.code, Some(69), "{down:?}");
    assert_eq!(printed(&down)["error"]["code"], "API_UNAVAILABLE");

    let stub = Stub::start().await;
    stub.read(payments_test_support::stub::slow(refusal(404, "late"))).await;
    let base_url = stub.base_url();
    let mut environment = exports(&base_url).to_vec();
    environment.extend([("API_TIMEOUT", "200"), ("MAX_RETRIES", "0")]);
    let silent = run(&["call", "get_payment_status", NOBODY], &environment);
    assert_eq!(silent.code, Some(69), "{silent:?}");
    assert_eq!(printed(&silent)["error"]["code"], "API_TIMEOUT");
}

#[test]
fn a_configuration_that_cannot_be_used_ends_with_78_and_every_problem() {
    let environment = [
        ("BITNOVO_DEVICE_ID", "12345678"),
        ("BITNOVO_BASE_URL", "http://pos.bitnovo.com"),
        ("MAX_RETRIES", "6"),
        ("RETRY_DELAY", "10001"),
        ("BITNOVO_QR_DELIVERY", "pigeon"),
        ("LOG_LEVEL", "loud"),
        ("BITNOVO_TOOLSETS", "everything"),
    ];
    let done = run(&["call", "list_currencies_catalog"], &environment);
    assert_eq!(done.code, Some(78), "{done:?}");
    assert!(done.stdout.is_empty(), "{done:?}");
    for (variable, _) in environment {
        assert!(done.stderr.contains(variable), "{variable} is not named in {}", done.stderr);
    }
    assert_eq!(run(&["demo"], &[("MAX_RETRIES", "many")]).code, Some(78));
    assert_eq!(run(&["call", "list_currencies_catalog"], &[]).code, Some(78), "nothing is configured");
}

#[test]
fn environments_that_contradict_each_other_are_refused() {
    let device = ("BITNOVO_DEVICE_ID", DEVICE_ID);
    for environment in [
        [("BITNOVO_ENV", "production"), ("BITNOVO_BASE_URL", "https://payments.pre-bnvo.com"), device],
        [("BITNOVO_ENV", "preproduction"), ("BITNOVO_BASE_URL", "https://pos.bitnovo.com"), device],
        [("BITNOVO_ENV", "sandbox"), ("BITNOVO_BASE_URL", "https://pos.bitnovo.com"), device],
        [("BITNOVO_ENV", "moon"), ("BITNOVO_BASE_URL", "https://pos.bitnovo.com"), device],
        [("BITNOVO_BASE_URL", "http://127.0.0.1:1"), ("BITNOVO_ALLOW_HTTP_LOOPBACK", "false"), device],
        [("BITNOVO_BASE_URL", "http://192.168.0.1"), ("BITNOVO_ALLOW_HTTP_LOOPBACK", "true"), device],
        [("BITNOVO_BASE_URL", "https://pos.bitnovo.com.com"), ("BITNOVO_ENV", "production"), device],
    ] {
        let done = run(&["call", "list_currencies_catalog"], &environment);
        assert_eq!(done.code, Some(78), "{environment:?}: {done:?}");
    }
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device id");
    std::fs::write(&file, format!("{DEVICE_ID}\n")).unwrap();
    let file = file.display().to_string();
    let done = run(&["call", "list_currencies_catalog", "--sandbox"], &[("BITNOVO_DEVICE_ID_FILE", &file)]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let done =
        run(&["call", "list_currencies_catalog", "--sandbox"], &[("BITNOVO_DEVICE_ID_FILE", "/nowhere")]);
    assert_eq!(done.code, Some(78), "{done:?}");
    assert!(done.stderr.contains("BITNOVO_DEVICE_ID_FILE"), "{}", done.stderr);
}

#[test]
fn a_toolset_that_does_not_exist_is_refused_by_the_list_of_tools_too() {
    for arguments in [["tools"].as_slice(), &["tools", "--json"], &["tools", "--toolsets", "payment"]] {
        let done = run(arguments, &[("BITNOVO_TOOLSETS", "payment")]);
        assert_eq!(done.code, Some(78), "{done:?}");
        assert!(done.stdout.is_empty() && done.stderr.contains("\"payment\""), "{done:?}");
    }
    // What else is missing does not matter to a list.
    assert_eq!(run(&["tools"], &[("BITNOVO_BASE_URL", "nowhere")]).code, Some(0));
}

#[test]
fn the_ending_of_a_picture_is_understood_in_any_case() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.PNG", "a.Svg"] {
        let path = folder.path().join(name);
        let done = run(&["qr", "https://pay.example/1/", "-o", path.to_str().unwrap()], &[]);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(std::fs::metadata(path).unwrap().len() > 100);
    }
}
