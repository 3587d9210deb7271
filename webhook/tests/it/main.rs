//! The receiver as a whole: over real sockets, against attackers, and beside an independent signer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail on the spot"
)]

mod canary;
mod corpus;
mod crowd;
mod deliveries;
mod extractor;
mod front_door;
mod malformed;
mod openssl;
mod other_scheme;
mod properties;
mod stopping;
