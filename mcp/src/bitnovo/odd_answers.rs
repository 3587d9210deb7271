//! An API that tells one field, or two, in an odd way: every tool that reads it gives the right answer or an error that
//! names the field, and no create is blocked by a field that it does not need.

mod api;
mod field;

use std::time::Duration;

use serde_json::{Map, Value, json};

use self::{
    api::{Api, IDENTIFIER, Part, payment},
    field::{CREATED, CURRENCY, Field, Means, ODDITIES, Oddity, PAYMENT, TRANSACTION},
};
use crate::answer::failure::Failure;
use crate::answer::reply::Answer;
use crate::bitnovo::test_server;
use crate::config::{Config, Environment};
use crate::protocol::route::Caller;
use crate::protocol::server::Server;

/// A server on the API, in this process.
async fn server(api: &Api) -> Server {
    limited(api, None).await
}

/// The same with a daily limit.
async fn limited(api: &Api, limit: Option<&'static str>) -> Server {
    let base_url = api.base_url.clone();
    let lookup = move |name: &str| {
        let value = match name {
            "BITNOVO_DEVICE_ID" => "12345678-9abc-4def-8123-4567890a90ab",
            "BITNOVO_BASE_URL" => base_url.as_str(),
            "BITNOVO_ALLOW_HTTP_LOOPBACK" => "true",
            "MAX_RETRIES" | "RETRY_DELAY" => "0",
            "BITNOVO_DAILY_LIMIT" => limit?,
            _ => return None,
        };
        Some(value.into())
    };
    let environment = Environment::new(lookup, |_| {
        Err(bitnovo_pay::SecretFileError::Unreadable(std::io::ErrorKind::NotFound))
    });
    let config = Config::from_environment(&environment, false, test_server::OFFER);
    assert!(config.problems.is_empty(), "{:?}", config.problems);
    test_server::start(config).await.1
}

async fn call(server: &Server, tool: &str, arguments: Value) -> Result<Map<String, Value>, Failure> {
    let Value::Object(arguments) = arguments else { panic!("{arguments} are no arguments") };
    let call = server.call(tool, arguments, Caller::default());
    let answer = tokio::time::timeout(Duration::from_secs(10), call).await.expect("an answer in time");
    answer.expect("a tool").map(|Answer { structured, .. }| {
        let mut structured = structured;
        // It says when, and not what.
        structured.remove("read_at");
        structured
    })
}

/// What is shown, apart from warnings.
fn shown(answer: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = answer.clone();
    shown.remove("warnings");
    shown
}

fn names(failure: &Failure, field: &str) -> bool {
    // A payment with another identifier is another payment.
    failure.message.contains(field) || (field == "identifier" && failure.message.contains("payment"))
}

fn warned(answer: &Map<String, Value>, field: &str) -> bool {
    answer.get("warnings").is_some_and(|warnings| warnings.to_string().contains(field))
}

/// Whether the answer about one payment is right, `before` being the one with nothing odd in it.
fn check(
    what: &str,
    odd: &[(Field, &Oddity)],
    before: &Map<String, Value>,
    result: &Result<Map<String, Value>, Failure>,
) {
    let answer = match result {
        Err(failure) => {
            assert!(odd.iter().any(|(field, _)| names(failure, field.name)), "{what}: {}", failure.message);
            // An odd value of a field that is spelled in another way is no reason to refuse.
            assert!(odd.iter().any(|(field, oddity)| field.means(oddity) != Means::TheSame), "{what}");
            return;
        }
        Ok(answer) => answer,
    };
    let means: Vec<Means> = odd.iter().map(|(field, oddity)| field.means(oddity)).collect();
    if means.iter().all(|means| *means == Means::TheSame) {
        assert_eq!(answer, before, "{what}");
    }
    if means.iter().all(|means| matches!(means, Means::TheSame | Means::Nothing)) {
        for name in ["verdict", "next_action", "address", "payment_uri", "identifier"] {
            assert_eq!(answer.get(name), before.get(name), "{what}: {name}");
        }
        // Whoever must not pay any more can be told without an amount.
        let vague =
            answer["verdict"] == "needs_review" && odd.iter().any(|(field, _)| field.name == "currency_id");
        assert!(
            vague || answer.get("customer_message") == before.get("customer_message"),
            "{what}: {answer:?}"
        );
        for (name, value) in shown(answer)
            .iter()
            .filter(|(name, _)| !["safe", "transactions", "customer_message"].contains(&name.as_str()))
        {
            assert_eq!(Some(value), before.get(name), "{what}: {name} is made up");
        }
        for ((field, _), _) in odd.iter().zip(&means).filter(|(_, means)| **means == Means::Nothing) {
            assert!(warned(answer, field.name), "{what}: {answer:?}");
        }
    }
    let ships = |answer: &Map<String, Value>| {
        answer.get("verdict").is_some_and(|verdict| verdict == "paid" || verdict == "overpaid")
    };
    let harmless = means.iter().all(|means| *means != Means::SomethingElse);
    assert!(!harmless || !ships(answer) || ships(before), "{what}: goods are handed over");
}

