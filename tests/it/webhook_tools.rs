//! Webhooks as an agent sees them: received, verified, shown, and never a reason for the server not to start.

use std::net::TcpListener;

use payments_test_support::{
    process::{eventually, run},
    sandbox::Sandbox,
    session::{Revision, Session},
};
use payments_webhook::scheme::bitnovo;
use serde_json::{Value, json};

const SECRET: &str = "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed";
const DEVICE: &str = "12345678-90ab-4cde-8f01-2345678990ab";

/// A server on the sandbox that receives webhooks on a free port.
fn receiving(environment: &[(&str, &str)]) -> Session {
    let environment =
        [&[("BITNOVO_ENV", "sandbox"), ("WEBHOOK_ENABLED", "true"), ("WEBHOOK_PORT", "0")], environment]
            .concat();
    Session::start(Revision::Handshake, &[], &environment)
}

/// A server of a real device, without network.
fn configured(environment: &[(&str, &str)]) -> Session {
    let environment =
        [&[("BITNOVO_DEVICE_ID", DEVICE), ("WEBHOOK_ENABLED", "true"), ("WEBHOOK_PORT", "0")], environment]
            .concat();
    Session::start(Revision::Handshake, &[], &environment)
}

fn order(session: &mut Session) -> Value {
    session.done("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC" }))["identifier"]
        .clone()
}

fn simulate(session: &mut Session, identifier: &Value, action: &str, percent: Option<u32>) {
    let mut arguments = json!({ "identifier": identifier, "action": action });
    if let Some(percent) = percent {
        arguments["percent"] = percent.into();
    }
    session.done("simulate_payment", arguments);
}

