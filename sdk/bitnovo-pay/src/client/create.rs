//! Creating orders, with and without an idempotency key.

use std::fmt;

use super::{Client, MOST_ORDERS};
use crate::{
    CreatedOrder, DeviceMark, Error, HttpRetry, Idempotency, IdempotencyKey, InvalidRequest, NewOrder,
    PlacedOrder,
    api_error::read_answer,
    created_answer::CreatedAnswer,
    generated::types::OrderRequest,
    idempotency::{self, Attempts, Claim, KeyCheck, KeyQuery, KeyRow},
};

/// An idempotency key that is reserved for one create. Dropping the reservation frees the key; nothing has been sent then.
#[must_use = "dropping a reservation frees the key and creates nothing"]
pub struct Reservation<'a>(Claim<'a, Client>);

impl Reservation<'_> {
    /// Creates the order. When this future is dropped, the order may exist: the next call with the key looks for it first.
    ///
    /// # Errors
    /// Those of [`orders_create_with`](Client::orders_create_with).
    pub async fn create(self) -> Result<PlacedOrder, Error> {
        Box::pin(self.0.create()).await
    }
}

impl fmt::Debug for Reservation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reservation").field(self.0.key()).finish()
    }
}

impl Client {
    /// Creates an order.
    ///
    /// The answer has no status and no expiry: read them with [`orders_info`](Self::orders_info). The API knows no
    /// idempotency key, so the request is sent again only when nothing of it had left this machine.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] before anything is sent; [`Error::Refused`] for a business refusal. After any error,
    /// [`Error::outcome`] says whether the order may still exist.
    pub async fn orders_create(&self, order: &NewOrder) -> Result<CreatedOrder, Error> {
        self.create(order.request()).await
    }

    /// Creates an order with a say in what happens when the answer is lost. With [`Idempotency::Reconcile`] at most one
    /// payable order results from all calls with one key, in this process and in others:
    ///
    /// ```no_run
    /// use bitnovo_pay::{Client, Fiat, NewOrder, Idempotency};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::from_env()?;
    /// let order = NewOrder::onchain("49.90".parse()?, Fiat::Eur, "BTC");
    /// let strategy = Idempotency::Reconcile("ORD-1001".parse()?);
    /// // However often this runs, and whichever answers are lost, the customer has one address to pay to.
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
    /// - Another process that has the same key at the same time returns the same order, or [`Error::LinkLost`] with the
    ///   identifier of a link, whose page it cannot know: after each create under a key the list is read once more, and
    ///   the first order of the key counts. Any other is named in [`others`](PlacedOrder::others).
    /// - What cannot be established is an error with [`Outcome::Unknown`](crate::Outcome::Unknown). Calling again with
    ///   the same key is safe: it looks first.
    ///
    /// The key travels in the order's `internal_data`, beside the merchant's own, which is then read with
    /// [`Payment::merchant_data`](crate::Payment::merchant_data). When the future is dropped, nothing more is sent, and the next call with the key looks
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
        match strategy {
            Idempotency::Reconcile(key) => match self.orders_check(order, key).await? {
                KeyCheck::Exists(order) => Ok(order),
                KeyCheck::Free(reservation) => reservation.create().await,
            },
            Idempotency::SendOnce => self.create(order.request()).await.map(PlacedOrder::from),
        }
    }

    /// The first half of [`orders_create_with`](Self::orders_create_with): looks for the order of this key, and reserves the
    /// key when there is none. Between the two halves a caller asks what only a new order needs: a limit of the merchant's
    /// own, or a person's approval.
    ///
    /// ```no_run
    /// use bitnovo_pay::{Client, IdempotencyKey, KeyCheck, NewOrder, PlacedOrder};
    ///
    /// # async fn example(client: &Client, order: &NewOrder, key: &IdempotencyKey) -> Result<(), bitnovo_pay::Error> {
    /// let placed = match client.orders_check(order, key).await? {
    ///     KeyCheck::Exists(order) => order,
    ///     // Nothing has been sent. Dropping the reservation frees the key.
    ///     KeyCheck::Free(reservation) => reservation.create().await?,
    /// };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// While a reservation is held, other calls of this client with the same key wait for it. A link whose answer was lost
    /// here is replaced by this call: that finishes an earlier create.
    ///
    /// # Errors
    /// Those of [`orders_create_with`](Self::orders_create_with).
    pub async fn orders_check(
        &self,
        order: &NewOrder,
        key: &IdempotencyKey,
    ) -> Result<KeyCheck<Reservation<'_>>, Error> {
        // Boxed: a create has many branches.
        let checked = Box::pin(idempotency::check(self, &self.0.keys, order, key)).await?;
        Ok(match checked {
            KeyCheck::Exists(order) => KeyCheck::Exists(order),
            KeyCheck::Free(claim) => KeyCheck::Free(Reservation(claim)),
        })
    }

    async fn create(&self, request: Result<OrderRequest, InvalidRequest>) -> Result<CreatedOrder, Error> {
        let work = async {
            let request = request?;
            let answer = self.generated().await?.orders_create(&request).await?.into_inner();
            let answer: CreatedAnswer = read_answer(&answer)?;
            answer.order(request.input_currency.is_none()).map_err(
                |(identifier, unreadable)| match identifier {
                    Some(identifier) => Error::UnreadableOrder { identifier, unreadable },
                    None => Error::Unreadable { name: None, unreadable },
                },
            )
        };
        self.logged("orders_create", work, |created| Some(created.as_ref().ok()?.identifier)).await
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
