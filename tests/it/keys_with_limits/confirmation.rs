//! A key and human approval: the approval is for the one order, also when another call asks for it again.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::*;

const CONFIRM: [(&str, &str); 1] = [("BITNOVO_CONFIRM_OVER", "500 EUR")];

fn with_token(mut arguments: Value, token: &Value) -> Value {
    arguments["confirmation_token"] = token.clone();
    arguments
}

/// The token of the question that is asked instead of creating.
fn asked(error: &Value) -> Value {
    is_limit(error, "BITNOVO_CONFIRM_OVER");
    error["details"]["confirmation_token"].clone()
}

/// Calls, and gives the call with the question that a person is asked.
fn ask(session: &mut Session, arguments: &Value) -> (u64, Value) {
    let call = session.begin_call(ONCHAIN, arguments);
    let question = session.receive();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let amount = format!("{}.00 EUR", arguments["amount_eur"]);
    assert!(question["params"]["message"].as_str().unwrap().contains(&amount), "{question}");
    (call, question)
}

#[tokio::test]
async fn a_sale_that_was_confirmed_is_repeated_without_another_yes_here_and_after_a_kill() {
    let sandbox = Sandbox::start();
    let mut first = session(&sandbox, &CONFIRM);
    let token = asked(&first.refused(ONCHAIN, sale("K", 750)));
    let created = first.done(ONCHAIN, with_token(sale("K", 750), &token));
    // Dropping a session kills its server with SIGKILL.
    for mut session in [first, session(&sandbox, &CONFIRM)] {
        for arguments in [sale("K", 750), with_token(sale("K", 750), &token)] {
            let again = session.done(ONCHAIN, arguments);
            assert_eq!(told(&again), told(&created));
            assert!(again["warnings"][0].is_string(), "{again}");
        }
        is_conflict(&session.refused(ONCHAIN, sale("K", 800)));
        asked(&session.refused(ONCHAIN, sale("L", 750)));
    }
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn a_call_without_the_yes_beside_those_with_it_gets_the_order_or_the_question() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, &CONFIRM);
    for round in 0..20 {
        let arguments = sale(&format!("K-{round}"), 750);
        let token = asked(&session.refused(ONCHAIN, arguments.clone()));
        let confirmed = with_token(arguments.clone(), &token);
        let mut calls = [confirmed.clone(), arguments.clone(), confirmed];
        calls.rotate_left(round % 3);
        let calls = calls.each_ref().map(|arguments| session.begin_call(ONCHAIN, arguments));
        let answers = answers(&mut session, &calls);
        let [without, with, twice] = [4, 3, 5].map(|place| &answers[&calls[(place - round % 3) % 3]]);
        let order = with.done("the call with the yes");
        assert_eq!(told(&twice.done("the same call twice")), told(&order));
        if without.is_error() {
            asked(&without.refused("the call without the yes"));
        } else {
            assert_eq!(told(&without.done("the call without the yes")), told(&order));
        }
        assert_eq!(told(&session.done(ONCHAIN, arguments)), told(&order));
        assert_eq!(sandbox.count().await, round + 1);
    }
}

#[tokio::test]
async fn a_call_that_waits_behind_the_confirmed_one_is_not_asked() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, &[CONFIRM[0], ("API_TIMEOUT", "1000")]);
    let token = asked(&session.refused(ONCHAIN, sale("K", 750)));
    hold_up(&sandbox, CREATE).await;
    let confirmed = session.begin_call(ONCHAIN, &with_token(sale("K", 750), &token));
    arrived(&sandbox, CREATE, 1).await;
    let follower = session.begin_call(ONCHAIN, &sale("K", 750));
    let answers = answers(&mut session, &[confirmed, follower]);
    assert_eq!(told(&answers[&follower].done("follower")), told(&answers[&confirmed].done("confirmed")));
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn a_yes_is_not_lost_while_nothing_was_created() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, &CONFIRM);
    let token = asked(&session.refused(ONCHAIN, sale("K", 750)));
    let confirmed = with_token(sale("K", 750), &token);
    for first in [&confirmed, &sale("K", 750)] {
        // The API refuses the create.
        sandbox.fault(CREATE, "status", json!({ "status": 400 })).await;
        let other = if first == &confirmed { sale("K", 750) } else { confirmed.clone() };
        let calls = [first, &other].map(|arguments| session.begin_call(ONCHAIN, arguments));
        for answer in answers(&mut session, &calls).values() {
            assert_eq!(answer.refused("a refused create")["outcome"], "not_created");
        }
    }
    // The caller gives up before anything was sent: the next in line is asked for itself.
    sandbox.steer("reset", json!({})).await;
    hold_up(&sandbox, LOOK).await;
    let gone = session.begin_call(ONCHAIN, &confirmed);
    arrived(&sandbox, LOOK, 1).await;
    let follower = session.begin_call(ONCHAIN, &sale("K", 750));
    session.cancel(gone);
    asked(&answers(&mut session, &[follower])[&follower].refused("follower"));
    assert_eq!(sandbox.count().await, 0);
    // And once the order exists, giving up loses nothing: whoever follows gets it, without another yes.
    hold_up(&sandbox, CREATE).await;
    let gone = session.begin_call(ONCHAIN, &confirmed);
    arrived(&sandbox, CREATE, 1).await;
    session.cancel(gone);
    let follower = session.begin_call(ONCHAIN, &sale("K", 750));
    let order = answers(&mut session, &[follower])[&follower].done("follower");
    let orders = sandbox.look("orders").await;
    assert_eq!((orders.as_array().unwrap().len(), &orders[0]["identifier"]), (1, &order["identifier"]));
}

