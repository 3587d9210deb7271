//! Webhooks without an agent: `listen` prints and forwards them, `trigger` sends one, `events` asks the API for them.

use payments_test_support::{
    listening::Listening,
    process::{Finished, run},
    sandbox::Sandbox,
    stub::{exports, nobody_listens},
};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const SECRET: &str = "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed";
const PAYMENT: &str = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";

/// A process that listens for webhooks signed with [`SECRET`], and its address.
fn listening(arguments: &[&str]) -> (Listening, String) {
    let arguments = [&["--sandbox", "--json"], arguments].concat();
    let mut listening = Listening::start(&arguments, &[("BITNOVO_DEVICE_SECRET", SECRET)]);
    let ready = listening.json();
    (listening, ready["listening"].as_str().unwrap_or_else(|| panic!("{ready}")).to_owned())
}

fn trigger(status: &str, to: &str) -> Finished {
    run(&["trigger", status, "--to", to, "--identifier", PAYMENT], &[("BITNOVO_DEVICE_SECRET", SECRET)])
}

/// A shop that first answers these, then 200.
async fn shop(first: &[u16]) -> MockServer {
    // A test that waits for child processes rather than for tokio uses up the budget of its task.
    tokio::task::yield_now().await;
    let shop = MockServer::start().await;
    for status in first {
        Mock::given(any()).respond_with(ResponseTemplate::new(*status)).up_to_n_times(1).mount(&shop).await;
    }
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&shop).await;
    shop
}