/// The statuses that verified webhooks have told, oldest first.
fn told(session: &mut Session, identifier: &Value) -> Vec<String> {
    let events = session.done("get_webhook_events", json!({ "identifier": identifier }));
    let statuses = events["events"].as_array().unwrap().iter().rev();
    statuses.map(|event| event["status"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn ten_tools_are_listed_when_webhooks_are_enabled_and_seven_otherwise() {
    let names = |mut session: Session| -> Vec<String> {
        session.tools().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = names(receiving(&[]));
    assert_eq!(all.len(), 10, "{all:?}");
    for tool in ["get_webhook_events", "get_webhook_url", "get_tunnel_status"] {
        assert!(all.iter().any(|name| name == tool), "{tool} is not in {all:?}");
    }
    assert_eq!(names(Session::on_sandbox()).len(), 7);
}

#[test]
fn the_webhook_tools_say_that_webhooks_are_not_enabled() {
    let mut session = Session::on_sandbox();
    for tool in ["get_webhook_events", "get_webhook_url", "get_tunnel_status"] {
        assert_eq!(session.refused(tool, json!({}))["code"], "WEBHOOK_NOT_ENABLED", "{tool}");
    }
}

#[tokio::test]
async fn an_underpaid_and_then_completed_payment_is_told_by_verified_webhooks() {
    let mut session = receiving(&[("BITNOVO_TOOLSETS", "default,sandbox")]);
    let identifier = order(&mut session);
    simulate(&mut session, &identifier, "pay", Some(60));
    let status = session.done("get_payment_status", json!({ "identifier": identifier }));
    assert_eq!((&status["status"], &status["verdict"]), (&json!("IA"), &json!("underpaid")));

    simulate(&mut session, &identifier, "complete", None);
    let statuses = eventually("a webhook that tells CO", async || {
        let statuses = told(&mut session, &identifier);
        statuses.contains(&"CO".to_owned()).then_some(statuses)
    })
    .await;
    // The provider sends none for IA.
    assert_eq!(statuses, ["AC", "CO"]);

    let shown = session.done("get_webhook_events", json!({ "identifier": identifier, "limit": 1 }));
    let event = &shown["events"][0];
    assert_eq!((&shown["total_count"], &shown["rejected"]), (&json!(2), &json!({})));
    assert_eq!((&event["validated"], &event["source"]), (&json!(true), &json!("webhook")));
    assert_eq!(event["payload"]["identifier"], identifier);
    let nonce = event["event_id"].as_str().unwrap().strip_prefix(identifier.as_str().unwrap()).unwrap();
    assert!(nonce.starts_with(':'), "{event}");
}

#[tokio::test]
async fn what_happened_before_the_start_is_read_from_the_api() {
    let sandbox = Sandbox::start();
    let created = sandbox.order("BTC", 5).await;
    let identifier = created["identifier"].clone();
    let path = format!("orders/{}", identifier.as_str().unwrap());
    sandbox.steer(&format!("{path}/pay"), json!({})).await;
    sandbox.steer(&format!("{path}/mine"), json!({})).await;

    let environment =
        [&sandbox.exports()[..], &[("WEBHOOK_ENABLED", "true"), ("WEBHOOK_PORT", "0")]].concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let events = eventually("a reconciled event", async || {
        let events =
            session.done("get_webhook_events", json!({ "identifier": identifier }))["events"].clone();
        (!events.as_array().unwrap().is_empty()).then_some(events)
    })
    .await;
    assert_eq!(events.as_array().unwrap().len(), 1);
    assert_eq!((&events[0]["source"], &events[0]["status"]), (&json!("reconciled"), &json!("CO")));
    assert_eq!(events[0]["validated"], false, "no signature vouches for what was read");
}

#[tokio::test]
async fn a_forged_webhook_is_counted_and_shows_no_event() {
    let mut session = receiving(&[]);
    let url = session.done("get_webhook_url", json!({ "validate": false }))["webhook_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let forged = run(&["trigger", "CO", "--to", &url], &[("BITNOVO_DEVICE_SECRET", SECRET)]);
    assert_eq!(forged.code, Some(1), "{forged:?}");
    assert!(forged.stdout.contains("401"), "{forged:?}");
    let shown = session.done("get_webhook_events", json!({ "validated_only": false }));
    assert_eq!((&shown["total_count"], &shown["rejected"]), (&json!(0), &json!({ "bad_signature": 1 })));
}

#[test]
fn the_address_is_proved_by_a_probe_that_reaches_this_process() {
    let mut session = receiving(&[]);
    let answer = session.done("get_webhook_url", json!({ "validate": true }));
    assert_eq!((&answer["validated"], &answer["sandbox"]), (&json!(true), &json!(true)));
    let tunnel = session.done("get_tunnel_status", json!({}));
    let base = answer["webhook_url"].as_str().unwrap().strip_suffix("/webhook/bitnovo").unwrap();
    assert_eq!((&tunnel["status"], &tunnel["public_url"]), (&json!("connected"), &json!(base)));

    // Another process answers at the address: that is not a proof.
    let mut other = receiving(&[("WEBHOOK_PUBLIC_URL", answer["webhook_url"].as_str().unwrap())]);
    let unproved = other.done("get_webhook_url", json!({}));
    assert_eq!((&unproved["validated"], &unproved["provider"]), (&json!(false), &json!("manual")));
    assert!(unproved["warnings"][0].as_str().unwrap().contains("another program answers"), "{unproved}");
    assert_eq!(other.done("get_tunnel_status", json!({}))["status"], "error");
}

#[test]
fn the_instructions_are_five_numbered_steps_with_the_url_in_both_languages() {
    for (language, words) in [
        (
            "en",
            [
                "Copy this URL",
                "pay.bitnovo.com",
                "Settings → Merchant → Devices",
                "Choose the device",
                "notification_url",
            ],
        ),
        (
            "es",
            [
                "Copie esta URL",
                "pay.bitnovo.com",
                "Configuración → Comercio → Dispositivos",
                "Elija el dispositivo",
                "notification_url",
            ],
        ),
    ] {
        // Entered with the path and a slash behind it: the path is there once.
        let mut session = receiving(&[
            ("BITNOVO_LANGUAGE", language),
            ("WEBHOOK_PUBLIC_URL", "https://shop.example/webhook/bitnovo/"),
        ]);
        let answer = session.done("get_webhook_url", json!({ "validate": false }));
        assert_eq!(answer["webhook_url"], "https://shop.example/webhook/bitnovo");
        let instructions = answer["instructions"].as_str().unwrap();
        let lines: Vec<&str> = instructions.lines().collect();
        for (number, word) in words.into_iter().enumerate() {
            assert!(lines[number].starts_with(&format!("{}. ", number + 1)), "{instructions}");
            assert!(lines[number].contains(word), "{word}: {instructions}");
        }
        assert!(lines[0].contains("https://shop.example/webhook/bitnovo"), "{instructions}");
        assert_eq!(lines.len(), 6, "the last line says whether it survives a restart: {instructions}");
    }
}

#[test]
fn a_path_that_senders_would_resolve_is_refused_with_a_better_one() {
    for path in ["/a/../b", "/a//b", "/.", "/health/"] {
        let mut session = configured(&[("BITNOVO_DEVICE_SECRET", SECRET), ("WEBHOOK_PATH", path)]);
        let error = session.refused("get_webhook_url", json!({}));
        assert_eq!(error["code"], "NOT_CONFIGURED");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("WEBHOOK_PATH") && message.contains("/webhook/bitnovo"), "{message}");
    }
}

/// Posts a webhook signed now with [`SECRET`]; gives the status of the answer.
async fn post(url: &str, body: &str) -> u16 {
    let now = std::time::SystemTime::now();
    let nonce = bitnovo::nonce(now);
    let signature = bitnovo::sign(&SECRET.parse().unwrap(), &nonce, body.as_bytes()).to_string();
    let request = payments_test_support::sandbox::client().post(url);
    let request = request.header("X-NONCE", nonce).header("X-SIGNATURE", signature).body(body.to_owned());
    request.send().await.unwrap().status().as_u16()
}

/// A server on a sandbox of its own that trusts webhooks signed with [`SECRET`], and their address.
async fn trusting(environment: &[(&str, &str)]) -> (Session, String) {
    let environment = [&[("BITNOVO_DEVICE_SECRET", SECRET)], environment].concat();
    let mut session = receiving(&environment);
    let url = session.done("get_webhook_url", json!({ "validate": false }))["webhook_url"]
        .as_str()
        .unwrap()
        .to_owned();
    // What is signed in the second of the start is not trusted: another process may have accepted it.
    eventually("a webhook that is trusted", async || {
        let body = json!({ "identifier": "first", "at": std::time::SystemTime::now() }).to_string();
        (post(&url, &body).await == 200).then_some(())
    })
    .await;
    (session, url)
}

#[tokio::test]
async fn events_that_had_to_leave_are_counted_and_an_answer_has_a_bound() {
    let (mut session, url) = trusting(&[("WEBHOOK_MAX_EVENTS", "40")]).await;
    let shown = session.done("get_webhook_events", json!({ "identifier": DEVICE }));
    assert!(shown["evicted"].is_null(), "{shown}");
    let filling = "\"x\",".repeat(15_000);
    for number in 0..45 {
        let body =
            format!(r#"{{"identifier": "{}", "n": {number}, "more": [{filling}0]}}"#, DEVICE.to_uppercase());
        assert_eq!(post(&url, &body).await, 200);
    }
    let shown = session.done("get_webhook_events", json!({ "identifier": DEVICE, "limit": 500 }));
    assert_eq!(shown["total_count"], 40, "found whatever the case it was sent in");
    let events = shown["events"].as_array().unwrap();
    assert!((5..40).contains(&events.len()), "{}", events.len());
    assert_eq!(events[0]["payload"]["n"], 44);
    assert_eq!(events[0]["identifier"], DEVICE);
    let warning = shown["warnings"][0].as_str().unwrap();
    assert!(warning.contains(&format!("{} of ", events.len())) && warning.contains("1 MiB"), "{warning}");
    assert!(shown.to_string().len() < 1_100_000, "{}", shown.to_string().len());
    let evicted = &shown["evicted"];
    assert!(evicted["count"].as_u64().unwrap() >= 5, "{evicted}");
    assert!(evicted["oldest_kept"].as_str().unwrap().ends_with('Z'), "{evicted}");
}

#[test]
fn without_a_way_in_from_outside_both_remedies_are_named() {
    let mut session =
        configured(&[("BITNOVO_DEVICE_SECRET", SECRET), ("BITNOVO_BASE_URL", "https://pos.bitnovo.com")]);
    let error = session.refused("get_webhook_url", json!({}));
    assert_eq!(error["code"], "NOT_CONFIGURED");
    for remedy in ["WEBHOOK_PUBLIC_URL", "TUNNEL_ENABLED"] {
        assert!(error["next_action"].as_str().unwrap().contains(remedy), "{error}");
    }
}

#[test]
fn without_a_usable_secret_no_webhook_is_received_and_the_tools_say_why() {
    for secret in [None, Some("not-hex"), Some("abcd"), Some(&SECRET[..63])] {
        let secret: Vec<(&str, &str)> =
            secret.map(|text| ("BITNOVO_DEVICE_SECRET", text)).into_iter().collect();
        let mut session = configured(&secret);
        for tool in ["get_webhook_events", "get_webhook_url", "get_tunnel_status"] {
            let error = session.refused(tool, json!({}));
            assert_eq!(error["code"], "INVALID_DEVICE_SECRET", "{tool} {secret:?}");
            assert!(!error.to_string().contains("not-hex"), "{error}");
        }
    }
}

#[test]
fn a_busy_port_leaves_the_payment_tools_alone_and_is_named() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    let mut session = Session::start(
        Revision::Handshake,
        &[],
        &[("BITNOVO_ENV", "sandbox"), ("WEBHOOK_ENABLED", "true"), ("WEBHOOK_PORT", &port)],
    );
    order(&mut session);
    let error = session.refused("get_webhook_url", json!({}));
    assert_eq!(error["code"], "NOT_CONFIGURED");
    for word in [port.as_str(), "WEBHOOK_PORT"] {
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
    assert_eq!(session.done("get_tunnel_status", json!({}))["status"], "error");
    let events = session.done("get_webhook_events", json!({}));
    assert!(events["warnings"][0].as_str().unwrap().contains(&port), "{events}");
}

#[test]
fn every_webhook_setting_that_is_wrong_is_named() {
    let wrong = [
        ("WEBHOOK_PORT", "70000"),
        ("WEBHOOK_HOST", "somewhere"),
        ("WEBHOOK_MAX_EVENTS", "0"),
        ("WEBHOOK_EVENT_TTL_MS", "soon"),
        ("WEBHOOK_TOLERANCE_SECONDS", "0"),
        ("WEBHOOK_REPLAY_STATUS", "500"),
        ("WEBHOOK_PUBLIC_URL", "http://shop.example"),
        ("TUNNEL_PROVIDER", "carrier-pigeon"),
        ("TUNNEL_ENABLED", "perhaps"),
    ];
    let environment = [
        &[("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET), ("WEBHOOK_ENABLED", "yes")],
        &wrong[..],
    ]
    .concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let error = session.refused("get_webhook_url", json!({}));
    assert_eq!(error["code"], "NOT_CONFIGURED");
    for (name, _) in wrong {
        assert!(error["message"].as_str().unwrap().contains(name), "{name} is not in {error}");
    }
}
