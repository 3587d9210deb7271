//! What has been sold today, as far as it counts towards the limit of a day.
//!
//! The API's list of orders is the truth; it is read now and then, and what this process has created since is added by
//! identifier, so that no order counts twice.

use std::collections::{HashMap, HashSet};

use bitnovo_pay::{AMBIGUOUS_FOR, Fiat, Money, Payment, SaleId};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

/// How old the list may be. Twice a minute leaves the API's 60 requests to the customers.
const FRESH: TimeDelta = TimeDelta::seconds(30);

/// How long an order may take to turn up in the list: as long as the key of one whose answer was lost stays in doubt.
const GRACE: TimeDelta = TimeDelta::seconds(AMBIGUOUS_FOR.as_secs().cast_signed());

/// The orders of one day, in UTC, and what is about to be one.
#[derive(Debug, Default)]
pub(super) struct Day {
    /// When the list was read; `None` before the first time.
    read_at: Option<DateTime<Utc>>,
    /// The list: `None` for an order that can bring no money any more.
    listed: HashMap<Uuid, Option<(Fiat, Money)>>,
    /// Created here and not in the list yet, with the moment of the answer.
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

impl Day {
    /// Whether the list must be read before anything is decided.
    pub(super) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        // A clock that was set back is as good as a day that changed.
        self.read_at.is_none_or(|read| {
            now.date_naive() != read.date_naive() || now < read || now.signed_duration_since(read) > FRESH
        })
    }

    /// Takes over the list that was asked for at `asked_at`.
    pub(super) fn read(&mut self, asked_at: DateTime<Utc>, payments: &[Payment]) {
        let today = asked_at.date_naive();
        self.read_at = Some(asked_at);
        // A link that another one has taken the place of cannot be paid: nobody knows its page.
        let replaced: HashSet<Uuid> = payments.iter().filter_map(Payment::replaces).collect();
        let sales: HashSet<SaleId> = payments.iter().filter_map(Payment::sale_id).collect();
        let of_today = payments.iter().filter(|payment| day(payment) == Some(today));
        let of_today = of_today.filter(|payment| !replaced.contains(&payment.identifier));
        self.listed = of_today.map(|payment| (payment.identifier, counted(payment))).collect();
        let Self { own, listed, held, .. } = self;
        let may_turn_up = |since: DateTime<Utc>| asked_at.signed_duration_since(since) <= GRACE;
        // One that was answered after midnight and never turns up was created before.
        own.retain(|identifier, (_, _, answered)| {
            answered.date_naive() == today && !listed.contains_key(identifier) && may_turn_up(*answered)
        });
        held.retain(|_, taken| {
            // The list has its order, and counts it.
            let listed = taken.sale.as_ref().is_some_and(|sale| sales.contains(sale));
            !listed && taken.lost_at.is_none_or(may_turn_up)
        });
    }

    /// What has been used of the day; `None` when it cannot be added up.
    pub(super) fn used(&self, fiat: Fiat) -> Option<Money> {
        let listed = self.listed.values().flatten().copied();
        let own = self.own.values().map(|(fiat, amount, _)| (*fiat, *amount));
        let taken = self.held.values().map(|taken| (taken.fiat, taken.amount));
        let mut all = listed.chain(own).chain(taken);
        all.try_fold(
            Money::ZERO,
            |sum, (other, amount)| {
                if other == fiat { sum.checked_add(amount) } else { Some(sum) }
            },
        )
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
            self.own.insert(identifier, (fiat, amount, now));
        }
    }

    /// Nobody knows whether there is an order. It counts until a list that would hold it has been read.
    pub(super) fn lost(&mut self, held: Held, now: DateTime<Utc>) {
        if let Some(taken) = self.held.get_mut(&held.number) {
            taken.lost_at = Some(now);
        }
    }
}

fn day(payment: &Payment) -> Option<NaiveDate> {
    Some(payment.created_at?.to_utc().date_naive())
}

