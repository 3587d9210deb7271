//! The table of the one decision: text, URI, picture, resource and wait, through the code that users reach.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::method};

use super::*;
use crate::answer::failure::{Code, Failure};
use crate::answer::reply::Answer;
use crate::bitnovo::context::Context;
use crate::bitnovo::qr_image::QrResource;
use crate::bitnovo::qr_payload::{Kind, QrPayload};
use crate::bitnovo::test_server;
use crate::bitnovo::tools::wait_for_payment::{End, reply};
use crate::config::{Config, Environment, Offer};
use crate::protocol::progress::Progress;
use crate::protocol::route::Caller;
use crate::protocol::server::Server;

const ADDRESS: &str = "rrrrrrrrrrrrrrrrrrrrrhoLvTp";
const STATUSES: [&str; 13] = ["NR", "PE", "AC", "IA", "CO", "CM", "OC", "EX", "CA", "RF", "FA", "DE", "ZZ"];

/// A payment, and what its customer may be asked to send, in XRP.
#[derive(Clone, Debug)]
struct Case {
    payment: Value,
    asked: Option<&'static str>,
    /// The code of the refusal to draw it.
    code: &'static str,
}

/// Every status with no funds, a part, the exact amount and more, in time and after it.
fn cases(now: DateTime<Utc>) -> Vec<Case> {
    let mut cases = Vec::new();
    for status in STATUSES {
        for (funds, received) in [("none", "0"), ("part", "0.2"), ("exact", "0.5"), ("more", "0.6")] {
            for ahead in [true, false] {
                let asked = match (status, funds, ahead) {
                    ("NR" | "PE" | "IA", "none", true) => Some("0.5"),
                    ("IA", "part", true) => Some("0.3"),
                    _ => None,
                };
                let code = match (status, funds, ahead) {
                    ("EX" | "CA" | "DE", "none", _) | ("NR" | "PE", "none", false) => "PAYMENT_EXPIRED",
                    _ => "PAYMENT_NOT_PAYABLE",
                };
                let payment = payment(status, "0.5", received, "0", ahead, now);
                cases.push(Case { payment, asked, code });
            }
        }
    }
    // What binary fractions leave behind is neither asked for nor taken for funds.
    for (status, asked_for, confirmed, unconfirmed, asked) in [
        ("IA", "0.5", "0.30000000000000004", "0", "0.2"),
        ("IA", "0.5", "0.2", "0.09999999999999998", "0.2"),
        ("IA", "0.7999999999999999", "0.1", "0", "0.7"),
        ("PE", "0.30000000000000004", "0", "0", "0.3"),
        ("PE", "0.5", "0", "5.551115123e-17", "0.5"),
        ("PE", "0.1234561", "0", "0", "0.123457"),
    ] {
        let payment = payment(status, asked_for, confirmed, unconfirmed, true, now);
        cases.push(Case { payment, asked: Some(asked), code: "" });
    }
    for (number, case) in cases.iter_mut().enumerate() {
        case.payment["identifier"] = json!(Uuid::from_u128(number as u128 + 1));
    }
    cases
}

fn payment(
    status: &str,
    asked: &str,
    confirmed: &str,
    unconfirmed: &str,
    ahead: bool,
    now: DateTime<Utc>,
) -> Value {
    let sample = include_str!("../../../../tests/samples/orders_info_200_PE.json");
    let mut payment: Value = serde_json::from_str::<Vec<Value>>(sample).unwrap().remove(0);
    let expiry = if ahead { now + TimeDelta::minutes(15) } else { now - TimeDelta::minutes(1) };
    payment["status"] = json!(status);
    payment["expired_time"] = json!(expiry);
    let amounts =
        [("crypto_amount", asked), ("confirmed_amount", confirmed), ("unconfirmed_amount", unconfirmed)];
    for (field, amount) in amounts {
        payment[field] = serde_json::from_str(amount).unwrap();
    }
    payment
}

/// An API that has these payments, and the sample's catalogue.
struct Api(HashMap<String, Value>);

