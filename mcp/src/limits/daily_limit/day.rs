//! What has been used of a day.
//!
//! The provider's list of orders is the truth; it is read now and then, and what this process has created since is added
//! by identifier, so that no order counts twice. The day, too, is the provider's: this machine's clock may be wrong.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use payments_core::{FiatCurrency, Money};

use crate::limits::daily_limit::orders::{CountedAmount, DayOrders};
use crate::limits::request::OrderMark;

/// How old the list may be. Twice a minute leaves the API's 60 requests to the customers.
const FRESH: TimeDelta = TimeDelta::seconds(30);

/// The same when little is left of the day: what other processes have sold meanwhile decides then.
const FRESH_AT_THE_END: TimeDelta = TimeDelta::seconds(5);

/// How exactly the API's time is known: it comes in whole seconds.
const UNCERTAIN: TimeDelta = TimeDelta::seconds(2);

/// The orders of some days, in UTC, and what is about to be one.
#[derive(Debug)]
pub(super) struct Day {
    /// How long an order may take to turn up in the list.
    grace: TimeDelta,
    /// When the list was read, by this machine's clock; `None` before the first time.
    read_at: Option<DateTime<Utc>>,
    clock_offset: Option<TimeDelta>,
    /// The list.
    listed: HashMap<String, (Option<DateTime<Utc>>, CountedAmount)>,
    /// Created here and not in the list yet, with the moment of the answer by the API's clock.
    own: HashMap<String, (FiatCurrency, Money, DateTime<Utc>)>,
    held: HashMap<u64, Taken>,
    next: u64,
}

#[derive(Debug)]
struct Taken {
    fiat: FiatCurrency,
    amount: Money,
    /// Recognises its order in the list.
    mark: Option<OrderMark>,
    /// When the answer to its create was lost; `None` while that is under way.
    lost_at: Option<DateTime<Utc>>,
}

/// An amount that is taken out of the day until the result of its create is known.
#[derive(Debug)]
pub(super) struct Held {
    number: u64,
    fiat: FiatCurrency,
    amount: Money,
}

/// What has been used of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Used {
    Sum(Money),
    /// It cannot be held by an amount.
    TooMuch,
    /// An order that may count, and its field that cannot be read.
    Unreadable(String, String),
}

impl Day {
    pub(super) fn new(grace: TimeDelta) -> Self {
        Self {
            grace,
            read_at: None,
            clock_offset: None,
            listed: HashMap::new(),
            own: HashMap::new(),
            held: HashMap::new(),
            next: 0,
        }
    }

    /// When the list was read; `None` before the first time.
    #[cfg(test)]
    pub(super) fn read_at(&self) -> Option<DateTime<Utc>> {
        self.read_at
    }

    /// Whether the list must be read before anything is decided. `near_the_end` when little is left of the day.
    pub(super) fn is_stale(&self, now: DateTime<Utc>, near_the_end: bool) -> bool {
        let fresh = if near_the_end { FRESH_AT_THE_END } else { FRESH };
        // A clock that was set back is as good as a day that changed.
        self.read_at.is_none_or(|read| {
            self.today(now) != self.today(read) || now < read || now.signed_duration_since(read) > fresh
        })
    }

    /// The time by the API's clock, as far as that is known.
    pub(super) fn api_time(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.clock_offset.and_then(|offset| now.checked_add_signed(offset)).unwrap_or(now)
    }

