//! Waiting for a payment.

use payments_core::wait::{self, ChangeListener, PollerRegistry, ReadBudget, WaitSource};
use uuid::Uuid;

use crate::{Client, Error, Payment, Until, WaitOptions, Waited, wait::Payments};

impl Client {
    /// Waits until a payment has reached `until`, until waiting longer does not help, or until the time is up, which is no
    /// error: then [`Waited::done`] is false.
    ///
    /// The payment is read at growing pauses, and at once when [`hint`](Self::hint) or, with the feature `websocket`, the
    /// API itself says that something may have changed. All waits of this client together send at most 50 of the API's 60
    /// requests a minute, whatever they are for: a hint goes before the first read of a payment, and that before the next
    /// of another. Waits for the same payment share its reads, and a wait for it within five minutes continues where the
    /// last one ended: its first state may have been read up to ten seconds before it began, but not before a hint. A failure that can pass does not end the wait.
    /// Dropping the future ends everything it does.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use bitnovo_pay::{Client, Until, WaitOptions};
    ///
    /// # async fn example(identifier: uuid::Uuid) -> Result<(), bitnovo_pay::Error> {
    /// let client = Client::from_env()?;
    /// let waited =
    ///     client.wait_for(identifier, Until::Safe, WaitOptions::default().timeout(Duration::from_secs(900))).await?;
    /// if waited.reached {
    ///     // Hand over the goods.
    /// } else if waited.done {
    ///     println!("It will not be paid any more: {}", waited.payment.verdict().as_str());
    /// } else {
    ///     // Not yet. `waited.payable` says whether the customer may be asked to send something.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A permanent failure, at once: [`Error::NotFound`], [`Error::DeviceRefused`], [`Error::Refused`], [`Error::Config`].
    /// A passing failure only when the time is up and the payment could not be read even once: the last failure, or
    /// [`Error::RateLimited`] if nothing could be sent because too many payments are waited for or the API has asked to
    /// be left alone, or [`Error::Timeout`].
    pub async fn wait_for(
        &self,
        identifier: Uuid,
        until: Until,
        options: WaitOptions<'_>,
    ) -> Result<Waited, Error> {
        wait_with(self, self.pollers(), identifier, until, options).await
    }

    /// Says that a payment may have changed, for example because a webhook arrived: a running wait reads it at once.
    ///
    /// The hint is not trusted: the state is read from the API. Without a wait for this payment nothing is sent, but the next
    /// wait begins with a read.
    pub fn hint(&self, identifier: Uuid) {
        self.pollers().hint(&identifier);
    }
}

async fn wait_with(
    source: &impl WaitSource<Payments>,
    registry: &PollerRegistry<Payments>,
    identifier: Uuid,
    until: Until,
    WaitOptions { timeout, coin, mut on_change }: WaitOptions<'_>,
) -> Result<Waited, Error> {
    let is_over = |payment: &Payment| until.is_over(payment, &coin);
    let on_change = |payment: &Payment| {
        if let Some(on_change) = &mut on_change {
            on_change(payment);
        }
    };
    let outcome = wait::wait(source, registry, &identifier, timeout, is_over, on_change).await?;
    Ok(Waited::new(outcome, until, &coin))
}

impl WaitSource<Payments> for Client {
    async fn read(&self, identifier: &Uuid) -> Result<Payment, Error> {
        self.orders_info_once(*identifier).await
    }

    #[cfg(feature = "websocket")]
    async fn listen(&self, identifier: &Uuid, listener: &ChangeListener<Payments>, budget: &ReadBudget) {
        super::websocket::listen(self, *identifier, listener, budget).await;
    }

    #[cfg(not(feature = "websocket"))]
    async fn listen(&self, _: &Uuid, _: &ChangeListener<Payments>, _: &ReadBudget) {}
}

#[cfg(test)]
mod tests;
