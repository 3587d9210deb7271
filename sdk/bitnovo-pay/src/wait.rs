//! Waiting for a payment, without asking the API more often than it allows.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Client, CurrencyFacts, Error, Payable, Payment, PaymentStatus, Reading, Verdict};

mod budget;
#[cfg_attr(
    not(feature = "websocket"),
    expect(dead_code, reason = "only the WebSocket tells something by itself")
)]
mod change_listener;
mod poll_interval;
mod poller;
mod poller_registry;
mod snapshot;
#[cfg(feature = "websocket")]
mod websocket;

use poller::Source;
pub(crate) use poller_registry::PollerRegistry;
use snapshot::Snapshot;

/// What a wait is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Until {
    /// Something of the customer's has been seen, if only a part of it or too late:
    /// [`PaymentFacts::funds_seen`](crate::PaymentFacts::funds_seen).
    Detected,
    /// Goods may be handed over: [`Verdict::may_ship`].
    #[default]
    Safe,
    /// The payment is confirmed on chain, or the merchant has completed it by hand: the statuses `CO` and `CM`.
    Completed,
}

impl Until {
    /// Whether the payment is as far as this, with what is known of its coin.
    ///
    /// ```
    /// # use bitnovo_pay::{CurrencyFacts, Payment, Until, Verdict};
    /// # fn example(payment: &Payment, coin: &CurrencyFacts) {
    /// assert_eq!(Until::Safe.is_reached(payment, coin), payment.verdict().may_ship());
    /// # }
    /// ```
    #[must_use]
    pub fn is_reached(self, payment: &Payment, coin: &CurrencyFacts) -> bool {
        match self {
            Self::Detected => payment.facts(coin).funds_seen,
            Self::Safe => payment.verdict().may_ship(),
            Self::Completed => matches!(payment.status, PaymentStatus::Co | PaymentStatus::Cm),
        }
    }

    /// Whether there is nothing to wait for: it is reached, or waiting does not bring it. An expired payment counts,
    /// although late funds can still move it, and so does one that waits for the merchant's decision. An underpaid one
    /// does not: the customer can send the rest.
    fn is_over(self, payment: &Payment, coin: &CurrencyFacts) -> bool {
        use Verdict::{Expired, Failed, NeedsReview, Refunded};
        self.is_reached(payment, coin)
            || matches!(payment.facts(coin).verdict, Expired | Failed | NeedsReview(_) | Refunded)
    }
}

type Observer<'a> = Box<dyn FnMut(&Payment) + Send + 'a>;

/// How to wait; 45 seconds by default.
#[must_use]
pub struct WaitOptions<'a> {
    timeout: Duration,
    coin: CurrencyFacts,
    on_change: Option<Observer<'a>>,
}

impl<'a> WaitOptions<'a> {
    /// How long to wait at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What is known of the payment's coin: amounts below its smallest unit are nothing. Without it they count as the API
    /// reports them.
    pub fn coin(mut self, coin: CurrencyFacts) -> Self {
        self.coin = coin;
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
        Self { timeout: Duration::from_secs(45), coin: CurrencyFacts::default(), on_change: None }
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
    /// The payment, as it was last read: at the time that `reading` names, which may be long before the wait ended.
    /// Do not ask the customer for anything without [`payable`](Self::payable).
    pub payment: Payment,
    /// When the payment was read, and since when later reads have failed.
    pub reading: Reading,
    /// Why the last read failed, when that was after `payment` was read.
    pub failure: Option<Error>,
    /// Whether the wait is over; otherwise the time ran out first, and waiting again makes sense.
    pub done: bool,
    /// Whether the payment is as far as was waited for. Over and not reached means that waiting does not bring it:
    /// expired, failed, refunded, or for somebody to decide.
    pub reached: bool,
}

impl Waited {
    /// Whether the customer may be asked to send at this time, and how much: nothing when the payment could not be read
    /// again since it was read last.
    #[must_use]
    pub fn payable(&self, coin: &CurrencyFacts, now: DateTime<Utc>) -> Payable {
        self.payment.facts(coin).payable(&self.reading, now)
    }
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
    ///     // Not yet. `waited.payable` says whether the customer may be asked to send something.
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
    watches: &PollerRegistry,
    identifier: Uuid,
    until: Until,
    WaitOptions { timeout, coin, mut on_change }: WaitOptions<'_>,
) -> Result<Waited, Error> {
    let mut seen: Option<(Payment, DateTime<Utc>)> = None;
    let (mut failed, mut outdated_since): (Option<Error>, Option<DateTime<Utc>>) = (None, None);
    let looking = async {
        loop {
            let mut watch = watches.join(identifier, source);
            // A watch that ends without a permanent failure has lost its runtime: the next one runs on ours.
            while let Some(Snapshot { payment, failure, read_at, failing_since, .. }) = watch.next().await {
                if failure.as_ref().is_some_and(is_permanent) {
                    return failure;
                }
                (failed, outdated_since) = (failure, failing_since);
                let Some((payment, read_at)) = payment.zip(read_at) else { continue };
                if seen.as_ref().is_none_or(|(before, _)| has_changed(before, &payment))
                    && let Some(on_change) = &mut on_change
                {
                    on_change(&payment);
                }
                let over = until.is_over(&payment, &coin);
                seen = Some((payment, read_at));
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
        (_, Some((payment, read_at))) => {
            let done = until.is_over(&payment, &coin);
            if !done && outdated_since.is_none() && watches.is_behind(identifier) {
                outdated_since = Some(source.now());
            }
            let reading = Reading { read_at, outdated_since };
            let reached = until.is_reached(&payment, &coin);
            Ok(Waited { payment, reading, failure: failed, done, reached })
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
