//! What the API tells and what it means, status by status.

use chrono::{DateTime, Utc};

use super::*;
use crate::{NotPayable, Payable, Reading, single_payment::OnePayment};

/// An XRP order of 4.534059, as the API answers while nothing has been paid, with some fields replaced.
fn payment(changes: &[(&str, &str)]) -> Payment {
    let mut json = include_str!("../../../../tests/samples/orders_info_200_PE.json").to_owned();
    for (field, value) in changes {
        let start = json.find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("no field {field}"));
        let end = start + json[start..].find('\n').unwrap();
        let comma = if json[..end].trim_end().ends_with(',') { "," } else { "" };
        json.replace_range(start..end, &format!("\"{field}\": {value}{comma}"));
    }
    let OnePayment(payment) = serde_json::from_str(&json).unwrap();
    payment
}

fn sample(json: &str) -> Payment {
    let OnePayment(payment) = serde_json::from_str(json).unwrap();
    payment
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

const EARLY: &str = r#"[{"amount": 1, "created_at": "2025-02-03T10:04:10.551200+01:00"}]"#;
const LATE: &str = r#"[{"amount": 1, "created_at": "2025-02-03T09:16:00Z"}]"#;

#[test]
fn every_status_has_the_verdict_of_the_table() {
    for (status, verdict) in [
        ("NR", "unpaid"),
        ("PE", "unpaid"),
        ("AC", "detected"),
        ("IA", "underpaid"),
        ("CO", "paid"),
        ("CM", "paid"),
        ("OC", "needs_review"),
        ("EX", "expired"),
        ("CA", "expired"),
        ("RF", "refunded"),
        ("FA", "failed"),
        ("DE", "expired"),
        ("ZZ", "needs_review"),
        ("", "needs_review"),
    ] {
        let payment = payment(&[("status", &format!("\"{status}\""))]);
        assert_eq!(payment.verdict().as_str(), verdict, "{status}");
        assert_eq!(payment.verdict().may_ship(), verdict == "paid", "{status}");
    }
}

#[test]
fn the_samples_mean_what_they_are_named_after() {
    use Verdict::{Detected, Expired, NeedsReview, Paid, Underpaid, Unpaid};
    for (json, verdict) in [
        (include_str!("../../../../tests/samples/orders_info_200_NR.json"), Unpaid),
        (include_str!("../../../../tests/samples/orders_info_200_PE.json"), Unpaid),
        (include_str!("../../../../tests/samples/orders_info_200_AC_unsafe.json"), Detected),
        (include_str!("../../../../tests/samples/orders_info_200_AC_safe.json"), Paid),
        (include_str!("../../../../tests/samples/orders_info_200_IA.json"), Underpaid),
        (include_str!("../../../../tests/samples/orders_info_200_CO.json"), Paid),
        (include_str!("../../../../tests/samples/orders_info_200_OC.json"), NeedsReview(Some(Review::Short))),
        (include_str!("../../../../tests/samples/orders_info_200_EX.json"), Expired),
        (include_str!("../../../../tests/samples/orders_info_200_CA.json"), Expired),
        (include_str!("../../../../tests/samples/websocket_message_CO.json"), Paid),
    ] {
        assert_eq!(sample(json).verdict(), verdict, "{json}");
    }
}

#[test]
fn goods_are_not_released_on_a_payment_that_does_not_say_it_is_safe() {
    for safe in ["false", "null"] {
        let payment = payment(&[("status", "\"AC\""), ("safe", safe), ("unconfirmed_amount", "4.534059")]);
        assert_eq!(payment.verdict(), Verdict::Detected);
        assert!(!payment.verdict().may_ship());
    }
}

#[test]
fn a_confirmed_surplus_is_overpaid_to_the_last_digit() {
    let co = ("status", "\"CO\"");
    for (confirmed, verdict, surplus) in [
        ("4.534059", Verdict::Paid, None),
        ("4.5340590", Verdict::Paid, None),
        ("4.534060", Verdict::Overpaid, Some("0.000001")),
        ("5", Verdict::Overpaid, Some("0.465941")),
        ("4.5", Verdict::Paid, None),
        ("null", Verdict::Paid, None),
    ] {
        let payment = payment(&[co, ("confirmed_amount", confirmed)]);
        assert_eq!(payment.verdict(), verdict, "{confirmed}");
        assert_eq!(payment.facts_as_reported().surplus(), surplus.map(money), "{confirmed}");
    }
}

#[test]
fn a_safe_surplus_is_overpaid_before_it_is_confirmed() {
    let payment = payment(&[
        ("status", "\"AC\""),
        ("safe", "true"),
        ("unconfirmed_amount", "3"),
        ("confirmed_amount", "2"),
    ]);
    assert_eq!(payment.verdict(), Verdict::Overpaid);
    assert_eq!(payment.facts_as_reported().surplus(), Some(money("0.465941")));
}

#[test]
fn what_is_missing_is_exact_and_only_asked_for_while_it_can_be_paid() {
    let ia = ("status", "\"IA\"");
    let ahead = at("2025-02-03T09:10:00Z");
    let asked = |payment: &Payment, now| payment.facts_as_reported().payable(&Reading::at(now), now);
    let sample = sample(include_str!("../../../../tests/samples/orders_info_200_IA.json"));
    assert_eq!(asked(&sample, ahead), Payable::Rest(money("2.534059")));
    let split = payment(&[ia, ("confirmed_amount", "1.1"), ("unconfirmed_amount", "0.2")]);
    assert_eq!(asked(&split, ahead), Payable::Rest(money("3.234059")));
    let over = asked(&split, at("2025-02-03T09:15:02Z"));
    assert_eq!(over, Payable::Nothing(NotPayable::TimeOver));
    for unknown in [("crypto_amount", "null"), ("received_amount", "3.1"), ("transactions", EARLY)] {
        let payment = payment(&[ia, unknown]);
        assert_eq!(asked(&payment, ahead), Payable::Nothing(NotPayable::AmountUnknown), "{unknown:?}");
    }
    let complete = payment(&[ia, ("confirmed_amount", "4.534059")]);
    assert_eq!(asked(&complete, ahead), Payable::Nothing(NotPayable::FundsSeen));
}

#[test]
fn what_came_short_is_exact_after_the_time_is_over_too() {
    let oc = ("status", "\"OC\"");
    for (confirmed, transactions, shortfall) in
        [("2", EARLY, Some("2.534059")), ("4.534058", LATE, Some("0.000001")), ("4.534059", LATE, None)]
    {
        let payment = payment(&[oc, ("confirmed_amount", confirmed), ("transactions", transactions)]);
        assert_eq!(payment.facts_as_reported().shortfall(), shortfall.map(money), "{confirmed}");
    }
    let underpaid = payment(&[("status", "\"IA\""), ("confirmed_amount", "1")]);
    assert_eq!(underpaid.facts_as_reported().shortfall(), Some(money("3.534059")));
    // Only what is short by the amounts themselves: in fiat it is not known how much crypto is missing.
    let unknown = [oc, ("crypto_amount", "null"), ("received_amount", "9.99"), ("transactions", "null")];
    assert_eq!(payment(&unknown).facts_as_reported().shortfall(), None);
    assert_eq!(payment(&[]).facts_as_reported().shortfall(), None);
}

#[test]
fn amounts_that_make_no_sense_ask_nobody_for_money() {
    let six = CurrencyFacts { decimals: Some(6), ..CurrencyFacts::default() };
    let now = at("2025-02-03T09:05:00Z");
    let payable = |changes: &[(&str, &str)]| payment(changes).facts(&six).payable(&Reading::at(now), now);
    let ia = ("status", "\"IA\"");
    for changes in [
        &[ia, ("confirmed_amount", "-1")][..],
        &[ia, ("confirmed_amount", "2"), ("unconfirmed_amount", "-0.000001")],
        &[("crypto_amount", "0")],
        &[("crypto_amount", "-4.534059")],
        &[ia, ("crypto_amount", "-4.534059"), ("confirmed_amount", "-5")],
    ] {
        assert_eq!(payable(changes), Payable::Nothing(NotPayable::AmountUnknown), "{changes:?}");
    }
    // The residue of a binary fraction is nothing on either side of it, and a link without a currency asks for nothing yet.
    let residue = [ia, ("confirmed_amount", "2"), ("unconfirmed_amount", "-5.551115123125783e-17")];
    assert_eq!(payable(&residue), Payable::Rest(money("2.534059")));
    assert_eq!(payable(&[("currency_id", "null"), ("crypto_amount", "0.0")]), Payable::All(None));
}

#[test]
fn an_address_that_may_need_a_tag_is_not_shown_without_one_while_its_network_is_not_known() {
    let now = at("2025-02-03T09:05:00Z");
    let unknown = CurrencyFacts::unlisted("USDC_X");
    let polygon = CurrencyFacts { tag: TagRule::None, ..CurrencyFacts::default() };
    let payable = |address: &str, tag: &str, coin: &CurrencyFacts| {
        let (address, tag) = (format!("{address:?}"), format!("{tag:?}"));
        let payment = payment(&[("currency_id", "\"USDC_X\""), ("address", &address), ("tag_memo", &tag)]);
        payment.facts(coin).payable(&Reading::at(now), now)
    };
    for address in ["GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "rrrrrrrrrrrrrrrrrrrrrhoLvTp"]
    {
        assert_eq!(payable(address, "", &unknown), Payable::Nothing(NotPayable::LacksTag), "{address}");
        assert!(payable(address, "12345", &unknown).may_ask(), "{address}");
        assert!(payable(address, "", &polygon).may_ask(), "the network is known: {address}");
    }
    for address in [
        "0x000000000000000000000000000000000000dEaD",
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "GLR2BGMZEHXAVIRZA4",
    ] {
        assert!(payable(address, "", &unknown).may_ask(), "{address}");
    }
}

#[test]
fn binary_fractions_are_no_surplus_and_no_shortfall_where_the_decimals_are_known() {
    let six = CurrencyFacts { decimals: Some(6), ..CurrencyFacts::default() };
    for (status, confirmed, as_reported, known) in [
        (
            "CO",
            "4.53405900000000004",
            (Verdict::Overpaid, Some("0.00000000000000004"), None),
            (Verdict::Paid, None, None),
        ),
        ("CO", "4.53405899999999996", (Verdict::Paid, None, None), (Verdict::Paid, None, None)),
        (
            "OC",
            "4.5340589999999999",
            (Verdict::NeedsReview(Some(Review::Short)), None, Some("0.0000000000000001")),
            (Verdict::NeedsReview(Some(Review::Late)), None, None),
        ),
        (
            "IA",
            "1.53405900000000004",
            (Verdict::Underpaid, None, Some("2.99999999999999996")),
            (Verdict::Underpaid, None, Some("3")),
        ),
        (
            "IA",
            "1.5340591",
            (Verdict::Underpaid, None, Some("2.9999999")),
            (Verdict::Underpaid, None, Some("3")),
        ),
        // A real unit is one.
        (
            "CO",
            "4.53406",
            (Verdict::Overpaid, Some("0.000001"), None),
            (Verdict::Overpaid, Some("0.000001"), None),
        ),
    ] {
        let payment = payment(&[("status", &format!("\"{status}\"")), ("confirmed_amount", confirmed)]);
        for (coin, (verdict, surplus, shortfall)) in [(CurrencyFacts::default(), as_reported), (six, known)] {
            let facts = payment.facts(&coin);
            assert_eq!(facts.verdict, verdict, "{status} {confirmed} {coin:?}");
            assert_eq!(facts.surplus(), surplus.map(money), "{status} {confirmed} {coin:?}");
            assert_eq!(facts.shortfall(), shortfall.map(money), "{status} {confirmed} {coin:?}");
        }
    }
    let noisy = payment(&[("crypto_amount", "0.30000000000000004")]).facts(&six);
    assert_eq!(noisy.asked, Some(money("0.3")));
    let too_fine = payment(&[("crypto_amount", "0.1234561")]).facts(&six);
    assert_eq!(too_fine.asked, Some(money("0.123457")), "rounded up: the customer must not send too little");
}

#[test]
fn a_residue_below_the_smallest_unit_is_nothing() {
    let eight = CurrencyFacts { decimals: Some(8), ..CurrencyFacts::default() };
    for residue in ["5.5511151231e-17", "0.000000009", "1e-28"] {
        let waiting = payment(&[("unconfirmed_amount", residue)]).facts(&eight);
        assert!(!waiting.funds_seen, "{residue}");
        let safe = [("status", "\"AC\""), ("safe", "true"), ("confirmed_amount", "4.534059")];
        let safe = payment(&[&safe[..], &[("unconfirmed_amount", residue)]].concat()).facts(&eight);
        assert_eq!((safe.verdict, safe.surplus()), (Verdict::Paid, None), "{residue}");
        let expired = payment(&[("status", "\"EX\""), ("unconfirmed_amount", residue)]).facts(&eight);
        assert_eq!(expired.verdict, Verdict::Expired, "{residue}");
    }
    assert!(payment(&[("unconfirmed_amount", "0.00000001")]).facts(&eight).funds_seen);
}

#[test]
fn what_expired_with_funds_is_for_a_person_to_decide() {
    for (changes, details) in [
        (vec![("confirmed_amount", "4.534059")], Some("late")),
        (vec![("confirmed_amount", "5"), ("transactions", EARLY)], Some("late")),
        (vec![("confirmed_amount", "2")], Some("short")),
        (vec![("unconfirmed_amount", "2"), ("transactions", LATE)], Some("both")),
        (vec![("transactions", EARLY)], None),
        (vec![("received_amount", "10")], None),
    ] {
        let payment = payment(&[&[("status", "\"EX\"")], &changes[..]].concat());
        assert_eq!(payment.verdict().as_str(), "needs_review", "{changes:?}");
        assert_eq!(payment.verdict().details(), details, "{changes:?}");
    }
    assert_eq!(payment(&[("status", "\"EX\"")]).verdict(), Verdict::Expired);
}

#[test]
fn a_payment_that_is_paid_by_its_status_and_not_by_its_amounts_says_so() {
    for (status, safe, confirmed, unconfirmed, missing) in [
        ("CO", "false", "4", "0", Some("0.534059")),
        ("CO", "false", "4", "0.534059", Some("0.534059")),
        ("CO", "false", "4.534059", "0", None),
        ("CO", "false", "null", "0", None),
        ("AC", "true", "1", "1", Some("2.534059")),
        ("AC", "true", "1", "3.534059", None),
        ("AC", "false", "1", "1", None),
        // The merchant's word counts.
        ("CM", "false", "1", "0", None),
    ] {
        let status = format!("\"{status}\"");
        let fields = [("status", status.as_str()), ("safe", safe), ("confirmed_amount", confirmed)];
        let facts =
            payment(&[&fields[..], &[("unconfirmed_amount", unconfirmed)]].concat()).facts_as_reported();
        assert_eq!(facts.unexplained_shortfall(), missing.map(money), "{fields:?} {unconfirmed}");
        assert_eq!(
            facts.verdict.may_ship(),
            safe == "true" || status != "\"AC\"",
            "the verdict stays: {fields:?}"
        );
    }
}

#[test]
fn a_tag_that_is_needed_and_not_there_is_noticed() {
    let tagged = CurrencyFacts::unlisted("XRP_TEST");
    assert_eq!(payment(&[]).facts(&tagged).destination, Destination::Sound);
    for tag in ["\"\"", "null"] {
        let payment_without = payment(&[("tag_memo", tag)]);
        assert_eq!(payment_without.facts(&tagged).destination, Destination::LacksTag, "{tag}");
        // Its address is one of the XRP Ledger, whatever is known of the coin.
        assert_eq!(payment_without.facts_as_reported().destination, Destination::LacksTag, "{tag}");
        // No currency is chosen yet.
        let open = payment(&[("tag_memo", tag), ("currency_id", "null")]);
        assert_eq!(open.facts(&tagged).destination, Destination::Sound, "{tag}");
    }
    for hidden in [("address", "\"r\\u200bx\""), ("tag_memo", "\"1\\n\""), ("tag_memo", "\"abc\"")] {
        assert_eq!(payment(&[hidden]).facts(&tagged).destination, Destination::Unreadable, "{hidden:?}");
    }
}

#[test]
fn out_of_conditions_says_whether_it_was_short_late_or_both() {
    for (changes, details) in [
        (vec![("confirmed_amount", "2"), ("transactions", EARLY)], Some("short")),
        (vec![("confirmed_amount", "2"), ("transactions", LATE)], Some("both")),
        (vec![("confirmed_amount", "4.534059"), ("transactions", LATE)], Some("late")),
        // In full and nothing after the expiry: it cannot have been anything but late.
        (vec![("confirmed_amount", "4.534059"), ("transactions", EARLY)], Some("late")),
        // Late funds are worth another amount of fiat: that alone does not make them short.
        (
            vec![("confirmed_amount", "4.534059"), ("received_amount", "9.5"), ("transactions", LATE)],
            Some("late"),
        ),
        // Without crypto amounts the fiat ones decide.
        (
            vec![("crypto_amount", "null"), ("received_amount", "9.99"), ("transactions", "null")],
            Some("short"),
        ),
        (vec![("crypto_amount", "null"), ("received_amount", "null"), ("transactions", LATE)], Some("late")),
        (vec![("crypto_amount", "null"), ("received_amount", "null"), ("transactions", "null")], None),
    ] {
        let mut all = vec![("status", "\"OC\"")];
        all.extend(&changes);
        assert_eq!(payment(&all).verdict().details(), details, "{changes:?}");
    }
}
