//! What the clients of all payment providers share, so that money, retries, secrets and the question "may the customer
//! be asked to pay?" are decided in one place.
//!
//! A program that takes payments depends on the client of its provider, which re-exports what its users need.
//!
//! ```
//! use payments_core::{Money, RedirectUrl};
//!
//! let asked: Money = "0.30".parse()?;
//! let seen: Money = "0.1".parse()?;
//! assert_eq!(asked.checked_sub(seen).map(|missing| missing.to_string()).as_deref(), Some("0.2"));
//!
//! assert!("https://shop.example/thanks".parse::<RedirectUrl>().is_ok());
//! assert!("https://127.0.0.1/thanks".parse::<RedirectUrl>().is_err());
//! # Ok::<(), payments_core::MoneyError>(())
//! ```
//!
//! # Where to start
//!
//! | to | use |
//! |---|---|
//! | hold an amount | [`Money`] |
//! | decide whether a customer may be asked to send | [`PaymentFacts`] and [`Payable`] |
//! | decide whether to ship | [`Verdict`] |
//! | send requests with time limits and retries | [`http`] |
//! | wait for a payment within the rate limits | [`wait`] |
//! | keep idempotency keys, spent limits and used tokens | [`store`]: traits, each with a version in memory |
//! | read typed environment variables, all problems at once | [`environment`] |
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `rustls` (default) | TLS by rustls, with ring unless the program has installed another provider |
//! | `rustls-no-provider` | TLS by rustls, with the provider that the program installs first |
//! | `native-tls` | TLS by the system's library |
//! | `testing` | what every store must do, for the tests of a store |

mod api_url;
mod clean_text;
pub mod environment;
mod fiat_currency;
pub mod http;
mod idempotency_key;
pub mod iso4217;
mod language;
pub mod money;
mod payable;
mod redirect_url;
mod secret_file;
mod single_flight;
pub mod store;
mod verdict;
pub mod wait;

pub use api_url::{ApiUrl, ApiUrlError};
pub use clean_text::{clean_text, is_deceptive, is_plain};
pub use environment::{ConfigError, ConfigErrors};
pub use fiat_currency::{FiatCurrency, UnknownFiatCurrency};
pub use http::{
    ConnectFailure, HttpRetry, RequestCount, RetryPolicyError, TimeoutError, Timeouts, count_requests,
};
pub use idempotency_key::{IdempotencyKey, IdempotencyKeyError};
pub use language::Language;
pub use money::{Money, MoneyError};
pub use payable::{Destination, NotPayable, Payable, PaymentFacts, Reading};
pub use redirect_url::{RedirectUrl, RedirectUrlError};
pub use secret_file::{SecretFile, SecretFileError};
pub use single_flight::SingleFlight;
pub use verdict::{Review, Verdict};
