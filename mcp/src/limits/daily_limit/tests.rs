use payments_core::FiatCurrency;

use super::{day::Day, day::Used, *};
use crate::limits::request::OrderMark;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn id(number: u128) -> String {
    number.to_string()
}

/// An order in EUR that counts.
fn order(number: u128, amount: &str, created_at: &str) -> CountedOrder {
    CountedOrder {
        identifier: id(number),
        created_at: Some(at(created_at)),
        counts: CountedAmount::Amount(FiatCurrency::EUR, money(amount)),
        replaces: None,
        mark: None,
    }
}

/// An order that the list shows with a mark.
fn marked(number: u128, amount: &str, mark: u8, replaces: Option<u128>) -> CountedOrder {
    let mark = Some(OrderMark([mark; 32]));
    CountedOrder { mark, replaces: replaces.map(id), ..order(number, amount, NOON) }
}

/// What the list shows while the API's clock is this machine's.
fn sold(orders: &[CountedOrder]) -> DayOrders {
    DayOrders { orders: orders.to_vec(), clock_offset: Some(TimeDelta::zero()) }
}

/// At the time of the last reading.
fn used(day: &Day, fiat: FiatCurrency) -> Used {
    day.used(fiat, day.read_at().unwrap())
}

fn sum(text: &str) -> Used {
    Used::Sum(money(text))
}

const NOON: &str = "2026-03-10T12:00:00Z";

#[test]
fn only_orders_of_the_day_in_utc_count() {
    let mut day = Day::new(TimeDelta::minutes(10));
    let payments = [
        order(1, "1", "2026-03-10T00:30:00+01:00"),
        order(2, "2", "2026-03-10T01:00:00+01:00"),
        order(3, "4", "2026-03-11T00:59:59+01:00"),
        order(4, "8", "2026-03-09T23:59:59Z"),
    ];
    day.read(at(NOON), sold(&payments));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("6"));
}

