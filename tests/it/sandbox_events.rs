//! What the sandbox sends by itself: messages on the WebSocket, and signed webhooks.

use futures::{SinkExt as _, StreamExt as _};
use payments_test_support::{
    document::Body,
    keys,
    process::{command, eventually, finish},
    real_part, sample,
    sandbox::Sandbox,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

#[tokio::test]
async fn the_websocket_tells_each_change_as_one_payment() {
    let sandbox = Sandbox::start();
    let created = sandbox.order("BTC", 50).await;
    let identifier = created["identifier"].as_str().unwrap();
    let url = format!("{}/ws/{identifier}", sandbox.base_url.replacen("http", "ws", 1));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    for (step, status) in [("pay", "AC"), ("mine", "CO")] {
        sandbox.steer(&format!("orders/{identifier}/{step}"), json!({})).await;
        let message = eventually(status, async || {
            let Some(Ok(Message::Text(text))) = socket.next().await else { return None };
            let payment: Value = serde_json::from_str(&text).unwrap();
            Body::Component("Payment").check(&payment);
            (payment["status"] == status).then_some(payment)
        })
        .await;
        assert_eq!(keys(&message), keys(&sample("websocket_message_CO")));
    }
    socket.send(Message::Close(None)).await.unwrap();
}

#[tokio::test]
async fn webhooks_are_signed_so_that_an_independent_tool_verifies_them() {
    let shop = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&shop).await;
    let sandbox = Sandbox::start();
    let url = json!({ "url": format!("{}/webhook/bitnovo", shop.uri()) });
    let (status, _) = sandbox.send("PUT", "/_sandbox/webhook", Some(url), None).await;
    assert!((200..300).contains(&status));
    let created = sandbox.order("BTC", 50).await;
    let identifier = created["identifier"].as_str().unwrap();
    for step in ["pay", "mine"] {
        sandbox.steer(&format!("orders/{identifier}/{step}"), json!({})).await;
    }
    let requests = eventually("the delivery of CO", async || {
        let requests = shop.received_requests().await.unwrap();
        let told = |request: &wiremock::Request| String::from_utf8_lossy(&request.body).contains("\"CO\"");
        requests.iter().any(told).then_some(requests)
    })
    .await;
    for request in &requests {
        let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_owned();
        let body = std::str::from_utf8(&request.body).unwrap();
        let told: Value = serde_json::from_str(body).unwrap();
        Body::Component("WebhookBody").check(&told);
        assert_eq!(keys(&told), keys(&sample("webhook_body_extended")));
        assert!(body.contains("\": ") && body.contains(", \""), "spaced as Python writes it: {body}");
        let nonce = header("X-NONCE");
        assert!(nonce.len() == 10 && nonce.bytes().all(|byte| byte.is_ascii_digit()), "{nonce}");
        if let Some(signature) = openssl_hmac(&sandbox.device_secret, &format!("{nonce}{body}")) {
            assert_eq!(header("X-SIGNATURE"), signature);
        }
    }
    let deliveries = sandbox.look("deliveries").await;
    assert_eq!(deliveries.as_array().unwrap().len(), requests.len());
}

#[test]
fn our_independent_tool_agrees_with_the_published_vectors() {
    for vector in sample("webhook_vectors").as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let signature = openssl_hmac(text("secret_hex"), &format!("{}{}", text("nonce"), text("body")));
        assert!(signature.is_none_or(|signature| signature == text("signature")));
    }
}

/// HMAC-SHA256 as the `openssl` command computes it, which shares no code with ours.
fn openssl_hmac(key: &str, message: &str) -> Option<String> {
    let program = real_part::find("openssl")?;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), message).unwrap();
    let key = format!("hexkey:{key}");
    let mut openssl = command(program);
    openssl.args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &key, "-r"]).arg(file.path());
    let done = finish(&mut openssl);
    assert_eq!(done.code, Some(0), "openssl: {}", done.stderr);
    done.stdout.split_whitespace().next().map(str::to_owned)
}
