//! Waiting for a payment, without asking the API more often than it allows.

use std::{fmt, time::Duration};

use uuid::Uuid;

use crate::{Client, Error, Payment, PaymentStatus, Verdict};

mod budget;
#[cfg_attr(
    not(feature = "websocket"),
    expect(dead_code, reason = "only the WebSocket tells something by itself")
)]
mod ear;
mod news;
mod pace;
mod watch;
mod watches;
#[cfg(feature = "websocket")]
mod websocket;

use news::News;
use watch::Source;
pub(crate) use watches::Watches;

/// What a wait is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Until {
    /// Something of the customer's has been seen, if only a part of it or too late: the statuses `AC`, `IA`, `CO`, `CM`
    /// and `OC`.
    Detected,
    /// Goods may be handed over: [`Verdict::may_ship`].
    #[default]
    Safe,
    /// The payment is confirmed on chain, or the merchant has completed it by hand: the statuses `CO` and `CM`.
    Completed,
}

impl Until {
    /// Whether the payment is as far as this.
    ///
    /// ```
    /// # use bitnovo_pay::{Payment, Until, Verdict};
    /// # fn example(payment: &Payment) {
    /// assert_eq!(Until::Safe.is_reached(payment), payment.verdict().may_ship());
    /// # }
    /// ```
    #[must_use]
    pub fn is_reached(self, payment: &Payment) -> bool {
        match (self, &payment.status) {
            (Self::Safe, _) => payment.verdict().may_ship(),
            (_, PaymentStatus::Co | PaymentStatus::Cm) => true,
            (Self::Detected, PaymentStatus::Ac | PaymentStatus::Ia | PaymentStatus::Oc) => true,
            _ => false,
        }
    }

    /// Whether there is nothing to wait for: it is reached, or waiting does not bring it. An expired payment counts,
    /// although late funds can still move it, and so does one that waits for the merchant's decision. An underpaid one
    /// does not: the customer can send the rest.
    fn is_over(self, payment: &Payment) -> bool {
        use Verdict::{Expired, Failed, NeedsReview, Refunded};
        self.is_reached(payment) || matches!(payment.verdict(), Expired | Failed | NeedsReview(_) | Refunded)
    }
}

type Observer<'a> = Box<dyn FnMut(&Payment) + Send + 'a>;

/// How to wait; 45 seconds by default.
#[must_use]
pub struct WaitOptions<'a> {
    timeout: Duration,
    on_change: Option<Observer<'a>>,
}

impl<'a> WaitOptions<'a> {
    /// How long to wait at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What is called with the payment as it is first read, and again after each change, the last included.
    pub fn on_change(mut self, observer: impl FnMut(&Payment) + Send + 'a) -> Self {
        self.on_change = Some(Box::new(observer));
        self
    }
}

impl Default for WaitOptions<'_> {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(45), on_change: None }
    }
}

impl fmt::Debug for WaitOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOptions").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// What a wait came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Waited {
    /// The payment, as it was last read.
    pub payment: Payment,
    /// Whether the wait is over; otherwise the time ran out first, and waiting again makes sense.
    pub done: bool,
    /// Whether the payment is as far as was waited for. Over and not reached means that waiting does not bring it:
    /// expired, failed, refunded, or for somebody to decide.
    pub reached: bool,
}

impl Client {
    /// Waits until a payment is as far as `until`, until waiting makes no sense any more, or until the time is up, which
    /// is no error: then [`Waited::done`] is false.
    ///
    /// The payment is read at growing pauses, and at once when [`hint`](Self::hint) or, with the feature `websocket`, the
    /// API itself says that something may have changed. All waits of this client together send at most 50 of the API's 60
    /// requests a minute, whatever they are for: a hint goes before the first read of a payment, and that before the next
    /// of another. Whoever waits for the same payment shares its reads, and whoever waits for it again within five
    /// minutes goes on where the last wait ended: what a wait finds at first may have been read up to ten seconds before
    /// it began, but not before a hint. A failure that can pass does not end the wait.
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
    ///     println!("Not yet.");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What cannot pass, at once: [`Error::NotFound`], [`Error::DeviceRefused`], [`Error::Refused`], [`Error::Config`].
    /// What can, only when the time is up and the payment could not be read even once: the last failure, or
    /// [`Error::RateLimited`] if nothing could be sent because too many payments are waited for or the API has asked to
    /// be left alone, or [`Error::Timeout`].
    pub async fn wait_for(
        &self,
        identifier: Uuid,
        until: Until,
        options: WaitOptions<'_>,
    ) -> Result<Waited, Error> {
        wait(self, self.watches(), identifier, until, options).await
    }

    /// Says that a payment may have changed, because a webhook told so: whoever waits for it reads it at once.
    ///
    /// Nothing is believed: what is true is read from the API. Without a wait for this payment nothing is sent, but the
    /// next one begins with a read.
    pub fn hint(&self, identifier: Uuid) {
        self.watches().hint(identifier);
    }
}

async fn wait(
    source: &impl Source,
    watches: &Watches,
    identifier: Uuid,
    until: Until,
    WaitOptions { timeout, mut on_change }: WaitOptions<'_>,
) -> Result<Waited, Error> {
    let (mut seen, mut failed): (Option<Payment>, Option<Error>) = (None, None);
    let looking = async {
        loop {
            let mut watch = watches.join(identifier, source);
            // A watch that ends without a permanent failure has lost its runtime: the next one runs on ours.
            while let Some(News { payment, failure, .. }) = watch.next().await {
                if failure.as_ref().is_some_and(is_permanent) {
                    return failure;
                }
                failed = failure;
                let Some(payment) = payment else { continue };
                if seen.as_ref().is_none_or(|before| has_changed(before, &payment))
                    && let Some(on_change) = &mut on_change
                {
                    on_change(&payment);
                }
                let over = until.is_over(&payment);
                seen = Some(payment);
                if over {
                    return None;
                }
            }
        }
    };
    let result = tokio::time::timeout(timeout, looking).await;
    match (result, seen) {
        (Ok(Some(error)), _) => Err(error),
        (_, None) => Err(failed.unwrap_or_else(|| watches.unread(identifier))),
        (_, Some(payment)) => {
            Ok(Waited { done: until.is_over(&payment), reached: until.is_reached(&payment), payment })
        }
    }
}

/// Whether asking again cannot help.
fn is_permanent(error: &Error) -> bool {
    match error {
        // "This connection is not for that": another may be. What else a proxy may say of a connection (408, 425, 499) is
        // Error::Unexpected.
        Error::Refused { status: 421, .. } => false,
        Error::DeviceRefused
        | Error::NotFound
        | Error::Refused { .. }
        | Error::InvalidRequest(_)
        | Error::Config(_) => true,
        _ => false,
    }
}

/// Whether anything that a verdict rests on differs.
fn has_changed(before: &Payment, now: &Payment) -> bool {
    let state = |payment: &Payment| {
        let Payment { safe, edited_at, unconfirmed_amount, confirmed_amount, .. } = *payment;
        (safe, edited_at, unconfirmed_amount, confirmed_amount)
    };
    before.status != now.status || state(before) != state(now)
}

#[cfg(test)]
mod tests;
