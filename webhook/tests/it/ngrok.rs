//! ngrok: the real agent, against an edge on this machine that fails in every way that was seen.

use std::time::{Duration, Instant};

use bitnovo_pay_webhook::{
    server::Server,
    tunnel::{Ngrok, ngrok::Timeouts, supervisor::State},
};

use crate::{carried::Carried, edge::Edge};

const TOKEN: &str = "2aBcDeF_TOKEN-OF-THE-ACCOUNT";

/// Deadlines that a test can wait for.
fn impatient() -> Timeouts {
    let mut timeouts = Timeouts::default();
    timeouts.connect = Duration::from_millis(500);
    timeouts.auth = Duration::from_millis(500);
    timeouts.listen = Duration::from_millis(500);
    timeouts.heartbeat_interval = Duration::from_millis(200);
    timeouts.heartbeat_tolerance = Duration::from_millis(200);
    timeouts
}

fn ngrok(edge: &Edge) -> Ngrok {
    Ngrok::new(Some(TOKEN.into()))
        .edge(Some(edge.address.to_string()), Some(edge.ca.clone().into_bytes()))
        .timeouts(impatient())
        .allow_loopback(true)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_comes_through() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    let status = shop.connected().await;
    assert_eq!(status.public_url.unwrap().as_str(), edge.url());
    let event = shop.post(1).await.expect("a webhook that comes through");
    assert_eq!(shop.stored().await, [event]);
    assert_eq!(edge.seen().tokens, [TOKEN]);
}
