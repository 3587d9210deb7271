//! The gate in front of every create: the merchant's limits, and a person's yes where one is needed.
//!
//! A permit is asked for when something new is about to be created, and has to be told what became of it.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use bitnovo_pay::{Error, Fiat, Money, PlacedOrder, SaleId};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::answer::confirmation_request::Question;
use crate::answer::failure::{Code, Failure, Outcome};
use crate::config::limits::{Amounts, in_fiat};
use crate::config::{Limits, unusable};

mod approval;
mod daily_limit;

pub(crate) use approval::{ARGUMENT, Digest};
use approval::{Tokens, VALID_FOR};
use daily_limit::{Day, Held, Used};
pub(crate) use daily_limit::{Sold, SoldOrder};

/// By how much this machine's clock may differ from the API's before that is worth a word.
const TOLERATED_OFFSET: TimeDelta = TimeDelta::minutes(2);

/// What is to be created, as far as limits and the person who is asked are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sale<'a> {
    pub(crate) amount: Money,
    pub(crate) fiat: Fiat,
    pub(crate) consent: &'a Consent,
    /// What its order is recognised by in the API's list.
    pub(crate) id: Option<SaleId>,
}

/// What a person would be asked, and what the caller presents as proof of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Consent {
    /// The arguments of the call: a yes is for these and no others.
    pub(crate) digest: Digest,
    pub(crate) question: String,
    pub(crate) token: Option<String>,
    /// The answer, when it was no.
    pub(crate) no: Option<Failure>,
}

/// The limits in force, and what has been created under them.
pub(crate) struct Guard {
    limits: Limits,
    clock: fn() -> DateTime<Utc>,
    day: Mutex<Day>,
    tokens: Mutex<Tokens>,
    /// Held while the API's list is read, so that a hundred creates at once read it once; inside, why that failed.
    reading: tokio::sync::Mutex<Option<Failure>>,
    /// The wrong clock has been warned about.
    warned: AtomicBool,
    /// How often it was read. Whoever waited for a reading that failed shares its failure instead of asking again.
    readings: AtomicU64,
}

impl Guard {
    /// `key` must be random: whoever knows it can confirm in a person's place.
    pub(crate) fn new(limits: Limits, key: [u8; 64], clock: fn() -> DateTime<Utc>) -> Self {
        Self {
            limits,
            clock,
            day: Mutex::default(),
            tokens: Mutex::new(Tokens::new(key)),
            reading: tokio::sync::Mutex::default(),
            warned: AtomicBool::new(false),
            readings: AtomicU64::new(0),
        }
    }

