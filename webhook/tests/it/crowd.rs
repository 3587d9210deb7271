//! Many connections that send nothing useful: honest senders must hardly notice.

use std::time::Duration;

use payments_webhook::server::ServerLimits;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use payments_test_support::receiving::{Fixture, NOW, payment, post, read_reply, talk, webhook};

async fn crowd(shop: &Fixture, size: usize, sends: &[u8]) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..size {
        let mut stream = shop.connect().await;
        stream.write_all(sends).await.unwrap();
        streams.push(stream);
    }
    streams
}

/// No connection ends by itself, so that an honest sender who had to wait for one would wait for ever.
async fn endless() -> Fixture {
    let mut limits = ServerLimits::default();
    let an_hour = Duration::from_secs(3600);
    (limits.head_deadline, limits.body_deadline, limits.request_deadline) = (an_hour, an_hour, an_hour);
    Fixture::with(limits, |settings| settings).await
}

async fn honest_requests_are_answered(shop: &Fixture) {
    for number in 0..20 {
        let request = webhook(payment(number), NOW);
        let reply = timeout(Duration::from_secs(60), shop.send(&request)).await;
        assert_eq!(reply.map(|reply| reply.status), Ok(200), "request {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_idle_connections_keep_no_sender_out() {
    let shop = endless().await;
    let _idle = crowd(&shop, 300, b"").await;
    honest_requests_are_answered(&shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hundred_stalled_bodies_keep_no_sender_out() {
    let shop = endless().await;
    let nonce = NOW.to_string();
    let zeros = "0".repeat(64);
    let mut stalled = post(&[("X-NONCE", &nonce), ("X-SIGNATURE", &zeros)], "x".repeat(1000));
    stalled.truncate(stalled.len() - 1);
    let _stalled = crowd(&shop, 600, &stalled).await;
    honest_requests_are_answered(&shop).await;
}

#[tokio::test]
async fn when_there_is_no_room_the_one_that_kept_us_waiting_longest_goes() {
    let mut limits = ServerLimits::default();
    limits.connections = 2;
    let shop = Fixture::with(limits, |settings| settings).await;
    let mut first = shop.connect().await;
    assert_eq!(talk(&mut first, &webhook(payment(1), NOW)).await.unwrap().status, 200);
    let mut second = shop.connect().await;
    assert_eq!(talk(&mut second, &webhook(payment(2), NOW)).await.unwrap().status, 200);
    assert_eq!(talk(&mut first, &webhook(payment(3), NOW)).await.unwrap().status, 200);

    let mut third = shop.connect().await;
    assert_eq!(talk(&mut third, &webhook(payment(4), NOW)).await.unwrap().status, 200);
    assert!(read_reply(&mut second).await.is_none(), "closed");
    assert_eq!(talk(&mut first, &webhook(payment(5), NOW)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_sender_that_does_not_read_the_answers_is_cut_off() {
    let mut limits = payments_test_support::receiving::impatient();
    limits.request_deadline = Duration::from_millis(100);
    let shop = Fixture::with(limits, |settings| settings).await;
    // A duplex as small as this is full after the first answer, and is never read.
    let (mut ours, theirs) = tokio::io::duplex(64);
    shop.server.serve_conn(theirs, ([203, 0, 113, 9], 443).into());
    let flood = async {
        let request = webhook(payment(1), NOW);
        while ours.write_all(&request).await.is_ok() {}
    };
    tokio::time::timeout(Duration::from_secs(5), flood).await.expect("the connection to be cut");
}
