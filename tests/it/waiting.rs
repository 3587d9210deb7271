//! `wait_for_payment` from outside: woken by whatever tells first, cheap for a crowd, and never a dead end.

use std::{
    io::Read as _,
    net::{TcpListener, TcpStream},
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant, SystemTime},
};

use payments_test_support::{
    answer::Answer,
    process::{DEADLINE, eventually, run},
    sandbox::{self, Sandbox},
    session::{Revision, Session},
    stub::{CREATE, IDENTIFIER, Stub, exports, json_answer, payment},
};
use serde_json::{Value, json};

const SECRET: &str = "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed";

fn in_status(status: &str) -> Value {
    let mut payment = payment("BTC_TEST");
    payment["status"] = json!(status);
    if status == "CO" {
        payment["confirmed_amount"] = payment["crypto_amount"].clone();
    }
    json!([payment])
}

/// An API without a WebSocket, whose payment is in this status.
async fn api(status: &str) -> Stub {
    let stub = Stub::start().await;
    become_(&stub, status).await;
    stub
}

async fn become_(stub: &Stub, status: &str) {
    stub.server.reset().await;
    stub.on("GET", CREATE, json_answer(&json!([]))).await;
    stub.read(json_answer(&in_status(status))).await;
}

/// How often the payment was read.
async fn reads(stub: &Stub) -> usize {
    let requests = stub.server.received_requests().await.unwrap();
    requests.iter().filter(|request| request.url.path().starts_with("/api/v1/orders/info/")).count()
}

fn begin(session: &mut Session, arguments: Value) -> u64 {
    session.begin_call("wait_for_payment", &arguments)
}

fn end(session: &mut Session, id: u64) -> Value {
    let answer = session.receive();
    assert_eq!(answer["id"], id, "{answer}");
    Answer::of(&answer).done("wait_for_payment")
}

#[tokio::test]
async fn a_change_is_noticed_by_the_next_poll() {
    let stub = api("PE").await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let wait = begin(&mut session, json!({ "identifier": IDENTIFIER }));
    eventually("a first poll", async || (reads(&stub).await >= 3).then_some(())).await;
    become_(&stub, "CO").await;
    let read = end(&mut session, wait);
    assert_eq!(reads(&stub).await, 1, "reads of the payment since the change");
    assert_eq!(
        (&read["verdict"], &read["done"], &read["reached"]),
        (&json!("paid"), &json!(true), &json!(true))
    );
    assert_eq!(read.get("advice"), None);
}

/// A server that uses `stub` and receives webhooks, and the address at which it does.
fn receiving(base_url: &str) -> (Session, String) {
    let environment = [
        &exports(base_url)[..],
        &[
            ("BITNOVO_ENV", "sandbox"),
            ("BITNOVO_DEVICE_SECRET", SECRET),
            ("WEBHOOK_ENABLED", "true"),
            ("WEBHOOK_PORT", "0"),
        ],
    ]
    .concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let answer = session.done("get_webhook_url", json!({ "validate": false }));
    let url = answer["webhook_url"].as_str().unwrap().to_owned();
    (session, url)
}

#[tokio::test]
async fn a_webhook_wakes_a_wait_within_half_a_second() {
    // More often than luck with a poll would explain.
    for _ in 0..3 {
        let stub = api("PE").await;
        let base_url = stub.base_url();
        let (mut session, url) = receiving(&base_url);
        let wait = begin(&mut session, json!({ "identifier": IDENTIFIER }));
        eventually("a pause", async || (reads(&stub).await >= 4).then_some(())).await;
        become_(&stub, "CO").await;
        let trigger = ["trigger", "CO", "--to", &url, "--identifier", IDENTIFIER];
        let told = run(&trigger, &[("BITNOVO_DEVICE_SECRET", SECRET)]);
        assert_eq!(told.code, Some(0), "{told:?}");
        let told = Instant::now();
        assert_eq!(end(&mut session, wait)["verdict"], "paid");
        assert!(told.elapsed() < Duration::from_millis(500), "{:?}", told.elapsed());
    }
}

