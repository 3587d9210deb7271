//! `it-server sandbox` as a process of its own, steered over HTTP.

use std::{
    io::{BufRead as _, BufReader},
    process::Child,
};

use serde_json::{Value, json};

use super::process::{binary, command};

pub struct Sandbox {
    child: Child,
    pub base_url: String,
    pub device_id: String,
    pub device_secret: String,
    http: reqwest::Client,
}

impl Sandbox {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(environment: &[(&str, &str)]) -> Self {
        let mut child = command(binary())
            .args(["sandbox", "--port", "0", "--json"])
            .envs(environment.iter().copied())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        let text =
            |name: &str| ready[name].as_str().unwrap_or_else(|| panic!("no {name} in {ready}")).to_owned();
        Self {
            base_url: text("base_url"),
            device_id: text("device_id"),
            device_secret: text("device_secret"),
            http: client(),
            child,
        }
    }

    /// What to export so that another process uses this sandbox.
    pub fn exports(&self) -> [(&str, &str); 4] {
        [
            ("BITNOVO_ENV", "sandbox"),
            ("BITNOVO_BASE_URL", &self.base_url),
            ("BITNOVO_DEVICE_ID", &self.device_id),
            ("BITNOVO_DEVICE_SECRET", &self.device_secret),
        ]
    }

    /// A request to the API, with the device's header.
    pub async fn api(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.send(method, &format!("/api/v1{path}"), body, Some(&self.device_id)).await
    }

    /// A request as it is.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        device: Option<&str>,
    ) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base_url));
        if let Some(device) = device {
            request = request.header("X-Device-Id", device);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn look(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", &format!("/_sandbox/{path}"), None, None).await;
        assert_eq!(status, 200, "GET /_sandbox/{path}: {body}");
        body
    }

    pub async fn steer(&self, path: &str, body: Value) {
        let (status, answer) = self.send("POST", &format!("/_sandbox/{path}"), Some(body), None).await;
        assert!((200..300).contains(&status), "POST /_sandbox/{path}: {status} {answer}");
    }

    /// Has the next requests that match meet a fault; `more` is what else its mode takes.
    pub async fn fault(&self, matches: &str, mode: &str, more: Value) {
        let mut fault = json!({ "match": matches, "mode": mode });
        fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.steer("faults", fault).await;
    }

    /// An order on chain, as the API answers it.
    pub async fn order(&self, currency: &str, amount: u32) -> Value {
        let body = json!({ "expected_output_amount": amount, "input_currency": currency });
        let (status, created) = self.api("POST", "/orders/", Some(body)).await;
        assert_eq!(status, 200, "{created}");
        created
    }

    /// A payment of 50 EUR in BTC (0.00083334) after some steps; its identifier.
    pub async fn order_after(&self, steps: &[(&str, Value)]) -> String {
        let order = self.order("BTC", 50).await;
        let identifier = order["identifier"].as_str().unwrap();
        for (step, body) in steps {
            match *step {
                "wait" => self.steer("clock/advance", body.clone()).await,
                step => self.steer(&format!("orders/{identifier}/{step}"), body.clone()).await,
            }
        }
        identifier.to_owned()
    }

    /// A payment, as the API reads it.
    pub async fn payment(&self, identifier: &str) -> Value {
        let (status, read) = self.api("GET", &format!("/orders/info/{identifier}"), None).await;
        assert_eq!(status, 200, "{read}");
        read[0].clone()
    }

    /// How many orders there are.
    pub async fn count(&self) -> usize {
        self.look("orders").await.as_array().unwrap().len()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP client that no proxy of the machine can get between.
pub fn client() -> reqwest::Client {
    // Fails only where there is one already.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