#[test]
fn a_triggered_webhook_is_believed_and_printed() {
    let (mut listening, url) = listening(&[]);
    let done = trigger("CO", &url);
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
    assert!(done.stdout.starts_with(r#"200 {"success":true,"event_id":"0b9d6f0e-"#), "{done:?}");
    let event = listening.json();
    assert_eq!(
        (&event["identifier"], &event["status"], &event["validated"], &event["source"]),
        (&json!(PAYMENT), &json!("CO"), &json!(true), &json!("webhook"))
    );
    assert_eq!(event["payload"]["status"], "CO");
    let done = trigger("ZZ", &url);
    assert!(done.code == Some(0) && done.stderr.contains("this status is unknown"), "{done:?}");
    assert_eq!(listening.json()["status"], "ZZ");
    let (status, stdout, stderr) = listening.end();
    assert_eq!(status.code(), Some(0));
    assert!(!format!("{stdout}{stderr}").contains(SECRET));
}

#[test]
fn a_webhook_of_another_secret_is_refused_and_not_printed() {
    let (mut listening, url) = listening(&[]);
    let done = run(&["trigger", "CO", "--to", &url], &[("BITNOVO_DEVICE_SECRET", &"ab".repeat(32))]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stdout.starts_with("401 ") && done.stderr.contains("same secret"), "{done:?}");
    trigger("AC", &url);
    assert_eq!(listening.json()["status"], "AC", "the genuine one is the first that is printed");
}

#[test]
fn a_sample_is_sent_only_with_a_secret_and_only_where_it_is_safe() {
    let nowhere = nobody_listens();
    let done = run(&["trigger", "CO", "--to", &nowhere], &[]);
    assert!(done.code == Some(78) && done.stderr.contains("BITNOVO_DEVICE_SECRET"), "{done:?}");
    let done = trigger("CO", &nowhere);
    assert!(done.code == Some(1) && done.stderr.contains("does not answer"), "{done:?}");
    for bad in
        ["http://shop.example/", "ftp://127.0.0.1/", "127.0.0.1:3000", "https://name:word@shop.example/"]
    {
        assert_eq!(trigger("CO", bad).code, Some(2), "{bad}");
        assert_eq!(run(&["listen", "--sandbox", "--forward-to", bad], &[]).code, Some(2), "{bad}");
    }
}

#[tokio::test]
async fn a_sale_on_the_sandbox_inside_is_printed_in_eighty_columns() {
    let mut listening = Listening::start(&["--sandbox"], &[]);
    let export = |line: String| line.split_once('=').unwrap().1.to_owned();
    let base_url = export(listening.line_with("export BITNOVO_BASE_URL="));
    let device_id = export(listening.line_with("export BITNOVO_DEVICE_ID="));
    listening.line_with("Ctrl-C");
    let environment =
        [("BITNOVO_ENV", "sandbox"), ("BITNOVO_BASE_URL", &*base_url), ("BITNOVO_DEVICE_ID", &*device_id)];
    let arguments = r#"{"amount_eur": 5, "input_currency": "BTC"}"#;
    let done = run(&["call", "create_payment_onchain", arguments], &environment);
    let order: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    let identifier = order["identifier"].as_str().unwrap();
    let http = payments_test_support::sandbox::client();
    let steer = async |path: &str, body: Value| {
        let url = format!("{base_url}/_sandbox/orders/{identifier}/{path}");
        assert!(http.post(url).json(&body).send().await.unwrap().status().is_success(), "{path}");
    };
    steer("pay", json!({ "percent": 60 })).await;
    steer("pay", json!({})).await;
    steer("mine", json!({})).await;
    let told = listening.line_with("  CO  ");
    assert!(told.contains("  verified  ") && told.contains(identifier), "{told}");
    let (status, stdout, stderr) = listening.end();
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    let last = stdout.lines().last().unwrap();
    assert!(last.strip_prefix("Events: ").is_some_and(|count| count.parse::<u32>().unwrap() >= 2), "{last}");
    for line in stdout.lines().filter(|line| !line.contains("http://")) {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
}

#[tokio::test]
async fn a_webhook_is_forwarded_with_the_same_bytes_and_headers() {
    let (shop, sandbox) = (shop(&[]).await, Sandbox::start());
    let arguments = ["--json", "--forward-to", &format!("{}/hook?shop=1", shop.uri())];
    let mut listening = Listening::start(&arguments, &sandbox.exports());
    listening.json();
    let created = sandbox.order("BTC", 50).await;
    sandbox.steer(&format!("orders/{}/pay", created["identifier"].as_str().unwrap()), json!({})).await;
    let delivered = listening.line_with("\"delivered\"");
    assert!(delivered.contains("\"attempt\":1") && delivered.contains("\"status\":200"), "{delivered}");
    let received = &shop.received_requests().await.unwrap()[0];
    let sent = &sandbox.look("deliveries").await[0];
    assert_eq!(String::from_utf8_lossy(&received.body), sent["body"].as_str().unwrap());
    for (name, value) in [("X-NONCE", &sent["nonce"]), ("X-SIGNATURE", &sent["signature"])] {
        assert_eq!(received.headers[name].to_str().unwrap(), value, "{name}");
    }
    assert_eq!(received.url.query(), Some("shop=1"));
}

#[tokio::test]
async fn a_shop_that_fails_is_asked_again_and_the_attempts_are_counted() {
    let shop = shop(&[503, 429]).await;
    let (mut listening, url) = listening(&["--forward-to", &shop.uri()]);
    assert_eq!(trigger("CO", &url).code, Some(0));
    for attempt in [1, 2] {
        let retry = listening.line_with("\"retry\"");
        assert!(retry.contains(&format!("\"attempt\":{attempt}")), "{retry}");
    }
    assert!(listening.line_with("\"delivered\"").contains("\"attempt\":3"));
    let bodies: Vec<_> =
        shop.received_requests().await.unwrap().into_iter().map(|request| request.body).collect();
    assert!(bodies.len() == 3 && bodies.windows(2).all(|pair| pair[0] == pair[1]), "{}", bodies.len());
}

#[tokio::test]
async fn a_shop_that_refuses_is_not_asked_again() {
    let shop = shop(&[400]).await;
    let (mut listening, url) = listening(&["--forward-to", &shop.uri()]);
    assert_eq!(trigger("AC", &url).code, Some(0));
    assert!(listening.line_with("\"refused\"").contains("\"status\":400"));
    assert_eq!(trigger("CO", &url).code, Some(0));
    listening.line_with("\"delivered\"");
    assert_eq!(shop.received_requests().await.unwrap().len(), 2);
}

#[test]
fn a_shop_that_is_not_there_is_given_up_after_five_retries() {
    let mut listening = Listening::start(
        &["--sandbox", "--forward-to", &nobody_listens()],
        &[("BITNOVO_DEVICE_SECRET", SECRET)],
    );
    let line = listening.line_with("Listening at ");
    assert_eq!(trigger("CO", line.trim_start_matches("Listening at ")).code, Some(0));
    for retry in 1..=5 {
        listening.line_with(&format!("retry {retry} of 5 in "));
    }
    listening.line_with("gave up");
    let (_, stdout, _) = listening.end();
    assert!(stdout.ends_with("Events: 1; forwarded: 0, not delivered: 1, retries: 5"), "{stdout}");
}

#[test]
fn listening_needs_a_secret_and_a_free_port() {
    let environment = [exports("http://127.0.0.1:1").as_slice(), &[("WEBHOOK_PORT", "0")]].concat();
    let done = run(&["listen"], &environment);
    assert!(done.code == Some(78) && done.stderr.contains("BITNOVO_DEVICE_SECRET"), "{done:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let done = run(&["listen", "--sandbox"], &[("WEBHOOK_PORT", &port), ("WEBHOOK_HOST", "127.0.0.1")]);
    assert!(
        done.code == Some(1) && done.stderr.contains(&format!("port {port} on 127.0.0.1 is in use")),
        "{done:?}"
    );
}

#[tokio::test]
async fn the_events_of_the_api_are_listed_and_shown() {
    let sandbox = Sandbox::start();
    let mut paid = Vec::new();
    for _ in 0..2 {
        let created = sandbox.order("BTC", 50).await;
        let identifier = created["identifier"].as_str().unwrap().to_owned();
        sandbox.steer(&format!("orders/{identifier}/pay"), json!({})).await;
        paid.push(identifier);
    }
    sandbox.order("BTC", 20).await;

    let environment = sandbox.exports();
    let done = run(&["events", "list", "--json"], &environment);
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
    let events: Vec<Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let identifiers: Vec<&str> = events.iter().map(|event| event["identifier"].as_str().unwrap()).collect();
    assert_eq!(identifiers, [paid[1].as_str(), &paid[0]], "newest first; nothing has happened to the third");
    assert!(
        events.iter().all(|event| event["source"] == "reconciled" && event["status"] == "AC"),
        "{events:?}"
    );

    let event_id = events[0]["event_id"].as_str().unwrap();
    let done = run(&["events", "show", event_id], &environment);
    let shown: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    assert_eq!(
        (&shown["event_id"], &shown["payload"]["fiat_amount"]),
        (&json!(event_id), &events[0]["payload"]["fiat_amount"])
    );
    assert_eq!(run(&["events", "show", "nothing"], &environment).code, Some(1));

    let one = run(&["events", "list", "--json", "--identifier", &paid[0]], &environment);
    assert!(one.stdout.lines().count() == 1 && one.stdout.contains(&paid[0]), "{one:?}");
    let newest = run(&["events", "list", "--limit", "1"], &environment);
    assert!(newest.stdout.contains(&paid[1]) && newest.stdout.contains("1 of 2"), "{newest:?}");
    assert!(newest.stdout.lines().all(|line| line.chars().count() <= 80), "{newest:?}");
}

#[test]
fn events_that_cannot_be_asked_for_end_with_the_documented_codes() {
    let closed = nobody_listens();
    let done = run(&["events", "list"], &exports(&closed));
    assert!(done.code == Some(69) && done.stderr.starts_with("API_UNAVAILABLE: "), "{done:?}");
    assert_eq!(run(&["events", "list"], &[]).code, Some(78));
    assert_eq!(run(&["events", "list", "--sandbox", "--limit", "0"], &[]).code, Some(2));
    let done = run(&["events", "list", "--sandbox"], &[]);
    assert!(done.code == Some(0) && done.stdout.contains("no payment"), "{done:?}");
    let help = run(&["events", "list", "--help"], &[]);
    assert!(help.stdout.contains("webhooks in its memory"), "{help:?}");
}
