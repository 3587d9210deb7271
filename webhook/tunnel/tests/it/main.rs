//! Tunnels as they are: the real ngrok agent against an edge on this machine, programs as stubs that really proxy, and
//! the receiver behind them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail on the spot"
)]

mod manual;
mod ngrok;
#[cfg(target_os = "linux")]
mod programs;
