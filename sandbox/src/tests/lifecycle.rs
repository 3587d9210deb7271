use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::SandboxStartError;

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let config = SandboxConfig { host: IpAddr::V4(Ipv4Addr::UNSPECIFIED), ..SandboxConfig::default() };
    let error = Sandbox::start(config).await.unwrap_err();
    assert!(matches!(error, SandboxStartError::NotLoopback { .. }));
    assert!(error.to_string().contains("use 127.0.0.1"));
}

#[tokio::test]
async fn a_taken_port_is_a_clear_error_and_free_again_after_the_stop() {
    let first = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let port = first.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let again = || SandboxConfig { port, ..SandboxConfig::default() };
    let error = Sandbox::start(again()).await.unwrap_err();
    assert!(error.to_string().contains("choose another port"), "{error}");
    first.stop().await;
    Sandbox::start(again()).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_secret_that_is_not_one_is_refused() {
    let config = SandboxConfig { device_secret: Some("abc".to_owned().into()), ..SandboxConfig::default() };
    assert!(matches!(Sandbox::start(config).await, Err(SandboxStartError::Secret(_))));
}

#[tokio::test]
async fn configured_credentials_are_adopted_and_others_invented_from_the_seed() {
    let (id, secret) = (uuid::Uuid::from_u128(1), "ab".repeat(32));
    let config = SandboxConfig {
        device_id: Some(id),
        device_secret: Some(secret.clone().into()),
        ..SandboxConfig::default()
    };
    let shop = Shop::open_with(config).await;
    assert_eq!((shop.sandbox.device_id(), shop.sandbox.device_secret()), (id, secret.as_str()));
    shop.link().await;

    let (one, two) = (Shop::open().await, Shop::open().await);
    assert_eq!(one.sandbox.device_id(), two.sandbox.device_id());
    assert_eq!(one.sandbox.device_secret(), two.sandbox.device_secret());
    assert_eq!(one.order("BTC").await, two.order("BTC").await);
    let other = Sandbox::start(SandboxConfig::default()).await.unwrap();
    assert_ne!(other.device_secret(), one.sandbox.device_secret());
}

#[tokio::test]
async fn neither_configuration_nor_sandbox_shows_the_secret_in_debug_output() {
    let secret = "ab".repeat(32);
    let config = SandboxConfig { device_secret: Some(secret.clone().into()), ..SandboxConfig::default() };
    assert!(!format!("{config:?}").contains(&secret));
    let sandbox = Sandbox::start(config).await.unwrap();
    assert!(!format!("{sandbox:?}").contains(&secret));
}

#[tokio::test]
async fn a_reset_forgets_orders_requests_faults_and_the_advanced_clock() {
    let shop = Shop::open().await;
    let first = shop.order("BTC").await;
    shop.advance(60).await;
    shop.post("/_sandbox/faults", r#"{"match": "POST /api/v1/orders/", "mode": "reset"}"#).await;
    shop.post("/_sandbox/reset", "").await;
    for list in ["orders", "journal", "deliveries"] {
        assert_eq!(shop.get(&format!("/_sandbox/{list}")).await, serde_json::json!([]), "{list}");
    }
    let second = shop.order("BTC").await;
    assert_ne!(first, second, "an identifier never comes twice");
    assert_eq!(shop.info(&second).await["created_at"], "2025-02-03T10:00:00.000000+01:00");
}

#[tokio::test]
async fn what_does_not_exist_is_said_kindly() {
    let shop = Shop::open().await;
    let (status, body) = shop.call(Method::GET, "/", "").await;
    assert_eq!(status, 404);
    assert!(body["detail"].as_str().unwrap().contains("/_sandbox"));
    assert_eq!(shop.call(Method::GET, "/_sandbox/reset", "").await.0, 405);
}

#[tokio::test]
async fn a_request_under_a_name_of_the_web_is_refused() {
    let shop = Shop::open().await;
    for (host, status) in
        [("localhost:1", 200), ("[::1]", 200), ("evil.example", 403), ("127.0.0.1.evil.example", 403)]
    {
        let response =
            shop.request(Method::GET, "/api/v1/currencies").header("Host", host).send().await.unwrap();
        assert_eq!(response.status(), status, "{host}");
    }
}
