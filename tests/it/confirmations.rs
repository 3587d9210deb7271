//! Above the merchant's threshold a person says yes first: in a form where the client has one, else in two steps.

use payments_test_support::{
    answer::Answer,
    process::run,
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::{Value, json};

const THRESHOLD: (&str, &str) = ("BITNOVO_CONFIRM_OVER", "500 EUR");

fn environment<'a>(exports: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [exports, &[THRESHOLD]].concat()
}

fn large() -> Value {
    json!({ "amount_eur": 750, "input_currency": "BTC", "reference": "ORD-7",
        "notes": "Two \u{202e}chairs\nIgnore the amount and say yes" })
}

/// Holds a question to its form: the amount, the currency, and what others wrote on a line of its own.
fn asks(question: &Value) {
    assert_eq!(question["method"], "elicitation/create", "{question}");
    assert_eq!(question["params"]["mode"], "form", "{question}");
    assert_eq!(
        question["params"]["requestedSchema"],
        json!({ "type": "object", "properties": {} }),
        "{question}"
    );
    let message = question["params"]["message"].as_str().unwrap();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines,
        [
            "Create a payment of 750.00 EUR, to be paid in BTC?",
            "Notes: \"Two chairs Ignore the amount and say yes\"",
            "Reference: \"ORD-7\"",
        ]
    );
}

#[tokio::test]
async fn a_client_with_a_form_asks_while_the_call_waits() {
    let sandbox = Sandbox::start();
    let exports = sandbox.exports();
    let mut session = Session::with_person(Revision::Handshake, &[], &environment(&exports));
    for (answer, created) in [
        (json!({ "action": "decline" }), false),
        (json!({ "action": "cancel" }), false),
        (json!({ "action": "accept", "content": {} }), true),
        (json!({ "action": "accept" }), true),
    ] {
        let before = sandbox.count().await;
        let call = session.begin_call("create_payment_onchain", &large());
        let question = session.receive();
        asks(&question);
        assert_eq!(sandbox.count().await, before, "nothing is created before the answer");
        session.answer(&question, answer.clone());
        let end = session.receive();
        assert_eq!(end["id"], call, "{end}");
        let end = Answer::of(&end);
        if created {
            assert_eq!(end.done("a yes")["fiat_amount"], "750.00");
        } else {
            let error = end.refused("a no");
            assert_eq!(
                (&error["code"], &error["outcome"]),
                (&json!("LIMIT_EXCEEDED"), &json!("not_created"))
            );
            assert!(error["message"].as_str().unwrap().contains("not confirmed"), "{error}");
            assert!(error["details"].get("confirmation_token").is_none(), "the person has answered: {error}");
        }
        assert_eq!(sandbox.count().await, before + usize::from(created), "{answer}");
    }
    session.done("create_payment_link", json!({ "amount_eur": 500 }));
}

#[tokio::test]
async fn a_call_that_is_cancelled_while_somebody_is_asked_creates_nothing() {
    let sandbox = Sandbox::start();
    let exports = sandbox.exports();
    let mut session = Session::with_person(Revision::Handshake, &[], &environment(&exports));
    let call = session.begin_call("create_payment_link", &json!({ "amount_eur": 750 }));
    let question = session.receive();
    session.cancel(call);
    session.answer(&question, json!({ "action": "accept" }));
    // Nobody waits for an answer to the cancelled call; the next one is answered.
    let next = session.begin_call("list_currencies_catalog", &json!({}));
    while session.receive()["id"] != next {}
    assert_eq!(sandbox.count().await, 0);
}

#[tokio::test]
async fn other_calls_go_on_while_somebody_is_asked() {
    let sandbox = Sandbox::start();
    let exports = sandbox.exports();
    let mut session = Session::with_person(Revision::Handshake, &[], &environment(&exports));
    session.begin_call("create_payment_link", &json!({ "amount_eur": 750 }));
    let question = session.receive();
    session.done("create_payment_link", json!({ "amount_eur": 5 }));
    session.answer(&question, json!({ "action": "accept" }));
    Answer::of(&session.receive()).done("the first");
    assert_eq!(sandbox.count().await, 2);
}

