//! Every secret variable there is: found in no result and no log, in whatever form others repeat it; and no answer has a
//! hole where a value looks like a secret.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use payments_test_support::{
    on_this_machine,
    process::run,
    sample,
    session::{Revision, Session},
    stub::{IDENTIFIER, RawApi, bytes, created, exports, nobody_listens, payment},
};
use serde_json::{Value, json};

/// A value that would be recognised anywhere, of the shape that the variable asks for.
fn canary(variable: &str) -> String {
    let digits: String = variable.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().repeat(4);
    match variable {
        "BITNOVO_DEVICE_ID" => "d3c0ded1-7e57-4bad-9bee-f00dfeed1e55".to_owned(),
        name if name.contains("DEVICE_SECRET") => digits.chars().rev().take(64).collect(),
        name => format!("c4nary/{}+of=the-account", name.to_lowercase()),
    }
}

fn canaries() -> Vec<(&'static str, String)> {
    let secrets: Vec<_> =
        bitnovo_pay_mcp::secret_variables().into_iter().map(|name| (name, canary(name))).collect();
    assert!(secrets.len() >= 6, "{secrets:?}");
    secrets
}

/// The ways in which a value can be written, and its first twelve characters.
fn forms(value: &str) -> Vec<String> {
    let mut raw = vec![value.as_bytes().to_vec()];
    let digits = value.replace('-', "");
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let pairs = (0..digits.len()).step_by(2);
        raw.push(pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect());
    }
    let mut forms = vec![value.to_owned(), digits, value[..12].to_owned()];
    for bytes in raw {
        forms.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        forms.push(bytes.iter().map(|byte| format!("%{byte:02X}")).collect());
        forms.extend(
            [STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)]
                .map(|text| text.trim_end_matches('=').to_owned()),
        );
    }
    forms
}

fn search(place: &str, text: &str) {
    let lower = text.to_lowercase();
    for (name, value) in canaries() {
        for form in forms(&value) {
            let at = lower.find(&form.to_lowercase());
            assert!(at.is_none(), "{name} stands in {place} as {form}: …{:.300}", &text[at.unwrap()..]);
        }
    }
}

/// What somebody could say who knows all the secrets.
fn everything() -> String {
    let all: Vec<String> = canaries().iter().flat_map(|(_, value)| forms(value)).collect();
    all.join(" ; ")
}

fn calls() -> Vec<(&'static str, Value)> {
    let token = canary("NGROK_AUTHTOKEN");
    vec![
        (
            "create_payment_link",
            json!({ "amount_eur": 22, "include_qr": true, "notes": token, "reference": token }),
        ),
        ("create_payment_onchain", json!({ "amount_eur": 22, "input_currency": "BTC_TEST", "notes": token })),
        (
            "create_payment_onchain",
            json!({ "amount_eur": 22, "input_currency": &token[..40.min(token.len())] }),
        ),
        ("create_payment_link", json!({ "amount_eur": 22, "url_ok": format!("http://{token}") })),
        ("get_payment_status", json!({ "identifier": IDENTIFIER })),
        ("get_payment_status", json!({ "identifier": canary("BITNOVO_DEVICE_ID") })),
        ("get_payment_status", json!({ "identifier": token })),
        ("get_payment_status", json!({ token.clone(): 1 })),
        ("wait_for_payment", json!({ "identifier": IDENTIFIER, "timeout_seconds": 1 })),
        ("list_payments", json!({})),
        ("list_payments", json!({ "status": token })),
        ("list_currencies_catalog", json!({})),
        ("generate_payment_qr", json!({ "identifier": IDENTIFIER, "qr_type": "address" })),
        ("get_webhook_events", json!({ "validated_only": false })),
        ("get_webhook_url", json!({ "validate": false })),
        ("get_tunnel_status", json!({})),
    ]
}

#[test]
fn the_search_finds_each_form() {
    for (_, value) in canaries() {
        for form in forms(&value) {
            assert!(std::panic::catch_unwind(|| search("a leak", &format!("… {form} …"))).is_err(), "{form}");
        }
    }
}

