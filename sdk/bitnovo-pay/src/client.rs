//! The five operations of the API.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{NaiveDate, TimeDelta, Utc};
use payments_core::{http::ApiClock, store::Namespace, wait::PollerRegistry};
#[cfg(feature = "websocket")]
use progenitor_client::ClientInfo as _;
use tokio::{sync::OnceCell, time::Instant};
use uuid::Uuid;

use crate::{
    Config, Currency, CurrencyFacts, Device, Error, InvalidRequest, KeyStore, Listed, ListedCurrency,
    ListedPayment, MemoryKeyStore, Partial, Payment, StoredOrder, Unreadable,
    api_error::read_answer,
    generated::{
        self,
        types::{Day, DeviceRequest},
    },
    hooks,
    idempotency::{Attempts, Keys},
    key_records::KeyRecords,
    new_order::within_limits,
    row_sink::{SharedSink, locked},
    rows::reader::{Reader, Row},
    single_payment::PaymentReading,
    wait::Payments,
};

pub(crate) mod create;
mod wait;
#[cfg(feature = "websocket")]
mod websocket;

/// More orders than a merchant creates in a quarter of a year within 2,000 requests a day; each takes some two kilobytes in
/// memory.
const MOST_ORDERS: usize = 20_000;

/// How stores call this provider.
const PROVIDER: &str = "bitnovo";

/// A hundred times the number of existing currencies.
const MOST_CURRENCIES: usize = 10_000;

/// A client of the API. Making one costs nothing; clones share their connections.
///
/// Every call can be cancelled by dropping its future: nothing more is sent after that.
///
/// ```no_run
/// use bitnovo_pay::{Client, Fiat, NewOrder};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::from_env()?;
/// let order = client.orders_create(&NewOrder::link("49.90".parse()?, Fiat::Eur)).await?;
/// println!("Send the customer to {}", order.web_url.unwrap_or_default());
///
/// let payment = client.orders_info(order.identifier).await?;
/// if payment.verdict().may_ship() {
///     println!("Paid: hand over the goods.");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    config: Config,
    generated: OnceCell<generated::Client>,
    pollers: PollerRegistry<Payments>,
    keys: Keys,
    /// By symbol; only of currencies that are in the catalogue.
    facts: Mutex<HashMap<String, CurrencyFacts>>,
    api_clock: Arc<ApiClock>,
}