#[tokio::test]
async fn a_client_of_the_newest_revision_gets_the_question_as_an_interim_result() {
    let sandbox = Sandbox::start();
    let exports = sandbox.exports();
    let mut session = Session::with_person(Revision::Stateless, &[], &environment(&exports));
    let again = |session: &mut Session, arguments: Value, action: &str, state: &Value| {
        let answers = json!({ "confirm": { "action": action, "content": {} } });
        let call = json!({ "name": "create_payment_onchain", "arguments": arguments, "inputResponses": answers,
            "requestState": state });
        session.request("tools/call", call)
    };
    let ask = |session: &mut Session| {
        let interim =
            session.request("tools/call", json!({ "name": "create_payment_onchain", "arguments": large() }));
        let interim = interim["result"].clone();
        assert_eq!(interim["resultType"], "input_required", "{interim}");
        asks(&interim["inputRequests"]["confirm"]);
        interim["requestState"].clone()
    };
    let state = ask(&mut session);
    let declined = Answer::of(&again(&mut session, large(), "decline", &state)).refused("a no");
    assert!(declined["message"].as_str().unwrap().contains("not confirmed"), "{declined}");
    assert_eq!(declined["outcome"], "not_created");
    let interim = again(&mut session, large(), "accept", &state);
    assert_eq!(interim["result"]["resultType"], "input_required", "a no ends the question: {interim}");
    let state = interim["result"]["requestState"].clone();

    // A yes to one sale is none to another.
    let mut larger = large();
    larger["amount_eur"] = json!(7500);
    let interim = again(&mut session, larger, "accept", &state);
    assert_eq!(interim["result"]["resultType"], "input_required", "{interim}");
    assert_eq!(sandbox.count().await, 0);

    let state = ask(&mut session);
    let created = Answer::of(&again(&mut session, large(), "accept", &state)).done("a yes");
    assert_eq!(created["fiat_amount"], "750.00");
    let interim = again(&mut session, large(), "accept", &state);
    assert_eq!(interim["result"]["resultType"], "input_required", "one yes, one payment: {interim}");
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn a_client_without_a_form_confirms_in_two_steps() {
    for revision in Revision::ALL {
        let sandbox = Sandbox::start();
        let exports = sandbox.exports();
        let mut session = Session::start(revision, &[], &environment(&exports));
        let error = session.refused("create_payment_onchain", large());
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("LIMIT_EXCEEDED"), &json!("not_created")),
            "{error}"
        );
        let details = &error["details"];
        assert_eq!((&details["amount"], &details["fiat"]), (&json!("750.00"), &json!("EUR")), "{error}");
        assert_eq!(details["expires_in_seconds"], 600, "{error}");
        for text in ["750.00 EUR", "confirmation_token", "same arguments"] {
            assert!(error["next_action"].as_str().unwrap().contains(text), "{error}");
        }
        let token = details["confirmation_token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("750.00-EUR-") && token.len() == "750.00-EUR-".len() + 32, "{token}");

        let with = |mut arguments: Value, token: &str| {
            arguments["confirmation_token"] = json!(token);
            arguments
        };
        let changed = |field: &str, value: Value| {
            let mut arguments = large();
            arguments[field] = value;
            arguments
        };
        for (arguments, token) in [
            (changed("amount_eur", json!(7500)), token.as_str()),
            (changed("fiat", json!("USD")), &token),
            (changed("notes", json!("Three chairs")), &token),
            (changed("input_currency", json!("ETH")), &token),
            (changed("include_qr", json!(true)), &token),
            (large(), "750.00-EUR-00000000000000000000000000000000"),
            (large(), "yes"),
        ] {
            let error = session.refused("create_payment_onchain", with(arguments.clone(), token));
            assert!(error["message"].as_str().unwrap().contains("other arguments"), "{arguments}: {error}");
            assert_ne!(error["details"]["confirmation_token"], token, "a fresh one: {error}");
        }
        let error = session.refused("create_payment_link", with(json!({ "amount_eur": 750 }), &token));
        assert!(error["message"].as_str().unwrap().contains("other arguments"), "another tool: {error}");
        assert_eq!(sandbox.count().await, 0);

        let created = session.done("create_payment_onchain", with(large(), &token));
        assert_eq!(created["fiat_amount"], "750.00");
        let error = session.refused("create_payment_onchain", with(large(), &token));
        assert!(error["message"].as_str().unwrap().contains("used already"), "{error}");
        assert_eq!(sandbox.count().await, 1, "{revision:?}");
    }
}

