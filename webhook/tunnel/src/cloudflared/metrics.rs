//! Reads cloudflared's state over HTTP, on a port that this crate chose: more dependable than its log.

use std::{future, net::Ipv4Addr, time::Duration};

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// It answers at once, or something is wrong.
const DEADLINE: Duration = Duration::from_secs(2);

/// More than its answers need.
const LONGEST: usize = 16 * 1024;

/// The name of the tunnel, once there is one.
pub(super) async fn hostname(port: u16) -> Option<String> {
    let (_, body) = get(port, "/quicktunnel").await.filter(|(status, _)| status.is_success())?;
    let answer: serde_json::Value = serde_json::from_slice(&body).ok()?;
    answer.get("hostname")?.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Whether it is connected to Cloudflare.
pub(super) async fn is_ready(port: u16) -> bool {
    get(port, "/ready").await.is_some_and(|(status, _)| status.is_success())
}

async fn get(port: u16, path: &str) -> Option<(StatusCode, Bytes)> {
    let ask = async {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        let request = Request::get(path)
            .header(HOST, format!("{}:{port}", Ipv4Addr::LOCALHOST))
            .body(Empty::<Bytes>::new())
            .ok()?;
        let answer = async {
            let answer = sender.send_request(request).await.ok()?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LONGEST).collect().await.ok()?;
            Some((status, body.to_bytes()))
        };
        // The connection has to be driven, and may end before its answer has been looked at.
        let driven = async {
            let _ = connection.await;
            future::pending().await
        };
        tokio::select! { answer = answer => answer, () = driven => None }
    };
    timeout(DEADLINE, ask).await.ok().flatten()
}