#[tokio::test]
async fn a_webhook_that_comes_too_late_to_be_trusted_still_wakes_a_wait() {
    let stub = api("PE").await;
    let base_url = stub.base_url();
    let (mut session, url) = receiving(&base_url);
    let folder = tempfile::tempdir().unwrap();
    let (body, secret) = (folder.path().join("body.json"), folder.path().join("secret.txt"));
    std::fs::write(&secret, SECRET).unwrap();
    std::fs::write(&body, json!({ "identifier": IDENTIFIER, "status": "CO" }).to_string()).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let nonce = (now - 60).to_string();
    let (secret, path) = (secret.to_str().unwrap(), body.to_str().unwrap());
    let signed = run(&["webhook", "sign", "--secret-file", secret, "--body", path, "--nonce", &nonce], &[]);
    assert_eq!(signed.code, Some(0), "{signed:?}");
    let mut request = sandbox::client().post(url).body(std::fs::read(&body).unwrap());
    for (name, value) in signed.stdout.lines().filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }

    let wait = begin(&mut session, json!({ "identifier": IDENTIFIER }));
    eventually("a pause", async || (reads(&stub).await >= 4).then_some(())).await;
    become_(&stub, "CO").await;
    let told = Instant::now();
    assert_eq!(request.send().await.unwrap().status(), 401);
    assert_eq!(end(&mut session, wait)["verdict"], "paid");
    assert!(told.elapsed() < Duration::from_millis(700), "{:?}", told.elapsed());
}

#[tokio::test]
async fn the_apis_websocket_wakes_a_wait_and_makes_polls_rare() {
    let sandbox = Sandbox::start();
    let order = sandbox.order("BTC", 50).await;
    let identifier = order["identifier"].as_str().unwrap();
    let reads = async || {
        let journal = sandbox.look("journal").await;
        journal.as_array().unwrap().iter().filter(|entry| entry["path"].to_string().contains("info")).count()
    };
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let wait = begin(&mut session, json!({ "identifier": identifier, "until": "completed" }));
    eventually("the wait", async || (reads().await >= 3).then_some(())).await;
    let before = reads().await;
    for step in ["pay", "mine"] {
        sandbox.steer(&format!("orders/{identifier}/{step}"), json!({})).await;
    }
    let changed = Instant::now();
    let read = end(&mut session, wait);
    assert!(changed.elapsed() < Duration::from_millis(700), "{:?}", changed.elapsed());
    assert_eq!((&read["status"], &read["sandbox"]), (&json!("CO"), &json!(true)));
    assert!(reads().await <= before + 3, "{} reads", reads().await);
}

#[test]
fn when_the_time_is_up_the_answer_says_to_go_on_waiting() {
    let mut session = Session::on_sandbox();
    let link = session.done("create_payment_link", json!({ "amount_eur": 5 }));
    let read =
        session.done("wait_for_payment", json!({ "identifier": link["identifier"], "timeout_seconds": 1 }));
    assert_eq!((&read["done"], &read["reached"]), (&json!(false), &json!(false)));
    assert_eq!((&read["verdict"], &read["waited_seconds"]), (&json!("unpaid"), &json!(1)));
    let advice = read["advice"].as_str().unwrap();
    assert!(advice.contains("wait_for_payment") && advice.contains("do not create"), "{advice}");
}

#[tokio::test]
async fn what_waiting_cannot_bring_is_told_at_once() {
    for (status, verdict) in [("EX", "expired"), ("RF", "refunded"), ("FA", "failed"), ("OC", "needs_review")]
    {
        let stub = api(status).await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        let read = session.done("wait_for_payment", json!({ "identifier": IDENTIFIER }));
        assert_eq!(
            (&read["verdict"], &read["done"], &read["reached"]),
            (&json!(verdict), &json!(true), &json!(false))
        );
        assert_eq!((reads(&stub).await, &read["waited_seconds"]), (1, &json!(0)));
    }
}

