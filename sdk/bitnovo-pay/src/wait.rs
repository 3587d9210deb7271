//! What a payment is waited for, and how.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use payments_core::wait::{ReadFailure, ReadLimits, WaitOutcome, Waitable};
use uuid::Uuid;

use crate::{CurrencyFacts, Error, Payable, Payment, PaymentStatus, Reading, Verdict};

/// The payments of this API, as the wait engine sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payments {}

impl Waitable for Payments {
    type Id = Uuid;
    type State = Payment;
    type Error = Error;

    /// Of the API's 60 requests a minute and 2,000 a day for each device. Creates and all other reads need the rest.
    const LIMITS: ReadLimits = ReadLimits {
        change: 50,
        first: 45,
        routine: 30,
        first_reads: 30,
        least_routine: 8,
        burst: 25,
        routine_burst: 5,
        refill: Duration::from_millis(1750),
        day: 1000,
        day_refill: Duration::from_secs(173),
    };

    /// Whether anything that a verdict rests on differs.
    fn has_changed(before: &Payment, now: &Payment) -> bool {
        let state = |payment: &Payment| {
            let Payment { safe, edited_at, unconfirmed_amount, confirmed_amount, .. } = *payment;
            (safe, edited_at, unconfirmed_amount, confirmed_amount)
        };
        before.status != now.status || state(before) != state(now)
    }

    fn failure(error: &Error) -> ReadFailure {
        match error {
            // "This connection is not for that": another may be. What else a proxy may say of a connection (408, 425, 499) is
            // Error::Unexpected.
            Error::Refused { status: 421, .. } => ReadFailure::Passing,
            Error::DeviceRefused
            | Error::NotFound
            | Error::Refused { .. }
            | Error::InvalidRequest(_)
            | Error::Config(_) => ReadFailure::Permanent,
            Error::RateLimited { retry_after } => ReadFailure::RateLimited(*retry_after),
            _ => ReadFailure::Passing,
        }
    }

    fn not_read(held: Option<Duration>) -> Error {
        if held.is_some() { Error::RateLimited { retry_after: held } } else { Error::Timeout }
    }
}

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
    /// Whether the payment has reached this, with the facts of its coin.
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

    /// Whether the wait is over: the payment has reached this, or waiting longer does not help. An expired payment counts,
    /// although late funds can still move it, and so does one that waits for the merchant's decision. An underpaid one
    /// does not: the customer can send the rest.
    pub(crate) fn is_over(self, payment: &Payment, coin: &CurrencyFacts) -> bool {
        use Verdict::{Expired, Failed, NeedsReview, Refunded};
        self.is_reached(payment, coin)
            || matches!(payment.facts(coin).verdict, Expired | Failed | NeedsReview(_) | Refunded)
    }
}

pub(crate) type Observer<'a> = Box<dyn FnMut(&Payment) + Send + 'a>;

/// How to wait; 45 seconds by default.
#[must_use]
pub struct WaitOptions<'a> {
    pub(crate) timeout: Duration,
    pub(crate) coin: CurrencyFacts,
    pub(crate) on_change: Option<Observer<'a>>,
}

impl<'a> WaitOptions<'a> {
    /// How long to wait at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The facts of the payment's coin: amounts below its smallest unit count as nothing. Without it they count as the API
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

/// The result of a wait.
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
    /// Whether the payment has reached what was waited for. Over and not reached means that waiting longer does not help:
    /// expired, failed, refunded, or waiting for a decision.
    pub reached: bool,
}

impl Waited {
    pub(crate) fn new(outcome: WaitOutcome<Payments>, until: Until, coin: &CurrencyFacts) -> Self {
        let WaitOutcome { state: payment, reading, failure, is_over } = outcome;
        let reached = until.is_reached(&payment, coin);
        Self { payment, reading, failure, done: is_over, reached }
    }

    /// Whether the customer may be asked to send at this time, and how much: nothing when the payment could not be read
    /// again since it was read last.
    #[must_use]
    pub fn payable(&self, coin: &CurrencyFacts, now: DateTime<Utc>) -> Payable {
        self.payment.facts(coin).payable(&self.reading, now)
    }
}
