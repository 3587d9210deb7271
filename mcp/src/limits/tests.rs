use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize},
    },
};

use serde_json::{Value, json};
use uuid::Uuid;

use bitnovo_pay::CreatedOrder;

use super::*;
use crate::config::{Config, Environment, Offer};

fn limits(variables: &[(&str, &str)]) -> Limits {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let lookup = move |name: &str| variables.get(name).map(Into::into);
    let unreadable = bitnovo_pay::SecretFileError::Unreadable(std::io::ErrorKind::NotFound);
    let environment = Environment::new(lookup, move |_| Err(unreadable));
    Config::from_environment(&environment, true, Offer::NOTHING).bitnovo.limits
}

fn guard(variables: &[(&str, &str)]) -> Guard {
    Guard::new(limits(variables), [7; 64], Utc::now)
}

fn consent() -> Consent {
    let digest = Digest::of("create_payment_link", &serde_json::Map::new());
    Consent { digest, question: "Create it?".into(), token: None, no: None }
}

fn sale<'a>(amount: &str, fiat: Fiat, consent: &'a Consent) -> Sale<'a> {
    Sale { amount: amount.parse().unwrap(), fiat, consent, id: None }
}

async fn nothing(_: NaiveDate, _: NaiveDate) -> Result<Sold, Failure> {
    Ok(Sold::default())
}

fn error(failure: &Failure) -> Value {
    failure.to_json()["error"].clone()
}

fn order(identifier: Uuid) -> CreatedOrder {
    let mut order: Value =
        serde_json::from_str(include_str!("../../../tests/samples/orders_create_200_onchain_btc.json"))
            .unwrap();
    order["identifier"] = json!(identifier);
    serde_json::from_str(&order.to_string()).unwrap()
}

/// Creates an order with a permit.
async fn spend(
    permit: Permit<'_>,
    create: impl Future<Output = Result<CreatedOrder, Error>>,
) -> Result<CreatedOrder, Error> {
    let permit = permit.in_use();
    let result = create.await;
    permit.settle(result.clone().map(PlacedOrder::from).as_ref());
    result
}

#[tokio::test]
async fn the_largest_amount_is_allowed_and_the_next_is_not() {
    let guard = guard(&[("BITNOVO_MAX_AMOUNT", "500 EUR,1500 JPY")]);
    let consent = consent();
    for (amount, fiat, passes) in [
        ("500", Fiat::Eur, true),
        ("500.01", Fiat::Eur, false),
        ("1500", Fiat::Jpy, true),
        ("1501", Fiat::Jpy, false),
        ("0.01", Fiat::Usd, false),
    ] {
        let result = guard.admit(&sale(amount, fiat, &consent), nothing).await;
        assert_eq!(result.is_ok(), passes, "{amount} {fiat}");
        let Err(failure) = result else { continue };
        let error = error(&failure);
        assert_eq!(error["code"], "LIMIT_EXCEEDED");
        assert_eq!((&error["outcome"], &error["retryable"]), (&json!("not_created"), &json!(false)));
        assert!(error["message"].as_str().unwrap().contains("BITNOVO_MAX_AMOUNT"), "{error}");
        assert_eq!(error["details"]["fiat"], fiat.code());
    }
}

