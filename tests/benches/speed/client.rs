//! A minimal MCP client over the server's stdin and stdout.

use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{SERVER, stub::Stub};

pub(crate) struct Client {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    id: u64,
}

impl Client {
    /// Starts the server and says how long it took to answer `initialize`.
    pub(crate) async fn start(stub: &Stub) -> (Self, Duration) {
        let started = Instant::now();
        let mut child = Command::new(SERVER)
            .env_clear()
            .env("BITNOVO_BASE_URL", &stub.base_url)
            .env("BITNOVO_ALLOW_HTTP_LOOPBACK", "true")
            .env("BITNOVO_DEVICE_ID", "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a00")
            .env("LOG_LEVEL", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut client = Self { child, stdin, lines, id: 0 };
        let hello = json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "bench", "version": "1" }
        });
        client.request("initialize", hello).await;
        let took = started.elapsed();
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        (client, took)
    }

    pub(crate) async fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.request("tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        self.begin(method, params).await;
        self.answer().await
    }

    /// Calls per second with `in_flight` calls under way all the time.
    pub(crate) async fn rate(
        &mut self,
        calls: usize,
        in_flight: usize,
        tool: &str,
        arguments: &Value,
    ) -> f64 {
        let params = json!({ "name": tool, "arguments": arguments });
        let started = Instant::now();
        for _ in 0..in_flight {
            self.begin("tools/call", params.clone()).await;
        }
        for _ in in_flight..calls {
            self.answer().await;
            self.begin("tools/call", params.clone()).await;
        }
        for _ in 0..in_flight {
            self.answer().await;
        }
        calls as f64 / started.elapsed().as_secs_f64()
    }

    pub(crate) fn rss_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    async fn begin(&mut self, method: &str, params: Value) {
        self.id += 1;
        let frame = json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params });
        self.send(&frame).await;
    }

    async fn send(&mut self, frame: &Value) {
        self.stdin.write_all(format!("{frame}\n").as_bytes()).await.unwrap();
    }

    async fn answer(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }
}
