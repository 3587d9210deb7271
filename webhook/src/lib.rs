//! Verifies webhooks of payment providers from the bytes as they were received, and accepts each one once.
//!
//! Goods that are shipped on a forged webhook are lost. A request therefore passes through types that only this crate can make:
//!
//! ```text
//! Unverified ──Scheme::verify──► Verified ──fresh──► Fresh ──ReplayGuard::enter──► ReplayEntry ──EventStore::insert──► WebhookEvent
//! ```
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
//!
//! # Where to start
//!
//! | to | use |
//! |---|---|
//! | receive webhooks in an axum application | `extractor::VerifiedEvent`, with the feature `axum`; the example `shop` is complete |
//! | run a server for webhooks alone | `server::Server`, with the feature `server`, on a socket or on any other stream, for one or several receivers |
//! | receive them from another HTTP library | [`Receiver`]: it verifies, stores the event in an [`EventStore`] and wakes its subscribers |
//! | only check a signature | a [`Scheme`], as above; [`scheme::bitnovo`] is Bitnovo Pay's |
//! | add a provider | implement [`Scheme`]: it decides where the signature is, what is fresh, what identifies an event and how to answer |
//!
//! # Errors
//!
//! [`Rejection`] is why a request was rejected. Its text is for the log: outside, every rejection of a scheme looks the same, so that
//! only the holder of the secret learns more. [`RejectionCounts`] counts the reasons.
//!
//! # Features
//!
//! `axum` brings the extractor, `server` the HTTP server. Without them the crate has no HTTP.
//!
//! # Why
//!
//! **Why raw bytes?** A body that is parsed and printed again is another body, and its signature is another signature.
//!
//! **Why is the signature checked before the time?** Only the holder of the secret then learns whether the clocks differ.
//!
//! **Why is the replay key the computed signature?** Two payments of one second share a nonce of whole seconds, and a header's text
//! can be written in several ways.
//!
//! **Why is a webhook only a hint?** It can be late, lost or out of order. Read the payment from the API before you ship.

mod admission;
pub mod description;
pub mod event;
#[cfg(feature = "axum")]
pub mod extractor;
#[cfg(feature = "axum")]
mod http;
pub mod json_fields;
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
