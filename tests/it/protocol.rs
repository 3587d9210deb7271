//! What clients really send: every line that can be answered is, with its own id, and none ends the process.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use payments_test_support::{
    process::{DEADLINE, binary, command, eventually, run, wait},
    sandbox::Sandbox,
    session::{Revision, Session},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use serde_json::{Value, json};

fn line(id: u64, method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

/// Ways of saying hello, and lines that come before it; each with what its answer holds, when it has one.
fn first_messages() -> Vec<(String, Option<i64>)> {
    let hello = |params: Value| line(1, "initialize", params);
    let whole = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let mut all = vec![
        (hello(json!({})), None),
        (hello(Value::Null), None),
        (r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#.to_owned(), None),
        (r#"{"jsonrpc":"2.0","id":1,"result":null,"method":"initialize"}"#.to_owned(), None),
        (hello(json!([])), Some(-32602)),
        (hello(json!("hello")), Some(-32602)),
    ];
    for (pointer, values) in [
        ("/protocolVersion", json!([null, "1.0", "2099-01-01", "2025-03-26", "", 20251125, true, [], {}])),
        (
            "/capabilities",
            json!([null, [], "x", 7, true, { "roots": true }, { "sampling": null }, { "elicitation": {} }, { "elicitation": 5 }]),
        ),
        ("/clientInfo", json!([null, [], "x", 7, {}, { "name": "x" }, { "version": "1" }, { "title": 5 }])),
        ("/clientInfo/name", json!([null, "", 7, [], {}])),
        ("/clientInfo/version", json!([null, "", 1, 1.5, [], {}])),
    ] {
        let (place, name) = pointer.rsplit_once('/').unwrap();
        let mut without = whole.clone();
        without.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(name);
        all.push((hello(without), None));
        for value in values.as_array().unwrap() {
            let mut odd = whole.clone();
            *odd.pointer_mut(pointer).unwrap() = value.clone();
            let wrong = match (name, value) {
                (_, Value::Null) => None,
                ("protocolVersion" | "name" | "version", Value::String(_)) => None,
                ("capabilities", Value::Object(object)) if object.get("elicitation") != Some(&json!(5)) => {
                    None
                }
                ("clientInfo", Value::Object(_)) => None,
                _ => Some(-32602),
            };
            all.push((hello(odd), wrong));
        }
    }
    for meta in [
        json!(null),
        json!({}),
        json!("x"),
        json!([]),
        json!({ "progressToken": 1 }),
        json!({ "progressToken": [] }),
    ] {
        let wrong = !meta.is_null() && (!meta.is_object() || meta["progressToken"].is_array());
        let mut params = whole.clone();
        params["_meta"] = meta;
        all.push((hello(params), wrong.then_some(-32602)));
    }
    for (first, code) in [
        (line(1, "tools/list", json!({})), -32602),
        (
            line(1, "tools/call", json!({ "name": "create_payment_link", "arguments": { "amount_eur": 5 } })),
            -32602,
        ),
        (line(1, "resources/read", json!({ "uri": "x" })), -32602),
        (line(1, "tools/fly", json!({})), -32602),
        (line(1, "ping", json!([])), -32602),
        (r#"{"jsonrpc":"2.0","id":1}"#.to_owned(), -32600),
        (r#"{"id":1,"method":"ping"}"#.to_owned(), -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#.to_owned(), -32600),
    ] {
        all.push((first, Some(code)));
    }
    all
}

/// Lines that get no answer, or one without an id, and after which a session must still begin.
fn noise() -> Vec<String> {
    let notifications = [
        "notifications/initialized",
        "notifications/cancelled",
        "notifications/progress",
        "notifications/roots/list_changed",
        "notifications/message",
        "$/cancelRequest",
        "textDocument/didOpen",
        "initialize",
        "tools/call",
    ];
    let mut all = Vec::new();
    for method in notifications {
        for params in
            ["{}", "null", "[]", "\"x\"", r#"{"requestId":1}"#, r#"{"requestId":[]}"#, r#"{"_meta":5}"#]
        {
            all.push(format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#));
        }
        all.push(format!(r#"{{"method":"{method}"}}"#));
    }
    for garbage in [
        "",
        " ",
        "\t",
        "hello",
        "GET / HTTP/1.1",
        "Content-Length: 12",
        "{",
        "}",
        "[]",
        "[1,2]",
        "{}",
        "null",
        "7",
        "\"x\"",
        "\u{feff}",
        "\u{0}",
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
        r#"{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"x"}}"#,
        r#"{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":null}"#,
    ] {
        all.push(garbage.to_owned());
    }
    all
}

#[test]
fn no_first_message_ends_the_process() {
    const SEED: u64 = 20_251_125;
    let mut random = StdRng::seed_from_u64(SEED);
    let (mut hellos, noise) = (first_messages(), noise());
    assert!(hellos.len() * 4 >= 200);
    hellos.shuffle(&mut random);
    // Few processes: what is refused begins no session, so that the next line is a first message too.
    hellos.sort_by_key(|(_, code)| code.is_none());
    let mut session = Session::spawn(Revision::Handshake, &["--sandbox"], &[]);
    for (index, (hello, code)) in hellos.iter().enumerate() {
        let noise: Vec<&String> = (0..3).map(|_| &noise[random.random_range(0..noise.len())]).collect();
        for line in &noise {
            session.send(line);
        }
        session.send(hello);
        let answer = loop {
            let answer = session.receive();
            // What the noise got.
            if !answer["id"].is_null() {
                break answer;
            }
            assert_eq!(answer["error"]["code"], -32600, "{noise:?}: {answer}");
        };
        assert_eq!(answer["id"], 1, "seed {SEED}, {hello}: {answer}");
        let Some(code) = code else {
            assert!(answer["result"].is_object(), "seed {SEED}, {hello}: {answer}");
            session.done("list_currencies_catalog", json!({}));
            if index % 8 == 0 {
                assert_eq!(session.close().code, Some(0));
                session = Session::spawn(Revision::Handshake, &["--sandbox"], &[]);
                session.send(&line(2, "ping", json!({})));
                assert_eq!(session.receive()["result"], json!({}), "a ping may come first");
            }
            continue;
        };
        assert_eq!(answer["error"]["code"], *code, "seed {SEED}, {hello}: {answer}");
    }
    assert_eq!(session.close().code, Some(0));
}

#[test]
fn every_line_of_noise_is_survived_before_and_after_the_handshake() {
    for revision in Revision::ALL {
        let mut session = Session::spawn(revision, &["--sandbox"], &[]);
        for round in 0..2 {
            for line in noise() {
                session.send(&line);
            }
            let id = if revision == Revision::Handshake && round == 0 {
                session.send(&line(900, "initialize", json!({})));
                900
            } else {
                session.begin("tools/list", json!({}))
            };
            loop {
                let answer = session.receive();
                if answer["id"] == id {
                    assert!(answer["result"].is_object(), "{answer}");
                    break;
                }
                assert_eq!(
                    (&answer["id"], &answer["error"]["code"]),
                    (&Value::Null, &json!(-32600)),
                    "{answer}"
                );
            }
        }
        let ended = session.close();
        assert_eq!((ended.code, ended.unread), (Some(0), vec![]));
    }
}

#[test]
fn a_malformed_request_is_answered_with_its_id_and_the_member_that_is_wrong() {
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &["--sandbox"], &[]);
        for (method, params, member) in [
            ("tools/call", json!([]), "params"),
            ("tools/call", json!({ "arguments": {} }), "params.name"),
            ("tools/call", json!({ "name": 7 }), "params.name"),
            ("tools/call", json!({ "name": "get_payment_status", "arguments": "x" }), "params.arguments"),
            ("tools/call", json!({ "name": "get_payment_status", "_meta": "x" }), "params._meta"),
            ("resources/read", json!({}), "params.uri"),
            ("tools/list", json!({ "cursor": "bogus" }), "params.cursor"),
            ("resources/list", json!({ "cursor": "" }), "params.cursor"),
            ("resources/templates/list", json!({ "cursor": "2" }), "params.cursor"),
        ] {
            let answer = if params.is_object() && params.get("_meta").is_none() {
                session.request(method, params.clone())
            } else {
                session.send(&line(900, method, params.clone()));
                session.receive()
            };
            assert!(answer["id"].is_u64(), "{method} {params}: {answer}");
            assert_eq!(answer["error"]["code"], -32602, "{method} {params}: {answer}");
            assert!(
                answer["error"]["message"].as_str().unwrap().starts_with(member),
                "{method} {params}: {answer}"
            );
        }
        let link =
            json!({ "name": "create_payment_link", "arguments": "{\"amount_eur\": 5, \"notes\": \"\"}" });
        let answer = session.request("tools/call", link);
        assert!(answer["result"]["structuredContent"]["identifier"].is_string(), "{answer}");
    }
}

#[test]
fn text_that_is_no_text_is_kept_as_far_as_it_can_be() {
    let mut session = Session::on_sandbox();
    let call = |id: u64, notes: &str| {
        let arguments = format!(r#"{{"amount_eur":5e0,"notes":"{notes}","reference":"5e3"}}"#);
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"create_payment_link","arguments":{arguments}}}}}"#
        )
    };
    for (id, notes, kept) in [
        (101, r"ok \ud83d", "ok \u{fffd}"),
        (102, r#"say \"hi\" \\ \ude00"#, "say \"hi\" \\ \u{fffd}"),
        (103, r"caf\u00e9 \ud83d\ude00", "café \u{1f600}"),
    ] {
        session.send(&call(id, notes));
        let answer = session.receive();
        assert_eq!(answer["id"], id);
        let identifier = &answer["result"]["structuredContent"]["identifier"];
        let read = session.done("get_payment_status", json!({ "identifier": identifier }));
        assert_eq!((&read["notes"], &read["reference"]), (&json!(kept), &json!("5e3")), "{notes}");
    }
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    session.send(&call(104, "x").replace("\"5e3\"", &deep));
    let answer = session.receive();
    assert_eq!((&answer["id"], &answer["result"]["isError"]), (&json!(104), &json!(true)), "{answer}");

    let arguments = r#"{"amount_eur":5,"notes":"ok \ud83d \\ \"5e3\""}"#;
    let done = run(&["--sandbox", "call", "create_payment_link", arguments], &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
}

/// A server whose pipes the test holds itself.
fn spawn(environment: &[(&str, String)]) -> Child {
    let mut server = command(binary());
    server.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
    server.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

const HELLO: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;

#[tokio::test]
async fn no_order_is_created_for_a_client_that_has_closed_stdout() {
    let sandbox = Sandbox::start();
    let exports: Vec<(&str, String)> =
        sandbox.exports().iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let mut server = spawn(&exports);
    let mut stdin = server.stdin.take().unwrap();
    let mut stdout = BufReader::new(server.stdout.take().unwrap());
    writeln!(stdin, "{HELLO}").unwrap();
    let mut answer = String::new();
    stdout.read_line(&mut answer).unwrap();
    drop(stdout);
    for id in 1..=5 {
        let create = line(
            id,
            "tools/call",
            json!({ "name": "create_payment_link", "arguments": { "amount_eur": 5 } }),
        );
        // It may be gone already, and then nobody reads this.
        let _ = writeln!(stdin, "{create}");
    }
    let status = wait(&mut server, Duration::from_secs(10));
    assert_eq!(status.code(), Some(0), "it ends although stdin is open");
    assert_eq!(sandbox.count().await, 0);
}

/// What a process holds in memory, in MiB.
#[cfg(target_os = "linux")]
fn memory(server: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_that_writes_and_never_reads_is_held_up() {
    let mut server = spawn(&[("BITNOVO_ENV", "sandbox".into())]);
    let mut stdin = server.stdin.take().unwrap();
    writeln!(stdin, "{HELLO}").unwrap();
    let written = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&written);
    let writer = thread::spawn(move || {
        for id in 1..300_000_u64 {
            if writeln!(stdin, "{}", line(id, "tools/list", json!({}))).is_err() {
                return;
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    // The pipe is full once nothing was taken for a while.
    let mut last = (usize::MAX, Instant::now());
    eventually("the client being held up", async || {
        let now = written.load(Ordering::Relaxed);
        if now != last.0 {
            last = (now, Instant::now());
        }
        (now > 0 && last.1.elapsed() > Duration::from_millis(300)).then_some(())
    })
    .await;
    let taken = written.load(Ordering::Relaxed);
    assert!(taken < 5_000, "{taken} requests were taken");
    let held = memory(&server);
    assert!(held < 128, "{held} MiB");
    server.kill().unwrap();
    server.wait().unwrap();
    writer.join().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_line_of_any_length_is_refused_and_its_memory_returned() {
    let mut server = spawn(&[("BITNOVO_ENV", "sandbox".into())]);
    let mut stdin = server.stdin.take().unwrap();
    let mut answers = BufReader::new(server.stdout.take().unwrap())
        .lines()
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    writeln!(stdin, "{HELLO}").unwrap();
    assert_eq!(answers.next().unwrap()["id"], 0);
    let piece = "x".repeat(1 << 20);
    for (beginning, id) in
        [(r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"a":""#, json!(7)), ("", Value::Null)]
    {
        stdin.write_all(beginning.as_bytes()).unwrap();
        for _ in 0..64 {
            stdin.write_all(piece.as_bytes()).unwrap();
        }
        writeln!(stdin, "\"}}}}").unwrap();
        let refused = answers.next().unwrap();
        assert_eq!((&refused["id"], &refused["error"]["code"]), (&id, &json!(-32600)), "{refused}");
    }
    writeln!(stdin, "{}", line(8, "ping", json!({}))).unwrap();
    assert_eq!(answers.next().unwrap()["id"], 8);
    let held = memory(&server);
    assert!(held < 96, "{held} MiB");
    drop(stdin);
    assert_eq!(wait(&mut server, DEADLINE).code(), Some(0));
}

#[test]
fn two_requests_with_one_id_create_one_order() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let waits = |id: u64, seconds: u64| {
        let identifier = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";
        line(
            id,
            "tools/call",
            json!({ "name": "wait_for_payment", "arguments": { "identifier": identifier, "timeout_seconds": seconds } }),
        )
    };
    let create =
        line(7, "tools/call", json!({ "name": "create_payment_link", "arguments": { "amount_eur": 5 } }));
    session.send(&create);
    session.send(&create);
    let (first, second) = (session.receive(), session.receive());
    let (refused, created) = if first.get("error").is_some() { (first, second) } else { (second, first) };
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(7), &json!(-32600)), "{refused}");
    assert!(created["result"]["structuredContent"]["identifier"].is_string(), "{created}");
    session.send(&waits(7, 1));
    assert_eq!(session.receive()["id"], 7, "the id is free again");
}

#[test]
fn the_last_line_needs_no_line_break() {
    let mut server = spawn(&[("BITNOVO_ENV", "sandbox".into())]);
    let mut stdin = server.stdin.take().unwrap();
    write!(stdin, "{HELLO}\n{}", line(1, "ping", json!({}))).unwrap();
    drop(stdin);
    let answers: Vec<String> =
        BufReader::new(server.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert_eq!(wait(&mut server, DEADLINE).code(), Some(0));
}

#[test]
fn a_revision_whose_batches_are_not_taken_is_not_offered() {
    let mut session = Session::spawn(Revision::Handshake, &["--sandbox"], &[]);
    for (asked, spoken) in
        [("2025-03-26", "2024-11-05"), ("2025-06-18", "2025-06-18"), ("2026-07-28", "2025-11-25")]
    {
        let answer = session.request("initialize", json!({ "protocolVersion": asked }));
        assert_eq!(answer["result"]["protocolVersion"], spoken, "{answer}");
    }
    let mut session = Session::start(Revision::Stateless, &["--sandbox"], &[]);
    let found = session.request("server/discover", json!({}));
    assert!(
        !found["result"]["supportedVersions"].as_array().unwrap().contains(&json!("2025-03-26")),
        "{found}"
    );
}

#[test]
fn progress_names_its_call_as_the_client_does_and_never_exceeds_the_total() {
    let mut session = Session::on_sandbox();
    let link = session.done("create_payment_link", json!({ "amount_eur": 5 }));
    for token in ["18446744073709551616", "\"seven\"", "0.5"] {
        let arguments = json!({ "identifier": link["identifier"], "timeout_seconds": 1 });
        session.send(&format!(
            r#"{{"jsonrpc":"2.0","id":{token},"method":"tools/call","params":{{"name":"wait_for_payment","_meta":{{"progressToken":{token}}},"arguments":{arguments}}}}}"#
        ));
        let mut reports = 0;
        loop {
            let line = session.receive_line();
            if !line.contains("notifications/progress") {
                assert!(line.contains(&format!("\"id\":{token},")), "{line}");
                break;
            }
            reports += 1;
            assert!(line.contains(&format!("\"progressToken\":{token}")), "{line}");
            let report: Value = serde_json::from_str(&line).unwrap();
            let (passed, total) = (report["params"]["progress"].as_f64(), report["params"]["total"].as_f64());
            assert!(passed <= total && total == Some(1.0), "{line}");
        }
        assert!(reports >= 1);
    }
}