#[tokio::test]
async fn the_result_is_that_of_get_payment_status_and_a_few_fields() {
    let stub = api("CO").await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let mut read = session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
    let mut waited = session.done("wait_for_payment", json!({ "identifier": IDENTIFIER }));
    for result in [&mut read, &mut waited] {
        let read_at = result.as_object_mut().unwrap().remove("read_at");
        assert!(read_at.is_some_and(|time| time.as_str().unwrap().ends_with('Z')), "{result}");
    }
    for field in ["done", "reached", "waited_seconds"] {
        assert!(waited.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    assert_eq!(waited, read);
}

#[test]
fn arguments_outside_their_limits_are_named() {
    let mut session = Session::on_sandbox();
    for (field, value) in [
        ("timeout_seconds", json!(0)),
        ("timeout_seconds", json!(56)),
        ("timeout_seconds", json!("45.5")),
        ("until", json!("paid")),
        ("identifier", json!("1001")),
    ] {
        let mut arguments = json!({ "identifier": IDENTIFIER });
        arguments[field] = value;
        let error = session.refused("wait_for_payment", arguments);
        assert_eq!((&error["code"], &error["details"]["field"]), (&json!("INVALID_ARGUMENT"), &json!(field)));
    }
    let error = session.refused("wait_for_payment", json!({ "identifier": IDENTIFIER }));
    assert_eq!(error["code"], "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn five_hundred_who_wait_for_one_payment_cost_one_poll() {
    let stub = api("PE").await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let started = Instant::now();
    let ids: Vec<u64> = (0..500).map(|_| begin(&mut session, json!({ "identifier": IDENTIFIER }))).collect();
    eventually("a second poll", async || (reads(&stub).await >= 2).then_some(())).await;
    let before = reads(&stub).await;
    become_(&stub, "CO").await;
    let mut answered = Vec::new();
    for _ in &ids {
        let answer = session.receive();
        answered.push(answer["id"].as_u64().unwrap());
        assert_eq!(Answer::of(&answer).done("wait_for_payment")["verdict"], "paid");
    }
    answered.sort_unstable();
    assert_eq!(answered, ids);
    // One watch polls no faster than every 800 ms; the last read is that of the change.
    let most = usize::try_from(started.elapsed().as_millis() / 800).unwrap() + 2;
    let all = before + reads(&stub).await;
    assert!(all <= most, "{all} reads in {:?}", started.elapsed());
}

#[test]
fn a_cancelled_call_stops_its_request_and_the_server_goes_on() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let tell = tell.clone();
            thread::spawn(move || {
                let mut stream: TcpStream = stream.unwrap();
                let mut buffer = [0; 4096];
                // Never answered: whatever comes is either more of the request or the end of the connection.
                while let Ok(1..) = stream.read(&mut buffer) {
                    tell.send("asked").unwrap();
                }
                tell.send("hung up").unwrap();
            });
        }
    });
    // Far above the patience of this test: what ends a request is that nobody waits for it.
    let environment = [&exports(&base_url)[..], &[("API_TIMEOUT", "600000")]].concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let payment = json!({ "identifier": IDENTIFIER });
    for (tool, arguments) in [
        ("wait_for_payment", &payment),
        ("get_payment_status", &payment),
        ("generate_payment_qr", &payment),
        ("list_payments", &json!({})),
        ("list_currencies_catalog", &json!({})),
        // Held up at the catalogue, at the look for the key and at the create itself.
        ("create_payment_onchain", &json!({ "amount_eur": 5, "input_currency": "BTC" })),
        ("create_payment_link", &json!({ "amount_eur": 5, "idempotency_key": "ORD-1" })),
        ("create_payment_link", &json!({ "amount_eur": 5 })),
    ] {
        let id = session.begin_call(tool, arguments);
        assert_eq!(told.recv_timeout(DEADLINE), Ok("asked"), "{tool}");
        session.cancel(id);
        // A request may come in two pieces.
        while told.recv_timeout(DEADLINE).expect(tool) != "hung up" {}
        assert!(!session.tools().is_empty());
    }
}

#[tokio::test]
async fn whoever_gives_a_progress_token_hears_how_things_stand() {
    hears_how_things_stand(Revision::Handshake).await;
}

#[tokio::test]
async fn the_same_without_a_handshake() {
    hears_how_things_stand(Revision::Stateless).await;
}

async fn hears_how_things_stand(revision: Revision) {
    let stub = api("PE").await;
    let base_url = stub.base_url();
    let mut session = Session::start(revision, &[], &exports(&base_url));
    let arguments = json!({ "identifier": IDENTIFIER, "timeout_seconds": 20 });
    let call =
        json!({ "name": "wait_for_payment", "arguments": arguments, "_meta": { "progressToken": "till-7" } });
    let id = session.begin("tools/call", call);
    let mut told = Vec::new();
    let answer = loop {
        let message = session.receive();
        if message["id"] == id {
            break message;
        }
        assert_eq!(message["method"], "notifications/progress", "{message}");
        let params = message["params"].clone();
        assert_eq!((&params["progressToken"], params["total"].as_f64()), (&json!("till-7"), Some(20.0)));
        told.push(params);
        match told.len() {
            // The first says how things stand, the second comes because time has passed.
            2 => become_(&stub, "AC").await,
            3 => become_(&stub, "CO").await,
            _ => {}
        }
    };
    assert_eq!(Answer::of(&answer).done("wait_for_payment")["verdict"], "paid");
    let progress: Vec<f64> = told.iter().map(|params| params["progress"].as_f64().unwrap()).collect();
    assert!(progress.is_sorted_by(|before, after| before < after), "{revision:?}: {progress:?}");
    let verdicts: Vec<&str> =
        told.iter().map(|params| params["message"].as_str().unwrap().split(';').next().unwrap()).collect();
    assert_eq!(verdicts.get(..3), Some(&["unpaid", "unpaid", "detected"][..]), "{told:?}");
    assert!(told[1]["message"].as_str().unwrap().ends_with(" of 20 s"), "{told:?}");
}