/// What an order counts: nothing once it has ended without money that stays. An expired one may still be paid late, and
/// counts again from then on; counting it before would let abandoned carts close the till.
fn counted(payment: &Payment) -> Option<(Fiat, Money)> {
    if payment.verdict().is_closed() {
        return None;
    }
    // The API's own default.
    let fiat = payment.fiat.as_deref().unwrap_or("EUR").parse().ok()?;
    Some((fiat, payment.fiat_amount))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        day.read(at(NOON), &payments);
        assert_eq!(day.used(Fiat::Eur), Some(money("80.08")));
        assert_eq!(day.used(Fiat::Usd), Some(money("500")));
        assert_eq!(day.used(Fiat::Gbp), Some(Money::ZERO));
    }

    #[test]
    fn only_orders_of_the_day_in_utc_count() {
        let mut day = Day::default();
        let payments = [
            payment(1, "EUR", "1", "PE", "2026-03-10T00:30:00+01:00"),
            payment(2, "EUR", "2", "PE", "2026-03-10T01:00:00+01:00"),
            payment(3, "EUR", "4", "PE", "2026-03-11T00:59:59+01:00"),
            payment(4, "EUR", "8", "PE", "2026-03-11T01:00:00+01:00"),
        ];
        day.read(at(NOON), &payments);
        assert_eq!(day.used(Fiat::Eur), Some(money("6")));
    }

    #[test]
    fn an_order_counts_once_whether_it_is_held_created_or_listed() {
        let mut day = Day::default();
        day.read(at(NOON), &[]);
        let held = day.hold(Fiat::Eur, money("10"), None);
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
        day.spent(held, Uuid::from_u128(1), None, at(NOON));
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
        // The same order again, as an idempotency key repeats it.
        let again = day.hold(Fiat::Eur, money("10"), None);
        day.spent(again, Uuid::from_u128(1), None, at(NOON));
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
        day.read(at("2026-03-10T12:01:00Z"), &[payment(1, "EUR", "10", "PE", NOON)]);
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
        let again = day.hold(Fiat::Eur, money("10"), None);
        day.spent(again, Uuid::from_u128(1), None, at(NOON));
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
        day.read(at("2026-03-10T12:02:00Z"), &[payment(1, "EUR", "10", "EX", NOON)]);
        assert_eq!(day.used(Fiat::Eur), Some(Money::ZERO));
    }

    #[test]
    fn an_order_that_the_list_does_not_show_yet_is_not_forgotten() {
        let mut day = Day::default();
        day.read(at(NOON), &[]);
        let held = day.hold(Fiat::Eur, money("10"), None);
        day.spent(held, Uuid::from_u128(1), None, at(NOON));
        day.read(at("2026-03-10T12:01:00Z"), &[]);
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
    }

    #[test]
    fn a_lost_answer_counts_until_the_list_must_hold_the_order() {
        let mut day = Day::default();
        day.read(at(NOON), &[]);
        let held = day.hold(Fiat::Eur, money("10"), None);
        day.lost(held, at("2026-03-10T12:00:10Z"));
        day.read(at("2026-03-10T12:01:00Z"), &[]);
        assert_eq!(day.used(Fiat::Eur), Some(money("10")), "it may turn up yet");
        day.read(at("2026-03-10T12:10:00Z"), &[]);
        assert_eq!(day.used(Fiat::Eur), Some(money("10")), "as long as its key is in doubt");
        day.read(at("2026-03-10T12:10:30Z"), &[payment(1, "EUR", "10", "PE", NOON)]);
        assert_eq!(day.used(Fiat::Eur), Some(money("10")), "the list is right, and alone");
    }

    /// A link of so much, created under the key ORD-1 by a device.
    fn keyed(number: u128, amount: &str, device: &str, replaces: Option<u128>) -> Payment {
        let request = bitnovo_pay::NewOrder::link(money(amount), Fiat::Eur).fingerprint().unwrap();
        let mut payment = payment(number, "EUR", amount, "NR", NOON);
        let mut imprint = json!({ "bitnovo-pay": 1, "key": "ORD-1", "device": device, "request": request,
            "attempt": Uuid::nil() });
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
        day.read(at(NOON), &[]);
        let held = day.hold(Fiat::Eur, money("10"), lost.sale_id());
        // The list is read while the one is being replaced by the other.
        day.read(at("2026-03-10T12:00:31Z"), std::slice::from_ref(&lost));
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
        day.spent(held, told.identifier, told.replaces(), at("2026-03-10T12:00:32Z"));
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
        day.read(at("2026-03-10T12:01:02Z"), &[told, lost]);
        assert_eq!(day.used(Fiat::Eur), Some(money("10")));
    }

    #[test]
    fn another_sale_under_the_key_does_not_take_the_place_of_this_one() {
        let mut day = Day::default();
        let others = [keyed(1, "0.01", "a", None), keyed(2, "39", "another till", None)];
        day.read(at(NOON), &[]);
        let lost = day.hold(Fiat::Eur, money("39"), keyed(3, "39", "a", None).sale_id());
        let spent = day.hold(Fiat::Eur, money("5"), keyed(4, "5", "a", None).sale_id());
        day.lost(lost, at(NOON));
        day.read(at("2026-03-10T12:00:31Z"), &others);
        assert_eq!(day.used(Fiat::Eur), Some(money("83.01")));
        day.spent(spent, Uuid::from_u128(4), None, at("2026-03-10T12:00:32Z"));
        assert_eq!(day.used(Fiat::Eur), Some(money("83.01")));
    }

    #[test]
    fn a_new_day_begins_at_midnight_utc_with_what_is_under_way() {
        let mut day = Day::default();
        let before = at("2026-03-10T23:59:50Z");
        day.read(before, &[payment(1, "EUR", "10", "PE", NOON)]);
        let created = day.hold(Fiat::Eur, money("20"), None);
        day.spent(created, Uuid::from_u128(2), None, before);
        let _under_way = day.hold(Fiat::Eur, money("40"), None);
        assert!(!day.is_stale(at("2026-03-10T23:59:59Z")));
        let after = at("2026-03-11T00:00:00Z");
        assert!(day.is_stale(after), "although it is ten seconds old");
        day.read(after, &[]);
        assert_eq!(day.used(Fiat::Eur), Some(money("40")));
    }

    #[test]
    fn an_order_created_before_midnight_and_answered_after_it_does_not_count_for_the_whole_new_day() {
        let mut day = Day::default();
        let after = at("2026-03-11T00:00:01Z");
        day.read(after, &[]);
        let held = day.hold(Fiat::Eur, money("10"), None);
        day.spent(held, Uuid::from_u128(1), None, after);
        for (time, used) in [("2026-03-11T00:05:00Z", "10"), ("2026-03-11T00:10:02Z", "0")] {
            day.read(at(time), &[]);
            assert_eq!(day.used(Fiat::Eur), Some(money(used)), "{time}");
        }
    }

    #[test]
    fn the_list_serves_for_thirty_seconds_of_a_clock_that_runs_forward() {
        let mut day = Day::default();
        assert!(day.is_stale(at(NOON)));
        day.read(at(NOON), &[]);
        for (time, stale) in [
            ("2026-03-10T12:00:00Z", false),
            ("2026-03-10T12:00:30Z", false),
            ("2026-03-10T12:00:31Z", true),
            ("2026-03-10T11:59:59Z", true),
            ("2026-03-11T12:00:00Z", true),
        ] {
            assert_eq!(day.is_stale(at(time)), stale, "{time}");
        }
    }

    #[test]
    fn a_sum_that_cannot_be_held_is_none() {
        let mut day = Day::default();
        let most = "9999999999999999999999999999";
        day.read(at(NOON), &[payment(1, "EUR", most, "PE", NOON), payment(2, "EUR", most, "PE", NOON)]);
        assert_eq!(day.used(Fiat::Eur), None);
    }
}
