//! A webhook is worth acting on only when its sender is proved: this crate proves it, from the bytes as they arrived.
//!
//! A request walks one way, through types that nobody else can make:
//!
//! ```text
//! Unverified ──Scheme::verify──► Verified ──fresh──► Fresh ──ReplayGuard::enter──► ReplayEntry ──EventStore::insert──► WebhookEvent
//! ```
//!
//! - A [`Scheme`] knows how one provider signs; [`scheme::bitnovo`] is Bitnovo Pay's. It is pure: the request, the
//!   secrets and the time are its arguments.
//! - A [`ReplayGuard`] lets each signature pass once.
//! - A [`Receiver`] walks a request through all of it, keeps the event in a [`EventStore`] and wakes whoever waits.
//! - With the feature `axum`, `extractor::VerifiedEvent` hands verified events to the handlers of an axum application.
//! - With the feature `server`, `server::Server` receives webhooks over HTTP, on a socket or on any other stream, for any
//!   number of receivers.
//!
//! ```
//! use std::time::{Duration, UNIX_EPOCH};
//! use payments_webhook::{Scheme, Unverified, scheme::bitnovo::{self, Bitnovo}};
//!
//! let secret: bitnovo::Secret = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62".parse()?;
//! let body = br#"{"status": "CO", "identifier": "1040095a-737d-41a2-a2e1-d031d19ec8cd"}"#;
//! let signature = bitnovo::sign(&secret, "1645634942", body).to_string();
//!
//! let request = Unverified {
//!     headers: &[("x-nonce", b"1645634942"), ("x-signature", signature.as_bytes())],
//!     body,
//! };
//! let scheme = Bitnovo::new(vec![secret])?;
//! let now = UNIX_EPOCH + Duration::from_secs(1_645_634_945);
//! let fresh = scheme.verify(request)?.fresh(scheme.window(), now)?;
//! assert_eq!(fresh.verified().body(), body);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod description;
pub mod event;
#[cfg(feature = "axum")]
pub mod extractor;
#[cfg(feature = "axum")]
mod http;
mod json_fields;
pub mod outcome;
pub mod provider;
pub mod receiver;
pub mod rejection;
pub mod rejection_counts;
pub mod replay;
pub mod request;
pub mod scheme;
#[cfg(feature = "server")]
pub mod server;
pub mod signature;
pub mod store;

pub use description::{Description, Identity};
pub use event::{EventSource, WebhookEvent};
pub use outcome::{ReceiveOutcome, WebhookResponse};
pub use provider::Provider;
pub use receiver::Receiver;
pub use rejection::{Rejection, RejectionReason};
pub use rejection_counts::{RejectionCount, RejectionCounts};
pub use replay::ReplayGuard;
pub use request::{Fresh, Unverified, Verified};
pub use scheme::Scheme;
pub use signature::{Claim, Signature};
pub use store::{EventStore, MemoryEventStore};
