//! The receiver as a whole: over real sockets, against attackers, and beside an independent signer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail on the spot"
)]

mod canary;
mod carried;
mod corpus;
mod crowd;
mod deliveries;
mod edge;
mod extractor;
mod fixture;
mod front_door;
mod log;
mod malformed;
mod manual;
mod ngrok;
mod openssl;
mod other_scheme;
#[cfg(target_os = "linux")]
mod programs;
mod properties;
mod real_part;
mod stopping;
