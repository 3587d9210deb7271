//! Clients that do not read what the server writes, and processes that are told to end.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    time::{Duration, SystemTime},
};

use payments_test_support::{
    on_this_machine,
    process::{binary, command, eventually, signal, terminate, wait},
    sandbox::client,
    session::{Ended, Revision, Session},
    stub::{CREATE, Stub, created, exports, json_answer, slow},
};
use payments_webhook::scheme::bitnovo::{Secret, nonce, sign};
use serde_json::{Value, json};

/// What the contract gives a process to end.
const SOON: Duration = Duration::from_secs(2);

const SECRET: &str = "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed";

#[test]
fn a_client_that_never_reads_the_log_gets_every_answer_and_a_timely_end() {
    let ways: [fn(Session) -> Ended; 2] = [Session::close, Session::terminate];
    for end in ways {
        let mut session = Session::start_without_log(&["--sandbox"], &[("LOG_LEVEL", "debug")]);
        // The pipe holds 64 KiB, and each call logs more than a hundred bytes.
        for _ in 0..1000 {
            let error = session.refused("get_payment_status", json!({ "identifier": "x".repeat(36) }));
            assert_eq!(error["code"], "INVALID_ARGUMENT");
        }
        let ended = end(session);
        assert!(ended.took < SOON && ended.code == Some(0), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_listen_that_pauses_stops_no_webhook() {
    let mut listening = command(binary())
        .args(["listen", "--sandbox", "--json"])
        .envs(on_this_machine(&[("BITNOVO_DEVICE_SECRET", SECRET), ("WEBHOOK_MAX_EVENTS", "100")]))
        .spawn()
        .unwrap();
    let mut lines = BufReader::with_capacity(512, listening.stdout.take().unwrap());
    let mut ready = String::new();
    lines.read_line(&mut ready).unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let to = ready["listening"].as_str().unwrap();
    // Far more than the pipe and the queue hold, and the reader reads nothing.
    let (http, secret) = (client(), SECRET.parse::<Secret>().unwrap());
    let filler = "x".repeat(60_000);
    for number in 0..60 {
        let body = json!({ "identifier": format!("{number}"), "status": "CO", "filler": filler }).to_string();
        let nonce = nonce(SystemTime::now());
        let signature = sign(&secret, &nonce, body.as_bytes()).to_string();
        let request = http.post(to).header("X-NONCE", nonce).header("X-SIGNATURE", signature).body(body);
        assert_eq!(request.send().await.unwrap().status(), 200, "webhook {number}");
    }
    // Once it reads again, it is told what it missed.
    let (mut events, mut left_out) = (0, 0);
    while events + left_out < 60 {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "{events} events and {left_out} left out");
        let line: Value = serde_json::from_str(&line).unwrap();
        left_out += line["left_out"].as_u64().unwrap_or_default();
        events += u64::from(line["event_id"].is_string());
    }
    assert!(events >= 10 && left_out > 0, "{events} events and {left_out} left out");
    terminate(&listening);
    assert!(wait(&mut listening, SOON).success());
}

/// An API whose create never answers.
async fn silent_create() -> Stub {
    let stub = Stub::start().await;
    stub.on("POST", CREATE, slow(json_answer(&created("BTC_TEST")))).await;
    stub.on("GET", CREATE, json_answer(&json!([]))).await;
    stub.works().await;
    stub
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_dropped_leaves_its_key_in_the_log() {
    let ways: [fn(Session) -> Ended; 2] = [Session::close, Session::terminate];
    for (end, key) in ways.into_iter().flat_map(|end| [(end, None), (end, Some("ORD-1001"))]) {
        let stub = silent_create().await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        let mut order = json!({ "amount_eur": 22 });
        if let Some(key) = key {
            order["idempotency_key"] = key.into();
        }
        session.begin_call("create_payment_link", &order);
        eventually("the create", async || (stub.count("POST").await > 0).then_some(())).await;
        let ended = end(session);
        assert!(ended.took < SOON && ended.code == Some(0), "{ended:?}");
        let warnings: Vec<&str> = ended
            .stderr
            .lines()
            .filter(|line| line.contains(" WARN ") && line.contains("idempotency_key="))
            .collect();
        let [warning] = warnings.as_slice() else { panic!("{}", ended.stderr) };
        assert!(warning.contains("may exist"), "{warning}");
        // A key that was generated is a UUID or longer.
        let logged = warning.split("idempotency_key=").nth(1).unwrap();
        assert!(key.map_or(logged.len() > 20, |key| logged.contains(key)), "{warning}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_of_one_call_that_is_stopped_leaves_its_key_in_the_log() {
    let stub = silent_create().await;
    let base_url = stub.base_url();
    let mut calling = command(binary())
        .args(["call", "create_payment_link", r#"{"amount_eur": 22}"#])
        .envs(exports(&base_url))
        .spawn()
        .unwrap();
    eventually("the create", async || (stub.count("POST").await > 0).then_some(())).await;
    // As the terminal does when it is closed.
    signal(&calling, "HUP");
    assert_eq!(wait(&mut calling, SOON).code(), Some(1));
    let mut log = String::new();
    calling.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let warning = log.lines().find(|line| line.contains(" WARN ")).unwrap_or_else(|| panic!("{log}"));
    let key = warning.split("idempotency_key=").nth(1).unwrap();
    assert!(warning.contains("may exist") && key.len() > 20, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_nearly_done_is_answered_although_the_process_is_told_to_end() {
    let stub = Stub::start().await;
    let late = json_answer(&created("BTC_TEST")).set_delay(Duration::from_millis(300));
    stub.on("POST", CREATE, late).await;
    stub.on("GET", CREATE, json_answer(&json!([]))).await;
    stub.works().await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    session.begin_call("create_payment_link", &json!({ "amount_eur": 22 }));
    eventually("the create", async || (stub.count("POST").await > 0).then_some(())).await;
    let ended = session.terminate();
    assert!(ended.took < SOON, "{ended:?}");
    let [answer] = ended.unread.as_slice() else { panic!("{ended:?}") };
    assert!(answer["result"]["structuredContent"]["identifier"].is_string(), "{answer}");
    assert!(!ended.stderr.contains("without an answer"), "{}", ended.stderr);
}

/// As socat runs a program.
#[cfg(unix)]
#[test]
fn a_client_that_closes_its_sending_side_of_one_socket_gets_its_answers() {
    use std::{
        io::Write as _,
        net::Shutdown,
        os::{fd::OwnedFd, unix::net::UnixStream},
    };

    let (mut client, server) = UnixStream::pair().unwrap();
    let mut serving = command(binary())
        .arg("--sandbox")
        .stdin(OwnedFd::from(server.try_clone().unwrap()))
        .stdout(OwnedFd::from(server))
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let call = json!({ "name": "create_payment_link", "arguments": { "amount_eur": 5 } });
    for (id, method, params) in [(1, "initialize", json!({})), (2, "tools/call", call)] {
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        writeln!(client, "{request}").unwrap();
    }
    client.shutdown(Shutdown::Write).unwrap();
    let mut answers = String::new();
    client.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.lines().count(), 2, "{answers}");
    assert!(wait(&mut serving, SOON).success());
}
