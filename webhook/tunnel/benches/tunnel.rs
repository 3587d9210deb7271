//! What the way through ngrok costs, with the real agent and an edge on the same machine: time per request, time to carry
//! again after a break, memory.
//!
//! `cargo bench -p payments-tunnel --features ngrok --bench tunnel`. It prints figures and judges none: they
//! depend on the machine, which sender, edge and receiver share.
#![expect(clippy::print_stdout, reason = "its figures are its job")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    dead_code,
    missing_docs,
    reason = "a benchmark may end early, and measures in floats"
)]

use std::{
    net::SocketAddr,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use payments_tunnel::Ngrok;
use tokio::net::TcpStream;

use payments_test_support::receiving::{payment, talk, webhook};
use payments_test_support::{carried::Carried, ngrok_edge::Edge};

const REQUESTS: usize = 3000;

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let edge = Edge::start().await;
    // One request first, so that what is made once is there already.
    let plain = Carried::start(ngrok(&edge)).await;
    plain.connected().await;
    plain.supervisor.stop().await;
    let before = rss_kib();
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    println!("memory of an open tunnel, the edge's side included: {} kB", rss_kib().saturating_sub(before));

    println!("\n{:<34}{:>10}{:>10}", "per request, one after another", "p50", "p99");
    let mut medians = Vec::new();
    for (name, address, keep) in [
        ("direct, one connection", shop.server.local_addr(), true),
        ("through ngrok, one connection", edge.public, true),
        ("direct, a connection each", shop.server.local_addr(), false),
        ("through ngrok, a connection each", edge.public, false),
    ] {
        let times = requests(address, keep).await;
        println!("{name:<34}{:>10}{:>10}", ms(times[times.len() / 2]), ms(times[times.len() * 99 / 100]));
        medians.push(times[times.len() / 2]);
    }
    println!(
        "added at the median: {} over one connection, {} with a connection each (goal: 1 ms at most)",
        ms(medians[1].saturating_sub(medians[0])),
        ms(medians[3].saturating_sub(medians[2]))
    );

    let ever = edge.seen().agents_ever;
    let cut = Instant::now();
    edge.cut();
    while edge.seen().agents_ever == ever || !shop.supervisor.status().is_connected() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("\ncarries again after a drop: {}", ms(cut.elapsed()));

    for outage in [4, 30] {
        edge.down().await;
        tokio::time::sleep(Duration::from_secs(outage)).await;
        edge.up().await;
        let gone = Instant::now();
        shop.connected().await;
        println!("carries again after an outage of {outage} s: {} after its end", ms(gone.elapsed()));
    }

    let failure = Instant::now();
    edge.flow(false);
    shop.interrupted().await;
    println!("a line that swallows everything is noticed after {:.1} s", failure.elapsed().as_secs_f64());
    edge.flow(true);
    let gone = Instant::now();
    shop.connected().await;
    println!("carries again {} after the line is back", ms(gone.elapsed()));
    println!(
        "\nbounds with the default settings: the first retry is immediate; a line that swallows everything is noticed within \
         20 s (a heartbeat each 10 s, 10 s to answer); while the edge cannot be connected to, it is tried each 0.5 s; after \
         any other failure the pause is 5 s at most, then 10, 20, 40 and 60 s"
    );
    shop.supervisor.stop().await;
}

/// With the default heartbeat, and the default patience.
fn ngrok(edge: &Edge) -> Ngrok {
    Ngrok::new(Some("token".into()))
        .edge(Some(edge.address.to_string()), Some(edge.ca.clone().into_bytes()))
        .allow_loopback(true)
}

/// The time that each of many webhooks takes, sorted.
async fn requests(address: SocketAddr, keep: bool) -> Vec<Duration> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut times = Vec::with_capacity(REQUESTS);
    let mut stream = connect(address).await;
    for number in 0..REQUESTS {
        let request = webhook(payment(number), now);
        let sent = Instant::now();
        if !keep {
            stream = connect(address).await;
        }
        talk(&mut stream, &request).await.expect("an answer");
        times.push(sent.elapsed());
    }
    times.sort();
    times
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