const STATUSES: [&str; 9] = ["NR", "PE", "IA", "AC_safe", "AC_unsafe", "CO", "OC", "EX", "CA"];

#[tokio::test]
async fn a_payment_with_one_odd_field_is_read_rightly_or_the_field_is_named() {
    let api = Api::start().await;
    let server = server(&api).await;
    let asked = json!({ "identifier": IDENTIFIER });
    for status in ["PE", "AC_safe", "CO", "OC", "EX"] {
        api.set(Part::Info, payment(status));
        let before = call(&server, "get_payment_status", asked.clone()).await.unwrap();
        for (field, oddity) in PAYMENT.iter().flat_map(|field| ODDITIES.iter().map(move |odd| (*field, odd)))
        {
            let Some(odd) = field.make(&payment(status), oddity) else { continue };
            api.set(Part::Info, odd);
            let result = call(&server, "get_payment_status", asked.clone()).await;
            check(&format!("{status} {} {}", field.name, oddity.name), &[(field, oddity)], &before, &result);
        }
        for (field, oddity) in
            TRANSACTION.iter().flat_map(|field| ODDITIES.iter().map(move |odd| (*field, odd)))
        {
            let Some(odd) = field.make_in_transaction(&payment(status), oddity) else { continue };
            api.set(Part::Info, odd);
            let result = call(&server, "get_payment_status", asked.clone()).await;
            check(
                &format!("{status} transaction {} {}", field.name, oddity.name),
                &[(field, oddity)],
                &before,
                &result,
            );
        }
    }
}