    /// Lets a sale pass, or says what forbids it. `list` reads the orders of a range of days, both included, from the API.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` with the limit, or with a [`Question`] for a person; `NOT_CONFIGURED` while a limit cannot be
    /// read; what the API answered when the day's sum cannot be learnt. Nothing has been created then.
    pub(crate) async fn admit<L: Future<Output = Result<Sold, Failure>>>(
        &self,
        sale: &Sale<'_>,
        list: impl Fn(NaiveDate, NaiveDate) -> L,
    ) -> Result<Permit<'_>, Failure> {
        let not_created = |failure: Failure| failure.outcome(Outcome::NotCreated);
        if let Some(no) = &sale.consent.no {
            return Err(not_created(no.clone()));
        }
        if !self.limits.problems.is_empty() {
            return Err(not_created(unusable(&self.limits.problems)));
        }
        if let Some(amounts) = &self.limits.max_amount {
            check(amounts, "BITNOVO_MAX_AMOUNT", sale, "one payment").map_err(not_created)?;
        }
        let held = match &self.limits.daily {
            Some(amounts) => Some(self.hold(amounts, sale, list).await.map_err(not_created)?),
            None => None,
        };
        // From here on whatever ends early gives back what it holds.
        let mut permit = Permit { guard: self, held, redeemed: None, fate: Fate::Unused };
        if self.needs_confirmation(sale) {
            permit.redeemed = Some(self.redeem(sale).map_err(not_created)?);
        }
        Ok(permit)
    }

    /// Takes the amount out of what is left of the day.
    async fn hold<L: Future<Output = Result<Sold, Failure>>>(
        &self,
        amounts: &Amounts,
        sale: &Sale<'_>,
        list: impl Fn(NaiveDate, NaiveDate) -> L,
    ) -> Result<Held, Failure> {
        let limit = check(amounts, "BITNOVO_DAILY_LIMIT", sale, "a day")?;
        let before = self.readings.load(Ordering::Acquire);
        let mut failed = self.reading.lock().await;
        let now = (self.clock)();
        let near_the_end = self.near_the_end(limit, sale, now);
        if self.day().is_stale(now, near_the_end) {
            let meanwhile = self.readings.load(Ordering::Acquire) != before;
            if let Some(failure) = failed.as_ref().filter(|_| meanwhile) {
                return Err(failure.clone());
            }
            let read = self.read(now, list).await;
            self.readings.fetch_add(1, Ordering::Release);
            *failed = read.as_ref().err().cloned();
            read?;
        }
        let mut day = self.day();
        let used = match day.used(sale.fiat, now) {
            Used::Sum(used) => Some(used),
            Used::TooMuch => None,
            Used::Unreadable(order, field) => return Err(uncountable(order, &field)),
        };
        if used.and_then(|used| used.checked_add(sale.amount)).is_none_or(|sum| sum > limit) {
            return Err(day_is_full(limit, used, sale));
        }
        Ok(day.hold(sale.fiat, sale.amount, sale.id))
    }

    /// Whether less than a fifth of the day would be left after the sale: then it matters what others have sold meanwhile.
    fn near_the_end(&self, limit: Money, sale: &Sale<'_>, now: DateTime<Utc>) -> bool {
        let Used::Sum(used) = self.day().used(sale.fiat, now) else { return true };
        let left = used.checked_add(sale.amount).and_then(|sum| limit.checked_sub(sum));
        let five_times = left.and_then(|left| [left; 4].into_iter().try_fold(left, Money::checked_add));
        five_times.is_none_or(|five_times| five_times < limit)
    }

    /// Reads the API's list around the day that it is there, which may not be the one that this machine takes it for.
    async fn read<L: Future<Output = Result<Sold, Failure>>>(
        &self,
        now: DateTime<Utc>,
        list: impl Fn(NaiveDate, NaiveDate) -> L,
    ) -> Result<(), Failure> {
        let mut today = self.day().today(now);
        for _ in 0..2 {
            let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
            let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
            let sold = list(yesterday, tomorrow).await.map_err(unread)?;
            self.warn_of_the_clock(sold.clock_offset);
            let mut day = self.day();
            day.read(now, sold);
            let told = day.today(now);
            // The clock was wrong by so much that the day of the API was not asked for.
            if (yesterday..=tomorrow).contains(&told) {
                return Ok(());
            }
            today = told;
        }
        let message = "The day by the API's clock changes between two answers, so today's payments, which \
                       BITNOVO_DAILY_LIMIT limits, are not known, and nothing was created.";
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

    /// Notes a person's no: the question is answered by it, and a yes that comes later is to another one.
    pub(crate) fn note_no(&self, sale: &Sale<'_>) {
        if let (Some(_), Some(token)) = (&sale.consent.no, &sale.consent.token) {
            drop(self.tokens().redeem(token, sale, (self.clock)()));
        }
    }

    fn needs_confirmation(&self, sale: &Sale<'_>) -> bool {
        let amounts = self.limits.confirm_over.as_ref();
        amounts.is_some_and(|amounts| amounts.of(sale.fiat).is_none_or(|most| sale.amount > most))
    }

    fn redeem(&self, sale: &Sale<'_>) -> Result<approval::Redeemed, Failure> {
        let mut tokens = self.tokens();
        let now = (self.clock)();
        let why = match &sale.consent.token {
            Some(token) => match tokens.redeem(token, sale, now) {
                Ok(redeemed) => return Ok(redeemed),
                Err(why) => format!("{why} "),
            },
            None => String::new(),
        };
        let question = Question { text: sale.consent.question.clone(), token: tokens.issue(sale, now) };
        let amount = in_fiat(sale.amount, sale.fiat);
        let message =
            format!("{why}{amount} needs a person's yes (BITNOVO_CONFIRM_OVER). Nothing has been created.");
        let action = format!(
            "Show the merchant the amount, {amount}, and what it is for, and wait for the answer. When they say yes, call \
             again with the same arguments and confirmation_token = details.confirmation_token; otherwise do not."
        );
        Err(Failure::new(Code::LimitExceeded, message)
            .detail("variable", "BITNOVO_CONFIRM_OVER")
            .detail("confirmation_token", question.token.as_str())
            .detail("question", question.text.as_str())
            .detail("amount", plain(sale.amount, sale.fiat))
            .detail("fiat", sale.fiat.code())
            .detail("expires_in_seconds", VALID_FOR.num_seconds())
            .next(action)
            .ask(question))
    }

    fn day(&self) -> MutexGuard<'_, Day> {
        self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to create one order. Whatever is done with it, the day's sum stays true.
#[must_use]
pub(crate) struct Permit<'a> {
    guard: &'a Guard,
    held: Option<Held>,
    redeemed: Option<approval::Redeemed>,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Nothing was sent, or nothing came of it.
    Unused,
    /// Something was sent, and nobody knows what came of it.
    Unknown,
    /// The order counts under its own identifier.
    Spent,
}

