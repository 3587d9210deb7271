//! Waiting over real connections: what the WebSocket adds, and that nothing depends on it.

use std::time::{Duration, Instant};

use bitnovo_pay::{Client, Error, HttpRetry, Timeouts, Until, WaitOptions};
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::{
    DEVICE, builder, client,
    rough_server::{Manner, RoughServer},
    telling_server::{IDENTIFIER, Socket, TellingServer},
};

fn identifier() -> Uuid {
    IDENTIFIER.parse().unwrap()
}

fn options() -> WaitOptions<'static> {
    WaitOptions::default().timeout(Duration::from_secs(30))
}

/// Waits, and changes the payment once `ready`; gives how long it took to notice.
async fn notice(client: &Client, server: &TellingServer, ready: impl Fn() -> bool) -> Duration {
    let change = async {
        while !ready() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.change_to("CO");
        Instant::now()
    };
    let (waited, changed) = tokio::join!(client.wait_for(identifier(), Until::Safe, options()), change);
    let waited = waited.unwrap();
    assert!(waited.done && waited.reached && waited.payment.verdict().may_ship());
    changed.elapsed()
}

#[cfg_attr(not(feature = "websocket"), ignore = "needs the feature websocket")]
#[tokio::test]
async fn a_change_that_the_websocket_tells_is_noticed_before_any_poll() {
    let server = TellingServer::start(Socket::Tells).await;
    let took = notice(&client(&server.base_url), &server, || !server.handshakes().is_empty()).await;
    // No poll comes before 800 ms.
    assert!(took < Duration::from_millis(700), "{took:?}");
    assert_eq!(server.reads(), 2, "what the WebSocket says is read, and not believed");
}

#[cfg_attr(not(feature = "websocket"), ignore = "needs the feature websocket")]
#[tokio::test]
async fn the_handshake_says_nothing_about_the_device() {
    let server = TellingServer::start(Socket::Tells).await;
    notice(&client(&server.base_url), &server, || !server.handshakes().is_empty()).await;
    let [handshake] = server.handshakes().try_into().unwrap();
    assert!(handshake.starts_with(&format!("GET /ws/{IDENTIFIER} HTTP/1.1\r\n")), "{handshake}");
    assert!(!handshake.to_ascii_lowercase().contains("x-device-id") && !handshake.contains(DEVICE));
}

#[tokio::test]
async fn a_websocket_that_does_not_work_means_polling() {
    for socket in [
        Socket::TellsAnother,
        Socket::Rubbish,
        Socket::Endless,
        Socket::Closes,
        Socket::ForgedHandshake,
        Socket::Stalls,
        Socket::Missing,
    ] {
        let server = TellingServer::start(socket).await;
        let took = notice(&client(&server.base_url), &server, || server.reads() > 0).await;
        assert!(took < Duration::from_secs(3), "{socket:?}: {took:?}");
        assert!(server.handshakes().len() <= 1, "{socket:?} is left alone");
    }
}

#[cfg_attr(not(feature = "websocket"), ignore = "needs the feature websocket")]
#[tokio::test]
async fn a_websocket_that_tells_nothing_is_not_tried_again_by_the_next_wait() {
    let server = TellingServer::start(Socket::Missing).await;
    let client = client(&server.base_url);
    let options = || WaitOptions::default().timeout(Duration::from_secs(1));
    let again = || client.wait_for(identifier(), Until::Safe, options());
    while server.handshakes().is_empty() {
        assert!(!again().await.unwrap().done);
    }
    for _ in 0..3 {
        assert!(!again().await.unwrap().done);
    }
    assert_eq!(server.handshakes().len(), 1);
}