#[tokio::test]
async fn the_tools_that_wait_and_draw_are_no_less_careful() {
    let api = Api::start().await;
    let server = server(&api).await;
    for (tool, arguments, statuses) in [
        (
            "generate_payment_qr",
            json!({ "identifier": IDENTIFIER, "qr_type": "address", "size": 100 }),
            &["PE"][..],
        ),
        (
            "wait_for_payment",
            json!({ "identifier": IDENTIFIER, "timeout_seconds": 1 }),
            &["CO", "AC_safe"][..],
        ),
    ] {
        for status in statuses {
            api.set(Part::Info, payment(status));
            let before = call(&server, tool, arguments.clone()).await.unwrap();
            for field in PAYMENT {
                // Of a payment that waits nothing else is asked. What cannot be read is one kind for each type here.
                for oddity in ODDITIES.iter().filter(|odd| ["an array", "40 digits"].contains(&odd.name)) {
                    if field.means(oddity) != Means::Nothing
                        || (tool == "wait_for_payment" && field.decides_when_paid())
                    {
                        continue;
                    }
                    let Some(odd) = field.make(&payment(status), oddity) else { continue };
                    api.set(Part::Info, odd);
                    let what = format!("{tool} {status} {} {}", field.name, oddity.name);
                    match call(&server, tool, arguments.clone()).await {
                        Err(failure) => assert!(names(&failure, field.name), "{what}: {}", failure.message),
                        Ok(answer) => {
                            for name in ["verdict", "address", "payment_uri", "network", "tag_memo"] {
                                assert_eq!(answer.get(name), before.get(name), "{what}: {name}");
                            }
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_odd_row_costs_the_list_nothing_but_itself() {
    let api = Api::start().await;
    let server = server(&api).await;
    let good = api::with(&payment("CO"), "identifier", "\"1c8e7a1f-7d6f-4b64-8a5f-3e2a6c8d9b02\"");
    api.set(Part::List, format!("[{good},{}]", payment("PE")));
    let before = call(&server, "list_payments", json!({})).await.unwrap();
    let row = |answer: &Map<String, Value>, identifier: &str| {
        let rows = answer["payments"].as_array().unwrap();
        rows.iter().find(|row| row["identifier"] == identifier).cloned()
    };
    for (field, oddity) in PAYMENT.iter().flat_map(|field| ODDITIES.iter().map(move |odd| (*field, odd))) {
        let Some(odd) = field.make(&payment("PE"), oddity) else { continue };
        api.set(Part::List, format!("[{good},{odd}]"));
        let what = format!("{} {}", field.name, oddity.name);
        let answer = call(&server, "list_payments", json!({})).await.unwrap();
        let other = "1c8e7a1f-7d6f-4b64-8a5f-3e2a6c8d9b02";
        assert_eq!(row(&answer, other), row(&before, other), "{what}");
        let odd = row(&answer, IDENTIFIER);
        if field.means(oddity) == Means::TheSame {
            assert_eq!(odd, row(&before, IDENTIFIER), "{what}");
        }
        if field.means(oddity) == Means::Nothing {
            let before = row(&before, IDENTIFIER).unwrap();
            for (name, value) in odd.iter().flat_map(|odd| odd.as_object().unwrap()) {
                assert_eq!(Some(value), before.get(name), "{what}: {name} is made up");
            }
            let complete = odd.as_ref() == Some(&before);
            assert!(complete || warned(&answer, field.name), "{what}: {answer:?}");
        }
    }
    for row in ["null", "5", "[]", "\"x\"", "{}", "{\"status\": \"CO\"}", "{\"amount\": NaN}"] {
        api.set(Part::List, format!("[{row},{good}]"));
        let answer = call(&server, "list_payments", json!({})).await.unwrap();
        assert_eq!(answer["payments"].as_array().unwrap().len(), 1, "{row}");
        assert!(answer.get("warnings").is_some(), "{row}");
    }
}

#[tokio::test]
async fn an_order_that_was_created_is_told_or_known_by_its_identifier() {
    let api = Api::start().await;
    let server = server(&api).await;
    let onchain = json!({ "amount_eur": 10, "input_currency": "XRP_TEST" });
    for (tool, arguments, sample, read) in [
        ("create_payment_onchain", onchain, api::ONCHAIN, "PE"),
        ("create_payment_link", json!({ "amount_eur": 10 }), api::LINK, "NR"),
    ] {
        let created = api::with(sample, "identifier", &format!("\"{IDENTIFIER}\""));
        let created = api::with(&created, "notes", "\"Coffee\"");
        api.set(Part::Info, payment(read));
        api.set(Part::Created, created.clone());
        let before = call(&server, tool, arguments.clone()).await.unwrap();
        for (field, oddity) in CREATED.iter().flat_map(|field| ODDITIES.iter().map(move |odd| (*field, odd)))
        {
            let Some(odd) = field.make(&created, oddity) else { continue };
            if !created.contains(&format!("\"{}\"", field.name)) {
                continue;
            }
            api.set(Part::Created, odd);
            let creates = api.creates();
            let what = format!("{tool} {} {}", field.name, oddity.name);
            let result = call(&server, tool, arguments.clone()).await;
            // A link whose page cannot be read may be replaced once.
            let most = if tool == "create_payment_link" { 2 } else { 1 };
            assert!(
                (1..=most).contains(&(api.creates() - creates)),
                "{what}: {} creates",
                api.creates() - creates
            );
            match result {
                Ok(answer) if field.means(oddity) != Means::SomethingElse => {
                    for (name, value) in shown(&before).iter().filter(|(name, _)| *name != field.name) {
                        assert_eq!(answer.get(name), Some(value), "{what}: {name}");
                    }
                }
                Ok(_) => {}
                Err(failure) => {
                    assert_ne!(field.means(oddity), Means::TheSame, "{what}: {}", failure.message);
                    let error = failure.to_json()["error"].clone();
                    let unknown = field.name == "identifier";
                    let lost = failure.message.contains("link of this idempotency key");
                    let told = error["message"].to_string();
                    let word = match field.name {
                        "web_url" => "page",
                        "tag_memo" => "tag",
                        "expected_input_amount" => "amount",
                        "input_currency" => "currency",
                        name => name,
                    };
                    assert!(
                        told.contains(word)
                            || told.contains(field.name)
                            || (field.name == "payment_uri" && told.contains("URI"))
                            || lost,
                        "{what}: {told}"
                    );
                    assert!(
                        error["outcome"] == "created" || (unknown && error["outcome"] == "unknown"),
                        "{what}: {error}"
                    );
                    let needed =
                        !field.is_of_no_use_to_payers() || field.means(oddity) == Means::SomethingElse;
                    assert!(needed, "{what}: {told}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_odd_currency_costs_the_catalogue_nothing_but_itself() {
    let api = Api::start().await;
    for (field, oddity) in CURRENCY.iter().flat_map(|field| ODDITIES.iter().map(move |odd| (*field, odd))) {
        let Some(odd) = field.make(api::CURRENCY, oddity) else { continue };
        let what = format!("{} {}", field.name, oddity.name);
        let good = api::with(api::CURRENCY, "symbol", "\"XRP_TEST\"");
        api.set(Part::Currencies, format!("[{odd},{good}]"));
        // A server of its own, because a catalogue is remembered.
        let server = server(&api).await;
        let answer = call(&server, "list_currencies_catalog", json!({})).await.unwrap();
        let symbols: Vec<&str> = answer["currencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["symbol"].as_str().unwrap())
            .collect();
        assert!(symbols.contains(&"XRP_TEST"), "{what}: {answer:?}");
        if field.means(oddity) == Means::Nothing {
            assert!(symbols.contains(&"BTC_TEST") || warned(&answer, field.name), "{what}: {answer:?}");
        }
        api.set(Part::Info, payment("PE"));
        api.set(Part::Created, api::with(api::ONCHAIN, "identifier", &format!("\"{IDENTIFIER}\"")));
        let arguments = json!({ "amount_eur": 10, "input_currency": "XRP_TEST" });
        let created = call(&server, "create_payment_onchain", arguments).await;
        assert!(created.is_ok(), "{what}: {}", created.unwrap_err().message);
        if !symbols.contains(&"BTC_TEST") && field.name != "symbol" {
            let arguments = json!({ "amount_eur": 10, "input_currency": "BTC_TEST" });
            let refused = call(&server, "create_payment_onchain", arguments).await.unwrap_err();
            assert!(names(&refused, field.name), "{what}: {}", refused.message);
        }
    }
}

#[tokio::test]
async fn a_create_is_blocked_by_no_field_of_another_order_that_it_does_not_need() {
    let api = Api::start().await;
    api.set(Part::Info, payment("NR"));
    api.set(Part::Created, api::with(api::LINK, "identifier", &format!("\"{IDENTIFIER}\"")));
    let today = format!("\"{}\"", chrono::Utc::now().to_rfc3339());
    let other = "1c8e7a1f-7d6f-4b64-8a5f-3e2a6c8d9b02";
    let order = api::with(&payment("PE"), "identifier", &format!("\"{other}\""));
    let order = api::with(&order, "created_at", &today);
    let keyed = server(&api).await;
    for field in PAYMENT {
        for oddity in ODDITIES.iter().filter(|odd| ["absent", "an array", "40 digits"].contains(&odd.name)) {
            let what = format!("{} {}", field.name, oddity.name);
            api.set(Part::List, format!("[{}]", field.make(&order, oddity).unwrap()));
            let arguments = json!({ "amount_eur": 10, "idempotency_key": what.replace(' ', "-") });
            let created = call(&keyed, "create_payment_link", arguments).await;
            assert!(created.is_ok(), "{what}, under a key: {}", created.unwrap_err().message);
            if oddity.name != "an array" {
                continue;
            }
            // A server of its own, because the day's orders are remembered for a while.
            let limited = limited(&api, Some("1000 EUR")).await;
            // One whose day or status cannot be read counts as one of today that can be paid.
            let counts = ["identifier", "fiat_amount", "fiat"].contains(&field.name);
            match call(&limited, "create_payment_link", json!({ "amount_eur": 10 })).await {
                Ok(_) => assert!(!counts, "{what}, under a limit: created"),
                Err(failure) => {
                    assert!(counts && failure.message.contains(field.name), "{what}: {}", failure.message);
                    assert!(
                        failure.message.contains(other) || field.name == "identifier",
                        "{}",
                        failure.message
                    );
                    assert_eq!(failure.to_json()["error"]["outcome"], "not_created", "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn pairs_of_odd_fields_are_no_worse() {
    let api = Api::start().await;
    let server = server(&api).await;
    let asked = json!({ "identifier": IDENTIFIER });
    let mut before = Vec::new();
    for status in STATUSES {
        api.set(Part::Info, payment(status));
        before.push((status, call(&server, "get_payment_status", asked.clone()).await.unwrap()));
    }
    let mut random = field::Random(0x5eed);
    for number in 0..5000 {
        let (status, before) = random.one_of(&before);
        let odd = [(); 2].map(|()| (*random.one_of(PAYMENT), random.one_of(ODDITIES)));
        if odd[0].0.name == odd[1].0.name {
            continue;
        }
        let made = odd[0].0.make(&payment(status), odd[0].1).and_then(|once| odd[1].0.make(&once, odd[1].1));
        let Some(made) = made else { continue };
        api.set(Part::Info, made);
        let result = call(&server, "get_payment_status", asked.clone()).await;
        let what = odd.map(|(field, oddity)| format!("{} {}", field.name, oddity.name)).join(" and ");
        check(&format!("{number}: {status} {what}"), &odd, before, &result);
    }
}
