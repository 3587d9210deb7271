//! An API that fails in every way there is: each gives the documented code, says whether an order exists, and never
//! leads to a second one.

use futures::future::join_all;
use payments_test_support::sample;
use payments_test_support::{
    session::{Revision, Session},
    stub::{
        CREATE, CURRENCIES, RawApi, Stub, bytes, created, cut, exports, json_answer, nobody_listens, payment,
        refusal, slow,
    },
};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use wiremock::ResponseTemplate;

/// Seconds to wait that an API asks for, and that no test waits.
const LATER: u32 = 3600;

const PAGE: &str = "<html><body>UPSTREAM-PAGE 502 at backend-7</body></html>";

/// The tools, with the request of each that meets the fault.
const TOOLS: [(&str, &str, &str); 7] = [
    ("create_payment_onchain", r#"{"amount_eur": 22, "input_currency": "BTC_TEST"}"#, "create"),
    ("create_payment_link", r#"{"amount_eur": 22}"#, "create"),
    ("get_payment_status", r#"{"identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01"}"#, "read"),
    (
        "wait_for_payment",
        r#"{"identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01", "timeout_seconds": 1}"#,
        "read",
    ),
    ("list_payments", "{}", "list"),
    ("generate_payment_qr", r#"{"identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01"}"#, "read"),
    ("list_currencies_catalog", "{}", "currencies"),
];

/// What is expected of a create and of a read: the code, the outcome, whether to call again.
type Expected = ((&'static str, &'static str, bool), (&'static str, bool));

/// Has every tool meet `answer` and checks what comes of it.
async fn every_tool_meets(answer: ResponseTemplate, expected: Expected) {
    for tool in TOOLS {
        meets(tool, "15000", answer.clone(), expected).await;
    }
}

/// Has one tool meet it, on a server and an API of its own.
async fn meets(
    (tool, arguments, request): (&'static str, &'static str, &str),
    timeout: &'static str,
    answer: ResponseTemplate,
    expected: Expected,
) {
    let stub = Stub::start().await;
    match request {
        "create" => stub.on("POST", CREATE, answer).await,
        "read" => stub.read(answer).await,
        "list" => stub.on("GET", CREATE, answer).await,
        _ => stub.on("GET", CURRENCIES, answer).await,
    }
    stub.works().await;
    let base_url = stub.base_url();
    let meeting = spawn_blocking(move || {
        let mut environment = exports(&base_url).to_vec();
        environment.extend([("API_TIMEOUT", timeout), ("MAX_RETRIES", "1")]);
        refused(tool, arguments, &environment, expected)
    });
    let error = meeting.await.unwrap();
    let creates = request == "create";
    assert_eq!(stub.count("POST").await, usize::from(creates), "{tool}: a create is sent once");
    assert!(stub.count("GET").await <= 2, "{tool}: MAX_RETRIES is 1");
    if error["code"] == "RATE_LIMITED" {
        assert_eq!(error["details"]["retry_after_seconds"], LATER, "{tool}: {error}");
    }
}

fn refused(tool: &str, arguments: &str, environment: &[(&str, &str)], expected: Expected) -> Value {
    let mut session = Session::start(Revision::Handshake, &[], environment);
    let error = session.refused(tool, serde_json::from_str(arguments).unwrap());
    let (create, read) = expected;
    let (code, outcome, retryable) = if tool.starts_with("create_") {
        (create.0, json!(create.1), create.2)
    } else {
        (read.0, Value::Null, read.1)
    };
    assert_eq!(error["code"], code, "{tool}: {error}");
    assert_eq!(error["outcome"], outcome, "{tool}: {error}");
    assert_eq!(error["retryable"], retryable, "{tool}: {error}");
    if outcome == "unknown" {
        assert!(error["next_action"].as_str().unwrap().contains("may exist"), "{tool}: {error}");
    }
    let log = session.close().stderr;
    for text in [error.to_string(), log] {
        assert!(
            !text.contains("UPSTREAM-PAGE") && !text.contains("127.0.0.1"),
            "{tool} repeats the API: {text}"
        );
    }
    error
}

#[tokio::test]
async fn a_device_that_is_refused() {
    let expected = (("INVALID_DEVICE_ID", "not_created", false), ("INVALID_DEVICE_ID", false));
    every_tool_meets(refusal(403, "Authentication credentials were not provided."), expected).await;
}

#[tokio::test]
async fn a_refusal_with_a_reason() {
    for (tool, arguments, request) in TOOLS {
        let stub = Stub::start().await;
        let answer = refusal(404, "The shop is closed on Sundays.");
        match request {
            "create" => stub.on("POST", CREATE, answer).await,
            "read" => stub.read(answer).await,
            "list" => stub.on("GET", CREATE, answer).await,
            _ => stub.on("GET", CURRENCIES, answer).await,
        }
        stub.works().await;
        let base_url = stub.base_url();
        let code = if request == "read" { "PAYMENT_NOT_FOUND" } else { "API_ERROR" };
        let expected = ((code, "not_created", false), (code, false));
        let error = refused(tool, arguments, &exports(&base_url), expected);
        if request == "create" {
            assert!(error["message"].as_str().unwrap().contains("The shop is closed on Sundays."), "{error}");
        }
        assert!(stub.count("POST").await <= 1, "{tool}");
    }
}

#[tokio::test]
async fn a_rate_limit() {
    let limited = refusal(429, "Request was throttled.").insert_header("Retry-After", LATER.to_string());
    every_tool_meets(limited, (("RATE_LIMITED", "not_created", true), ("RATE_LIMITED", true))).await;
}

#[tokio::test]
async fn a_server_that_fails() {
    for status in [500, 502, 503] {
        let answer = refusal(status, "Internal server error.");
        every_tool_meets(answer, (("API_UNAVAILABLE", "unknown", false), ("API_UNAVAILABLE", true))).await;
    }
}

#[tokio::test]
async fn a_page_instead_of_json() {
    let page = ResponseTemplate::new(200).set_body_raw(PAGE, "text/html");
    every_tool_meets(page, (("API_ERROR", "unknown", false), ("API_ERROR", false))).await;
}

#[tokio::test]
async fn a_refusal_is_known_by_its_status_whatever_page_comes_with_it() {
    let page = |status| ResponseTemplate::new(status).set_body_raw(PAGE, "text/html");
    let device = (("INVALID_DEVICE_ID", "not_created", false), ("INVALID_DEVICE_ID", false));
    every_tool_meets(page(403), device).await;
    let limited = (("RATE_LIMITED", "not_created", true), ("RATE_LIMITED", true));
    every_tool_meets(page(429).insert_header("Retry-After", LATER.to_string()), limited).await;
    let failed = (("API_UNAVAILABLE", "unknown", false), ("API_UNAVAILABLE", true));
    every_tool_meets(page(502), failed).await;
}

#[tokio::test]
async fn json_of_another_shape() {
    let other = json_answer(&json!({ "surprise": [1, 2] }));
    every_tool_meets(other, (("API_ERROR", "unknown", false), ("API_ERROR", false))).await;
}

#[tokio::test]
async fn an_answer_that_comes_too_late() {
    let late = slow(ResponseTemplate::new(200));
    let expected = (("API_TIMEOUT", "unknown", false), ("API_TIMEOUT", true));
    join_all(TOOLS.map(|tool| meets(tool, "1000", late.clone(), expected))).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_nothing_along() {
    let elsewhere = Stub::that_works().await;
    for status in [301, 302, 307, 308] {
        let target = format!("{}{CREATE}", elsewhere.base_url());
        let away = ResponseTemplate::new(status).insert_header("Location", target);
        every_tool_meets(away, (("API_ERROR", "unknown", false), ("API_ERROR", false))).await;
    }
    let arrived = elsewhere.server.received_requests().await.unwrap();
    assert!(arrived.is_empty(), "the other origin was asked: {arrived:?}");
}

#[test]
fn an_answer_that_breaks_off() {
    let whole = |line: &str| {
        if line.starts_with("POST") {
            created("BTC_TEST")
        } else if line.contains("orders/") {
            json!([payment("BTC_TEST")])
        } else {
            sample("currencies_list_200")
        }
    };
    for (tool, arguments, request) in TOOLS {
        let api = RawApi::start(move |line| {
            let met = match request {
                "create" => line.starts_with("POST"),
                "read" => line.contains("info"),
                "list" => line.contains("orders/ "),
                _ => line.contains("currencies"),
            };
            if met { cut(&whole(line)) } else { bytes(&whole(line)) }
        });
        let expected = (("API_UNAVAILABLE", "unknown", false), ("API_UNAVAILABLE", true));
        refused(tool, arguments, &exports(&api.base_url), expected);
        assert_eq!(api.count("POST"), usize::from(request == "create"), "{tool}: a create is sent once");
        // After a lost answer the order is looked for in the list, four times at most, between catalogue and status.
        let reads = if request == "create" { 6 } else { 3 };
        assert!(api.count("GET") <= reads, "{tool}: {} reads with MAX_RETRIES=2", api.count("GET"));
    }
}

#[test]
fn a_connection_that_closes_without_an_answer() {
    for (tool, arguments, request) in TOOLS {
        let api = RawApi::start(move |line| {
            if request == "create" && !line.starts_with("POST") {
                bytes(&sample("currencies_list_200"))
            } else {
                vec![]
            }
        });
        let expected = (("API_UNAVAILABLE", "unknown", false), ("API_UNAVAILABLE", true));
        refused(tool, arguments, &exports(&api.base_url), expected);
        assert_eq!(api.count("POST"), usize::from(request == "create"), "{tool}: a create is sent once");
    }
}

#[test]
fn a_connection_that_is_refused() {
    let closed = nobody_listens();
    for (tool, arguments, _) in TOOLS {
        let expected = (("API_UNAVAILABLE", "not_created", true), ("API_UNAVAILABLE", true));
        refused(tool, arguments, &exports(&closed), expected);
    }
}

#[tokio::test]
async fn reads_are_tried_again_and_creates_are_not() {
    let stub = Stub::start().await;
    stub.once("GET", CURRENCIES, refusal(503, "Busy.")).await;
    stub.works().await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    session.done("list_currencies_catalog", json!({}));
    assert_eq!(stub.count("GET").await, 2, "one failure, one answer");
    for _ in 0..2 {
        let arguments = json!({ "amount_eur": 22, "input_currency": "BTC_TEST" });
        session.done("create_payment_onchain", arguments);
    }
    // Two reads of the orders that were created.
    assert_eq!(stub.count("GET").await, 2 + 2, "for a create the catalogue is fresh for five minutes");
    session.done("list_currencies_catalog", json!({}));
    assert_eq!(stub.count("GET").await, 5, "whoever asks for the list gets it as it is now");
}