#[tokio::test]
async fn a_limit_that_cannot_be_read_lets_nothing_pass() {
    for variable in [
        "BITNOVO_MAX_AMOUNT",
        "BITNOVO_DAILY_LIMIT",
        "BITNOVO_CONFIRM_OVER",
        "BITNOVO_REDIRECT_HOSTS",
        "BITNOVO_READ_ONLY",
        "BITNOVO_TOOLSETS",
    ] {
        let guard = guard(&[(variable, "five hundred")]);
        let consent = consent();
        let failure = guard.admit(&sale("1", Fiat::Eur, &consent), nothing).await.err().expect(variable);
        let error = error(&failure);
        assert_eq!((&error["code"], &error["outcome"]), (&json!("NOT_CONFIGURED"), &json!("not_created")));
        assert!(error["message"].as_str().unwrap().contains(variable), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_created_is_given_back_and_what_is_lost_is_not() {
    let guard = guard(&[("BITNOVO_DAILY_LIMIT", "10 EUR")]);
    let consent = consent();
    let ten = sale("10", Fiat::Eur, &consent);
    drop(guard.admit(&ten, nothing).await.unwrap());
    let permit = guard.admit(&ten, nothing).await.unwrap();
    assert!(guard.admit(&ten, nothing).await.is_err(), "it is taken");
    spend(permit, async { Err(Error::NotFound) }).await.unwrap_err();

    let permit = guard.admit(&ten, nothing).await.unwrap();
    spend(permit, async { Err(Error::Timeout) }).await.unwrap_err();
    assert!(guard.admit(&ten, nothing).await.is_err(), "an order may exist");
}

#[tokio::test]
async fn a_create_that_is_cancelled_in_the_middle_counts() {
    let guard = guard(&[("BITNOVO_DAILY_LIMIT", "10 EUR")]);
    let consent = consent();
    let ten = sale("10", Fiat::Eur, &consent);
    let mut never = Box::pin(spend(guard.admit(&ten, nothing).await.unwrap(), std::future::pending()));
    assert!(futures::poll!(&mut never).is_pending());
    drop(never);
    assert!(guard.admit(&ten, nothing).await.is_err(), "an order may exist");
}

#[tokio::test]
async fn an_order_that_is_answered_twice_counts_once() {
    let guard = guard(&[("BITNOVO_DAILY_LIMIT", "20 EUR")]);
    let consent = consent();
    let ten = sale("10", Fiat::Eur, &consent);
    let identifier = Uuid::from_u128(1);
    for _ in 0..5 {
        let permit = guard.admit(&ten, nothing).await.unwrap();
        spend(permit, async { Ok(order(identifier)) }).await.unwrap();
    }
    let permit = guard.admit(&ten, nothing).await.unwrap();
    spend(permit, async { Ok(order(Uuid::from_u128(2))) }).await.unwrap();
    assert!(guard.admit(&ten, nothing).await.is_err());
}

#[tokio::test]
async fn a_hundred_at_once_read_the_list_once_and_share_its_failure() {
    for fails in [false, true] {
        let guard = Arc::new(guard(&[("BITNOVO_DAILY_LIMIT", "50 EUR")]));
        let reads = Arc::new(AtomicUsize::new(0));
        let creates = (0..100).map(|number| {
            let (guard, reads) = (Arc::clone(&guard), Arc::clone(&reads));
            tokio::spawn(async move {
                let consent = consent();
                let list = |_, _| {
                    reads.fetch_add(1, Ordering::SeqCst);
                    async move {
                        tokio::task::yield_now().await;
                        if fails {
                            Err(Failure::new(Code::ApiUnavailable, "It failed."))
                        } else {
                            Ok(Sold::default())
                        }
                    }
                };
                match guard.admit(&sale("1", Fiat::Eur, &consent), list).await {
                    Ok(permit) => {
                        spend(permit, async { Ok(order(Uuid::from_u128(number))) }).await.unwrap();
                        "created"
                    }
                    Err(failure) => {
                        assert_eq!(failure.outcome, Some(Outcome::NotCreated));
                        failure.code.as_str()
                    }
                }
            })
        });
        let ends: Vec<&str> =
            futures::future::join_all(creates).await.into_iter().map(Result::unwrap).collect();
        let count = |end| ends.iter().filter(|other| **other == end).count();
        let expected = if fails { (0, 0, 100) } else { (50, 50, 0) };
        assert_eq!((count("created"), count("LIMIT_EXCEEDED"), count("API_UNAVAILABLE")), expected);
        assert_eq!(reads.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_failure_to_read_the_list_is_not_kept() {
    let guard = guard(&[("BITNOVO_DAILY_LIMIT", "50 EUR")]);
    let consent = consent();
    let one = sale("1", Fiat::Eur, &consent);
    let limited =
        |_, _| async { Err(Failure::new(Code::RateLimited, "Wait.").detail("retry_after_seconds", 9)) };
    let failure = guard.admit(&one, limited).await.err().unwrap();
    let told = error(&failure);
    assert_eq!((&told["code"], &told["retryable"]), (&json!("RATE_LIMITED"), &json!(true)));
    assert_eq!(told["details"]["retry_after_seconds"], 9);
    assert!(guard.admit(&one, nothing).await.is_ok());
}

#[tokio::test]
async fn the_next_day_begins_anew_and_so_does_the_list() {
    static NOW: AtomicI64 = AtomicI64::new(0);
    fn clock() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW.load(Ordering::SeqCst), 0).unwrap()
    }
    let guard = Guard::new(limits(&[("BITNOVO_DAILY_LIMIT", "10 EUR")]), [7; 64], clock);
    let consent = consent();
    let ten = sale("10", Fiat::Eur, &consent);
    let midnight = "2026-03-11T00:00:00Z".parse::<DateTime<Utc>>().unwrap().timestamp();
    NOW.store(midnight - 5, Ordering::SeqCst);
    let permit = guard.admit(&ten, nothing).await.unwrap();
    spend(permit, async { Ok(order(Uuid::from_u128(1))) }).await.unwrap();
    assert!(guard.admit(&ten, nothing).await.is_err());

    NOW.store(midnight, Ordering::SeqCst);
    let asked = std::sync::Mutex::new(Vec::new());
    let list = |first, last| {
        asked.lock().unwrap().push([first, last]);
        nothing(first, last)
    };
    assert!(guard.admit(&ten, list).await.is_ok());
    assert_eq!(
        *asked.lock().unwrap(),
        [["2026-03-10", "2026-03-12"].map(|day| day.parse::<NaiveDate>().unwrap())]
    );
}

#[tokio::test]
async fn above_the_threshold_a_yes_is_needed_and_holds_once() {
    let guard = guard(&[("BITNOVO_CONFIRM_OVER", "500 EUR")]);
    let consent = consent();
    for (amount, fiat, asks) in
        [("500", Fiat::Eur, false), ("500.01", Fiat::Eur, true), ("0.01", Fiat::Usd, true)]
    {
        assert_eq!(
            guard.admit(&sale(amount, fiat, &consent), nothing).await.is_err(),
            asks,
            "{amount} {fiat}"
        );
    }
    let failure = guard.admit(&sale("750", Fiat::Eur, &consent), nothing).await.err().unwrap();
    let told = error(&failure);
    let question = failure.question.unwrap();
    assert_eq!(question.text, "Create it?");
    assert_eq!((&told["code"], &told["outcome"]), (&json!("LIMIT_EXCEEDED"), &json!("not_created")));
    let expected = json!({ "variable": "BITNOVO_CONFIRM_OVER", "confirmation_token": question.token,
        "question": "Create it?", "amount": "750.00", "fiat": "EUR", "expires_in_seconds": 600 });
    assert_eq!(told["details"], expected);
    assert!(told["next_action"].as_str().unwrap().contains("750.00 EUR"), "{told}");

    let confirmed = Consent { token: Some(question.token), ..consent };
    let sale = sale("750", Fiat::Eur, &confirmed);
    let permit = guard.admit(&sale, nothing).await.expect("a yes");
    spend(permit, async { Err(Error::NotFound) }).await.unwrap_err();
    let permit = guard.admit(&sale, nothing).await.expect("nothing was created, so the yes still stands");
    spend(permit, async { Ok(order(Uuid::from_u128(1))) }).await.unwrap();
    let again = guard.admit(&sale, nothing).await.err().unwrap();
    assert!(again.message.contains("used already"), "{}", again.message);
    assert_ne!(again.question.unwrap().token, confirmed.token.clone().unwrap(), "a fresh token");
}

#[tokio::test]
async fn a_refused_limit_asks_nobody_and_an_unanswered_question_holds_nothing() {
    let guard = guard(&[("BITNOVO_CONFIRM_OVER", "5 EUR"), ("BITNOVO_DAILY_LIMIT", "10 EUR")]);
    let consent = consent();
    let too_much = guard.admit(&sale("11", Fiat::Eur, &consent), nothing).await.err().unwrap();
    assert!(too_much.question.is_none());
    for _ in 0..3 {
        let asked = guard.admit(&sale("10", Fiat::Eur, &consent), nothing).await.err().unwrap();
        assert!(asked.question.is_some());
    }
    assert!(guard.admit(&sale("5", Fiat::Eur, &consent), nothing).await.is_ok());
}

/// The list of an API whose clock is this far ahead, and on whose day of so much 90 EUR were sold.
fn ninety(ahead: TimeDelta, first: NaiveDate, last: NaiveDate) -> Sold {
    let time = Utc::now() + ahead;
    let order = SoldOrder {
        identifier: Uuid::from_u128(1),
        created_at: Some(time),
        counts: daily_limit::Counts::Amount(Fiat::Eur, "90".parse().unwrap()),
        replaces: None,
        sale: None,
    };
    let shown = (first..=last).contains(&time.date_naive());
    Sold { orders: if shown { vec![order] } else { Vec::new() }, clock_offset: Some(ahead) }
}

#[tokio::test]
async fn the_limit_holds_whatever_the_clock_of_this_machine_shows() {
    for days in [0, 1, -1, 40, -3000] {
        let guard = guard(&[("BITNOVO_DAILY_LIMIT", "100 EUR")]);
        let consent = consent();
        let list = |first, last| async move { Ok(ninety(TimeDelta::days(days), first, last)) };
        let full = guard.admit(&sale("10.01", Fiat::Eur, &consent), list).await.err().expect("a full day");
        assert_eq!(error(&full)["details"]["used"], "90.00", "{days}");
        assert!(guard.admit(&sale("10", Fiat::Eur, &consent), list).await.is_ok(), "{days}");
    }
}

#[tokio::test]
async fn an_order_of_today_that_cannot_be_counted_is_named() {
    let guard = guard(&[("BITNOVO_DAILY_LIMIT", "100 EUR")]);
    let list = |first, last| async move {
        let mut sold = ninety(TimeDelta::zero(), first, last);
        sold.orders[0].counts = daily_limit::Counts::Unreadable("fiat_amount".to_owned());
        Ok(sold)
    };
    let failure = guard.admit(&sale("1", Fiat::Eur, &consent()), list).await.err().unwrap();
    let told = error(&failure);
    assert_eq!((&told["code"], &told["outcome"]), (&json!("API_ERROR"), &json!("not_created")));
    assert_eq!(told["details"]["field"], "fiat_amount");
    let message = told["message"].as_str().unwrap();
    assert!(message.contains(&Uuid::from_u128(1).to_string()) && message.contains("fiat_amount"), "{told}");
}