    /// The day that it is for the API.
    pub(super) fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        self.api_time(now).date_naive()
    }

    /// Takes over the list that was asked for at `asked_at`.
    pub(super) fn read(&mut self, asked_at: DateTime<Utc>, list: DayOrders) {
        self.read_at = Some(asked_at);
        self.clock_offset = list.clock_offset.or(self.clock_offset);
        let asked_at = self.api_time(asked_at);
        // A link that another one has taken the place of cannot be paid: nobody knows its page.
        let replaced: HashSet<String> =
            list.orders.iter().filter_map(|order| order.replaces.clone()).collect();
        let marks: HashSet<OrderMark> = list.orders.iter().filter_map(|order| order.mark).collect();
        let orders = list.orders.into_iter().filter(|order| !replaced.contains(&order.identifier));
        self.listed = orders.map(|order| (order.identifier, (order.created_at, order.counts))).collect();
        let Self { own, listed, held, grace, .. } = self;
        let may_turn_up = |since: DateTime<Utc>| asked_at.signed_duration_since(since) <= *grace;
        own.retain(|identifier, (_, _, answered)| !listed.contains_key(identifier) && may_turn_up(*answered));
        held.retain(|_, taken| {
            // The list has its order, and counts it.
            let listed = taken.mark.as_ref().is_some_and(|mark| marks.contains(mark));
            !listed && taken.lost_at.is_none_or(may_turn_up)
        });
    }

    /// What has been used of the day. Where it is not certain which day it is, of the fuller one.
    pub(super) fn used(&self, fiat: FiatCurrency, now: DateTime<Utc>) -> Used {
        let mut most = Money::ZERO;
        for day in self.days(now) {
            match self.used_on(day, fiat) {
                Used::Sum(sum) => most = most.max(sum),
                other => return other,
            }
        }
        Used::Sum(most)
    }

    /// The days that it may be for the API.
    fn days(&self, now: DateTime<Utc>) -> BTreeSet<NaiveDate> {
        let time = self.api_time(now);
        let newest = self.listed.values().filter_map(|(created, _)| *created).max();
        // An order that is newer than the time shows that the time is wrong; without the API's time any may.
        let newest = newest.filter(|newest| self.clock_offset.is_none() || *newest > time);
        [Some(time), newest].into_iter().flatten().map(|time| time.date_naive()).collect()
    }

    fn used_on(&self, day: NaiveDate, fiat: FiatCurrency) -> Used {
        let mut amounts = Vec::new();
        for (identifier, (created, counts)) in &self.listed {
            if created.is_some_and(|created| created.date_naive() != day) {
                continue;
            }
            match counts {
                CountedAmount::Nothing => {}
                CountedAmount::Amount(other, amount) => amounts.push((*other, *amount)),
                CountedAmount::Unreadable(field) => {
                    return Used::Unreadable(identifier.clone(), field.clone());
                }
            }
        }
        let is_of_day = |answered: DateTime<Utc>| {
            [answered - UNCERTAIN, answered + UNCERTAIN].map(|time| time.date_naive()).contains(&day)
        };
        let own = self.own.values().filter(|(_, _, answered)| is_of_day(*answered));
        amounts.extend(own.map(|(fiat, amount, _)| (*fiat, *amount)));
        amounts.extend(self.held.values().map(|taken| (taken.fiat, taken.amount)));
        let mut of_fiat = amounts.into_iter().filter(|(other, _)| *other == fiat).map(|(_, amount)| amount);
        let sum = of_fiat.try_fold(Money::ZERO, Money::checked_add);
        sum.map_or(Used::TooMuch, Used::Sum)
    }

    /// Takes an amount before its order is created.
    pub(super) fn hold(&mut self, fiat: FiatCurrency, amount: Money, mark: Option<OrderMark>) -> Held {
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.held.insert(number, Taken { fiat, amount, mark, lost_at: None });
        Held { number, fiat, amount }
    }

    /// Gives the amount back: there is no order.
    pub(super) fn release(&mut self, held: Held) {
        self.held.remove(&held.number);
    }

    /// The order exists, and from now on counts under its own name. One whose place it takes counts no more.
    pub(super) fn created(
        &mut self,
        held: Held,
        identifier: String,
        replaces: Option<&str>,
        now: DateTime<Utc>,
    ) {
        let Held { number, fiat, amount } = held;
        self.held.remove(&number);
        if let Some(replaced) = replaces {
            self.listed.remove(replaced);
        }
        if !self.listed.contains_key(&identifier) {
            let answered = self.api_time(now);
            self.own.insert(identifier, (fiat, amount, answered));
        }
    }

    /// Whether there is an order is unknown. The amount counts until a list that would hold it has been read.
    pub(super) fn lost(&mut self, held: Held, now: DateTime<Utc>) {
        let now = self.api_time(now);
        if let Some(taken) = self.held.get_mut(&held.number) {
            taken.lost_at = Some(now);
        }
    }
}