#[tokio::test]
async fn while_a_person_is_asked_about_a_sale_others_come_for_the_same_and_for_another() {
    for first_says in ["accept", "decline", "cancel"] {
        let sandbox = Sandbox::start();
        let mut session = Session::with_person(Revision::Handshake, &[], &environment(&sandbox, &CONFIRM));
        let calls = [750, 750, 800].map(|amount| ask(&mut session, &sale("K", amount)));
        session.done(ONCHAIN, sale("L", 5));
        assert_eq!(sandbox.count().await, 1, "nothing is created before the answer");
        let mut ends = Vec::new();
        for ((call, question), says) in calls.iter().zip([first_says, "accept", "accept"]) {
            session.answer(question, json!({ "action": says }));
            ends.push(answers(&mut session, &[*call]).remove(call).unwrap());
        }
        let order = ends[1].done("the follower");
        if first_says == "accept" {
            assert_eq!(told(&ends[0].done("a yes")), told(&order));
        } else {
            is_limit(&ends[0].refused("a no"), "BITNOVO_CONFIRM_OVER");
        }
        is_conflict(&ends[2].refused("other arguments"));
        // Fails when a question comes first.
        assert_eq!(told(&session.done(ONCHAIN, sale("K", 750))), told(&order));
        assert_eq!(sandbox.count().await, 2, "{first_says}");
    }
}

#[tokio::test]
async fn every_yes_at_once_makes_one_order() {
    let sandbox = Sandbox::start();
    let mut session = Session::with_person(Revision::Handshake, &[], &environment(&sandbox, &CONFIRM));
    let amount = |call: u32| if call % 3 == 2 { 800 } else { 750 };
    let calls: Vec<(u64, Value)> = (0..10).map(|call| ask(&mut session, &sale("K", amount(call)))).collect();
    calls.iter().for_each(|(_, question)| session.answer(question, json!({ "action": "accept" })));
    let calls: Vec<u64> = calls.into_iter().map(|(call, _)| call).collect();
    let mut orders = HashSet::new();
    for answer in answers(&mut session, &calls).values() {
        if answer.is_error() {
            is_conflict(&answer.refused("other arguments"));
        } else {
            orders.insert(json!(told(&answer.done("a yes"))).to_string());
        }
    }
    assert_eq!((orders.len(), sandbox.count().await), (1, 1), "{orders:?}");
}

#[tokio::test]
async fn a_no_to_a_sale_that_was_made_meanwhile_does_not_say_that_there_is_none() {
    let sandbox = Sandbox::start();
    let mut session = Session::with_person(Revision::Handshake, &[], &environment(&sandbox, &CONFIRM));
    let [first, second] = [(); 2].map(|()| ask(&mut session, &sale("K", 750)));
    session.answer(&first.1, json!({ "action": "accept" }));
    let order = answers(&mut session, &[first.0])[&first.0].done("a yes");
    session.answer(&second.1, json!({ "action": "decline" }));
    let end = &answers(&mut session, &[second.0])[&second.0];
    assert_eq!(told(&end.done("a no")), told(&order), "it exists, whatever was said");
}

#[tokio::test]
async fn a_question_by_return_is_answered_for_the_sale_and_not_for_the_call() {
    let sandbox = Sandbox::start();
    let mut session = Session::with_person(Revision::Stateless, &[], &environment(&sandbox, &CONFIRM));
    let call = |session: &mut Session, arguments: Value, state: Option<&Value>| {
        let mut call = json!({ "name": ONCHAIN, "arguments": arguments });
        if let Some(state) = state {
            call["inputResponses"] = json!({ "confirm": { "action": "accept", "content": {} } });
            call["requestState"] = state.clone();
        }
        session.request("tools/call", call)
    };
    let states = [750, 750, 800].map(|amount| {
        let interim = call(&mut session, sale("K", amount), None)["result"].clone();
        assert_eq!(interim["resultType"], "input_required", "{interim}");
        interim["requestState"].clone()
    });
    let order = Answer::of(&call(&mut session, sale("K", 750), Some(&states[0]))).done("a yes");
    for state in [Some(&states[0]), Some(&states[1]), None] {
        let again = Answer::of(&call(&mut session, sale("K", 750), state)).done("the same sale");
        assert_eq!(told(&again), told(&order));
    }
    is_conflict(
        &Answer::of(&call(&mut session, sale("K", 800), Some(&states[2]))).refused("other arguments"),
    );
    assert_eq!(sandbox.count().await, 1);
}
