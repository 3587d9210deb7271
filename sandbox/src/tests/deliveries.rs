use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use payments_webhook::{Scheme as _, Unverified, scheme::bitnovo::Bitnovo};
use tokio::sync::{Semaphore, mpsc};

use super::*;

struct Receiver {
    url: String,
    received: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
    /// One permit for each webhook that may be answered.
    answers: Arc<Semaphore>,
}

impl Receiver {
    async fn listen() -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        let answers = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let gate = Arc::clone(&answers);
        let hook = move |headers: HeaderMap, body: Bytes| {
            let (sender, gate) = (sender.clone(), Arc::clone(&gate));
            async move {
                sender.send((headers, body)).unwrap();
                gate.acquire().await.unwrap().forget();
                StatusCode::ACCEPTED
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::new().route("/hook", post(hook))).into_future());
        Self { url, received, answers }
    }

    async fn next(&mut self) -> (HeaderMap, Bytes) {
        self.received.recv().await.unwrap()
    }

    async fn next_body(&mut self) -> Value {
        serde_json::from_slice(&self.next().await.1).unwrap()
    }
}

async fn shop_with(receiver: &Receiver) -> Shop {
    Shop::open_with(SandboxConfig {
        webhook_url: Some(receiver.url.parse().unwrap()),
        ..SandboxConfig::default()
    })
    .await
}

/// The deliveries, once none is under way any more.
async fn settled(shop: &Shop) -> Vec<Value> {
    loop {
        let deliveries = shop.get("/_sandbox/deliveries").await;
        let deliveries = deliveries.as_array().unwrap();
        if deliveries.iter().all(|one| !(one["status"].is_null() && one["error"].is_null())) {
            return deliveries.clone();
        }
    }
}

#[tokio::test]
async fn a_webhook_is_signed_over_python_style_json_with_the_wall_clock() {
    let mut receiver = Receiver::listen().await;
    let shop = shop_with(&receiver).await;
    let id =
        shop.create(r#"{"expected_output_amount": 100, "input_currency": "XRP", "reference": "café"}"#).await;
    let id = id["identifier"].as_str().unwrap();
    shop.advance(300).await;
    shop.act(id, "pay", "").await;

    let (headers, body) = receiver.next().await;
    let expected = format!(
        "{{\"fiat_amount\": 100.0, \"fiat_currency\": \"EUR\", \"status\": \"AC\", \"crypto_amount\": 45.454546, \
         \"unconfirmed_amount\": 45.454546, \"confirmed_amount\": 0.0, \"currency\": \"XRP\", \
         \"identifier\": \"{id}\", \"safe\": false, \"received_amount\": 0.0, \"reference\": \"caf\\u00e9\", \
         \"edited_at\": \"2025-02-03T10:05:00.000000+01:00\"}}"
    );
    assert_eq!(String::from_utf8(body.to_vec()).unwrap(), expected);

    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let secret = shop.sandbox.device_secret().parse().unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(START);
    let request = Unverified { headers: &headers, body: &body };
    let scheme = Bitnovo::new(vec![secret]).unwrap();
    let fresh = scheme.verify(request).unwrap().fresh(scheme.window(), now).unwrap();
    let verified = fresh.verified();
    assert_eq!(verified.signed_at(), Some(now), "the advanced clock does not make it stale");

    let delivery = settled(&shop).await.remove(0);
    assert_eq!((delivery["attempt"].as_u64(), delivery["status"].as_u64()), (Some(1), Some(202)));
    assert_eq!(delivery["body"], expected);
    assert_eq!(delivery["nonce"], START.to_string());
    assert_eq!(delivery["signature"], verified.signature().to_string());
}

#[tokio::test]
async fn every_change_is_told_in_order_but_not_ia_and_not_the_creation() {
    let mut receiver = Receiver::listen().await;
    let shop = shop_with(&receiver).await;
    let id = shop.link().await;
    shop.act(&id, "pay", r#"{"percent": 60}"#).await;
    shop.act(&id, "pay", "").await;
    shop.advance(600).await;
    shop.act(&id, "refund", "").await;
    for expected in [("PE", false), ("AC", false), ("AC", true), ("CO", true), ("RF", true)] {
        let body = receiver.next_body().await;
        assert_eq!((body["status"].as_str().unwrap(), body["safe"].as_bool().unwrap()), expected);
    }
    assert_eq!(settled(&shop).await.len(), 5);
}

#[tokio::test]
async fn a_slow_answer_holds_back_its_own_payment_only() {
    let mut receiver = Receiver::listen().await;
    let shop = shop_with(&receiver).await;
    receiver.answers.forget_permits(Semaphore::MAX_PERMITS);
    let (slow, other) = (shop.order("BTC").await, shop.order("BTC").await);
    shop.act(&slow, "pay", "").await;
    assert_eq!(receiver.next_body().await["identifier"], slow.as_str());
    shop.act(&slow, "mine", "").await;
    shop.act(&other, "pay", "").await;
    assert_eq!(receiver.next_body().await["identifier"], other.as_str());
    receiver.answers.add_permits(3);
    let last = receiver.next_body().await;
    assert_eq!((last["identifier"].as_str(), last["status"].as_str()), (Some(slow.as_str()), Some("CO")));
}

#[tokio::test]
async fn a_lost_webhook_is_not_sent_again_without_a_redelivery() {
    let shop = Shop::open().await;
    let id = shop.order("BTC").await;
    shop.act(&id, "pay", "").await;
    let lost = settled(&shop).await.remove(0);
    assert!(lost["error"].as_str().unwrap().contains("PUT /_sandbox/webhook"), "{lost}");

    let mut receiver = Receiver::listen().await;
    let set = format!(r#"{{"url": "{}"}}"#, receiver.url);
    assert_eq!(shop.call(Method::PUT, "/_sandbox/webhook", &set).await.1["url"], receiver.url);
    let again = shop.post(&format!("/_sandbox/deliveries/{}/redeliver", lost["id"]), "").await;
    assert_eq!((again["attempt"].as_u64(), &again["body"]), (Some(2), &lost["body"]));
    assert_eq!(receiver.next_body().await["identifier"], id);
    assert_eq!(settled(&shop).await.len(), 2);
    assert!(shop.refused(404, "/_sandbox/deliveries/99/redeliver", "").await.contains("no delivery 99"));
}

#[tokio::test]
async fn an_unreachable_receiver_is_named_as_such() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    drop(listener);
    let shop = Shop::open().await;
    shop.call(Method::PUT, "/_sandbox/webhook", &format!(r#"{{"url": "{url}"}}"#)).await;
    let id = shop.order("BTC").await;
    shop.act(&id, "pay", "").await;
    let delivery = settled(&shop).await.remove(0);
    assert!(delivery["error"].as_str().unwrap().contains("refused"), "{delivery}");
}

#[tokio::test]
async fn a_receiver_that_is_not_a_url_is_refused() {
    let shop = Shop::open().await;
    for body in [r#"{"url": "shop"}"#, r#"{"url": "ftp://shop.example"}"#, "{}", r#"{"uri": null}"#] {
        let (status, answer) = shop.call(Method::PUT, "/_sandbox/webhook", body).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer["detail"].as_str().unwrap().contains("/webhook/bitnovo"), "{answer}");
    }
    assert!(shop.call(Method::PUT, "/_sandbox/webhook", r#"{"url": null}"#).await.1["url"].is_null());
}
