//! The client against servers that answer well, badly, or not at all.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and so may what it calls; clippy knows only the functions that are marked as tests"
)]

mod faults;
mod log;
mod once;
mod one_order;
mod operations;
mod origin;
mod rough_server;
mod telling_server;
mod waiting;

use std::time::Duration;

use bitnovo_pay::{Client, ClientBuilder, HttpRetry, Timeouts};

pub(crate) const DEVICE: &str = "12345678-aaaa-4bbb-8ccc-ddddeeee90ab";

/// A client of a server on this machine; its retries follow at once.
pub(crate) fn builder(base_url: &str) -> ClientBuilder {
    let generous = Duration::from_secs(30);
    Client::builder()
        .device_id(DEVICE)
        .base_url(base_url)
        .allow_http_loopback(true)
        .timeouts(Timeouts::new(generous, generous).unwrap())
        .retry(HttpRetry::new(2, Duration::ZERO).unwrap())
}

pub(crate) fn client(base_url: &str) -> Client {
    builder(base_url).build().unwrap()
}