impl Client {
    /// A client with this configuration.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::with_key_store(config, Arc::new(MemoryKeyStore::default()))
    }

    /// A client that keeps what it knows of idempotency keys in `store`.
    #[must_use]
    pub fn with_key_store(config: Config, store: Arc<dyn KeyStore>) -> Self {
        let namespace = Namespace::new(PROVIDER, config.device_id.mark().as_str(), "");
        let keys = Keys::new(KeyRecords::new(store, namespace), Utc::now);
        let (generated, pollers) = (OnceCell::new(), PollerRegistry::default());
        let (facts, api_clock) = (Mutex::default(), Arc::default());
        Self(Arc::new(Inner { config, generated, pollers, keys, facts, api_clock }))
    }

    /// A client that is configured by the environment, as [`Config::from_lookup`] describes it.
    ///
    /// # Errors
    /// [`Error::Config`] with every problem at once.
    pub fn from_env() -> Result<Self, Error> {
        Ok(Self::new(Config::from_env()?))
    }

    /// The configuration that this client works with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What this client's store of keys knows of an order: its checkout page, for example, which the API names only once, or
    /// that it must not be shown.
    ///
    /// # Errors
    /// [`Error::KeyStore`].
    pub async fn stored_order(&self, identifier: Uuid) -> Result<StoredOrder, Error> {
        self.0.keys.order(identifier).await
    }

    /// How far the API's clock is ahead of this machine's, to about a second, by the `Date` of its last answer; `None` before
    /// the first. What depends on the API's days, such as a sum of today's orders, goes by its clock.
    #[must_use]
    pub fn clock_offset(&self) -> Option<TimeDelta> {
        self.0.api_clock.offset()
    }

    /// Lists the currencies in which this device can be paid, one entry for each currency and network. One whose symbol,
    /// network or limits cannot be read is left out and named.
    ///
    /// # Errors
    /// Those of the network, [`Error::DeviceRefused`], [`Error::RateLimited`], [`Error::ServerError`] and
    /// [`Error::Unexpected`]; they can occur in every operation.
    pub async fn currencies_list(&self) -> Result<Listed<Currency>, Error> {
        self.currencies_list_as(MOST_CURRENCIES, |row| row.currency().map(Some)).await
    }

    /// Reads the list of currencies for a purpose of its own: `read` is called with each row while it arrives, and `most` of
    /// what it returns is kept. A row for which it fails is left out, and named with the field.
    ///
    /// # Errors
    /// Those of [`currencies_list`](Self::currencies_list).
    pub async fn currencies_list_as<T: Send + 'static>(
        &self,
        most: usize,
        read: impl Fn(&ListedCurrency) -> Result<Option<T>, Unreadable> + Send + 'static,
    ) -> Result<Listed<T>, Error> {
        let reader = Arc::new(Mutex::new(Reader::new(most, read)));
        let work = async {
            let generated = self.streaming(&reader).await?;
            generated.currencies_list().await?;
            locked(&reader).finish()
        };
        self.logged("currencies_list", work, |_| None).await
    }

    /// What is known of the currency with this symbol, by its entry in the catalogue, which is read once for each symbol
    /// and remembered: the facts of a currency do not change. Without an entry they are
    /// [`unlisted`](CurrencyFacts::unlisted), and the catalogue is read again next time.
    ///
    /// # Errors
    /// Those of [`currencies_list`](Self::currencies_list). Safety checks do not depend on it: see
    /// [`unlisted`](CurrencyFacts::unlisted).
    pub async fn currency_facts(&self, symbol: &str) -> Result<CurrencyFacts, Error> {
        let known = || self.0.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(facts) = known().get(symbol) {
            return Ok(*facts);
        }
        let wanted = symbol.to_owned();
        let read = move |row: &ListedCurrency| {
            if *row.symbol()? == wanted { row.currency().map(Some) } else { Ok(None) }
        };
        let catalogue = self.currencies_list_as(1, read).await?;
        Ok(catalogue.rows().first().map_or_else(
            || CurrencyFacts::unlisted(symbol),
            |entry| *known().entry(symbol.to_owned()).or_insert_with(|| CurrencyFacts::of_currency(entry)),
        ))
    }

    /// Reads one order, with its status and what was paid.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no order has the identifier, [`Error::WrongPayment`] when the answer is about another,
    /// [`Error::Unreadable`] when a field cannot be read that decides the order's state.
    pub async fn orders_info(&self, identifier: Uuid) -> Result<Payment, Error> {
        self.orders_info_with_gaps(identifier).await.map(|partial| partial.value)
    }

    /// The same, with the names of the fields that could not be read and do not decide the order's state.
    ///
    /// # Errors
    /// Those of [`orders_info`](Self::orders_info).
    pub async fn orders_info_with_gaps(&self, identifier: Uuid) -> Result<Partial<Payment>, Error> {
        let work = async { info(self.generated().await?, identifier).await };
        self.logged("orders_info", work, |_| Some(identifier)).await
    }

    /// The same in one attempt, for a wait, which decides itself when to read again.
    pub(crate) async fn orders_info_once(&self, identifier: Uuid) -> Result<Payment, Error> {
        let work = async {
            let generated = hooks::without_retries(self.generated().await?);
            Ok(info(&generated, identifier).await?.value)
        };
        self.logged("orders_info", work, |_| Some(identifier)).await
    }

    /// Lists the orders of a range of days, newest first. Both days are included, and are days in UTC; without them
    /// the API lists the last seven days. An order whose state cannot be read is left out and named.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] when the range ends before it begins.
    pub async fn orders_list(
        &self,
        start: Option<NaiveDate>,
        end: Option<NaiveDate>,
    ) -> Result<Listed<Payment>, Error> {
        self.orders_list_as(start, end, MOST_ORDERS, |row| Ok(Some(row.payment()?.value))).await
    }

    /// Reads the list of orders for a purpose of its own: `read` is called with each row while it arrives, and `most` of
    /// what it returns is kept. It asks for the fields that the purpose needs, and no other can fail it; a row for which it
    /// fails is left out, and named with the field.
    ///
    /// ```no_run
    /// # use bitnovo_pay::{Client, Money};
    /// # async fn example(client: &Client) -> Result<(), bitnovo_pay::Error> {
    /// let prices = client.orders_list_as(None, None, 10_000, |row| {
    ///     Ok(row.status()?.is_final().then_some(*row.fiat_amount()?))
    /// });
    /// // An error that names the order and the field when one of them cannot be read.
    /// let prices: Vec<Money> = prices.await?.whole()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`orders_list`](Self::orders_list).
    pub async fn orders_list_as<T: Send + 'static>(
        &self,
        start: Option<NaiveDate>,
        end: Option<NaiveDate>,
        most: usize,
        read: impl Fn(&ListedPayment) -> Result<Option<T>, Unreadable> + Send + 'static,
    ) -> Result<Listed<T>, Error> {
        self.listed((start, end), most, Attempts::All, read).await
    }

    async fn listed<T: Send + 'static>(
        &self,
        (start, end): (Option<NaiveDate>, Option<NaiveDate>),
        most: usize,
        attempts: Attempts,
        read: impl Fn(&ListedPayment) -> Result<Option<T>, Unreadable> + Send + 'static,
    ) -> Result<Listed<T>, Error> {
        let day = |day: NaiveDate| Day(day.format("%Y/%m/%d").to_string());
        let reader = Arc::new(Mutex::new(Reader::new(most, read)));
        let work = async {
            if start.zip(end).is_some_and(|(start, end)| end < start) {
                return Err(InvalidRequest::ReversedDates.into());
            }
            let (start, end) = (start.map(day), end.map(day));
            let mut generated = self.streaming(&reader).await?;
            if attempts == Attempts::One {
                generated = hooks::without_retries(&generated);
            }
            generated.orders_list(end.as_ref(), start.as_ref()).await?;
            locked(&reader).finish()
        };
        self.logged("orders_list", work, |_| None).await
    }

    /// Registers a new device of the merchant. The API returns its identifier only once.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] when the name has not 1 to 128 characters; otherwise as
    /// [`orders_create`](Self::orders_create).
    pub async fn device_create(&self, name: &str) -> Result<Device, Error> {
        let work = async {
            let name = within_limits("name", name)?;
            let device = self.generated().await?.device_create(&DeviceRequest { name }).await?.into_inner();
            Ok(Device { name: device.name, identifier: device.identifier.into() })
        };
        self.logged("device_create", work, |_| None).await
    }

    fn pollers(&self) -> &PollerRegistry<Payments> {
        &self.0.pollers
    }

    /// Its requests carry no device id.
    #[cfg(feature = "websocket")]
    pub(crate) async fn http(&self) -> Result<&reqwest::Client, Error> {
        Ok(self.generated().await?.client())
    }

    /// The generated client for one list.
    async fn streaming<R: Row + 'static, T: Send + 'static>(
        &self,
        reader: &Arc<Mutex<Reader<R, T>>>,
    ) -> Result<generated::Client, Error> {
        let sink: SharedSink = Arc::<Mutex<Reader<R, T>>>::clone(reader);
        Ok(hooks::streaming(self.generated().await?, sink))
    }

    async fn generated(&self) -> Result<&generated::Client, Error> {
        let Inner { config, generated, api_clock, .. } = &*self.0;
        Ok(generated.get_or_try_init(async || hooks::connect(config, Arc::clone(api_clock))).await?)
    }

    async fn logged<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, Error>>,
        identifier: impl FnOnce(&Result<T, Error>) -> Option<Uuid>,
    ) -> Result<T, Error> {
        let start = Instant::now();
        let result = work.await;
        tracing::debug!(
            operation,
            device = %self.config().device_id,
            identifier = identifier(&result).map(tracing::field::display),
            outcome = result.as_ref().err().map_or("ok", Error::kind),
            cause = result.as_ref().err().and_then(Error::connect_failure),
            milliseconds = start.elapsed().as_millis(),
            "API call"
        );
        result
    }
}

async fn info(generated: &generated::Client, identifier: Uuid) -> Result<Partial<Payment>, Error> {
    let reading = match generated.orders_info(&identifier).await.map_err(Error::from) {
        Err(Error::Refused { status: 404, .. }) => return Err(Error::NotFound),
        answer => read_answer(&answer?.into_inner())?,
    };
    let PaymentReading { identifier: received, payment } = reading;
    match received {
        Some(received) if received != identifier => Err(Error::WrongPayment { asked: identifier, received }),
        _ => {
            payment.map_err(|unreadable| Error::Unreadable { name: Some(identifier.to_string()), unreadable })
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.0.config).finish_non_exhaustive()
    }
}
