//! The payment API as Rust, so that a merchant's program can take cryptocurrency without rounding an amount, creating
//! an order twice, or shipping goods that are not paid.
//!
//! # From an order to the goods
//!
//! ```no_run
//! use bitnovo_pay::{Client, Fiat, NewOrder, Until, WaitOptions};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // BITNOVO_DEVICE_ID, and what else Config::from_lookup lists.
//! let client = Client::from_env()?;
//!
//! // The customer chooses the cryptocurrency on a checkout page …
//! let link = NewOrder::link("49.90".parse()?, Fiat::Eur).reference("ORD-1001");
//! let order = client.orders_create(&link).await?;
//! println!("{}", order.web_url.unwrap_or_default());
//!
//! // … or has named it already. The clock of such an order starts at once.
//! let onchain = NewOrder::onchain("49.90".parse()?, Fiat::Eur, "BTC");
//! let order = client.orders_create(&onchain).await?;
//!
//! // Until the goods may be handed over, or that will not happen, or the time is up:
//! let waited = client.wait_for(order.identifier, Until::Safe, WaitOptions::default()).await?;
//! println!("{}", waited.payment.verdict().as_str());
//! if waited.reached {
//!     // Hand over the goods.
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What a customer may scan
//!
//! Do not draw [`CreatedOrder::payment_uri`]: it is the API's text as it came, and can name another coin, lack the tag or
//! carry what a wallet fetches. [`PlacedOrder::payment_uri`] gives the URI that was checked, or none, from the facts of the
//! currency; [`PlacedOrder::lacks_tag`] says when nothing must be sent at all, and [`Payment::facts`] whether a
//! payment may still be asked for, and how much of it.
//!
//! ```no_run
//! use bitnovo_pay::{Client, Fiat, NewOrder, PlacedOrder};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # let client = Client::from_env()?;
//! let order: PlacedOrder = client.orders_create(&NewOrder::onchain("49.90".parse()?, Fiat::Eur, "XRP")).await?.into();
//! let facts = client.currency_facts("XRP").await?;
//! match order.payment_uri(&facts)? {
//!     Some(uri) => println!("draw {uri}"),
//!     None => println!("send to {:?}, tag {:?}, and type the amount", order.address, order.tag_memo),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # When a create fails
//!
//! The API has no idempotency key, so a create is sent again only when nothing of it had left this machine. After any
//! other failure [`Error::outcome`] says whether the order may exist: look for it before creating another. Or have that
//! done: with [`Client::orders_create_with`] and a key for each sale, at most one order can be paid.
//!
//! # What it does not do
//!
//! Orders can be neither cancelled nor refunded through this API. `rate` is the effective price of one order, not a
//! market price. Webhooks are verified by the crate `payments-webhook`.
//!
//! # Features
//!
//! `rustls` (default) brings TLS. `websocket` lets [`Client::wait_for`] listen to the API's WebSocket as well, so that a
//! change is noticed at once and the API is asked less often. `testing` brings the module `testing`, a simulator of the API for an integrator's
//! own tests.

mod answer;
mod base_url;
mod client;
mod client_builder;
mod config;
mod created_answer;
mod currency;
mod customer;
mod device;
mod device_id;
mod error;
mod fiat;
mod fingerprint;
#[rustfmt::skip]
mod generated;
mod idempotency;
mod idempotency_marker;
mod idempotency_strategy;
mod invalid_request;
mod key_clock;
mod key_records;
mod listed;
mod listed_currency;
mod listed_payment;
mod network;
mod new_order;
mod payment_facts;
pub mod payment_uri;
mod placed_order;
mod rows;
mod sale_id;
mod single_payment;
mod status;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod wait;
mod wire;

pub use base_url::{BaseUrl, BaseUrlError, Environment, UnknownEnvironment};
pub use client::{Client, create::Reservation};
pub use client_builder::ClientBuilder;
pub use config::Config;
pub use currency::{Coin, CurrencyFacts, TagError};
pub use customer::Customer;
pub use device::Device;
use device_id::DeviceMark;
pub use device_id::{DeviceId, DeviceIdError};
pub use error::{Error, Outcome};
pub use fiat::{Fiat, UnknownFiat};
pub use fingerprint::Fingerprint;
pub use generated::types::{CreatedOrder, Currency, Payment, Transaction};
pub use idempotency::{KeyCheck, UNKNOWN_OUTCOME_WINDOW};
pub use idempotency_strategy::Idempotency;
pub use invalid_request::InvalidRequest;
pub use key_records::StoredOrder;
use key_records::{Attempt, KeyRecord, KeyState};
pub use listed::{LeftOut, Listed};
pub use listed_currency::ListedCurrency;
pub use listed_payment::{ListedPayment, ListedTransaction, Partial};
pub use network::{Network, TagRule, network_name};
pub use new_order::NewOrder;
pub use payments_core::{
    ConfigError, ConfigErrors, ConnectFailure, Destination, HttpRetry, IdempotencyKey, IdempotencyKeyError,
    Language, Money, MoneyError, NotPayable, Payable, PaymentFacts, Reading, RedirectUrl, RedirectUrlError,
    RequestCount, RetryPolicyError, Review, SecretFile, SecretFileError, TimeoutError, Timeouts, Verdict,
    clean_text, count_requests, is_deceptive, is_plain, money,
    store::{KeyEntry, KeyPhase, KeyStore, MemoryKeyStore, Namespace, StoreError, StoreKey, Stored},
};
pub use placed_order::{OrderOrigin, PlacedOrder};
pub use sale_id::SaleId;
pub use status::PaymentStatus;
pub use wait::{Until, WaitOptions, Waited};
pub use wire::{FieldProblem, Unreadable};

#[cfg(test)]
mod tests {
    #[test]
    fn no_float_is_left_in_the_generated_client() {
        let generated = include_str!("generated.rs");
        assert!(generated.starts_with("// @generated"));
        for float in ["f64", "f32"] {
            assert!(!generated.contains(float), "{float}");
        }
    }
}