#[test]
fn no_secret_comes_out_of_any_tool_whatever_the_api_says() {
    let said = everything();
    let mut told = payment("BTC_TEST");
    for field in ["notes", "reference", "internal_data", "merchant_device"] {
        told[field] = json!(said);
    }
    let mut currencies = sample("currencies_list_200");
    for currency in currencies.as_array_mut().unwrap() {
        currency["name"] = json!(said.chars().take(400).collect::<String>());
    }
    let body = json!({ "detail": said }).to_string();
    let status = |status: u16| {
        format!(
            "HTTP/1.1 {status} No\r\nx-said: {said}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let redirect =
        format!("HTTP/1.1 302 Found\r\nlocation: https://example.com/?{said}\r\ncontent-length: 0\r\n\r\n");
    let page = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n<html>{said}</html>",
        said.len() + 13
    );
    let mut faults = [400, 401, 403, 404, 429, 500, 503].map(status).to_vec();
    faults.extend([
        redirect,
        page,
        format!("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{said}"),
        String::new(),
    ]);
    let mut answers: Vec<Option<String>> = faults.into_iter().map(Some).collect();
    answers.push(None);
    for answer in answers {
        let (told, currencies, fault) = (told.clone(), currencies.clone(), answer.clone());
        let api = RawApi::start(move |line| match &fault {
            Some(fault) => fault.clone().into_bytes(),
            None if line.starts_with("POST") => bytes(&created("BTC_TEST")),
            None if line.contains("currencies") => bytes(&currencies),
            None => bytes(&json!([told])),
        });
        speak(&api.base_url, &[]);
    }
    speak(&nobody_listens(), &[]);
}

/// Calls every tool on an API and looks at everything that comes out.
fn speak(base_url: &str, more: &[(&str, &str)]) {
    let secrets = canaries();
    let mut environment = on_this_machine(&exports(base_url));
    environment.extend(secrets.iter().map(|(name, value)| (*name, value.as_str())));
    environment.extend([
        ("LOG_LEVEL", "debug"),
        ("MAX_RETRIES", "0"),
        ("WEBHOOK_ENABLED", "true"),
        ("TUNNEL_ENABLED", "true"),
        ("TUNNEL_PROVIDER", "ngrok"),
        ("TUNNEL_RECONNECT_MAX_RETRIES", "0"),
    ]);
    environment.extend_from_slice(more);
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    for (tool, arguments) in calls() {
        let answer = session.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        search(tool, &answer.to_string());
    }
    let device = canary("BITNOVO_DEVICE_ID");
    for line in [
        json!({ "jsonrpc": "2.0", "id": device, "method": "tools/call", "params": { "name": device, "arguments": {} } }),
        json!({ "jsonrpc": "2.0", "id": device, "method": device, "params": {} }),
    ] {
        session.send(&line.to_string());
        // What the client called it comes back as it is: id and method are its own words. The log is another's.
        assert!(session.receive()["error"].is_object());
    }
    let id = device.replace('-', "");
    session.send(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } })
            .to_string(),
    );
    search("the log", &session.close().stderr);
}

#[test]
fn a_token_that_looks_like_an_answer_cuts_no_hole_into_it() {
    let api = || {
        RawApi::start(|line| match line {
            _ if line.starts_with("POST") => bytes(&created("BTC_TEST")),
            _ if line.contains("currencies") => bytes(&sample("currencies_list_200")),
            _ if line.contains("info") => bytes(&json!([payment("BTC_TEST")])),
            _ => bytes(&json!([])),
        })
    };
    let asked = |token: Option<&str>| {
        let api = api();
        let mut environment = exports(&api.base_url).to_vec();
        environment.extend(token.map(|token| ("NGROK_AUTHTOKEN", token)));
        let mut session = Session::start(Revision::Handshake, &[], &environment);
        let calls = [
            (
                "create_payment_onchain",
                json!({ "amount_eur": 22, "input_currency": "BTC_TEST", "include_qr": true }),
            ),
            ("get_payment_status", json!({ "identifier": IDENTIFIER })),
            ("list_currencies_catalog", json!({})),
        ];
        let told = calls.map(|(tool, arguments)| {
            let mut answer =
                session.request("tools/call", json!({ "name": tool, "arguments": arguments }))["result"]
                    .clone();
            answer["structuredContent"].as_object_mut().unwrap().remove("read_at");
            answer["content"] = json!([answer["content"][0]]);
            answer
        });
        assert!(!session.close().stderr.contains(" ERROR "));
        json!(told)
    };
    let untouched = asked(None);
    let told = untouched[0]["structuredContent"].clone();
    let text = |field: &str| told[field].as_str().unwrap().to_owned();
    let address = text("address");
    for token in [
        text("currency_id"),
        text("identifier"),
        address[..16].to_owned(),
        address.clone(),
        text("payment_uri"),
        text("expected_output_amount"),
        text("expected_output_amount").replace("0.", ""),
        "expected_output_amount".to_owned(),
        "get_payment_status".to_owned(),
        "customer_message".to_owned(),
        "2025-02-03T09:0".to_owned(),
    ] {
        assert_eq!(asked(Some(&token)), untouched, "{token}");
    }
}

#[test]
fn a_token_that_is_too_short_is_refused_or_warned_about() {
    for token in ["test", "status", "5", "sandbox", "fifteen_letters"] {
        let done = run(&["call", "list_currencies_catalog", "--sandbox"], &[("WEBHOOK_STATS_TOKEN", token)]);
        assert_eq!(done.code, Some(78), "{done:?}");
        assert!(done.stderr.contains("WEBHOOK_STATS_TOKEN") && done.stderr.contains("16"), "{done:?}");
        assert!(!done.stderr.contains("add --sandbox"), "{done:?}");
        let done = run(
            &["call", "list_currencies_catalog", "--sandbox"],
            &[("ZROK_TOKEN", &token[..token.len().min(7)])],
        );
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(done.stderr.contains("ZROK_TOKEN has") && !done.stdout.contains("[hidden]"), "{done:?}");
    }
}

#[cfg(unix)]
#[test]
fn files_that_hold_no_secret_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, words) in [(pipe.to_str().unwrap(), "a pipe"), ("/dev/zero", "a device"), ("/", "a directory")]
    {
        let done = run(&["call", "list_currencies_catalog"], &[("BITNOVO_DEVICE_ID_FILE", path)]);
        assert_eq!(done.code, Some(78), "{done:?}");
        assert!(done.stderr.contains(words), "{done:?}");
    }
}