impl Respond for Api {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        if path.ends_with("/currencies") {
            let catalogue = include_str!("../../../../tests/samples/currencies_list_200.json");
            return ResponseTemplate::new(200).set_body_raw(catalogue, "application/json");
        }
        let payment = path.rsplit('/').next().and_then(|identifier| self.0.get(identifier));
        payment
            .map_or(ResponseTemplate::new(404), |payment| ResponseTemplate::new(200).set_body_json([payment]))
    }
}

async fn serve(cases: &[Case]) -> (MockServer, Arc<Context>, Server) {
    let api = MockServer::start().await;
    let known = cases
        .iter()
        .map(|case| (case.payment["identifier"].as_str().unwrap().to_owned(), case.payment.clone()));
    Mock::given(method("GET")).respond_with(Api(known.collect())).mount(&api).await;
    let base_url = api.uri();
    let lookup = move |name: &str| {
        Some(match name {
            "BITNOVO_BASE_URL" => base_url.clone().into(),
            "BITNOVO_ALLOW_HTTP_LOOPBACK" => "true".into(),
            "BITNOVO_DEVICE_ID" => "12345678-90ab-4cde-8f01-2345678990ab".into(),
            _ => return None,
        })
    };
    let environment =
        Environment::new(lookup, |_| Err(std::io::Error::from(std::io::ErrorKind::NotFound).into()));
    let config = Config::from_environment(&environment, false, Offer::NOTHING);
    assert!(config.problems.is_empty(), "{:?}", config.problems);
    let (context, server) = test_server::start(config).await;
    (api, context, server)
}

async fn call(server: &Server, tool: &str, arguments: Value) -> Result<Answer, Failure> {
    let Value::Object(arguments) = arguments else { panic!("{arguments}") };
    let caller = Caller { progress: Progress::default(), declined: None };
    server.call(tool, arguments, caller).await.unwrap()
}

/// How much XRP a text asks for, at the address where it belongs.
fn asked_by(text: &str) -> Option<String> {
    let asks = text.contains(ADDRESS) || text.contains("exactly");
    let words: Vec<&str> = text.split_whitespace().collect();
    let amount = words.windows(2).find(|pair| pair[1] == "XRP_TEST").map(|pair| pair[0].to_owned());
    assert!(
        !asks || (text.contains(ADDRESS) && text.contains("1234567890")),
        "an address with its tag: {text}"
    );
    amount.filter(|_| asks)
}

/// How much a payment URI asks for.
fn amount_of(uri: &str) -> Option<String> {
    let (_, query) = uri.split_once('?')?;
    assert!(uri.contains(ADDRESS) && query.contains("dt=1234567890"), "{uri}");
    query.split('&').find_map(|pair| pair.strip_prefix("amount=")).map(str::to_owned)
}

/// What a result with a status asks for, by its text block, its sentence and its fields.
fn asked_by_status(answer: &Answer, what: &str) -> Option<String> {
    let structured: &Map<String, Value> = &answer.structured;
    let message = structured["customer_message"].as_str().unwrap();
    let asked = asked_by(message);
    assert_eq!(asked_by(&answer.summary), asked, "{what}: text and fields agree");
    let may_be_wrong = asked.is_none() && structured.get("remaining_amount").is_some();
    assert!(!may_be_wrong, "{what}: {structured:?}");
    let next = structured["next_action"].as_str().unwrap();
    assert_eq!(
        asked.is_some(),
        next.starts_with("Show the customer") || next.starts_with("Give the customer"),
        "{what}: {next}"
    );
    asked
}