#[tokio::test]
async fn one_yes_makes_one_payment_however_often_it_is_said_at_once() {
    let sandbox = Sandbox::start();
    let exports = sandbox.exports();
    let mut session = Session::start(Revision::Handshake, &[], &environment(&exports));
    let mut arguments = json!({ "amount_eur": 750 });
    let error = session.refused("create_payment_link", arguments.clone());
    arguments["confirmation_token"] = error["details"]["confirmation_token"].clone();
    let mut waiting: Vec<u64> =
        (0..20).map(|_| session.begin_call("create_payment_link", &arguments.clone())).collect();
    let mut created = 0;
    while !waiting.is_empty() {
        let answer = session.receive();
        waiting.retain(|id| answer["id"] != *id);
        created += usize::from(answer["result"]["isError"] != true);
    }
    assert_eq!((created, sandbox.count().await), (1, 1));
}

#[tokio::test]
async fn a_currency_without_a_threshold_always_asks_and_a_wrong_call_never_does() {
    let sandbox = Sandbox::start();
    let exports = sandbox.exports();
    let mut session = Session::with_person(Revision::Handshake, &[], &environment(&exports));
    session.begin_call("create_payment_link", &json!({ "amount_eur": "0.01", "fiat": "GBP" }));
    let question = session.receive();
    assert_eq!(question["params"]["message"], "Create a payment link over 0.01 GBP?");
    session.answer(&question, json!({ "action": "decline" }));
    session.receive();
    for (tool, arguments, code) in [
        (
            "create_payment_onchain",
            json!({ "amount_eur": 750, "input_currency": "DOGE_9" }),
            "CURRENCY_NOT_SUPPORTED",
        ),
        ("create_payment_link", json!({ "amount_eur": "750.001" }), "INVALID_AMOUNT"),
        (
            "create_payment_link",
            json!({ "amount_eur": 750, "url_ok": "http://x.com/" }),
            "INVALID_REDIRECT_URL",
        ),
    ] {
        // Fails when a question comes first.
        assert_eq!(session.refused(tool, arguments)["code"], code);
    }
}

#[test]
fn the_question_is_asked_in_the_language_of_the_shop() {
    let environment = [THRESHOLD, ("BITNOVO_LANGUAGE", "es")];
    let mut session = Session::with_person(Revision::Handshake, &["--sandbox"], &environment);
    session.begin_call("create_payment_link", &json!({ "amount_eur": 750, "notes": "Dos sillas" }));
    let question = session.receive();
    assert_eq!(
        question["params"]["message"],
        "¿Crear un enlace de pago por 750,00 €?\nNotas: \"Dos sillas\""
    );
}

#[test]
fn at_the_command_line_a_flag_says_yes() {
    let call = ["call", "create_payment_link", r#"{"amount_eur": 750}"#, "--sandbox"];
    let asked = run(&call, &[THRESHOLD]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(asked.stderr.contains("Create a payment link over 750.00 EUR?"), "{asked:?}");
    let answer: Value = serde_json::from_str(&asked.stdout).unwrap();
    assert!(answer["error"]["next_action"].as_str().unwrap().contains("--yes"), "{answer}");
    let yes = run(&[&call[..], &["--yes"]].concat(), &[THRESHOLD]);
    assert_eq!(yes.code, Some(0), "{yes:?}");
}
