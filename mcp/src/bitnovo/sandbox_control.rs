//! Controls a sandbox over its `/_sandbox` paths, as payer and network: for `simulate_payment` and for the demo.

use payments_core::http::client_builder;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::answer::failure::{Code, Failure};

/// A sandbox that can be steered.
#[derive(Clone, Debug)]
pub(crate) struct SandboxControl {
    base_url: String,
    http: reqwest::Client,
}

impl SandboxControl {
    /// Steers the sandbox at `base_url`, which is on loopback.
    pub(crate) fn new(base_url: &str) -> Result<Self, reqwest::Error> {
        let http = client_builder().no_proxy().build()?;
        Ok(Self { base_url: base_url.trim_end_matches('/').to_owned(), http })
    }

    /// The customer sends funds: all that is missing, or what `body` says.
    pub(crate) async fn pay(&self, identifier: Uuid, body: Value) -> Result<(), Failure> {
        self.post(&format!("orders/{identifier}/pay"), body).await
    }

    /// The network or the merchant acts: mine, expire, cancel, fail or refund.
    pub(crate) async fn act(&self, identifier: Uuid, action: &str) -> Result<(), Failure> {
        self.post(&format!("orders/{identifier}/{action}"), json!({})).await
    }

    /// Has the sandbox send its webhooks to `url`.
    pub(crate) async fn send_webhooks_to(&self, url: &Url) -> Result<(), Failure> {
        self.send(Method::PUT, "webhook", json!({ "url": url.as_str() })).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<(), Failure> {
        self.send(Method::POST, path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Result<(), Failure> {
        let unreachable = |error: reqwest::Error| {
            Failure::new(
                Code::ApiUnavailable,
                format!("The sandbox does not answer: {}.", error.without_url()),
            )
        };
        let request = self.http.request(method, format!("{}/_sandbox/{path}", self.base_url)).json(&body);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let body: Value = response.json().await.unwrap_or_default();
        let detail = body.get("detail").and_then(Value::as_str).unwrap_or("no reason given");
        let code = if status == reqwest::StatusCode::NOT_FOUND {
            Code::PaymentNotFound
        } else {
            Code::InvalidArgument
        };
        Err(Failure::new(code, format!("The sandbox refused: {}", bitnovo_pay::clean_text(detail))))
    }
}
