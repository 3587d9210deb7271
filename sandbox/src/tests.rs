//! The sandbox as a client meets it: over HTTP, on a free port.

mod api;
mod checkout;
mod deliveries;
mod faults;
mod lifecycle;
mod money;
mod statuses;
mod visitors;
mod websocket;

use std::time::{Duration, UNIX_EPOCH};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::{Sandbox, SandboxConfig};

/// 2025-02-03T10:00:00+01:00, where the clock of the tests stays until it is advanced.
const START: u64 = 1_738_573_200;
const MINUTE: u64 = 60;

struct Shop {
    sandbox: Sandbox,
    http: reqwest::Client,
}

impl Shop {
    async fn open() -> Self {
        Self::open_with(SandboxConfig::default()).await
    }

    async fn open_with(config: SandboxConfig) -> Self {
        let time = std::sync::Arc::new(|| UNIX_EPOCH + Duration::from_secs(START));
        let sandbox = Sandbox::start(SandboxConfig { seed: 7, time, ..config }).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { sandbox, http: http.build().unwrap() }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.sandbox.base_url());
        self.http.request(method, url).header("X-Device-Id", self.sandbox.device_id().to_string())
    }

    async fn call(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let request =
            self.request(method, path).header("Content-Type", "application/json").body(body.to_owned());
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, "").await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: &str) -> Value {
        let (status, body) = self.call(Method::POST, path, body).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The `detail` of a refusal with `status`.
    async fn refused(&self, status: u16, path: &str, body: &str) -> String {
        let (answered, answer) = self.call(Method::POST, path, body).await;
        assert_eq!(answered, status, "{path}: {answer}");
        answer["detail"].as_str().unwrap().to_owned()
    }

    async fn create(&self, body: &str) -> Value {
        self.post("/api/v1/orders/", body).await
    }

    /// An order of 10 EUR in `currency`; its identifier.
    async fn order(&self, currency: &str) -> String {
        let body = format!(r#"{{"expected_output_amount": 10.0, "input_currency": "{currency}"}}"#);
        self.create(&body).await["identifier"].as_str().unwrap().to_owned()
    }

    async fn link(&self) -> String {
        self.create(r#"{"expected_output_amount": 10.0}"#).await["identifier"].as_str().unwrap().to_owned()
    }

    async fn act(&self, id: &str, action: &str, body: &str) -> Value {
        self.post(&format!("/_sandbox/orders/{id}/{action}"), body).await
    }

    async fn advance(&self, seconds: u64) {
        self.post("/_sandbox/clock/advance", &format!(r#"{{"seconds": {seconds}}}"#)).await;
    }

    async fn info(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/orders/info/{id}")).await[0].clone()
    }

    async fn status(&self, id: &str) -> String {
        self.info(id).await["status"].as_str().unwrap().to_owned()
    }
}
