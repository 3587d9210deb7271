use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use axum::{
    Router,
    extract::{FromRef, State},
    http::StatusCode,
    routing::post as route,
};
use bitnovo_pay_webhook::{
    WebhookEvent,
    extract::{Rejected, Verified, Verifier},
    scheme::bitnovo::{self, Bitnovo, Notification},
};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{NOW, Reply, at, payment, post, secret, talk, webhook};

#[derive(Clone)]
struct App {
    webhooks: Verifier,
    out_of_order: Arc<AtomicBool>,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.webhooks.clone()
    }
}

async fn paid(State(app): State<App>, event: Verified<WebhookEvent>) -> Result<String, StatusCode> {
    if app.out_of_order.load(SeqCst) {
        event.release();
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let notification = Notification::of(&event).unwrap_or_default();
    Ok(format!("{} {:?}", event.event_id(), notification.fiat_amount))
}

async fn told(outcome: Result<Verified<WebhookEvent>, Rejected>) -> String {
    match outcome {
        Ok(event) => event.into_inner().event_id().to_owned(),
        Err(rejected) => format!("{:?}", rejected.refused()),
    }
}

async fn app() -> (App, SocketAddr) {
    let verifier = Verifier::new(Bitnovo::new(vec![secret()]).unwrap(), || at(NOW));
    let app = App { webhooks: verifier, out_of_order: Arc::default() };
    let router =
        Router::new().route(bitnovo::PATH, route(paid)).route("/told", route(told)).with_state(app.clone());
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
async fn a_released_event_can_be_delivered_again() {
    let (app, address) = app().await;
    let request = webhook(payment(1), NOW);
    app.out_of_order.store(true, SeqCst);
    assert_eq!(send(address, &request).await.status, 503);
    app.out_of_order.store(false, SeqCst);
    assert_eq!(send(address, &request).await.status, 200);
    assert_eq!(send(address, &request).await.status, 401);
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
