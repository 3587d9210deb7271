//! What the clients of all payment providers share, so that money, retries, secrets and the question "may the customer
//! be asked to pay?" are decided in one place.
//!
//! A program that takes payments depends on the client of its provider, which exports again what its users need.

mod clean_text;
pub mod environment;
pub mod http;
mod idempotency_key;
mod language;
pub mod money;
mod payable;
mod redirect_url;
mod secret_file;
pub mod store;
mod verdict;
pub mod wait;

pub use clean_text::{clean_text, is_deceptive, is_plain};
pub use environment::{ConfigError, ConfigErrors};
pub use http::{
    ConnectFailure, HttpRetry, RequestCount, RetryPolicyError, TimeoutError, Timeouts, count_requests,
};
pub use idempotency_key::{IdempotencyKey, IdempotencyKeyError};
pub use language::Language;
pub use money::{Money, MoneyError};
pub use payable::{Destination, NotPayable, Payable, PaymentFacts, Reading};
pub use redirect_url::{RedirectUrl, RedirectUrlError};
pub use secret_file::{SecretFile, SecretFileError};
pub use verdict::{Review, Verdict};
