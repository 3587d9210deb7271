use futures::StreamExt;
use tokio_tungstenite::{connect_async, tungstenite};

use super::*;

fn url(shop: &Shop, path: &str) -> String {
    format!("{}{path}", shop.sandbox.base_url().replace("http://", "ws://"))
}

#[tokio::test]
async fn a_watcher_sees_the_payment_and_then_every_change() {
    let shop = Shop::open().await;
    let (id, other) = (shop.order("BTC").await, shop.order("BTC").await);
    let (mut socket, _) = connect_async(url(&shop, &format!("/ws/{id}"))).await.unwrap();
    let mut next = async || -> Value {
        serde_json::from_str(socket.next().await.unwrap().unwrap().to_text().unwrap()).unwrap()
    };
    assert_eq!(next().await, shop.info(&id).await);
    shop.act(&other, "pay", "").await;
    shop.act(&id, "pay", r#"{"percent": 50}"#).await;
    assert_eq!(next().await["status"], "IA");
    shop.act(&id, "pay", "").await;
    assert_eq!(next().await["status"], "AC");
    shop.act(&id, "mine", "").await;
    let last = next().await;
    assert_eq!(last, shop.info(&id).await);
}

#[tokio::test]
async fn the_merchant_has_the_same_view_and_an_unknown_payment_is_404() {
    let shop = Shop::open().await;
    let id = shop.link().await;
    let (mut socket, _) = connect_async(url(&shop, &format!("/ws/merchant/{id}"))).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().to_text().unwrap().contains(r#""status":"NR""#));
    for path in ["/ws/unknown", "/ws/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01"] {
        match connect_async(url(&shop, path)).await {
            Err(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 404),
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn stopping_ends_an_open_socket() {
    let shop = Shop::open().await;
    let id = shop.link().await;
    let (mut socket, _) = connect_async(url(&shop, &format!("/ws/{id}"))).await.unwrap();
    socket.next().await.unwrap().unwrap();
    shop.sandbox.stop().await;
    assert!(!matches!(socket.next().await, Some(Ok(tungstenite::Message::Text(_)))));
}
