use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize},
    },
};

use std::sync::atomic::Ordering;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use payments_core::FiatCurrency;
use payments_core::store::Namespace;
use serde_json::{Value, json};

use super::permit::Permit;
use super::*;
use crate::answer::failure::{Code, Failure, Outcome};
use crate::config::{Config, Environment, Limits, Offer};

fn limits(variables: &[(&str, &str)]) -> Limits {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let lookup = move |name: &str| variables.get(name).map(Into::into);
    let unreadable = bitnovo_pay::SecretFileError::Unreadable(std::io::ErrorKind::NotFound);
    let environment = Environment::new(lookup, move |_| Err(unreadable));
    Config::from_environment(&environment, true, Offer::NOTHING).bitnovo.limits
}

fn gate(variables: &[(&str, &str)]) -> Gate {
    gate_at(variables, Utc::now)
}

fn gate_at(variables: &[(&str, &str)], clock: fn() -> DateTime<Utc>) -> Gate {
    Gate::new(limits(variables), Namespace::new("a-provider", "", ""), [7; 64], TimeDelta::minutes(10), clock)
}

fn approval() -> Approval {
    Approval { question: "Create it?".into(), ..Approval::unasked(&serde_json::Map::new()) }
}

fn request<'a>(amount: &str, fiat: FiatCurrency, approval: &'a Approval) -> CreateRequest<'a> {
    CreateRequest { amount: amount.parse().unwrap(), fiat, approval, mark: None }
}

async fn nothing(_: NaiveDate, _: NaiveDate) -> Result<DayOrders, Failure> {
    Ok(DayOrders::default())
}

fn failed(code: Code, outcome: Outcome) -> Failure {
    Failure::new(code, "It failed.").outcome(outcome)
}

fn error(failure: &Failure) -> Value {
    failure.to_json()["error"].clone()
}

/// An order by its number.
#[derive(Clone, Debug)]
struct Order(u128);

impl LimitedOrder for Order {
    fn identifier(&self) -> String {
        self.0.to_string()
    }
}

/// Creates an order with a permit.
async fn spend(
    permit: Permit<'_>,
    create: impl Future<Output = Result<Order, Failure>>,
) -> Result<AuthorizedOrder<Order>, Failure> {
    let permit = permit.begin();
    permit.settle(create.await).await
}

