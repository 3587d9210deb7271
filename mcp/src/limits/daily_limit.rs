//! The largest sum of a day: reads the provider's list of orders when that is too old, and takes the amount of each create
//! out of what is left.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use payments_core::{Money, SingleFlight};

use crate::answer::failure::{Code, Failure};
use crate::limits::refusal;
use crate::limits::request::CreateRequest;

mod day;
mod orders;

use day::{Day, Held, Used};
pub(crate) use orders::{CountedAmount, CountedOrder, DayOrders};

/// By how much this machine's clock may differ from the API's before that is worth a warning.
const TOLERATED_OFFSET: TimeDelta = TimeDelta::minutes(2);

/// The daily limit of one provider.
pub(super) struct DailyLimit {
    /// The variable that sets the limit.
    variable: &'static str,
    clock: fn() -> DateTime<Utc>,
    day: Mutex<Day>,
    /// A hundred creates at once read the list once, and share what comes of that.
    reading: SingleFlight<Result<(), Failure>>,
    /// The wrong clock has been warned about.
    warned: AtomicBool,
}

impl DailyLimit {
    /// `grace`: how long an order may take to turn up in the list.
    pub(super) fn new(variable: &'static str, grace: TimeDelta, clock: fn() -> DateTime<Utc>) -> Self {
        Self {
            variable,
            clock,
            day: Mutex::new(Day::new(grace)),
            reading: SingleFlight::default(),
            warned: AtomicBool::new(false),
        }
    }

    /// Takes the amount out of what is left of the day. `list` reads the orders of a range of days, both included.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` when too little is left; the failure of `list`, or what it shows that cannot be counted.
    pub(super) async fn reserve<L: Future<Output = Result<DayOrders, Failure>>>(
        &self,
        limit: Money,
        request: &CreateRequest<'_>,
        list: impl Fn(NaiveDate, NaiveDate) -> L,
    ) -> Result<Reserved<'_>, Failure> {
        let now = (self.clock)();
        let near_the_end = self.near_the_end(limit, request, now);
        if self.day().is_stale(now, near_the_end) {
            self.reading.run(Box::pin(async { self.read((self.clock)(), list).await })).await?;
        }
        let now = (self.clock)();
        let mut day = self.day();
        let used = match day.used(request.fiat, now) {
            Used::Sum(used) => Some(used),
            Used::TooMuch => None,
            Used::Unreadable(order, field) => {
                return Err(refusal::uncountable(self.variable, &order, &field));
            }
        };
        if used.and_then(|used| used.checked_add(request.amount)).is_none_or(|sum| sum > limit) {
            return Err(refusal::day_is_full(self.variable, limit, used, request));
        }
        let held = day.hold(request.fiat, request.amount, request.mark);
        Ok(Reserved { daily: self, held: Some(held), is_in_use: false })
    }

    /// Whether less than a fifth of the day would be left after the create: then it matters what others have sold meanwhile.
    fn near_the_end(&self, limit: Money, request: &CreateRequest<'_>, now: DateTime<Utc>) -> bool {
        let Used::Sum(used) = self.day().used(request.fiat, now) else { return true };
        let left = used.checked_add(request.amount).and_then(|sum| limit.checked_sub(sum));
        let five_times = left.and_then(|left| [left; 4].into_iter().try_fold(left, Money::checked_add));
        five_times.is_none_or(|five_times| five_times < limit)
    }

    /// Reads the list around the day that it is there, which may not be the day of this machine.
    async fn read<L: Future<Output = Result<DayOrders, Failure>>>(
        &self,
        now: DateTime<Utc>,
        list: impl Fn(NaiveDate, NaiveDate) -> L,
    ) -> Result<(), Failure> {
        let mut today = self.day().today(now);
        for _ in 0..2 {
            let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
            let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
            let orders =
                list(yesterday, tomorrow).await.map_err(|failure| refusal::unread(self.variable, failure))?;
            self.warn_of_the_clock(orders.clock_offset);
            let mut day = self.day();
            day.read(now, orders);
            let shown = day.today(now);
            // The clock was wrong by so much that the day of the API was not asked for.
            if (yesterday..=tomorrow).contains(&shown) {
                return Ok(());
            }
            today = shown;
        }
        let message = format!(
            "The day by the API's clock changes between two answers, so today's payments, which {} limits, are not known, \
             and nothing was created.",
            self.variable
        );
        Err(Failure::new(Code::ApiUnavailable, message))
    }

    fn warn_of_the_clock(&self, offset: Option<TimeDelta>) {
        let Some(offset) = offset.filter(|offset| offset.abs() > TOLERATED_OFFSET) else { return };
        if !self.warned.swap(true, Ordering::Relaxed) {
            let (minutes, side) =
                (offset.num_minutes().abs(), if offset > TimeDelta::zero() { "behind" } else { "ahead of" });
            tracing::warn!(
                "this machine's clock is {minutes} minutes {side} the API's: set it. The daily limit goes by the API's clock"
            );
        }
    }

    fn day(&self) -> MutexGuard<'_, Day> {
        self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An amount that is taken out of a day. Dropped, it is given back, unless its order may exist.
#[must_use]
pub(super) struct Reserved<'a> {
    daily: &'a DailyLimit,
    held: Option<Held>,
    is_in_use: bool,
}

impl Reserved<'_> {
    /// From here on the order may exist.
    pub(super) fn begin(&mut self) {
        self.is_in_use = true;
    }

    /// The order exists, and counts under its own identifier.
    pub(super) fn created(mut self, identifier: String, replaces: Option<&str>) {
        if let Some(held) = self.held.take() {
            self.daily.day().created(held, identifier, replaces, (self.daily.clock)());
        }
    }

    /// No order was created.
    pub(super) fn not_created(mut self) {
        self.is_in_use = false;
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        match self.held.take() {
            Some(held) if self.is_in_use => self.daily.day().lost(held, (self.daily.clock)()),
            Some(held) => self.daily.day().release(held),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