#[tokio::test]
async fn text_uri_picture_resource_and_wait_ask_for_the_same() {
    let now = Utc::now();
    let cases = cases(now);
    let (_api, context, server) = serve(&cases).await;
    let texts = context.texts();
    for Case { payment, asked, code } in &cases {
        let what = payment.to_string();
        let identifier = payment["identifier"].as_str().unwrap();
        let asked = asked.map(str::to_owned);

        let read = call(&server, "get_payment_status", json!({ "identifier": identifier })).await.unwrap();
        assert_eq!(asked_by_status(&read, &what), asked, "text: {what}");

        let arguments = json!({ "identifier": identifier, "size": 100, "style": "basic" });
        let drawn = call(&server, "generate_payment_qr", arguments).await;
        let uri = format!("bitnovo-pay://payments/{identifier}/qr/payment_uri?size=100&style=basic");
        let resource = QrResource::parse(&uri).unwrap().draw(&context).await;
        match (&asked, drawn, resource) {
            (Some(_), Ok(drawn), Ok(resource)) => {
                let uri = drawn.structured["payment_uri"].as_str().unwrap();
                assert_eq!(amount_of(uri), asked, "URI: {what}");
                let message = drawn.structured["customer_message"].as_str().unwrap();
                assert_eq!(asked_by(message), asked, "text beside the picture: {what}");
                assert_eq!(asked_by(&drawn.summary), asked, "text block beside the picture: {what}");
                assert_eq!(drawn.pictures.len(), 2, "picture: {what}");
                assert!(drawn.pictures[1].png == resource.png, "resource: {what}");
            }
            (None, Err(drawn), Err(resource)) => {
                assert_eq!((drawn.code.as_str(), resource.code.as_str()), (*code, *code), "{what}");
                let error = drawn.to_data();
                assert!(error["details"]["verdict"].is_string(), "{what}");
                let next = error["next_action"].as_str().unwrap();
                assert!(*code == "PAYMENT_EXPIRED" || !next.contains("reate"), "{next}: {what}");
            }
            (_, drawn, resource) => panic!("{asked:?}, {drawn:?}, {}: {what}", resource.is_ok()),
        }

        let typed: Payment = serde_json::from_str(&what).unwrap();
        let coin = context.currency_of(&typed).await;
        let failed = Reading { outdated_since: Some(now), ..Reading::at(now) };
        let old = Reading::at(now - TimeDelta::minutes(2));
        for (reading, fresh) in [(Reading::at(now), true), (failed, false), (old, false)] {
            let view = PaymentView::of(&typed, coin.clone(), reading, now);
            let asked = asked.clone().filter(|_| fresh);
            let uri =
                QrPayload::of(&view, None).ok().map(|codes| codes.text(Kind::PaymentUri).unwrap().to_owned());
            assert_eq!(uri.as_deref().and_then(amount_of), asked, "URI: {reading:?} {what}");
            let end = End { done: false, reached: false, took: Duration::ZERO };
            let failure = Failure::new(Code::ApiUnavailable, "The API failed.");
            let waited = reply(&typed, &view, Some(&failure), &end, texts).into_answer().unwrap();
            assert_eq!(asked_by_status(&waited, &what), asked, "wait: {reading:?} {what}");
            let warned = waited.structured.get("warnings").map(Value::to_string).unwrap_or_default();
            assert_eq!(warned.contains("read it again"), !fresh, "{reading:?} {what}: {warned}");
            if !fresh {
                let next = waited.structured["next_action"].as_str().unwrap();
                assert!(next.starts_with("Call get_payment_status first"), "{next}");
                assert_eq!(waited.structured.get("crypto_amount"), None, "{reading:?} {what}");
            }
        }
    }
}

#[test]
fn an_order_that_could_not_be_read_back_is_asked_for_in_the_decimals_of_its_coin() {
    // The create's answer has more decimals than the coin: the customer must not send too little.
    let coin = |decimals| {
        let mut coin = Known::default();
        coin.facts.decimals = decimals;
        coin
    };
    let order = |amount: &str| -> PlacedOrder {
        let record = json!({
            "identifier": Uuid::from_u128(1), "address": "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "tag_memo": null, "payment_uri": null, "web_url": null,
            "expected_input_amount": amount, "input_currency": "BTC", "fiat": "EUR", "how": "created", "replaces": null,
        });
        serde_json::from_str(&record.to_string()).unwrap()
    };
    for (amount, decimals, asked) in [
        ("0.000833341", Some(8), "0.00083335"),
        ("0.30000000000000004", Some(8), "0.3"),
        ("0.000833341", None, "0.000833341"),
    ] {
        let view = PaymentView::of_order(
            &order(amount),
            crate::config::forms::Price { amount: "10".parse().unwrap(), code: "EUR".into() },
            coin(decimals),
            Utc::now(),
        );
        assert_eq!(view.payable, Payable::All(asked.parse().ok()), "{amount}");
    }
}
