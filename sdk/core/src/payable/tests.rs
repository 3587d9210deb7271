//! The decision over every verdict, funds, expiry and reading.

use super::*;

const NOW: &str = "2025-02-03T09:05:00Z";

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn facts(verdict: Verdict, received: Option<&str>, expires_at: Option<&str>) -> PaymentFacts {
    let received = received.map(money);
    PaymentFacts {
        verdict,
        asked: Some(money("0.5")),
        received,
        funds_seen: received.is_some_and(Money::is_positive),
        expires_at: expires_at.map(at),
        destination: Destination::Sound,
    }
}

/// A reading a moment ago; one before a failure; one that is too old; one from a clock that was set back since.
fn readings() -> [(Reading, bool); 5] {
    [
        (Reading::at(at("2025-02-03T09:04:59Z")), true),
        (Reading::at(at("2025-02-03T09:04:30Z")), true),
        (Reading { outdated_since: Some(at(NOW)), ..Reading::at(at(NOW)) }, false),
        (Reading::at(at("2025-02-03T09:04:29Z")), false),
        (Reading::at(at("2025-02-03T09:05:31Z")), false),
    ]
}

#[test]
fn only_an_open_payment_in_time_and_freshly_read_may_be_asked_for() {
    use Verdict::{Detected, Expired, Failed, NeedsReview, Overpaid, Paid, Refunded, Underpaid, Unpaid};
    for verdict in [
        Unpaid,
        Detected,
        Underpaid,
        Paid,
        Overpaid,
        NeedsReview(None),
        NeedsReview(Some(Review::Short)),
        Expired,
        Refunded,
        Failed,
    ] {
        for received in [None, Some("0"), Some("0.2"), Some("0.5"), Some("0.6")] {
            for (expires_at, ahead) in
                [(None, true), (Some("2025-02-03T09:05:01Z"), true), (Some(NOW), false)]
            {
                for (reading, fresh) in readings() {
                    let payable = facts(verdict, received, expires_at).payable(&reading, at(NOW));
                    let expected = match (verdict, received) {
                        (Unpaid, None | Some("0")) => Payable::All(Some(money("0.5"))),
                        (Underpaid, Some("0")) => Payable::Rest(money("0.5")),
                        (Underpaid, Some("0.2")) => Payable::Rest(money("0.3")),
                        (Underpaid, None) => Payable::Nothing(NotPayable::AmountUnknown),
                        _ => Payable::Nothing(NotPayable::FundsSeen),
                    };
                    let case = format!("{verdict:?} {received:?} {expires_at:?} {reading:?}");
                    if !matches!(verdict, Unpaid | Underpaid) {
                        assert_eq!(payable, Payable::Nothing(NotPayable::Decided), "{case}");
                    } else if !fresh {
                        assert_eq!(payable, Payable::Nothing(NotPayable::Stale), "{case}");
                    } else if ahead {
                        assert_eq!(payable, expected, "{case}");
                    } else {
                        assert!(!payable.may_ask() && payable.amount().is_none(), "{case}: {payable:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_is_asked_for_that_would_not_arrive() {
    for (destination, reason) in [
        (Destination::LacksTag, NotPayable::LacksTag),
        (Destination::Unreadable, NotPayable::UnreadableDestination),
    ] {
        for (verdict, received) in [(Verdict::Unpaid, None), (Verdict::Underpaid, Some("0.2"))] {
            let facts = PaymentFacts { destination, ..facts(verdict, received, None) };
            assert_eq!(facts.payable(&Reading::at(at(NOW)), at(NOW)), Payable::Nothing(reason));
        }
    }
}

#[test]
fn nothing_and_less_than_nothing_are_no_amounts_to_send() {
    for asked in ["0", "-1"] {
        for (verdict, received) in [(Verdict::Unpaid, None), (Verdict::Underpaid, Some("-2"))] {
            let facts = PaymentFacts { asked: Some(money(asked)), ..facts(verdict, received, None) };
            let payable = facts.payable(&Reading::at(at(NOW)), at(NOW));
            assert_eq!(payable, Payable::Nothing(NotPayable::AmountUnknown), "{asked} {verdict:?}");
        }
    }
}

#[test]
fn an_amount_that_is_not_known_is_asked_for_only_while_nothing_has_come() {
    let open = PaymentFacts { asked: None, ..facts(Verdict::Unpaid, Some("0"), None) };
    assert_eq!(open.payable(&Reading::at(at(NOW)), at(NOW)), Payable::All(None));
    let begun = PaymentFacts { asked: None, ..facts(Verdict::Underpaid, Some("0.2"), None) };
    let reason = NotPayable::AmountUnknown;
    assert_eq!(begun.payable(&Reading::at(at(NOW)), at(NOW)), Payable::Nothing(reason));
}
