//! How webhooks reach a machine that has no public address, and how to tell whether it has one.
//!
//! A `Provider` opens a tunnel once; the `Supervisor` keeps one open, and believes in it only when a probe has come
//! through it from outside. What providers say goes through a `Redactor` before anybody reads it.

#[cfg(feature = "tunnel")]
mod address;
#[cfg(feature = "tunnel")]
mod announced;
#[cfg(feature = "tunnel")]
mod cloudflared;
#[cfg(feature = "tunnel")]
mod command;
pub mod context;
#[cfg(feature = "tunnel")]
mod manual;
#[cfg(feature = "tunnel-ngrok")]
pub mod ngrok;
#[cfg(feature = "tunnel")]
mod process;
#[cfg(feature = "tunnel")]
mod provider;
#[cfg(feature = "tunnel")]
mod redact;
#[cfg(feature = "tunnel")]
pub mod supervisor;
#[cfg(feature = "tunnel")]
mod zrok;

#[cfg(feature = "tunnel")]
pub use cloudflared::Cloudflared;
#[cfg(feature = "tunnel")]
pub use command::CommandLine;
#[cfg(feature = "tunnel")]
pub use manual::Manual;
#[cfg(feature = "tunnel-ngrok")]
pub use ngrok::Ngrok;
#[cfg(feature = "tunnel")]
pub use process::Programs;
#[cfg(feature = "tunnel")]
pub use provider::{Kind, Opened, Pending, Provider, Session, TunnelError};
#[cfg(feature = "tunnel")]
pub use redact::Redactor;
#[cfg(feature = "tunnel")]
pub use supervisor::Supervisor;
#[cfg(feature = "tunnel")]
pub use zrok::Zrok;
