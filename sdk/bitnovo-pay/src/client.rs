//! The five operations of the API.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{NaiveDate, TimeDelta, Utc};
use payments_core::http::ApiClock;
#[cfg(feature = "websocket")]
use progenitor_client::ClientInfo as _;
use tokio::{sync::OnceCell, time::Instant};
use uuid::Uuid;

use crate::{
    ClientBuilder, Config, CreatedOrder, Currency, CurrencyFacts, Device, DeviceMark, Error, HttpRetry,
    Idempotency, InvalidRequest, KeyStore, Listed, ListedCurrency, ListedPayment, MemoryKeyStore, NewOrder,
    Partial, Payment, PlacedOrder, Unreadable,
    generated::{
        self,
        types::{Day, DeviceRequest, OrderRequest},
    },
    idempotency::{self, Attempts, KeyQuery, KeyRow, Keys},
    new_order::within_limits,
    rows::reader::{Reader, Row, SharedSink, locked},
    single_payment::PaymentReading,
    transport,
    wait::PollerRegistry,
};

/// More than a merchant sells in a quarter of a year through an API that lets 2,000 requests a day pass and is asked for
/// more than orders; in memory some two kilobytes each.
const MOST_ORDERS: usize = 20_000;

/// Some hundred times the currencies that there are.
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
    watches: PollerRegistry,
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
        let keys = Keys::new(store, Utc::now);
        let (generated, watches) = (OnceCell::new(), PollerRegistry::new());
        let (facts, api_clock) = (Mutex::default(), Arc::default());
        Self(Arc::new(Inner { config, generated, watches, keys, facts, api_clock }))
    }

    /// A client that is configured in code.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
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
    /// Those of [`currencies_list`](Self::currencies_list). What guards is known without it: see
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

    /// Creates an order.
    ///
    /// The answer has no status and no expiry: read them with [`orders_info`](Self::orders_info). The API knows no
    /// idempotency key, so the request is sent again only when nothing of it had left this machine.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] before anything is sent; [`Error::Refused`] for a business refusal. After any error,
    /// [`Error::outcome`] tells whether the order may exist all the same.
    pub async fn orders_create(&self, order: &NewOrder) -> Result<CreatedOrder, Error> {
        self.create(order.request()).await
    }

    /// Creates an order with a say in what happens when the answer is lost. With [`Idempotency::Reconcile`] at most one
    /// order that can be paid comes of all calls with one key, in this process and in others:
    ///
    /// ```no_run
    /// use bitnovo_pay::{Client, Fiat, NewOrder, Idempotency};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::from_env()?;
    /// let order = NewOrder::onchain("49.90".parse()?, Fiat::Eur, "BTC");
    /// let strategy = Idempotency::Reconcile("ORD-1001".parse()?);
    /// // However often this runs, and whatever becomes of the answers, the customer has one address to pay to.
    /// let placed = client.orders_create_with(&order, &strategy).await?;
    /// println!("{:?}", placed.address);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// - A repeated call gets the order of the first, without another request. Concurrent ones share one request.
    /// - An answer that was lost is looked for in the API's list of orders. An order on chain is recovered whole. A link
    ///   whose page nobody ever saw is replaced by one new link, which names it in
    ///   [`replaces`](PlacedOrder::replaces).
    /// - Another process that has the same key at the same moment tells the same order, or, of a link, whose page it cannot
    ///   know, [`Error::LinkLost`] with its identifier: whoever creates under a key looks into the list once more
    ///   afterwards, and the first order of the key counts. Any other is named in [`others`](PlacedOrder::others).
    /// - What cannot be established is an error with [`Outcome::Unknown`](crate::Outcome::Unknown). Calling again with
    ///   the same key is safe: it looks first.
    ///
    /// The key travels in the order's `internal_data`, beside the merchant's own, which is then read with
    /// [`Payment::merchant_data`]. When the future is dropped, nothing more is sent, and the next call with the key looks
    /// for the order first.
    ///
    /// # Errors
    /// Those of [`orders_create`](Self::orders_create), and [`Error::IdempotencyConflict`], [`Error::KeySpent`],
    /// [`Error::LinkLost`], [`Error::InDoubt`], [`Error::NotLookedUp`] and [`Error::KeyStore`].
    pub async fn orders_create_with(
        &self,
        order: &NewOrder,
        strategy: &Idempotency,
    ) -> Result<PlacedOrder, Error> {
        self.orders_create_if(order, strategy, std::future::ready(true)).await
    }

    /// The same, when `admit` agrees: a limit of the merchant's own, say. It is asked only when an order is about to be
    /// created, and not for one that is repeated or recovered; from then on the order may exist.
    ///
    /// # Errors
    /// [`Error::NotAdmitted`] when it does not agree; otherwise those of
    /// [`orders_create_with`](Self::orders_create_with).
    pub async fn orders_create_if(
        &self,
        order: &NewOrder,
        strategy: &Idempotency,
        admit: impl Future<Output = bool>,
    ) -> Result<PlacedOrder, Error> {
        match strategy {
            // Boxed, both: what becomes of a create has many branches, and each would hold a copy of what is asked.
            Idempotency::Reconcile(key) => {
                Box::pin(idempotency::place(self, &self.0.keys, order, key, Box::pin(admit))).await
            }
            Idempotency::SendOnce => {
                let request = order.request();
                if request.is_ok() && !admit.await {
                    return Err(Error::NotAdmitted);
                }
                self.create(request).await.map(PlacedOrder::from)
            }
        }
    }

    async fn create(&self, request: Result<OrderRequest, InvalidRequest>) -> Result<CreatedOrder, Error> {
        let work = async {
            let request = request?;
            let answer = self.generated().await?.orders_create(&request).await?.into_inner();
            answer.order(request.input_currency.is_none()).map_err(
                |(identifier, unreadable)| match identifier {
                    Some(identifier) => Error::UnreadableOrder { identifier, unreadable },
                    None => Error::Unreadable { name: None, unreadable },
                },
            )
        };
        self.logged("orders_create", work, |created| Some(created.as_ref().ok()?.identifier)).await
    }

    /// Reads one order, with its status and what was paid.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no order has the identifier, [`Error::WrongPayment`] when the answer is about another,
    /// [`Error::Unreadable`] when a field cannot be read that decides where the order stands.
    pub async fn orders_info(&self, identifier: Uuid) -> Result<Payment, Error> {
        self.orders_info_with_gaps(identifier).await.map(|partial| partial.value)
    }

    /// The same, with the fields that could not be read and do not matter to where the order stands.
    ///
    /// # Errors
    /// Those of [`orders_info`](Self::orders_info).
    pub async fn orders_info_with_gaps(&self, identifier: Uuid) -> Result<Partial<Payment>, Error> {
        let work = async { info(self.generated().await?, identifier).await };
        self.logged("orders_info", work, |_| Some(identifier)).await
    }

    /// The same in one attempt, for a wait, which has a rhythm of its own.
    pub(crate) async fn orders_info_once(&self, identifier: Uuid) -> Result<Payment, Error> {
        let work = async {
            let generated = transport::without_retries(self.generated().await?);
            Ok(info(&generated, identifier).await?.value)
        };
        self.logged("orders_info", work, |_| Some(identifier)).await
    }

    /// Lists the orders of a range of days, newest first. Both days are included, and are days in UTC; without them
    /// the API lists the last seven days. An order of which it cannot be read where it stands is left out and named.
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
                generated = transport::without_retries(&generated);
            }
            generated.orders_list(end.as_ref(), start.as_ref()).await?;
            locked(&reader).finish()
        };
        self.logged("orders_list", work, |_| None).await
    }

    /// Registers a new device of the merchant. Its identifier is told this once.
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

    pub(crate) fn watches(&self) -> &PollerRegistry {
        &self.0.watches
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
        Ok(transport::streaming(self.generated().await?, sink))
    }

    async fn generated(&self) -> Result<&generated::Client, Error> {
        let Inner { config, generated, api_clock, .. } = &*self.0;
        Ok(generated.get_or_try_init(async || transport::connect(config, Arc::clone(api_clock))).await?)
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
        answer => answer?.into_inner(),
    };
    let PaymentReading { identifier: received, payment } = reading;
    match received {
        Some(received) if received != identifier => Err(Error::WrongPayment { asked: identifier, received }),
        _ => {
            payment.map_err(|unreadable| Error::Unreadable { name: Some(identifier.to_string()), unreadable })
        }
    }
}

impl idempotency::Orders for Client {
    async fn create(&self, request: &OrderRequest) -> Result<CreatedOrder, Error> {
        Self::create(self, Ok(request.clone())).await
    }

    async fn list(&self, query: KeyQuery, attempts: Attempts) -> Result<Vec<KeyRow>, Error> {
        let listed = self.listed((None, None), MOST_ORDERS, attempts, move |row| Ok(query.read(row))).await?;
        if listed.is_cut() {
            return Err(Error::ListCut { read: listed.total() });
        }
        if let Some(row) = listed.left_out().first() {
            tracing::warn!(
                count = listed.left_out_count(),
                "rows of the list of orders cannot be read, such as {row}"
            );
        }
        Ok(listed.into_rows())
    }

    fn policy(&self) -> HttpRetry {
        self.config().retry
    }

    fn device(&self) -> DeviceMark {
        self.config().device_id.mark()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.0.config).finish_non_exhaustive()
    }
}
