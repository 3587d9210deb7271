//! What has been sold today, as far as it counts towards the limit of a day.
//!
//! The API's list of orders is the truth; it is read now and then, and what this process has created since is added by
//! identifier, so that no order counts twice. Which day it is is the API's to say, too: this machine's clock may be wrong.

use std::collections::{BTreeSet, HashMap, HashSet};

use bitnovo_pay::{Fiat, ListedPayment, Money, SaleId, UNKNOWN_OUTCOME_WINDOW};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

/// How old the list may be. Twice a minute leaves the API's 60 requests to the customers.
const FRESH: TimeDelta = TimeDelta::seconds(30);

/// The same when little is left of the day: what other processes have sold meanwhile decides then.
const FRESH_AT_THE_END: TimeDelta = TimeDelta::seconds(5);

/// How long an order may take to turn up in the list: as long as the key of one whose answer was lost stays in doubt.
const GRACE: TimeDelta = TimeDelta::seconds(UNKNOWN_OUTCOME_WINDOW.as_secs().cast_signed());

/// How exactly the API's time is known: it is told in whole seconds.
const UNCERTAIN: TimeDelta = TimeDelta::seconds(2);

/// A part of the API's list, as it was read for the sum of a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sold {
    pub(crate) orders: Vec<SoldOrder>,
    /// How far the API's clock is ahead of this machine's; `None` when it did not say.
    pub(crate) clock_offset: Option<TimeDelta>,
}

/// An order of the list, as far as the sum of a day needs it.
#[derive(Clone, Debug)]
pub(crate) struct SoldOrder {
    pub(crate) identifier: Uuid,
    /// `None` when it cannot be read: then the order may be one of today.
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) counts: Counts,
    pub(crate) replaces: Option<Uuid>,
    pub(crate) sale: Option<SaleId>,
}

/// What an order counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// It has ended without money that stays. An expired one may still be paid late, and counts again from then on;
    /// counting it before would let abandoned carts close the till.
    Nothing,
    Amount(Fiat, Money),
    /// The field that cannot be read.
    Unreadable(String),
}

/// Each field is read for itself: one that cannot be read blocks only where it decides.
impl From<&ListedPayment> for SoldOrder {
    fn from(row: &ListedPayment) -> Self {
        // The API's own default. No limit is in a currency that is not known here.
        let fiat = row.fiat().map(|fiat| fiat.map_or("EUR", String::as_str).parse().ok());
        let ended = match row.payment() {
            Ok(payment) => payment.value.verdict().is_closed(),
            // Whether something of the customer's has come cannot be read: it counts.
            Err(_) => false,
        };
        let counts = match (row.identifier(), fiat, row.fiat_amount()) {
            _ if ended => Counts::Nothing,
            (Ok(_), Ok(None), _) => Counts::Nothing,
            (Ok(_), Ok(Some(fiat)), Ok(amount)) => Counts::Amount(fiat, *amount),
            (Err(unreadable), _, _) | (_, Err(unreadable), _) | (_, _, Err(unreadable)) => {
                Counts::Unreadable(unreadable.field.to_string())
            }
        };
        Self {
            identifier: row.identifier().copied().unwrap_or_default(),
            created_at: row.created_at().ok().map(DateTime::to_utc),
            counts,
            replaces: row.replaces().ok().flatten(),
            sale: row.sale_id().ok().flatten(),
        }
    }
}

/// The orders of some days, in UTC, and what is about to be one.
#[derive(Debug, Default)]
pub(super) struct Day {
    /// When the list was read, by this machine's clock; `None` before the first time.
    read_at: Option<DateTime<Utc>>,
    clock_offset: Option<TimeDelta>,
    /// The list.
    listed: HashMap<Uuid, (Option<DateTime<Utc>>, Counts)>,
    /// Created here and not in the list yet, with the moment of the answer by the API's clock.
    own: HashMap<Uuid, (Fiat, Money, DateTime<Utc>)>,
    held: HashMap<u64, Taken>,
    next: u64,
}

#[derive(Debug)]
struct Taken {
    fiat: Fiat,
    amount: Money,
    /// What its order is recognised by in the list.
    sale: Option<SaleId>,
    /// When the answer to its create was lost; `None` while that is under way.
    lost_at: Option<DateTime<Utc>>,
}

/// An amount that is taken out of the day until it is known what became of it.
#[derive(Debug)]
pub(super) struct Held {
    number: u64,
    fiat: Fiat,
    amount: Money,
}

/// What has been used of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Used {
    Sum(Money),
    /// It cannot be held by an amount.
    TooMuch,
    /// An order that may count, and its field that cannot be read.
    Unreadable(Uuid, String),
}

