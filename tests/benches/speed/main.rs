//! What the server costs, beside the figures of the Node.js server whose place it takes.
//!
//! `cargo bench -p integration-tests` builds the server in release mode and prints a table. Nothing is asserted: a
//! figure depends on the machine, and machines are noisy. Goals are for two cores.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::print_stdout
)]

mod client;
mod stub;

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use client::Client;

const SERVER: &str = env!("CARGO_BIN_EXE_it-server");

#[tokio::main]
async fn main() {
    let stub = stub::start().await;
    println!("{:<44}{:>12}{:>12}{:>12}{:>9}", "", "measured", "goal", "original", "factor");

    let starts = median(30, || async { Client::start(&stub).await.1 }).await;
    row("spawn to initialize answered", ms(starts), "8 ms", Some((380.0, "380 ms", millis(starts))));

    let (mut client, _) = Client::start(&stub).await;
    let idle = client.rss_kib();
    row("idle memory (RSS)", format!("{:.1} MB", mb(idle)), "10 MB", Some((95.0, "95 MB", mb(idle))));

    let link = json!({ "amount_eur": 25.0, "notes": "bench" });
    let onchain = json!({ "amount_eur": 5.0, "input_currency": "BTC" });
    let status = json!({ "identifier": stub::IDENTIFIER });
    for (name, tool, arguments, goal, original, text) in [
        ("link, its two requests included, p50", "create_payment_link", &link, "0.6 ms", 1.40, "1.40 ms"),
        ("on-chain, p50", "create_payment_onchain", &onchain, "", 2.48, "2.48 ms"),
        ("status, p50", "get_payment_status", &status, "", 0.94, "0.94 ms"),
    ] {
        let time = client.median_call(2000, tool, arguments).await;
        row(name, ms(time), goal, Some((original, text, millis(time))));
    }
    let mut keyed = Vec::with_capacity(500);
    for number in 0..500 {
        let arguments = json!({ "amount_eur": 25.0, "idempotency_key": format!("bench-{number}") });
        let started = Instant::now();
        client.call("create_payment_link", &arguments).await;
        keyed.push(started.elapsed());
    }
    keyed.sort();
    row("link with a new key, 4 requests, p50", ms(keyed[250]), "", None);
    for (name, tool, arguments, goal, original) in [
        ("32 in flight: links per second", "create_payment_link", &link, "5000/s", 1160.0),
        ("32 in flight: on-chain per second", "create_payment_onchain", &onchain, "", 530.0),
        ("32 in flight: status per second", "get_payment_status", &status, "", 1263.0),
    ] {
        let rate = client.rate(10_000, 32, tool, arguments).await;
        let text = format!("{original:.0}/s");
        // Here more is better, so the factor is turned round.
        row(name, format!("{rate:.0}/s"), goal, Some((1.0 / original, &text, 1.0 / rate)));
    }

    for (name, size, style, goal, original, text) in [
        ("QR 512 px plain, whole call", 512, "basic", "2.5 ms", 56.0, "56 ms"),
        ("QR 512 px branded, whole call", 512, "branded", "6 ms", 140.0, "140 ms"),
        ("QR 2000 px plain, whole call", 2000, "basic", "", 695.0, "695 ms"),
        ("QR 2000 px branded, whole call", 2000, "branded", "60 ms", 1371.0, "1371 ms"),
    ] {
        let arguments =
            json!({ "identifier": stub::IDENTIFIER, "qr_type": "payment_uri", "size": size, "style": style });
        let time = client.median_call(60, "generate_payment_qr", &arguments).await;
        row(name, ms(time), goal, Some((original, text, millis(time))));
        let answer = client.call("generate_payment_qr", &arguments).await;
        let base64 = answer["result"]["content"][2]["data"].as_str().unwrap_or_default().len();
        let kb = base64 as f64 * 0.75 / 1000.0;
        let (goal, original) = match (size, style) {
            (512, "basic") => ("1.5 kB", Some((8.4, "8.4 kB", kb))),
            (512, _) => ("", Some((10.8, "10.8 kB", kb))),
            (_, "basic") => ("", Some((18.0, "18 kB", kb))),
            _ => ("", Some((33.0, "33 kB", kb))),
        };
        row("    its size", format!("{kb:.1} kB"), goal, original);
    }

    let after = client.rss_kib();
    row("memory after all these calls", format!("{:.1} MB", mb(after)), "", None);
    let (mut client, _) = Client::start(&stub).await;
    for (calls, tool, arguments) in [
        (5000, "create_payment_link", &link),
        (2000, "create_payment_onchain", &onchain),
        (3000, "get_payment_status", &status),
        (200, "generate_payment_qr", &json!({ "identifier": stub::IDENTIFIER })),
    ] {
        client.rate(calls, 32, tool, arguments).await;
    }
    let after = client.rss_kib();
    let name = "memory after 10,000 calls and 200 codes";
    row(name, format!("{:.1} MB", mb(after)), "40 MB", Some((325.0, "325 MB", mb(after))));
    let list = client.request("tools/list", json!({})).await["result"].to_string().len() as f64 / 1000.0;
    row("tools/list", format!("{list:.1} kB"), "", None);
    let binary = fs::metadata(SERVER).map_or(0, |file| file.len()) as f64 / 1e6;
    row(
        "binary (the original: an 88 MB install)",
        format!("{binary:.1} MB"),
        "13 MB",
        Some((88.0, "88 MB", binary)),
    );
}

fn row(name: &str, measured: String, goal: &str, original: Option<(f64, &str, f64)>) {
    let (text, factor) = match original {
        Some((original, text, measured)) => (text, format!("{:.0}x", original / measured)),
        None => ("", String::new()),
    };
    println!("{name:<44}{measured:>12}{goal:>12}{text:>12}{factor:>9}");
}

async fn median<F: AsyncFnMut() -> Duration>(runs: usize, mut run: F) -> Duration {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        times.push(run().await);
    }
    times.sort();
    times[runs / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", millis(time))
}

fn mb(kib: u64) -> f64 {
    kib as f64 * 1024.0 / 1e6
}

impl Client {
    async fn median_call(&mut self, runs: usize, tool: &str, arguments: &Value) -> Duration {
        for _ in 0..runs / 10 {
            self.call(tool, arguments).await;
        }
        let mut times = Vec::with_capacity(runs);
        for _ in 0..runs {
            let started = Instant::now();
            let answer = self.call(tool, arguments).await;
            times.push(started.elapsed());
            assert_eq!(answer["result"]["isError"], false, "{answer}");
        }
        times.sort();
        times[runs / 2]
    }
}