#[test]
fn an_order_counts_once_whether_it_is_held_created_or_listed() {
    let mut day = Day::new(TimeDelta::minutes(10));
    day.read(at(NOON), sold(&[]));
    let held = day.hold(FiatCurrency::EUR, money("10"), None);
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
    day.created(held, id(1), None, at(NOON));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
    // The same order again, as an idempotency key repeats it.
    let again = day.hold(FiatCurrency::EUR, money("10"), None);
    day.created(again, id(1), None, at(NOON));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
    day.read(at("2026-03-10T12:01:00Z"), sold(&[order(1, "10", NOON)]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
    let again = day.hold(FiatCurrency::EUR, money("10"), None);
    day.created(again, id(1), None, at(NOON));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
    day.read(
        at("2026-03-10T12:02:00Z"),
        sold(&[CountedOrder { counts: CountedAmount::Nothing, ..order(1, "10", NOON) }]),
    );
    assert_eq!(used(&day, FiatCurrency::EUR), sum("0"));
}

#[test]
fn an_order_that_the_list_does_not_show_yet_is_not_forgotten() {
    let mut day = Day::new(TimeDelta::minutes(10));
    day.read(at(NOON), sold(&[]));
    let held = day.hold(FiatCurrency::EUR, money("10"), None);
    day.created(held, id(1), None, at(NOON));
    day.read(at("2026-03-10T12:01:00Z"), sold(&[]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
}

#[test]
fn a_lost_answer_counts_until_the_list_must_hold_the_order() {
    let mut day = Day::new(TimeDelta::minutes(10));
    day.read(at(NOON), sold(&[]));
    let held = day.hold(FiatCurrency::EUR, money("10"), None);
    day.lost(held, at("2026-03-10T12:00:10Z"));
    day.read(at("2026-03-10T12:01:00Z"), sold(&[]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"), "it may turn up yet");
    day.read(at("2026-03-10T12:10:00Z"), sold(&[]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"), "as long as its key is in doubt");
    day.read(at("2026-03-10T12:10:30Z"), sold(&[order(1, "10", NOON)]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"), "the list is right, and alone");
}

#[test]
fn an_order_that_the_list_shows_by_its_mark_counts_once_and_a_replaced_one_not_at_all() {
    let mut day = Day::new(TimeDelta::minutes(10));
    let (lost, told) = (marked(1, "10", 7, None), marked(2, "10", 7, Some(1)));
    day.read(at(NOON), sold(&[]));
    let held = day.hold(FiatCurrency::EUR, money("10"), lost.mark);
    // The list is read while the one is being replaced by the other.
    day.read(at("2026-03-10T12:00:31Z"), sold(std::slice::from_ref(&lost)));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
    day.created(held, id(2), told.replaces.as_deref(), at("2026-03-10T12:00:32Z"));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
    day.read(at("2026-03-10T12:01:02Z"), sold(&[told, lost]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("10"));
}

#[test]
fn an_order_with_another_mark_does_not_take_the_place_of_this_one() {
    let mut day = Day::new(TimeDelta::minutes(10));
    let others = [marked(1, "0.01", 1, None), marked(2, "39", 2, None)];
    day.read(at(NOON), sold(&[]));
    let lost = day.hold(FiatCurrency::EUR, money("39"), Some(OrderMark([3; 32])));
    let spent = day.hold(FiatCurrency::EUR, money("5"), Some(OrderMark([4; 32])));
    day.lost(lost, at(NOON));
    day.read(at("2026-03-10T12:00:31Z"), sold(&others));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("83.01"));
    day.created(spent, id(4), None, at("2026-03-10T12:00:32Z"));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("83.01"));
}

#[test]
fn a_new_day_begins_at_midnight_utc_with_what_is_under_way() {
    let mut day = Day::new(TimeDelta::minutes(10));
    let before = at("2026-03-10T23:59:50Z");
    day.read(before, sold(&[order(1, "10", NOON)]));
    let created = day.hold(FiatCurrency::EUR, money("20"), None);
    day.created(created, id(2), None, before);
    let _under_way = day.hold(FiatCurrency::EUR, money("40"), None);
    assert!(!day.is_stale(at("2026-03-10T23:59:59Z"), false));
    let after = at("2026-03-11T00:00:00Z");
    assert!(day.is_stale(after, false), "although it is ten seconds old");
    day.read(after, sold(&[]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("40"));
}

#[test]
fn an_order_created_before_midnight_and_answered_after_it_does_not_count_for_the_whole_new_day() {
    let mut day = Day::new(TimeDelta::minutes(10));
    let after = at("2026-03-11T00:00:01Z");
    day.read(after, sold(&[]));
    let held = day.hold(FiatCurrency::EUR, money("10"), None);
    day.created(held, id(1), None, after);
    for (time, expected) in [("2026-03-11T00:05:00Z", "10"), ("2026-03-11T00:10:02Z", "0")] {
        day.read(at(time), sold(&[]));
        assert_eq!(used(&day, FiatCurrency::EUR), sum(expected), "{time}");
    }
}

#[test]
fn the_list_serves_for_thirty_seconds_of_a_clock_that_runs_forward() {
    let mut day = Day::new(TimeDelta::minutes(10));
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
    let mut day = Day::new(TimeDelta::minutes(10));
    let most = "9999999999999999999999999999";
    day.read(at(NOON), sold(&[order(1, most, NOON), order(2, most, NOON)]));
    assert_eq!(used(&day, FiatCurrency::EUR), Used::TooMuch);
}

/// The list of a day on which 90 were sold before `time`, read when this machine's clock showed `local`.
fn ninety(time: &str, local: &str, clock_offset: Option<TimeDelta>) -> Day {
    let mut day = Day::new(TimeDelta::minutes(10));
    day.read(at(local), DayOrders { clock_offset, ..sold(&[order(1, "90", time)]) });
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
            assert_eq!(used(&day, FiatCurrency::EUR), sum("90"), "{local} {offset:?}");
        }
    }
    // Eleven seconds before the machine notices, the day is over; and no sooner than the API says.
    let ahead = Some(TimeDelta::seconds(11));
    let day = ninety("2026-03-10T23:00:00Z", "2026-03-10T23:59:40Z", ahead);
    assert_eq!(day.used(FiatCurrency::EUR, at("2026-03-10T23:59:48Z")), sum("90"));
    assert_eq!(day.used(FiatCurrency::EUR, at("2026-03-10T23:59:49Z")), sum("0"));
    assert!(day.is_stale(at("2026-03-10T23:59:49Z"), false));
    let day = ninety("2026-03-11T00:00:02Z", "2026-03-10T23:59:52Z", ahead);
    assert_eq!(used(&day, FiatCurrency::EUR), sum("90"));
}

#[test]
fn an_order_from_the_future_does_not_begin_a_new_day() {
    let mut day = Day::new(TimeDelta::minutes(10));
    let odd = order(1, "1", "2099-01-01T00:00:00Z");
    day.read(at(NOON), sold(&[odd, order(2, "90", NOON)]));
    assert_eq!(used(&day, FiatCurrency::EUR), sum("90"));
}

#[test]
fn what_cannot_be_read_counts_where_it_may_matter() {
    let order = |created_at: Option<&str>, counts: CountedAmount| CountedOrder {
        identifier: id(9),
        created_at: created_at.map(at),
        counts,
        replaces: None,
        mark: None,
    };
    let unreadable = || CountedAmount::Unreadable("fiat_amount".to_owned());
    for (odd, expected) in [
        (order(Some(NOON), unreadable()), Used::Unreadable(id(9), "fiat_amount".to_owned())),
        (order(None, unreadable()), Used::Unreadable(id(9), "fiat_amount".to_owned())),
        (order(Some("2026-03-09T12:00:00Z"), unreadable()), sum("0")),
        (order(None, CountedAmount::Amount(FiatCurrency::EUR, money("5"))), sum("5")),
        (order(None, CountedAmount::Nothing), sum("0")),
    ] {
        let mut day = Day::new(TimeDelta::minutes(10));
        day.read(at(NOON), DayOrders { orders: vec![odd], ..sold(&[]) });
        assert_eq!(used(&day, FiatCurrency::EUR), expected);
    }
}

#[test]
fn near_the_end_the_list_serves_for_five_seconds() {
    let mut day = Day::new(TimeDelta::minutes(10));
    day.read(at(NOON), sold(&[]));
    assert!(!day.is_stale(at("2026-03-10T12:00:05Z"), true));
    assert!(day.is_stale(at("2026-03-10T12:00:06Z"), true));
}