impl Day {
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
    pub(super) fn read(&mut self, asked_at: DateTime<Utc>, sold: Sold) {
        self.read_at = Some(asked_at);
        self.clock_offset = sold.clock_offset.or(self.clock_offset);
        let asked_at = self.api_time(asked_at);
        // A link that another one has taken the place of cannot be paid: nobody knows its page.
        let replaced: HashSet<Uuid> = sold.orders.iter().filter_map(|order| order.replaces).collect();
        let sales: HashSet<SaleId> = sold.orders.iter().filter_map(|order| order.sale).collect();
        let orders = sold.orders.into_iter().filter(|order| !replaced.contains(&order.identifier));
        self.listed = orders.map(|order| (order.identifier, (order.created_at, order.counts))).collect();
        let Self { own, listed, held, .. } = self;
        let may_turn_up = |since: DateTime<Utc>| asked_at.signed_duration_since(since) <= GRACE;
        own.retain(|identifier, (_, _, answered)| !listed.contains_key(identifier) && may_turn_up(*answered));
        held.retain(|_, taken| {
            // The list has its order, and counts it.
            let listed = taken.sale.as_ref().is_some_and(|sale| sales.contains(sale));
            !listed && taken.lost_at.is_none_or(may_turn_up)
        });
    }

    /// What has been used of the day. Where it is not certain which day it is, of the fuller one.
    pub(super) fn used(&self, fiat: Fiat, now: DateTime<Utc>) -> Used {
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

    fn used_on(&self, day: NaiveDate, fiat: Fiat) -> Used {
        let mut amounts = Vec::new();
        for (identifier, (created, counts)) in &self.listed {
            if created.is_some_and(|created| created.date_naive() != day) {
                continue;
            }
            match counts {
                Counts::Nothing => {}
                Counts::Amount(other, amount) => amounts.push((*other, *amount)),
                Counts::Unreadable(field) => return Used::Unreadable(*identifier, field.clone()),
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
    pub(super) fn hold(&mut self, fiat: Fiat, amount: Money, sale: Option<SaleId>) -> Held {
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.held.insert(number, Taken { fiat, amount, sale, lost_at: None });
        Held { number, fiat, amount }
    }

    /// Gives back what was taken: there is no order.
    pub(super) fn release(&mut self, held: Held) {
        self.held.remove(&held.number);
    }

    /// The order exists, and from now on counts under its own name. One whose place it takes counts no more.
    pub(super) fn spent(&mut self, held: Held, identifier: Uuid, replaces: Option<Uuid>, now: DateTime<Utc>) {
        let Held { number, fiat, amount } = held;
        self.held.remove(&number);
        if let Some(replaced) = replaces {
            self.listed.remove(&replaced);
        }
        if !self.listed.contains_key(&identifier) {
            let answered = self.api_time(now);
            self.own.insert(identifier, (fiat, amount, answered));
        }
    }

    /// Nobody knows whether there is an order. It counts until a list that would hold it has been read.
    pub(super) fn lost(&mut self, held: Held, now: DateTime<Utc>) {
        let now = self.api_time(now);
        if let Some(taken) = self.held.get_mut(&held.number) {
            taken.lost_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use bitnovo_pay::Payment;

    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn payment(identifier: u128, fiat: &str, amount: &str, status: &str, created_at: &str) -> Payment {
        let mut sample: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/samples/orders_info_200_PE.json")).unwrap();
        let payment = &mut sample[0];
        payment["identifier"] = json!(Uuid::from_u128(identifier));
        payment["fiat"] = json!(fiat);
        payment["fiat_amount"] = json!(amount);
        payment["status"] = json!(status);
        payment["created_at"] = json!(created_at);
        payment["edited_at"] = json!(created_at);
        serde_json::from_str(&payment.to_string()).unwrap()
    }

    /// The row of the list, with some fields changed.
    fn row(payment: &Payment, changes: &[(&str, serde_json::Value)]) -> ListedPayment {
        let text = serde_json::to_string(payment).unwrap();
        if changes.is_empty() {
            return serde_json::from_str(&text).unwrap();
        }
        // Amounts of a few digits survive this.
        let mut fields: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (field, value) in changes {
            fields[*field] = value.clone();
        }
        serde_json::from_str(&fields.to_string()).unwrap()
    }

    #[test]
    fn what_is_odd_about_an_order_matters_only_where_it_decides() {
        let sum = Counts::Amount(Fiat::Eur, money("10"));
        let order = |status: &str, field: &str, value| {
            SoldOrder::from(&row(&payment(1, "EUR", "10", status, NOON), &[(field, value)]))
        };
        for field in
            ["crypto_amount", "safe", "notes", "edited_at", "address", "status", "created_at", "reference"]
        {
            let odd = order("PE", field, json!({}));
            assert_eq!(
                (odd.counts, odd.created_at.is_none()),
                (sum.clone(), field == "created_at"),
                "{field}"
            );
        }
        for field in ["fiat_amount", "fiat", "identifier"] {
            assert_eq!(order("PE", field, json!({})).counts, Counts::Unreadable(field.to_owned()));
        }
        assert_eq!(order("EX", "notes", json!({})).counts, Counts::Nothing);
        assert_eq!(order("EX", "confirmed_amount", json!({})).counts, sum, "something may have come");
        assert_eq!(order("PE", "fiat", json!("XXX")).counts, Counts::Nothing);
    }

    /// What the list shows while the API's clock is this machine's.
    fn sold(payments: &[Payment]) -> Sold {
        let order = |payment: &Payment| SoldOrder::from(&row(payment, &[]));
        Sold { orders: payments.iter().map(order).collect(), clock_offset: Some(TimeDelta::zero()) }
    }

    /// At the time of the last reading.
    fn used(day: &Day, fiat: Fiat) -> Used {
        day.used(fiat, day.read_at.unwrap())
    }

    fn sum(text: &str) -> Used {
        Used::Sum(money(text))
    }

    const NOON: &str = "2026-03-10T12:00:00Z";

    #[test]
    fn what_can_still_bring_money_or_has_counts_and_what_ended_does_not() {
        let statuses =
            ["NR", "PE", "AC", "IA", "CO", "CM", "OC", "ZZ", "EX", "CA", "RF", "FA", "DE"].iter().enumerate();
        let payments: Vec<Payment> = statuses
            .map(|(number, status)| payment(number as u128, "EUR", "10.01", status, NOON))
            .chain([payment(99, "USD", "500", "CO", NOON)])
            .collect();
        let mut day = Day::default();
        day.read(at(NOON), sold(&payments));
        assert_eq!(used(&day, Fiat::Eur), sum("80.08"));
        assert_eq!(used(&day, Fiat::Usd), sum("500"));
        assert_eq!(used(&day, Fiat::Gbp), sum("0"));
    }

    #[test]
    fn only_orders_of_the_day_in_utc_count() {
        let mut day = Day::default();
        let payments = [
            payment(1, "EUR", "1", "PE", "2026-03-10T00:30:00+01:00"),
            payment(2, "EUR", "2", "PE", "2026-03-10T01:00:00+01:00"),
            payment(3, "EUR", "4", "PE", "2026-03-11T00:59:59+01:00"),
            payment(4, "EUR", "8", "PE", "2026-03-09T23:59:59Z"),
        ];
        day.read(at(NOON), sold(&payments));
        assert_eq!(used(&day, Fiat::Eur), sum("6"));
    }

    #[test]
    fn an_order_counts_once_whether_it_is_held_created_or_listed() {
        let mut day = Day::default();
        day.read(at(NOON), sold(&[]));
        let held = day.hold(Fiat::Eur, money("10"), None);
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
        day.spent(held, Uuid::from_u128(1), None, at(NOON));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
        // The same order again, as an idempotency key repeats it.
        let again = day.hold(Fiat::Eur, money("10"), None);
        day.spent(again, Uuid::from_u128(1), None, at(NOON));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
        day.read(at("2026-03-10T12:01:00Z"), sold(&[payment(1, "EUR", "10", "PE", NOON)]));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
        let again = day.hold(Fiat::Eur, money("10"), None);
        day.spent(again, Uuid::from_u128(1), None, at(NOON));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
        day.read(at("2026-03-10T12:02:00Z"), sold(&[payment(1, "EUR", "10", "EX", NOON)]));
        assert_eq!(used(&day, Fiat::Eur), sum("0"));
    }

    #[test]
    fn an_order_that_the_list_does_not_show_yet_is_not_forgotten() {
        let mut day = Day::default();
        day.read(at(NOON), sold(&[]));
        let held = day.hold(Fiat::Eur, money("10"), None);
        day.spent(held, Uuid::from_u128(1), None, at(NOON));
        day.read(at("2026-03-10T12:01:00Z"), sold(&[]));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
    }

    #[test]
    fn a_lost_answer_counts_until_the_list_must_hold_the_order() {
        let mut day = Day::default();
        day.read(at(NOON), sold(&[]));
        let held = day.hold(Fiat::Eur, money("10"), None);
        day.lost(held, at("2026-03-10T12:00:10Z"));
        day.read(at("2026-03-10T12:01:00Z"), sold(&[]));
        assert_eq!(used(&day, Fiat::Eur), sum("10"), "it may turn up yet");
        day.read(at("2026-03-10T12:10:00Z"), sold(&[]));
        assert_eq!(used(&day, Fiat::Eur), sum("10"), "as long as its key is in doubt");
        day.read(at("2026-03-10T12:10:30Z"), sold(&[payment(1, "EUR", "10", "PE", NOON)]));
        assert_eq!(used(&day, Fiat::Eur), sum("10"), "the list is right, and alone");
    }

    /// A link of so much, created under the key ORD-1 by a device.
    fn keyed(number: u128, amount: &str, device: &str, replaces: Option<u128>) -> Payment {
        let request =
            bitnovo_pay::NewOrder::link(money(amount), Fiat::Eur).fingerprint().unwrap().to_string();
        let [_, request, arguments] = request.split(':').collect::<Vec<_>>()[..] else { panic!("{request}") };
        let mut payment = payment(number, "EUR", amount, "NR", NOON);
        let mut imprint = json!({ "bitnovo-pay": 2, "provider": "bitnovo", "scope": "", "key": "ORD-1",
            "device": device, "request": request, "arguments": arguments, "attempt": Uuid::nil() });
        if let Some(replaced) = replaces {
            imprint["replaces"] = json!(Uuid::from_u128(replaced));
        }
        payment.internal_data = Some(imprint.to_string());
        assert_eq!(payment.replaces(), replaces.map(Uuid::from_u128));
        payment
    }

    #[test]
    fn an_order_that_the_list_shows_under_its_key_counts_once_and_a_replaced_one_not_at_all() {
        let mut day = Day::default();
        let (lost, told) = (keyed(1, "10", "a", None), keyed(2, "10", "a", Some(1)));
        day.read(at(NOON), sold(&[]));
        let held = day.hold(Fiat::Eur, money("10"), lost.sale_id());
        // The list is read while the one is being replaced by the other.
        day.read(at("2026-03-10T12:00:31Z"), sold(std::slice::from_ref(&lost)));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
        day.spent(held, told.identifier, told.replaces(), at("2026-03-10T12:00:32Z"));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
        day.read(at("2026-03-10T12:01:02Z"), sold(&[told, lost]));
        assert_eq!(used(&day, Fiat::Eur), sum("10"));
    }

    #[test]
    fn another_sale_under_the_key_does_not_take_the_place_of_this_one() {
        let mut day = Day::default();
        let others = [keyed(1, "0.01", "a", None), keyed(2, "39", "another till", None)];
        day.read(at(NOON), sold(&[]));
        let lost = day.hold(Fiat::Eur, money("39"), keyed(3, "39", "a", None).sale_id());
        let spent = day.hold(Fiat::Eur, money("5"), keyed(4, "5", "a", None).sale_id());
        day.lost(lost, at(NOON));
        day.read(at("2026-03-10T12:00:31Z"), sold(&others));
        assert_eq!(used(&day, Fiat::Eur), sum("83.01"));
        day.spent(spent, Uuid::from_u128(4), None, at("2026-03-10T12:00:32Z"));
        assert_eq!(used(&day, Fiat::Eur), sum("83.01"));
    }

    #[test]
    fn a_new_day_begins_at_midnight_utc_with_what_is_under_way() {
        let mut day = Day::default();
        let before = at("2026-03-10T23:59:50Z");
        day.read(before, sold(&[payment(1, "EUR", "10", "PE", NOON)]));
        let created = day.hold(Fiat::Eur, money("20"), None);
        day.spent(created, Uuid::from_u128(2), None, before);
        let _under_way = day.hold(Fiat::Eur, money("40"), None);
        assert!(!day.is_stale(at("2026-03-10T23:59:59Z"), false));
        let after = at("2026-03-11T00:00:00Z");
        assert!(day.is_stale(after, false), "although it is ten seconds old");
        day.read(after, sold(&[]));
        assert_eq!(used(&day, Fiat::Eur), sum("40"));
    }

    #[test]
    fn an_order_created_before_midnight_and_answered_after_it_does_not_count_for_the_whole_new_day() {
        let mut day = Day::default();
        let after = at("2026-03-11T00:00:01Z");
        day.read(after, sold(&[]));
        let held = day.hold(Fiat::Eur, money("10"), None);
        day.spent(held, Uuid::from_u128(1), None, after);
        for (time, expected) in [("2026-03-11T00:05:00Z", "10"), ("2026-03-11T00:10:02Z", "0")] {
            day.read(at(time), sold(&[]));
            assert_eq!(used(&day, Fiat::Eur), sum(expected), "{time}");
        }
    }

    #[test]
    fn the_list_serves_for_thirty_seconds_of_a_clock_that_runs_forward() {
        let mut day = Day::default();
        assert!(day.is_stale(at(NOON), false));
        day.read(at(NOON), sold(&[]));
        for (time, stale) in [
            ("2026-03-10T12:00:00Z", false),
            ("2026-03-10T12:00:30Z", false),
            ("2026-03-10T12:00:31Z", true),
            ("2026-03-10T11:59:59Z", true),
            ("2026-03-11T12:00:00Z", true),
        ] {
            assert_eq!(day.is_stale(at(time), false), stale, "{time}");
        }
    }

    #[test]
    fn a_sum_that_cannot_be_held_is_none() {
        let mut day = Day::default();
        let most = "9999999999999999999999999999";
        day.read(at(NOON), sold(&[payment(1, "EUR", most, "PE", NOON), payment(2, "EUR", most, "PE", NOON)]));
        assert_eq!(used(&day, Fiat::Eur), Used::TooMuch);
    }

    /// The list of a day on which 90 were sold before `time`, read when this machine's clock showed `local`.
    fn ninety(time: &str, local: &str, clock_offset: Option<TimeDelta>) -> Day {
        let mut day = Day::default();
        day.read(at(local), Sold { clock_offset, ..sold(&[payment(1, "EUR", "90", "PE", time)]) });
        day
    }

    #[test]
    fn the_day_is_the_one_of_the_api_whatever_this_machine_shows() {
        for (local, ahead) in [
            ("2026-03-09T12:30:00Z", TimeDelta::days(1)),
            ("2026-03-11T12:30:00Z", -TimeDelta::days(1)),
            ("2026-03-10T12:30:00Z", TimeDelta::zero()),
        ] {
            // As the API tells its time, and as only its orders tell it.
            for offset in [Some(ahead), None] {
                let day = ninety(NOON, local, offset);
                assert_eq!(used(&day, Fiat::Eur), sum("90"), "{local} {offset:?}");
            }
        }
        // Eleven seconds before the machine notices, the day is over; and no sooner than the API says.
        let ahead = Some(TimeDelta::seconds(11));
        let day = ninety("2026-03-10T23:00:00Z", "2026-03-10T23:59:40Z", ahead);
        assert_eq!(day.used(Fiat::Eur, at("2026-03-10T23:59:48Z")), sum("90"));
        assert_eq!(day.used(Fiat::Eur, at("2026-03-10T23:59:49Z")), sum("0"));
        assert!(day.is_stale(at("2026-03-10T23:59:49Z"), false));
        let day = ninety("2026-03-11T00:00:02Z", "2026-03-10T23:59:52Z", ahead);
        assert_eq!(used(&day, Fiat::Eur), sum("90"));
    }

    #[test]
    fn an_order_from_the_future_does_not_begin_a_new_day() {
        let mut day = Day::default();
        let odd = payment(1, "EUR", "1", "PE", "2099-01-01T00:00:00Z");
        day.read(at(NOON), sold(&[odd, payment(2, "EUR", "90", "PE", NOON)]));
        assert_eq!(used(&day, Fiat::Eur), sum("90"));
    }

    #[test]
    fn what_cannot_be_read_counts_where_it_may_matter() {
        let order = |created_at: Option<&str>, counts: Counts| SoldOrder {
            identifier: Uuid::from_u128(9),
            created_at: created_at.map(at),
            counts,
            replaces: None,
            sale: None,
        };
        let unreadable = || Counts::Unreadable("fiat_amount".to_owned());
        for (odd, expected) in [
            (order(Some(NOON), unreadable()), Used::Unreadable(Uuid::from_u128(9), "fiat_amount".to_owned())),
            (order(None, unreadable()), Used::Unreadable(Uuid::from_u128(9), "fiat_amount".to_owned())),
            (order(Some("2026-03-09T12:00:00Z"), unreadable()), sum("0")),
            (order(None, Counts::Amount(Fiat::Eur, money("5"))), sum("5")),
            (order(None, Counts::Nothing), sum("0")),
        ] {
            let mut day = Day::default();
            day.read(at(NOON), Sold { orders: vec![odd], ..sold(&[]) });
            assert_eq!(used(&day, Fiat::Eur), expected);
        }
    }

    #[test]
    fn near_the_end_the_list_serves_for_five_seconds() {
        let mut day = Day::default();
        day.read(at(NOON), sold(&[]));
        assert!(!day.is_stale(at("2026-03-10T12:00:05Z"), true));
        assert!(day.is_stale(at("2026-03-10T12:00:06Z"), true));
    }
}
