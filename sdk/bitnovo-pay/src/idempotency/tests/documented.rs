//! The page about keys says what the code does.

use std::collections::BTreeSet;

use super::*;
use crate::idempotency::{
    KeyCheck,
    lookup::{LOOKS, SEARCH_WITHIN},
};

const PAGE: &str = include_str!("../../../../../docs/idempotency.md");

/// The name in the drawing. A variant that is added has to be drawn.
fn drawn(state: &KeyState) -> &'static str {
    match state {
        KeyState::Pending(_) => "pending",
        KeyState::Placed(_) => "placed",
        KeyState::Unchecked { .. } => "unchecked",
    }
}

fn found<R>(check: &KeyCheck<R>) -> &'static str {
    match check {
        KeyCheck::Exists(_) => "exists",
        KeyCheck::Free(_) => "free",
    }
}

#[tokio::test(start_paused = true)]
async fn the_drawing_names_every_state_and_no_other() {
    let (api, memory) = (Api::default(), keys());
    let order = create(&api, &memory, &onchain(), &key()).await.unwrap();
    let attempt = memory.clock.attempt();
    let states = [
        KeyState::Pending(attempt),
        KeyState::Placed(order.clone()),
        KeyState::Unchecked { order: order.clone(), attempt },
    ];
    let names = states.iter().map(|state| {
        let json = serde_json::to_value(state).unwrap();
        let name = json.as_object().unwrap().keys().next().unwrap().clone();
        assert_eq!(name, drawn(state), "the name that is recorded");
        name
    });
    let checks = [KeyCheck::Exists(order), KeyCheck::Free(())];
    let expected: BTreeSet<String> =
        names.chain(checks.iter().map(|check| found(check).to_owned())).collect();
    let drawing = PAGE.split("```text").nth(1).unwrap().split("```").next().unwrap();
    let words = drawing.split('[').skip(1).map(|rest| rest.split(']').next().unwrap().to_owned());
    assert_eq!(words.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_price_of_a_lost_answer_is_the_one_on_the_page() {
    for expected in [
        format!("| an answer that is lost | up to {LOOKS} looks | up to {} seconds", SEARCH_WITHIN.as_secs()),
        format!("after {} minutes, and still not in the list", UNKNOWN_OUTCOME_WINDOW.as_secs() / 60),
    ] {
        assert!(PAGE.contains(&expected), "{expected}");
    }
}