#[tokio::test]
async fn the_largest_amount_is_allowed_and_the_next_is_not() {
    let gate = gate(&[("BITNOVO_MAX_AMOUNT", "500 EUR,1500 JPY")]);
    let approval = approval();
    for (amount, fiat, passes) in [
        ("500", FiatCurrency::EUR, true),
        ("500.01", FiatCurrency::EUR, false),
        ("1500", FiatCurrency::JPY, true),
        ("1501", FiatCurrency::JPY, false),
        ("0.01", FiatCurrency::USD, false),
    ] {
        let result = gate.authorize(&request(amount, fiat, &approval), nothing).await;
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
        let gate = gate(&[(variable, "five hundred")]);
        let approval = approval();
        let failure =
            gate.authorize(&request("1", FiatCurrency::EUR, &approval), nothing).await.err().expect(variable);
        let error = error(&failure);
        assert_eq!((&error["code"], &error["outcome"]), (&json!("NOT_CONFIGURED"), &json!("not_created")));
        assert!(error["message"].as_str().unwrap().contains(variable), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_created_is_given_back_and_what_is_lost_is_not() {
    let gate = gate(&[("BITNOVO_DAILY_LIMIT", "10 EUR")]);
    let approval = approval();
    let ten = request("10", FiatCurrency::EUR, &approval);
    drop(gate.authorize(&ten, nothing).await.unwrap());
    let permit = gate.authorize(&ten, nothing).await.unwrap();
    assert!(gate.authorize(&ten, nothing).await.is_err(), "it is taken");
    spend(permit, async { Err(failed(Code::ApiError, Outcome::NotCreated)) }).await.unwrap_err();

    let permit = gate.authorize(&ten, nothing).await.unwrap();
    spend(permit, async { Err(failed(Code::ApiTimeout, Outcome::Unknown)) }).await.unwrap_err();
    assert!(gate.authorize(&ten, nothing).await.is_err(), "an order may exist");
}

#[tokio::test]
async fn a_create_that_is_cancelled_in_the_middle_counts() {
    let gate = gate(&[("BITNOVO_DAILY_LIMIT", "10 EUR")]);
    let approval = approval();
    let ten = request("10", FiatCurrency::EUR, &approval);
    let mut never = Box::pin(spend(gate.authorize(&ten, nothing).await.unwrap(), std::future::pending()));
    assert!(futures::poll!(&mut never).is_pending());
    drop(never);
    assert!(gate.authorize(&ten, nothing).await.is_err(), "an order may exist");
}

#[tokio::test]
async fn an_order_that_is_answered_twice_counts_once() {
    let gate = gate(&[("BITNOVO_DAILY_LIMIT", "20 EUR")]);
    let approval = approval();
    let ten = request("10", FiatCurrency::EUR, &approval);
    for _ in 0..5 {
        let permit = gate.authorize(&ten, nothing).await.unwrap();
        spend(permit, async { Ok(Order(1)) }).await.unwrap();
    }
    let permit = gate.authorize(&ten, nothing).await.unwrap();
    spend(permit, async { Ok(Order(2)) }).await.unwrap();
    assert!(gate.authorize(&ten, nothing).await.is_err());
}

#[tokio::test]
async fn a_hundred_at_once_read_the_list_once_and_share_its_failure() {
    for fails in [false, true] {
        let gate = Arc::new(gate(&[("BITNOVO_DAILY_LIMIT", "50 EUR")]));
        let reads = Arc::new(AtomicUsize::new(0));
        let creates = (0..100).map(|number| {
            let (gate, reads) = (Arc::clone(&gate), Arc::clone(&reads));
            tokio::spawn(async move {
                let approval = approval();
                let list = |_, _| {
                    reads.fetch_add(1, Ordering::SeqCst);
                    async move {
                        tokio::task::yield_now().await;
                        if fails {
                            Err(Failure::new(Code::ApiUnavailable, "It failed."))
                        } else {
                            Ok(DayOrders::default())
                        }
                    }
                };
                match gate.authorize(&request("1", FiatCurrency::EUR, &approval), list).await {
                    Ok(permit) => {
                        spend(permit, async { Ok(Order(number)) }).await.unwrap();
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
    let gate = gate(&[("BITNOVO_DAILY_LIMIT", "50 EUR")]);
    let approval = approval();
    let one = request("1", FiatCurrency::EUR, &approval);
    let limited =
        |_, _| async { Err(Failure::new(Code::RateLimited, "Wait.").detail("retry_after_seconds", 9)) };
    let failure = gate.authorize(&one, limited).await.err().unwrap();
    let told = error(&failure);
    assert_eq!((&told["code"], &told["retryable"]), (&json!("RATE_LIMITED"), &json!(true)));
    assert_eq!(told["details"]["retry_after_seconds"], 9);
    assert!(gate.authorize(&one, nothing).await.is_ok());
}

#[tokio::test]
async fn the_next_day_begins_anew_and_so_does_the_list() {
    static NOW: AtomicI64 = AtomicI64::new(0);
    fn clock() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW.load(Ordering::SeqCst), 0).unwrap()
    }
    let gate = gate_at(&[("BITNOVO_DAILY_LIMIT", "10 EUR")], clock);
    let approval = approval();
    let ten = request("10", FiatCurrency::EUR, &approval);
    let midnight = "2026-03-11T00:00:00Z".parse::<DateTime<Utc>>().unwrap().timestamp();
    NOW.store(midnight - 5, Ordering::SeqCst);
    let permit = gate.authorize(&ten, nothing).await.unwrap();
    spend(permit, async { Ok(Order(1)) }).await.unwrap();
    assert!(gate.authorize(&ten, nothing).await.is_err());

    NOW.store(midnight, Ordering::SeqCst);
    let asked = std::sync::Mutex::new(Vec::new());
    let list = |first, last| {
        asked.lock().unwrap().push([first, last]);
        nothing(first, last)
    };
    assert!(gate.authorize(&ten, list).await.is_ok());
    assert_eq!(
        *asked.lock().unwrap(),
        [["2026-03-10", "2026-03-12"].map(|day| day.parse::<NaiveDate>().unwrap())]
    );
}

#[tokio::test]
async fn above_the_threshold_a_yes_is_needed_and_holds_once() {
    let gate = gate(&[("BITNOVO_CONFIRM_OVER", "500 EUR")]);
    let approval = approval();
    for (amount, fiat, asks) in [
        ("500", FiatCurrency::EUR, false),
        ("500.01", FiatCurrency::EUR, true),
        ("0.01", FiatCurrency::USD, true),
    ] {
        assert_eq!(
            gate.authorize(&request(amount, fiat, &approval), nothing).await.is_err(),
            asks,
            "{amount} {fiat}"
        );
    }
    let failure = gate.authorize(&request("750", FiatCurrency::EUR, &approval), nothing).await.err().unwrap();
    let told = error(&failure);
    let question = failure.confirmation.unwrap();
    assert_eq!(question.text, "Create it?");
    assert_eq!((&told["code"], &told["outcome"]), (&json!("LIMIT_EXCEEDED"), &json!("not_created")));
    let expected = json!({ "variable": "BITNOVO_CONFIRM_OVER", "confirmation_token": question.token,
        "question": "Create it?", "amount": "750.00", "fiat": "EUR", "expires_in_seconds": 600 });
    assert_eq!(told["details"], expected);
    assert!(told["next_action"].as_str().unwrap().contains("750.00 EUR"), "{told}");

    let confirmed = Approval { token: Some(question.token), ..approval };
    let request = request("750", FiatCurrency::EUR, &confirmed);
    let permit = gate.authorize(&request, nothing).await.expect("a yes");
    spend(permit, async { Err(failed(Code::ApiError, Outcome::NotCreated)) }).await.unwrap_err();
    let permit =
        gate.authorize(&request, nothing).await.expect("nothing was created, so the yes still stands");
    spend(permit, async { Ok(Order(1)) }).await.unwrap();
    let again = gate.authorize(&request, nothing).await.err().unwrap();
    assert!(again.message.contains("used already"), "{}", again.message);
    assert_ne!(again.confirmation.unwrap().token, confirmed.token.clone().unwrap(), "a fresh token");
}

#[tokio::test]
async fn a_refused_limit_asks_nobody_and_an_unanswered_question_holds_nothing() {
    let gate = gate(&[("BITNOVO_CONFIRM_OVER", "5 EUR"), ("BITNOVO_DAILY_LIMIT", "10 EUR")]);
    let approval = approval();
    let too_much = gate.authorize(&request("11", FiatCurrency::EUR, &approval), nothing).await.err().unwrap();
    assert!(too_much.confirmation.is_none());
    for _ in 0..3 {
        let asked =
            gate.authorize(&request("10", FiatCurrency::EUR, &approval), nothing).await.err().unwrap();
        assert!(asked.confirmation.is_some());
    }
    assert!(gate.authorize(&request("5", FiatCurrency::EUR, &approval), nothing).await.is_ok());
}

/// The list of an API whose clock is this far ahead, and on whose day of so much 90 EUR were sold.
fn ninety(ahead: TimeDelta, first: NaiveDate, last: NaiveDate) -> DayOrders {
    let time = Utc::now() + ahead;
    let order = CountedOrder {
        identifier: "order-1".to_owned(),
        created_at: Some(time),
        counts: CountedAmount::Amount(FiatCurrency::EUR, "90".parse().unwrap()),
        replaces: None,
        mark: None,
    };
    let shown = (first..=last).contains(&time.date_naive());
    DayOrders { orders: if shown { vec![order] } else { Vec::new() }, clock_offset: Some(ahead) }
}

#[tokio::test]
async fn the_limit_holds_whatever_the_clock_of_this_machine_shows() {
    for days in [0, 1, -1, 40, -3000] {
        let gate = gate(&[("BITNOVO_DAILY_LIMIT", "100 EUR")]);
        let approval = approval();
        let list = |first, last| async move { Ok(ninety(TimeDelta::days(days), first, last)) };
        let full = gate
            .authorize(&request("10.01", FiatCurrency::EUR, &approval), list)
            .await
            .err()
            .expect("a full day");
        assert_eq!(error(&full)["details"]["used"], "90.00", "{days}");
        assert!(gate.authorize(&request("10", FiatCurrency::EUR, &approval), list).await.is_ok(), "{days}");
    }
}

#[tokio::test]
async fn an_order_of_today_that_cannot_be_counted_is_named() {
    let gate = gate(&[("BITNOVO_DAILY_LIMIT", "100 EUR")]);
    let list = |first, last| async move {
        let mut sold = ninety(TimeDelta::zero(), first, last);
        sold.orders[0].counts = CountedAmount::Unreadable("fiat_amount".to_owned());
        Ok(sold)
    };
    let failure = gate.authorize(&request("1", FiatCurrency::EUR, &approval()), list).await.err().unwrap();
    let told = error(&failure);
    assert_eq!((&told["code"], &told["outcome"]), (&json!("API_ERROR"), &json!("not_created")));
    assert_eq!(told["details"]["field"], "fiat_amount");
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("order-1") && message.contains("fiat_amount"), "{told}");
}
