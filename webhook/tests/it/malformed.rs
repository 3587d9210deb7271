//! Requests that no honest sender makes, on raw sockets: each has its answer, and no other request waits because of them.

use std::time::Duration;

use futures::future::join_all;
use payments_webhook::scheme::bitnovo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt};

use payments_test_support::receiving::{
    Fixture, NOW, get, impatient, payment, post, read_reply, secret, webhook,
};

/// What is sent, and the status of the answer; 0 when the connection is closed without one.
struct Case {
    name: String,
    bytes: Vec<u8>,
    status: u16,
    /// The sender closes its side right after sending.
    hangs_up: bool,
}

fn case(name: impl Into<String>, bytes: impl AsRef<[u8]>, status: u16) -> Case {
    Case { name: name.into(), bytes: bytes.as_ref().to_vec(), status, hangs_up: false }
}

/// A signed webhook for each case, so that nothing but the fault is wrong with it.
fn signed(body: impl AsRef<[u8]>) -> (String, String) {
    let nonce = NOW.to_string();
    let signature = bitnovo::sign(&secret(), &nonce, body.as_ref()).to_string();
    (nonce, signature)
}

/// A signed webhook whose request line, or some more headers, are replaced.
fn bent(line: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let (nonce, signature) = signed(body.as_ref());
    let head = format!("{line}\r\nHost: x\r\nX-NONCE: {nonce}\r\nX-SIGNATURE: {signature}\r\n{headers}\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

const POST: &str = "POST /webhook/bitnovo HTTP/1.1";

fn request_lines() -> Vec<Case> {
    let methods = [
        ("GET", 405),
        ("HEAD", 405),
        ("PUT", 405),
        ("DELETE", 405),
        ("PATCH", 405),
        ("OPTIONS", 405),
        ("TRACE", 405),
        ("post", 405),
        ("POSTT", 405),
        ("P\u{0}ST", 400),
        ("PÖST", 400),
        ("", 400),
    ];
    let targets = [
        ("/webhook/bitnovo?debug=1", 200),
        ("http://shop.example/webhook/bitnovo", 200),
        ("/webhook/bitnovo/", 200),
        ("/webhook/bitnovo//", 404),
        ("//webhook/bitnovo", 404),
        ("/WEBHOOK/BITNOVO", 404),
        ("/webhook/bitnov%6f", 404),
        ("/webhook/./bitnovo", 404),
        ("/../../etc/passwd", 404),
        ("/", 404),
        ("*", 404),
        ("webhook/bitnovo", 400),
        ("/webhook\u{0}/bitnovo", 400),
        ("/webhook\t/bitnovo", 400),
        ("", 400),
    ];
    let versions = [
        ("HTTP/1.0", 200),
        ("HTTP/1.2", 400),
        ("HTTP/2.0", 400),
        ("HTTP/9", 400),
        ("HTTX/1.1", 400),
        ("http/1.1", 400),
        ("", 400),
    ];
    let mut cases = Vec::new();
    let mut add = |line: String, status| {
        let body = format!("{:?}", line);
        let length = format!("Content-Length: {}\r\n", body.len());
        cases.push(case(format!("line {line:?}"), bent(&line, &length, &body), status));
    };
    for (method, status) in methods {
        add(format!("{method} /webhook/bitnovo HTTP/1.1"), status);
    }
    for (target, status) in targets {
        add(format!("POST {target} HTTP/1.1"), status);
    }
    for (version, status) in versions {
        add(format!("POST /webhook/bitnovo {version}"), status);
    }
    cases.push(case(
        "a path of 20 KiB",
        bent(&format!("POST /{} HTTP/1.1", "a".repeat(20 * 1024)), "", ""),
        431,
    ));
    cases.push(case("CONNECT", "CONNECT shop.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", 404));
    cases
}

fn headers() -> Vec<Case> {
    let length = "Content-Length: 2\r\n";
    let plain =
        |name: &str, header: &str, status| case(name, bent(POST, &format!("{header}{length}"), "{}"), status);
    let many = |count: usize| (0..count).map(|number| format!("X-{number}: y\r\n")).collect::<String>();
    let mut cases = vec![
        plain("a header of 20 KiB", &format!("X-Big: {}\r\n", "a".repeat(20 * 1024)), 431),
        // Four are there already.
        plain("65 headers", &many(61), 431),
        plain("500 headers", &many(500), 431),
        plain("NUL in a value", "X-Odd: a\0b\r\n", 400),
        plain("NUL in a name", "X-\0dd: a\r\n", 400),
        plain("a bare CR in a value", "X-Odd: a\rb\r\n", 400),
        plain("a space in a name", "X Odd: a\r\n", 400),
        plain("a space before the colon", "X-Odd : a\r\n", 400),
        plain("no colon", "X-Odd\r\n", 400),
        plain("an empty name", ": a\r\n", 400),
        plain("a folded header", "X-Odd: a\r\n b\r\n", 400),
        plain("a second nonce", &format!("X-NONCE: {NOW}\r\n"), 401),
        plain("a second nonce, empty", "x-nonce:\r\n", 401),
        plain("a second signature", "X-Signature: 00\r\n", 401),
        plain("gzip", "Content-Encoding: gzip\r\n", 400),
        plain("br", "content-encoding: br\r\n", 400),
        plain("deflate", "Content-Encoding: deflate\r\n", 400),
        plain("zstd", "Content-Encoding: zstd\r\n", 400),
        plain("identity, then gzip", "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", 400),
        plain("identity and gzip", "Content-Encoding: identity, gzip\r\n", 400),
    ];
    let (nonce, signature) = signed("{}");
    let pairs: [(&str, Vec<(&str, &str)>); 3] = [
        ("no headers of ours", vec![]),
        ("no nonce", vec![("X-SIGNATURE", &signature)]),
        ("no signature", vec![("X-NONCE", &nonce)]),
    ];
    cases.extend(pairs.map(|(name, headers)| case(name, post(&headers, "{}"), 401)));
    cases
}

fn nonces_and_signatures() -> Vec<Case> {
    let nonces = [
        "",
        "0",
        "170000000",
        "17000000000",
        "1700000000.0",
        "+170000000",
        "-170000000",
        "0x65537800",
        "1.7e9",
        "1700000000,1700000000",
        "\"1700000000\"",
        "١٧٠٠٠٠٠٠٠٠",
        "NaN",
        "now",
        "1700000000\t1",
        "999999999 ",
        "Tue, 14 Nov 2023 22:13:20 GMT",
    ];
    let (nonce, signature) = signed("{}");
    let signatures = [
        String::new(),
        "?".to_owned(),
        signature[..63].to_owned(),
        format!("{signature}0"),
        format!("0x{}", &signature[2..]),
        format!("sha256={signature}"),
        format!("{}g", &signature[..63]),
        format!("{signature},{signature}"),
        format!("{} {}", &signature[..32], &signature[32..]),
        format!("\"{signature}\""),
        signature.chars().rev().collect(),
        "0".repeat(64),
        "f".repeat(64),
        "é".repeat(32),
        "a".repeat(8000),
    ];
    let mut cases = Vec::new();
    for bad in nonces {
        // Signed over the very text: its form alone is at fault.
        let signature = bitnovo::sign(&secret(), bad.trim(), b"{}").to_string();
        let headers = [("X-NONCE", bad), ("X-SIGNATURE", &signature)];
        cases.push(case(format!("nonce {bad:?}"), post(&headers, "{}"), 401));
    }
    for bad in signatures {
        let headers = [("X-NONCE", nonce.as_str()), ("X-SIGNATURE", &bad)];
        cases.push(case(format!("signature {bad:.20?}"), post(&headers, "{}"), 401));
    }
    cases
}

fn lengths() -> Vec<Case> {
    let body = "{\"lengths\":1}";
    let with = |headers: &str, body: &str| bent(POST, headers, body);
    let mut cases = Vec::new();
    for bad in ["-1", "+13", "0x0d", "abc", "13.0", "", "1 3", "13, 14", "99999999999999999999999999", "13;"]
    {
        cases.push(case(format!("length {bad:?}"), with(&format!("Content-Length: {bad}\r\n"), body), 400));
    }
    let two = "Content-Length: 13\r\nContent-Length: 14\r\n";
    cases.push(case("two lengths", with(two, body), 400));
    for length in ["65537", "1000000", "9223372036854775807"] {
        cases.push(case(
            format!("announces {length}"),
            with(&format!("Content-Length: {length}\r\n"), ""),
            413,
        ));
    }
    cases.push(case("a body shorter than its length", with("Content-Length: 14\r\n", body), 408));
    cases.push(case("no body at all", with("Content-Length: 14\r\n", ""), 408));
    cases.push(case("no length and a body", with("", body), 401));
    cases.push(case("a body longer than its length", with("Content-Length: 5\r\n", body), 401));
    let hangs_up = case("hangs up within the body", with("Content-Length: 14\r\n", body), 400);
    cases.push(Case { hangs_up: true, ..hangs_up });
    cases
}

fn chunks() -> Vec<Case> {
    let chunked = "Transfer-Encoding: chunked\r\n";
    let body = "{\"chunks\":1}";
    // The signature covers `body`; what follows the head is sent unchanged.
    let raw = |headers: &str, body: &str, sent: &str| {
        let mut bytes = bent(POST, headers, body);
        bytes.truncate(bytes.len() - body.len());
        [bytes, sent.as_bytes().to_vec()].concat()
    };
    let whole = format!("c\r\n{body}\r\n0\r\n\r\n");
    let big = format!("4000\r\n{}\r\n", "x".repeat(0x4000)).repeat(5);
    let mut cases = vec![
        case("chunks", raw(chunked, body, &whole), 200),
        case("chunks, with an extension", raw(chunked, "{\"n\":1}", "7;a=b\r\n{\"n\":1}\r\n0\r\n\r\n"), 200),
        case(
            "chunks, with a trailer",
            raw(chunked, "{\"n\":2}", "7\r\n{\"n\":2}\r\n0\r\nX-T: y\r\n\r\n"),
            200,
        ),
        case("chunks after a length", raw(&format!("Content-Length: 12\r\n{chunked}"), body, &whole), 400),
        case("chunks before a length", raw(&format!("{chunked}Content-Length: 12\r\n"), body, &whole), 400),
        case(
            "chunks between lengths",
            raw(&format!("Content-Length: 12\r\n{chunked}content-length: 12\r\n"), body, &whole),
            400,
        ),
        case("chunks beyond the limit", raw(chunked, body, &big), 413),
        case(
            "one chunk that announces more than the limit",
            raw(chunked, body, &format!("{:x}\r\n{}", 0x20000, "x".repeat(0x10100))),
            413,
        ),
        case("chunks that stop coming", raw(chunked, body, "c\r\n{\"chunk"), 408),
        case("chunks without an end", raw(chunked, body, &format!("c\r\n{body}\r\n")), 408),
        case(
            "HTTP/1.0 with chunks",
            raw(chunked, body, &whole)
                .strip_prefix(POST.as_bytes())
                .map(|rest| [b"POST /webhook/bitnovo HTTP/1.0", rest].concat())
                .unwrap(),
            400,
        ),
    ];
    for bad in ["zz\r\n", "-1\r\n", "fffffffffffffffff\r\n", "\r\n", "5 5\r\nhello\r\n", "5\r\nhelloX\r\n"] {
        cases.push(case(format!("chunk {bad:?}"), raw(chunked, body, bad), 400));
    }
    for coding in ["gzip", "chunked, gzip", "identity", "xchunked", "chunked\0"] {
        cases.push(case(
            format!("coding {coding:?}"),
            raw(&format!("Transfer-Encoding: {coding}\r\n"), body, &whole),
            400,
        ));
    }
    cases
}

fn bodies() -> Vec<Case> {
    let deep_arrays = "[".repeat(60_000);
    let deep_objects = r#"{"a":"#.repeat(12_000);
    let bodies: [(&str, Vec<u8>, u16); 12] = [
        ("empty", b"".to_vec(), 200),
        ("not UTF-8", b"{\"identifier\":\"\xff\xfe\"}".to_vec(), 200),
        ("NULs", vec![0; 100], 200),
        ("deep arrays", deep_arrays.into_bytes(), 200),
        ("deep objects", deep_objects.into_bytes(), 200),
        ("half a surrogate", br#"{"identifier":"\ud800","status":"\udfff"}"#.to_vec(), 200),
        ("a byte order mark", b"\xef\xbb\xbf{\"identifier\":\"bom\"}".to_vec(), 200),
        ("huge numbers", br#"{"identifier":1e999999,"status":-0.0e-999999}"#.to_vec(), 200),
        ("a field twice", br#"{"identifier":"a","identifier":"b"}"#.to_vec(), 200),
        ("script", br#"{"identifier":"<script>\u0000\u202e\"}'--"}"#.to_vec(), 200),
        ("exactly 64 KiB", vec![b'x'; 64 * 1024], 200),
        ("64 KiB and a byte", vec![b'x'; 64 * 1024 + 1], 413),
    ];
    bodies.map(|(name, body, status)| case(format!("body: {name}"), webhook(body, NOW), status)).into()
}

fn other_protocols() -> Vec<Case> {
    let mut cases = vec![
        case("silence", "", 0),
        case("blank lines", "\r\n\r\n\r\n", 0),
        case("half a request line", "POST /webh", 0),
        case("half a head", "POST /webhook/bitnovo HTTP/1.1\r\nHost: x\r\nX-NON", 0),
        case("TLS", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], 400),
        case("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0),
        case("SSH", "SSH-2.0-OpenSSH_9.6\r\n", 400),
        case("NULs", [0; 64], 400),
        case("bytes that are no text", [0xff; 64], 400),
        case("HTTP/0.9", "POST /webhook/bitnovo\r\n\r\n", 400),
        case(
            "a websocket",
            "GET /webhook/bitnovo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            405,
        ),
        case("100-continue", bent(POST, "Expect: 100-continue\r\nContent-Length: 9\r\n", "{\"go\": 1}"), 200),
    ];
    let gone = case("gone at once", "", 0);
    cases.push(Case { hangs_up: true, ..gone });
    cases
}

async fn status(shop: &Fixture, case: &Case) -> u16 {
    let mut stream = shop.connect().await;
    // The server may have answered and closed before it has all of it.
    let _ = stream.write_all(&case.bytes).await;
    if case.hangs_up {
        let _ = stream.shutdown().await;
    }
    let reply = tokio::time::timeout(Duration::from_secs(5), read_reply(&mut stream)).await;
    reply.expect(&case.name).map_or(0, |reply| reply.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_malformed_request_has_its_answer_and_honest_ones_do_not_wait() {
    let shop = Fixture::with(impatient(), |settings| settings).await;
    let groups = [
        request_lines(),
        headers(),
        nonces_and_signatures(),
        lengths(),
        chunks(),
        bodies(),
        other_protocols(),
    ];
    let cases: Vec<Case> = groups.into_iter().flatten().collect();
    assert!(cases.len() >= 120, "{}", cases.len());

    let attacks = join_all(cases.iter().map(|case| status(&shop, case)));
    let honest = async {
        for number in 0..50 {
            // One that had to wait would get 503 at the server's deadline.
            assert_eq!(shop.send(&webhook(payment(number), NOW)).await.status, 200);
            tokio::task::yield_now().await;
        }
    };
    let (statuses, ()) = tokio::join!(attacks, honest);
    let wrong: Vec<String> = cases
        .iter()
        .zip(statuses)
        .filter(|(case, status)| case.status != *status)
        .map(|(case, status)| format!("{}: {status} instead of {}", case.name, case.status))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A length and chunks: a reader that uses the length sees other requests than a reader that uses the chunks.
#[tokio::test]
async fn a_request_with_two_ends_is_refused_wherever_it_is_cut_behind_another() {
    let shop = Fixture::start().await;
    let body = "{\"n\":1}";
    let mut two_ends = bent(POST, "Content-Length: 7\r\nX-Also: ", body);
    two_ends.truncate(two_ends.len() - body.len() - "\r\n".len());
    two_ends.extend(format!("{POST}\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{body}\r\n0\r\n\r\n").bytes());
    for cut in 1..two_ends.len() {
        let (early, late) = two_ends.split_at(cut);
        let mut stream = shop.connect().await;
        stream.write_all(&[webhook(payment(cut), NOW).as_slice(), early].concat()).await.unwrap();
        let mut answers = Vec::new();
        while !answers.ends_with(b"}") {
            stream.read_buf(&mut answers).await.unwrap();
        }
        // A server that has answered and closed takes no more.
        let _ = stream.write_all(late).await;
        let _ = stream.read_to_end(&mut answers).await;
        let answers = String::from_utf8(answers).unwrap();
        let statuses: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
        assert_eq!(statuses, ["200", "400"], "cut at {cut}");
    }
    let stored = shop.events().await;
    assert!(stored.events.iter().all(|event| event.body() != body.as_bytes()));
}

#[tokio::test]
async fn a_header_that_two_readers_could_take_differently_is_refused_at_every_path() {
    let shop = Fixture::with(Default::default(), |settings| settings.stats_token("open-sesame".into())).await;
    let bearer = "Authorization: Bearer open-sesame\r\n";
    assert_eq!(shop.send(&get("/stats", bearer)).await.status, 200);
    let other = "authorization: Bearer guess\r\n";
    for request in [
        get("/stats", &format!("{bearer}{other}")),
        get("/stats", &format!("{other}{bearer}")),
        get("/stats", &format!("{bearer}host: other.example\r\n")),
        get("/health", "Host: other.example\r\n"),
        get("/nowhere", "Host: shop.example\r\n"),
        bent(POST, "Host: other.example\r\nContent-Length: 2\r\n", "{}"),
        bent(POST, "HOST: x\r\nContent-Length: 2\r\n", "{}"),
    ] {
        assert_eq!(shop.send(&request).await.status, 400, "{}", String::from_utf8_lossy(&request));
    }
    assert_eq!(shop.rejected("unreadable"), 7);
    assert_eq!(shop.events().await.total, 0);
}

#[tokio::test]
async fn a_head_and_a_body_that_drip_in_are_given_up() {
    let shop = Fixture::with(impatient(), |settings| settings).await;
    let request = webhook("x".repeat(1000), NOW);
    let body_at = request.len() - 1000;
    for (from, status) in [(0, 0), (body_at, 408)] {
        let mut stream = shop.connect().await;
        stream.write_all(&request[..from]).await.unwrap();
        let (mut read, mut write) = stream.into_split();
        let drip = async {
            for byte in &request[from..] {
                if write.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let reply = tokio::select! {
            reply = read_reply(&mut read) => reply,
            () = drip => panic!("served to the end"),
        };
        assert_eq!(reply.map_or(0, |reply| reply.status), status);
    }
}
