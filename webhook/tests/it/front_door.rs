//! What a visitor finds beside the webhook's path.

use payments_webhook::scheme::bitnovo::Bitnovo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use payments_test_support::{
    log::Log,
    receiving::{Fixture, NOW, get, payment, post, read_reply, secret, talk, webhook},
};

const TOKEN: &str = "Authorization: Bearer open-sesame\r\n";

/// The same request at another path.
fn to(path: &str, request: &[u8]) -> Vec<u8> {
    let request = String::from_utf8(request.to_vec()).unwrap();
    request.replacen("/webhook/bitnovo", path, 1).into_bytes()
}

async fn with_stats() -> Fixture {
    Fixture::with(Default::default(), |settings| settings.stats_token("open-sesame".into())).await
}

#[tokio::test]
async fn health_needs_no_token() {
    let shop = Fixture::start().await;
    let reply = shop.send(&get("/health", "")).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"status":"ok"}"#));
    assert_eq!(shop.send(b"HEAD /health HTTP/1.0\r\n\r\n").await.status, 200);
    assert_eq!(shop.send(b"DELETE /health HTTP/1.1\r\nHost: x\r\n\r\n").await.status, 405);
}

#[tokio::test]
async fn a_probe_is_echoed_only_while_this_process_holds_it_open() {
    let (shop, other) = (Fixture::start().await, Fixture::start().await);
    let probe = shop.server.probes().open([7; 16]);
    let request = get(&format!("/health?probe={}", probe.token()), "");
    assert!(probe.is_answered_by(shop.send(&request).await.body.as_bytes()));
    assert!(!probe.is_answered_by(other.send(&request).await.body.as_bytes()));
    drop(probe);
    assert_eq!(shop.send(&request).await.body, r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn statistics_need_the_token() {
    let shop = with_stats().await;
    shop.send(&webhook(payment(1), NOW)).await;
    shop.send(&webhook(payment(2), NOW + 30)).await;
    shop.send(&post(&[], "{}")).await;
    shop.send(&post(&[], "{}")).await;
    let reply = shop.send(&get("/stats", TOKEN)).await;
    assert_eq!(reply.status, 200);
    let expected = json!({
        "events": 2,
        "validated": 1,
        "rejected": {
            "missing_header": { "count": 2, "last_unix_seconds": NOW },
            "stale": { "count": 1, "last_unix_seconds": NOW },
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap(), expected);
}

#[tokio::test]
async fn statistics_count_the_events_that_left_early() {
    let shop = Fixture::keeping(3, |settings| settings.stats_token("open-sesame".into())).await;
    for number in 0..5 {
        assert_eq!(shop.send(&webhook(payment(number), NOW)).await.status, 200);
    }
    let stats: Value = serde_json::from_str(&shop.send(&get("/stats", TOKEN)).await.body).unwrap();
    assert_eq!((&stats["events"], &stats["validated"]), (&json!(3), &json!(3)));
    assert_eq!(stats["evicted"], json!({ "count": 2, "oldest_kept_unix_seconds": NOW }));
}

#[tokio::test]
async fn a_full_store_is_logged_once_a_minute() {
    let log = Log::default();
    let _guard = log.listen("payments_webhook=warn");
    let shop = Fixture::keeping(1, |settings| settings).await;
    for (number, second) in [(0, 0), (1, 0), (2, 1), (3, 59), (4, 61), (5, 62)] {
        shop.set_clock(NOW + second);
        assert_eq!(shop.send(&webhook(payment(number), NOW + second)).await.status, 200);
    }
    assert_eq!(log.text().matches("the event store is full").count(), 2, "{}", log.text());
    assert!(log.text().contains("webhooks=4"), "{}", log.text());
}

#[tokio::test]
async fn an_accepted_webhook_has_one_line_in_the_log_with_its_signature_masked() {
    let log = Log::default();
    let _guard = log.listen("payments_webhook=info");
    let shop = Fixture::start().await;
    let request = webhook(payment(1), NOW);
    assert_eq!(shop.send(&request).await.status, 200);
    let text = String::from_utf8(request).unwrap();
    let signature = text.split("X-SIGNATURE: ").nth(1).unwrap().split('\r').next().unwrap();
    let lines = log.text();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.contains("INFO") && lines.contains("webhook accepted"), "{lines}");
    assert!(
        lines.contains(&format!("\"{}…\"", &signature[..6])) && !lines.contains(&signature[..7]),
        "{lines}"
    );
    assert!(lines.contains("00000001-737d-41a2-a2e1-d031d19ec8cd:1700000000"), "{lines}");
    // The body's texts are logged only if they look like an id and a code.
    let told = r#"{"identifier": "told-secret", "status": "told-secret\u001b[2J"}"#;
    assert_eq!(shop.send(&webhook(told, NOW)).await.status, 200);
    assert_eq!(log.text().matches("webhook accepted").count(), 2);
    assert!(!log.text().contains("told-secret"), "{}", log.text());
}

#[tokio::test]
async fn webhooks_are_accepted_again_once_a_clock_that_ran_ahead_is_set_right_and_the_log_says_so() {
    let log = Log::default();
    let _guard = log.listen("payments_webhook=warn");
    let shop = Fixture::start().await;
    for ahead in [0, 86_400, 86_460, 86_520, 31_536_000, 31_536_060] {
        shop.set_clock(NOW + ahead);
        assert_eq!(
            shop.send(&webhook(payment(1) + &" ".repeat(ahead as usize % 997), NOW + ahead)).await.status,
            200
        );
    }
    assert!(!log.text().contains("set back"), "{}", log.text());
    shop.set_clock(NOW + 30);
    assert_eq!(shop.send(&webhook(payment(2), NOW + 30)).await.status, 200);
    assert!(log.text().contains("WARN") && log.text().contains("the clock was set back"), "{}", log.text());
    assert_eq!(shop.send(&webhook(payment(1), NOW)).await.status, 401, "what was accepted stays out");
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_path_makes_no_difference() {
    for path in ["/webhook/bitnovo", "/webhook/bitnovo/"] {
        let scheme = Bitnovo::new(vec![secret()]).unwrap().at(path);
        let shop = Fixture::of(scheme, Default::default(), |settings| settings).await;
        for (number, asked) in ["/webhook/bitnovo", "/webhook/bitnovo/"].into_iter().enumerate() {
            assert_eq!(
                shop.send(&to(asked, &webhook(payment(number), NOW))).await.status,
                200,
                "{path} {asked}"
            );
            assert_eq!(shop.send(&get(asked, "")).await.status, 405, "{path} {asked}");
        }
        assert_eq!(shop.rejected("wrong_path"), 0);
    }
    let scheme = Bitnovo::new(vec![secret()]).unwrap().at("/");
    let shop = Fixture::of(scheme, Default::default(), |settings| settings).await;
    assert_eq!(shop.send(&to("/", &webhook(payment(1), NOW))).await.status, 200);
}

#[tokio::test]
async fn a_webhook_at_another_path_is_counted_and_logged_with_the_right_one() {
    let log = Log::default();
    let _guard = log.listen("payments_webhook=warn");
    let shop = Fixture::start().await;
    let wrong = [
        ("/Webhook/Bitnovo", 404),
        ("/webhook/bitnovo/webhook/bitnovo", 404),
        ("/webhook", 404),
        ("/", 404),
        ("//webhook/bitnovo", 404),
        ("/stats", 404),
        ("/health", 405),
    ];
    for (number, (path, status)) in wrong.into_iter().enumerate() {
        shop.set_clock(NOW + number as u64);
        assert_eq!(shop.send(&to(path, &webhook(payment(1), NOW))).await.status, status, "{path}");
        assert_eq!(shop.rejected("wrong_path"), number as u64 + 1, "{path}");
        assert!(log.text().contains(&format!("sent to {path:?}")), "{path}: {}", log.text());
    }
    assert!(log.text().contains("received at \"/webhook/bitnovo\""), "{}", log.text());
    // What carries no signature is a stranger at the wrong door.
    assert_eq!(shop.send(&get("/favicon.ico", "")).await.status, 404);
    assert_eq!(shop.rejected("wrong_path"), wrong.len() as u64);
    assert_eq!(shop.events().await.total, 0);
}

#[tokio::test]
async fn a_webhook_that_was_printed_again_on_its_way_says_so_in_the_log() {
    let log = Log::default();
    let _guard = log.listen("payments_webhook=warn");
    let shop = Fixture::start().await;
    let request = String::from_utf8(webhook(payment(1), NOW)).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let printed = body.replace(": ", ":").replace(", ", ",").replace("100.0", "100");
    let head = head
        .replace(&format!("Content-Length: {}", body.len()), &format!("Content-Length: {}", printed.len()));
    assert_eq!(shop.send(format!("{head}\r\n\r\n{printed}").as_bytes()).await.status, 401);
    assert!(log.text().contains("re-serialized"), "{}", log.text());
}

#[tokio::test]
async fn without_the_token_there_are_no_statistics() {
    let shop = with_stats().await;
    let nothing_there = shop.send(&get("/nothing", "")).await;
    assert_eq!(nothing_there.status, 404);
    for headers in [
        "",
        "Authorization: Bearer \r\n",
        "Authorization: Bearer open-sesame!\r\n",
        "Authorization: Bearer open-sesam\r\n",
        "Authorization: Basic open-sesame\r\n",
        "Authorization: open-sesame\r\n",
        "X-Forwarded-For: 127.0.0.1\r\n",
    ] {
        let reply = shop.send(&get("/stats", headers)).await;
        assert_eq!((reply.status, reply.body), (404, nothing_there.body.clone()), "{headers:?}");
    }
    assert_eq!(shop.send(b"POST /stats HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await.status, 404);

    for shop in [
        Fixture::start().await,
        Fixture::with(Default::default(), |settings| settings.stats_token("".into())).await,
    ] {
        for headers in ["", "Authorization: Bearer \r\n", TOKEN] {
            assert_eq!(shop.send(&get("/stats", headers)).await.status, 404);
        }
    }
}

/// A tunnel's agent connects from this machine for every visitor.
#[tokio::test]
async fn statistics_stay_hidden_from_a_visitor_who_comes_through_a_proxy_on_loopback() {
    let shop = with_stats().await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = proxy.local_addr().unwrap();
    let address = shop.address();
    tokio::spawn(async move {
        while let Ok((mut visitor, _)) = proxy.accept().await {
            let mut onward = TcpStream::connect(address).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut visitor, &mut onward).await });
        }
    });
    let mut visitor = TcpStream::connect(public).await.unwrap();
    assert_eq!(talk(&mut visitor, &get("/health", "")).await.unwrap().status, 200);
    assert_eq!(talk(&mut visitor, &get("/stats", "")).await.unwrap().status, 404);
    let forwarded = get("/stats", "Forwarded: for=127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\n");
    assert_eq!(talk(&mut visitor, &forwarded).await.unwrap().status, 404);
}

#[tokio::test]
async fn every_answer_is_json_and_may_not_be_kept() {
    let shop = with_stats().await;
    let requests = [
        get("/health", ""),
        get("/stats", TOKEN),
        get("/elsewhere", ""),
        get("/webhook/bitnovo", ""),
        webhook(payment(1), NOW),
        post(&[], "{}"),
        post(&[("Content-Encoding", "gzip")], "{}"),
    ];
    for request in requests {
        let mut stream = shop.connect().await;
        talk(&mut stream, &request).await.map_or_else(
            || panic!("no answer"),
            |reply| {
                assert!(serde_json::from_str::<Value>(&reply.body).is_ok(), "{}", reply.body);
                assert!(reply.head.contains("content-type: application/json"), "{}", reply.head);
                assert!(reply.head.contains("cache-control: no-store"), "{}", reply.head);
            },
        );
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let shop = Fixture::start().await;
    let mut stream = shop.connect().await;
    for number in 0..50 {
        assert_eq!(talk(&mut stream, &webhook(payment(number), NOW)).await.unwrap().status, 200);
    }
    assert!(talk(&mut stream, b"nonsense\r\n\r\n").await.is_some_and(|reply| reply.status == 400));
    assert_eq!(read_reply(&mut stream).await, None);
}
