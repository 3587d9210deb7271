//! What the tests of several crates share, so that no test includes the file of another.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail on the spot"
)]

use std::path::Path;

#[cfg(feature = "tunnel")]
pub mod carried;
pub mod log;
pub mod ngrok_edge;
pub mod real_part;
pub mod receiving;

#[cfg(feature = "product")]
mod product;
#[cfg(feature = "product")]
pub use product::*;

/// The folder `tests` of the workspace.
fn tests_folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
