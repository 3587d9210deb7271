//! The client of the Bitnovo Pay merchant API, with which a program takes cryptocurrency without rounding an amount, creating an
//! order twice, or shipping goods that are not paid.
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
//! // … or has named it already. The time limit of such an order starts at once.
//! let onchain = NewOrder::onchain("49.90".parse()?, Fiat::Eur, "BTC");
//! let order = client.orders_create(&onchain).await?;
//!
//! // Returns when the goods may be handed over, when that cannot happen any more, or after the timeout.
//! let waited = client.wait_for(order.identifier, Until::Safe, WaitOptions::default()).await?;
//! println!("{}", waited.payment.verdict().as_str());
//! if waited.reached {
//!     // Hand over the goods.
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Where to start
//!
//! | to | use |
//! |---|---|
//! | configure | [`Client::from_env`], or [`Client::builder`] with a [`Config`] |
//! | create an order | [`Client::orders_create`] with a [`NewOrder`] |
//! | create at most one order for a sale | [`Client::orders_create_with`] and [`Idempotency::Reconcile`] |
//! | decide whether to ship | [`Payment::verdict`] |
//! | wait for a payment | [`Client::wait_for`]; [`Client::hint`] wakes it when a webhook arrives |
//! | list payments or currencies | [`Client::orders_list`], [`Client::currencies_list`] |
//! | test a shop | the feature `testing` |
//!
//! # What a customer may scan
//!
//! Do not draw [`CreatedOrder::payment_uri`]: it is the API's unchecked text, and can name another coin, lack the tag or contain
//! parameters that make a wallet fetch a page. [`PlacedOrder::payment_uri`] returns a checked URI, or none, from the facts of the
//! currency. [`PlacedOrder::lacks_tag`] is true when nothing must be sent at all, and [`Payment::facts`] answers whether the
//! customer may still be asked to send, and how much.
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
//! # Errors
//!
//! [`Error`] has one variant for each cause, and no variant contains a body, a URL or a secret. Reads are retried. The API has no
//! idempotency key, so a create is retried only when nothing of it was sent. After any other failure [`Error::outcome`] says
//! whether the order may exist: look for it before you create another. [`Client::orders_create_with`] does so by itself, with a
//! key for each sale:
//!
//! ```no_run
//! use bitnovo_pay::{Client, Fiat, Idempotency, NewOrder};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # let client = Client::from_env()?;
//! let sale = Idempotency::Reconcile("ORD-1001".parse()?);
//! let order = client.orders_create_with(&NewOrder::link("49.90".parse()?, Fiat::Eur), &sale).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not do
//!
//! Orders can be neither cancelled nor refunded through this API. `rate` is the effective price of one order, not a
//! market price. Webhooks are verified by the crate `payments-webhook`.
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `rustls` (default) | TLS by rustls, with ring unless the program has installed another provider |
//! | `rustls-no-provider` | TLS by rustls, with the provider that the program installs before the first request |
//! | `native-tls` | TLS by the system's library |
//! | `websocket` | [`Client::wait_for`] also listens to the API's WebSocket: it notices a change at once and sends fewer requests |
//! | `testing` | the module `testing`, a simulator of the API for an integrator's own tests |
//!
//! # Why
//!
//! **Why a verdict beside the status?** A status alone does not say whether to ship: an expired payment can hold funds, and a
//! completed one can be too small. Statuses are open, so a new one is kept and its verdict is [`Verdict::NeedsReview`].
//!
//! **Why not `f64` or `rust_decimal` for amounts?** Binary fractions round. [`Money`] keeps the digits of the API's JSON, which
//! `serde_json` would lose for a plain decimal without a feature that changes the whole program.
//!
//! **Why are lists [`Listed`]?** One row that cannot be read must not hide the others: it is left out and counted.

mod answer;
mod api_error;
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
mod hooks;
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
mod raw_answer;
mod row_sink;
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
pub use idempotency::KeyCheck;
pub use idempotency_strategy::Idempotency;
pub use invalid_request::InvalidRequest;
use key_records::{Attempt, KeyRecord, KeyState};
pub use key_records::{StoredOrder, UNKNOWN_OUTCOME_WINDOW};
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
