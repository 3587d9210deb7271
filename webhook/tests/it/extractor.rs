use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering::SeqCst},
    },
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    extract::{FromRef, State},
    http::StatusCode,
    routing::post as route,
};
use futures::future::join_all;
use payments_webhook::{
    extractor::{AcceptedEvent, VerifiedEvent, Verifier, WebhookRejection},
    scheme::bitnovo::{self, Bitnovo, Notification},
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use payments_test_support::receiving::{NOW, Reply, at, payment, post, read_reply, secret, talk, webhook};

const REFUSES: u8 = 1;
const PANICS: u8 = 2;
const HANGS: u8 = 3;

#[derive(Clone)]
struct App {
    webhooks: Verifier,
    trouble: Arc<AtomicU8>,
    hangs: Arc<Notify>,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.webhooks.clone()
    }
}

async fn paid(State(app): State<App>, event: VerifiedEvent) -> Result<String, StatusCode> {
    match app.trouble.load(SeqCst) {
        REFUSES => return Err(StatusCode::SERVICE_UNAVAILABLE),
        PANICS => panic!("the handler is broken"),
        HANGS => {
            app.hangs.notify_one();
            std::future::pending().await
        }
        _ => {}
    }
    let event = event.accept().into_inner();
    let notification = Notification::of(&event).unwrap_or_default();
    Ok(format!("{} {:?}", event.event_id(), notification.fiat_amount))
}

async fn accepted(event: VerifiedEvent) -> AcceptedEvent {
    event.accept()
}

async fn told(outcome: Result<VerifiedEvent, WebhookRejection>) -> String {
    match outcome {
        Ok(event) => event.accept().into_inner().event_id().to_owned(),
        Err(rejected) => format!("{:?}", rejected.rejection()),
    }
}

/// A clock that returns the second before [`NOW`] when the verifier is made, and `NOW` ever after.
fn made_before() -> impl Fn() -> SystemTime + Send + Sync + 'static {
    let asked = AtomicBool::new(false);
    move || at(if asked.swap(true, SeqCst) { NOW } else { NOW - 1 })
}

async fn app() -> (App, SocketAddr) {
    let verifier = Verifier::new(Bitnovo::new(vec![secret()]).unwrap(), made_before());
    let app = App { webhooks: verifier, trouble: Arc::default(), hangs: Arc::default() };
    let router = Router::new()
        .route(bitnovo::PATH, route(paid))
        .route("/told", route(told))
        .route("/accepted", route(accepted))
        .with_state(app.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (app, address)
}

async fn send(address: SocketAddr, request: &[u8]) -> Reply {
    talk(&mut TcpStream::connect(address).await.unwrap(), request).await.unwrap()
}

#[tokio::test]
async fn a_handler_gets_a_verified_event_once() {
    let (_, address) = app().await;
    let request = webhook(payment(1), NOW);
    let reply = send(address, &request).await;
    let expected = r#"00000001-737d-41a2-a2e1-d031d19ec8cd:1700000000 Some("100.0")"#;
    assert_eq!((reply.status, reply.body.as_str()), (200, expected));
    let replay = send(address, &request).await;
    assert_eq!((replay.status, replay.body.as_str()), (401, r#"{"error":{"code":"INVALID_SIGNATURE"}}"#));
}

#[tokio::test]
async fn what_cannot_be_vouched_for_never_reaches_the_handler() {
    let (_, address) = app().await;
    for (request, status) in [
        (post(&[], payment(1)), 401),
        (webhook(payment(1), NOW + 21), 401),
        (webhook(payment(1), NOW - 1), 401),
        (post(&[("Content-Encoding", "gzip")], payment(1)), 400),
        (webhook("x".repeat(65 * 1024), NOW), 413),
    ] {
        assert_eq!(send(address, &request).await.status, status);
    }
}

#[tokio::test]
async fn an_event_that_was_not_accepted_can_be_delivered_again_and_is_accepted_once() {
    let (app, address) = app().await;
    for (number, trouble) in [REFUSES, PANICS, HANGS].into_iter().enumerate() {
        let request = webhook(payment(number), NOW);
        app.trouble.store(trouble, SeqCst);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&request).await.unwrap();
        match trouble {
            REFUSES => assert_eq!(read_reply(&mut stream).await.unwrap().status, 503),
            // The connection breaks off without an answer.
            PANICS => assert_eq!(read_reply(&mut stream).await, None),
            _ => {
                app.hangs.notified().await;
                assert_eq!(send(address, &request).await.status, 401, "it is being worked on");
                // The sender gives up.
                drop(stream);
            }
        }
        app.trouble.store(0, SeqCst);
        let resent = async {
            // The server learns of a hang-up a moment later.
            while send(address, &request).await.status != 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), resent).await.expect("the resend is accepted");
        assert_eq!(send(address, &request).await.status, 401, "accepted once");
    }
}

#[tokio::test]
async fn of_equal_requests_at_once_one_is_accepted() {
    let (_, address) = app().await;
    let request = webhook(payment(1), NOW);
    let replies = join_all((0..32).map(|_| send(address, &request))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
}

#[tokio::test]
async fn an_accepted_event_is_the_answer_that_the_provider_expects() {
    let (_, address) = app().await;
    let request = String::from_utf8(webhook(payment(1), NOW)).unwrap();
    let reply = send(address, request.replacen("/webhook/bitnovo", "/accepted", 1).as_bytes()).await;
    let id = "00000001-737d-41a2-a2e1-d031d19ec8cd:1700000000";
    assert_eq!((reply.status, reply.body), (200, format!(r#"{{"success":true,"event_id":"{id}"}}"#)));
}

#[tokio::test]
async fn a_handler_may_ask_why_a_request_was_refused() {
    let (_, address) = app().await;
    let told = |request: Vec<u8>| {
        let request = String::from_utf8(request).unwrap().replacen("/webhook/bitnovo", "/told", 1);
        async move { send(address, request.as_bytes()).await.body }
    };
    assert_eq!(told(post(&[], "{}")).await, r#"Some(MissingHeader { name: "X-NONCE" })"#);
    assert!(told(webhook("{}", NOW + 21)).await.contains("Stale { age_seconds: -21"));
    assert_eq!(told(webhook("{}", NOW)).await, "unidentified:1700000000");
    assert_eq!(told(webhook("{}", NOW)).await, "Some(Replayed)");
}