#[tokio::test]
async fn a_handshake_waits_for_its_turn_like_any_request() {
    let server = TellingServer::start(Socket::Tells).await;
    let client = client(&server.base_url);
    let other = Uuid::from_u128(1);
    let busy = async {
        // Snapshot of another payment use up what is there for whatever can wait.
        for reads in 1..=8 {
            while server.reads() < reads {
                tokio::task::yield_now().await;
            }
            client.hint(other);
        }
        let options = WaitOptions::default().timeout(Duration::from_secs(1));
        assert!(!client.wait_for(identifier(), Until::Safe, options).await.unwrap().done);
        assert_eq!(server.handshakes().len(), 0);
    };
    tokio::select! {
        _ = client.wait_for(other, Until::Safe, options()) => panic!("nobody pays it"),
        () = busy => {}
    }
}

#[tokio::test]
async fn a_hint_wakes_a_wait_before_any_poll() {
    let server = TellingServer::start(Socket::Missing).await;
    let client = client(&server.base_url);
    let mut wait = Box::pin(client.wait_for(identifier(), Until::Safe, options()));
    while server.reads() == 0 {
        assert!(tokio::time::timeout(Duration::from_millis(1), &mut wait).await.is_err());
    }
    server.change_to("CO");
    let changed = Instant::now();
    client.hint(identifier());
    assert!(wait.await.unwrap().reached);
    assert!(changed.elapsed() < Duration::from_millis(500), "{:?}", changed.elapsed());
}

#[tokio::test]
async fn five_hundred_waits_for_one_payment_share_its_reads() {
    let server = TellingServer::start(Socket::Missing).await;
    let client = client(&server.base_url);
    let waits = (0..500).map(|_| client.wait_for(identifier(), Until::Safe, options()));
    let change = async {
        while server.reads() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.change_to("CO");
    };
    let (waits, ()) = tokio::join!(futures::future::join_all(waits), change);
    assert!(waits.into_iter().all(|waited| waited.unwrap().reached));
    assert!(server.reads() <= 4, "{} reads", server.reads());
}

#[tokio::test]
async fn a_wait_that_is_given_up_stops_its_request() {
    let mut server = RoughServer::start(Manner::Silence).await;
    let client = client(&server.base_url);
    let wait = tokio::spawn(async move { client.wait_for(identifier(), Until::Safe, options()).await });
    server.arrived.recv().await.unwrap();
    wait.abort();
    server.left.recv().await.unwrap();
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_wait_whose_time_is_up_stops_its_request() {
    let mut server = RoughServer::start(Manner::Silence).await;
    let options = WaitOptions::default().timeout(Duration::from_millis(200));
    let error = client(&server.base_url).wait_for(identifier(), Until::Safe, options).await.unwrap_err();
    assert!(matches!(error, Error::Timeout), "{error}");
    server.left.recv().await.unwrap();
}

#[tokio::test]
async fn a_wait_makes_each_attempt_once_and_goes_on_by_itself() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    let generous = Duration::from_secs(30);
    let client = builder(&server.uri())
        .timeouts(Timeouts::new(generous, generous).unwrap())
        .retry(HttpRetry::new(5, Duration::ZERO).unwrap())
        .build()
        .unwrap();
    let options = WaitOptions::default().timeout(Duration::from_millis(500));
    let error = client.wait_for(identifier(), Until::Safe, options).await.unwrap_err();
    assert!(matches!(error, Error::ServerError { status: 503 }), "{error}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_proxy_says_of_the_connection_does_not_end_a_wait() {
    for status in [408, 421, 425, 499] {
        for body in ["{\"detail\":\"Not now.\"}", "<html>Not now.</html>"] {
            let server = MockServer::start().await;
            let answer = ResponseTemplate::new(status).set_body_raw(body, "application/json");
            Mock::given(any()).respond_with(answer).mount(&server).await;
            let patience = Duration::from_millis(300);
            let options = WaitOptions::default().timeout(patience);
            let began = Instant::now();
            let error = client(&server.uri()).wait_for(identifier(), Until::Safe, options).await.unwrap_err();
            assert!(began.elapsed() >= patience, "{status}: {error}");
        }
    }
}

#[tokio::test]
async fn a_payment_that_is_not_there_is_an_error_at_once() {
    let server = MockServer::start().await;
    let error = client(&server.uri()).wait_for(identifier(), Until::Detected, options()).await.unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error}");
}
