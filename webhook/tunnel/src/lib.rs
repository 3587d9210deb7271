//! How webhooks reach a machine that has no public address, and how to tell whether it has one.
//!
//! A `TunnelProvider` opens a tunnel once; the `Supervisor` keeps one open, and believes in it only when a probe has come
//! through it from outside. What providers say goes through a `Redactor` before anybody reads it.

mod address;
mod cloudflared;
mod command;
pub mod context;
mod manual;
#[cfg(feature = "ngrok")]
pub mod ngrok;
mod process;
mod provider;
mod redact;
pub mod supervisor;
mod url_discovery;
mod zrok;

pub use cloudflared::Cloudflared;
pub use command::CommandLine;
pub use manual::Manual;
#[cfg(feature = "ngrok")]
pub use ngrok::Ngrok;
pub use process::Programs;
pub use provider::{OpenedTunnel, TunnelError, TunnelErrorKind, TunnelFuture, TunnelProvider, TunnelSession};
pub use redact::Redactor;
pub use supervisor::Supervisor;
pub use zrok::Zrok;
