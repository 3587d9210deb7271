//! Brings webhooks to a machine that has no public address: ngrok, zrok, cloudflared, any program, or an address of your own.
//!
//! A [`TunnelProvider`] opens a tunnel once. A [`Supervisor`] keeps it open: it retries, sends probes through the public address, and
//! reports the tunnel as connected only after a probe has arrived in this very process.
//!
//! ```
//! use std::{env, path::Path};
//! use payments_tunnel::context;
//!
//! let context = context::detect(|name| env::var(name).ok(), |path| Path::new(path).exists());
//! println!("in {}: {} should carry webhooks", context.execution_context, context.suggested_provider);
//! assert!(["ngrok", "manual"].contains(&context.suggested_provider));
//! ```
//!
//! # Where to start
//!
//! | to | use |
//! |---|---|
//! | choose a tunnel by the environment of the process | [`context::detect`] |
//! | open ngrok inside the process | `Ngrok`, with the feature `ngrok` |
//! | run a program that opens a tunnel | [`Zrok`], [`Cloudflared`], [`CommandLine`]; [`Programs`] decides how they run |
//! | watch an address that already leads here | [`Manual`] |
//!
//! # Errors
//!
//! [`TunnelError`] distinguishes what a retry can fix from what it cannot, such as a revoked token. Nothing that fails inside a
//! [`Supervisor`] reaches its caller: [`Supervisor::status`] reports the state and the last error. Messages of programs and
//! providers pass a [`Redactor`] first, because some repeat tokens.
//!
//! # Features
//!
//! `ngrok` brings the ngrok agent. The other providers run programs and need no feature.
//!
//! # Why
//!
//! **Why not the reconnects of ngrok's own crate?** Its pauses grow to hours, it does not notice a connection that carries nothing,
//! and it retries a revoked token without end.
//!
//! **Why does a program get few variables?** A tunnel must not see the device's secrets: its environment is a short list.

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