impl Permit<'_> {
    /// From here on the order may exist. Whoever gives up in the middle leaves the amount taken.
    pub(crate) fn in_use(mut self) -> Self {
        self.fate = Fate::Unknown;
        self
    }

    /// Learns what came of it: the order, which counts under its own identifier, or an error that says whether there is
    /// one.
    pub(crate) fn settle(mut self, result: Result<&PlacedOrder, &Error>) {
        match result {
            Ok(order) => {
                if let Some(held) = self.held.take() {
                    let now = (self.guard.clock)();
                    self.guard.day().spent(held, order.identifier, order.replaces, now);
                }
                self.fate = Fate::Spent;
            }
            Err(error) if error.outcome() == bitnovo_pay::Outcome::NotCreated => self.fate = Fate::Unused,
            Err(_) => {}
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            match self.fate {
                Fate::Unused => self.guard.day().release(held),
                Fate::Unknown | Fate::Spent => self.guard.day().lost(held, (self.guard.clock)()),
            }
        }
        // The yes was for an order that does not exist.
        if let Some(redeemed) = self.redeemed.take_if(|_| self.fate == Fate::Unused) {
            self.guard.tokens().give_back(redeemed);
        }
    }
}

/// The limit for the sale's fiat, when the amount alone does not exceed it.
fn check(amounts: &Amounts, variable: &str, sale: &Sale<'_>, of_what: &str) -> Result<Money, Failure> {
    let refuse = |message: String| exceeded(variable, message, sale);
    match amounts.of(sale.fiat) {
        None => Err(refuse(format!(
            "{variable} has no amount for {}: the merchant takes payments in the currencies it names ({amounts}).",
            sale.fiat
        ))),
        Some(most) if sale.amount > most => {
            let (shown, asked) = (in_fiat(most, sale.fiat), in_fiat(sale.amount, sale.fiat));
            let message =
                format!("{asked} is above {shown}, the merchant's limit for {of_what} ({variable}).");
            Err(refuse(message).detail("limit", plain(most, sale.fiat)))
        }
        Some(most) => Ok(most),
    }
}

/// An order that may be one of today's cannot be counted, so nothing is created.
fn uncountable(order: Uuid, field: &str) -> Failure {
    let message = format!(
        "Today's payments, which BITNOVO_DAILY_LIMIT limits, cannot be added up, so nothing was created: of the payment \
         {order} the field {field} cannot be read."
    );
    Failure::new(Code::ApiError, message).detail("identifier", order.to_string()).detail("field", field).next(
        "Tell the merchant the payment and the field. Nothing can be created under a daily limit until the API returns \
         that field as documented.",
    )
}

fn day_is_full(limit: Money, used: Option<Money>, sale: &Sale<'_>) -> Failure {
    let shown = used.map_or_else(|| "more than can be added up".to_owned(), |used| in_fiat(used, sale.fiat));
    let message = format!(
        "{} more would be above {}, the merchant's limit for a day (BITNOVO_DAILY_LIMIT): today's payments come to {shown}. \
         The day ends at midnight UTC.",
        in_fiat(sale.amount, sale.fiat),
        in_fiat(limit, sale.fiat),
    );
    let failure = exceeded("BITNOVO_DAILY_LIMIT", message, sale).detail("limit", plain(limit, sale.fiat));
    match used {
        Some(used) => failure.detail("used", plain(used, sale.fiat)),
        None => failure,
    }
}

fn exceeded(variable: &str, message: String, sale: &Sale<'_>) -> Failure {
    Failure::new(Code::LimitExceeded, message)
        .detail("variable", variable)
        .detail("requested", plain(sale.amount, sale.fiat))
        .detail("fiat", sale.fiat.code())
}

fn plain(amount: Money, fiat: Fiat) -> String {
    amount.to_string_with_scale(fiat.exponent())
}

/// The day's sum is not known, so nothing is created: a limit that holds only while the API is well is none.
fn unread(mut failure: Failure) -> Failure {
    failure.message = format!(
        "Today's payments, which BITNOVO_DAILY_LIMIT limits, could not be read, so nothing was created. {}",
        failure.message
    );
    failure
}

#[cfg(test)]
mod tests;
