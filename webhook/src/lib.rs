//! A webhook is worth acting on only when its sender is proved: this crate proves it, from the bytes as they arrived.
//!
//! A provider's way of signing is a [`scheme`]. A scheme is pure: the request, the secrets and the time are its
//! arguments, and the answer is either a [`Verified`] or the reason for the refusal. `Verified` has no public
//! constructor, so code that asks for one cannot be handed an unproved request.
//!
//! ```
//! use std::time::{Duration, UNIX_EPOCH};
//! use bitnovo_pay_webhook::{Unverified, scheme::bitnovo};
//!
//! let secret: bitnovo::Secret = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62".parse()?;
//! let body = br#"{"status": "CO", "identifier": "1040095a-737d-41a2-a2e1-d031d19ec8cd"}"#;
//! let signature = bitnovo::sign(&secret, "1645634942", body).to_string();
//!
//! let request = Unverified {
//!     headers: &[("x-nonce", b"1645634942"), ("x-signature", signature.as_bytes())],
//!     body,
//! };
//! let now = UNIX_EPOCH + Duration::from_secs(1_645_634_945);
//! let verified = bitnovo::verify(request, &[secret], now, bitnovo::TOLERANCE)?;
//! assert_eq!(verified.body(), body);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod scheme;

pub use scheme::{Signature, Unverified, Verified};
