//! Every way in which the API can fail, and what is said about it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bitnovo_pay::{Client, ConnectFailure, Error, Fiat, HttpRetry, NewOrder, Outcome, Timeouts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::{
    DEVICE, builder, client,
    rough_server::{Manner, RoughServer},
};

/// Stands in every body and header below, and must not come out anywhere.
const SECRET: &str = "s3cret-of-the-page";

async fn server(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response.insert_header("x-internal", SECRET)).mount(&server).await;
    server
}

fn page(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_raw(format!("<html><h1>{SECRET} {DEVICE}</h1></html>"), "text/html")
}

fn detail(status: u16, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(format!(r#"{{"detail":"{text}"}}"#), "application/json")
}

async fn read(client: &Client) -> Error {
    told(client.orders_info(Uuid::from_u128(1)).await.unwrap_err())
}

async fn create(client: &Client) -> Error {
    told(client.orders_create(&NewOrder::link("5".parse().unwrap(), Fiat::Eur)).await.unwrap_err())
}

/// Passes an error on, once it is sure that neither it nor its causes tell too much.
fn told(error: Error) -> Error {
    let mut text = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        text.push_str(&format!(" {next} {next:?}"));
        cause = next.source();
    }
    for hidden in [SECRET, DEVICE, "/api/v1", "x-device-id"] {
        assert!(!text.to_lowercase().contains(hidden), "{hidden} in {text}");
    }
    error
}

#[tokio::test]
async fn a_refused_device_is_named_as_such() {
    let server = server(detail(403, "Authentication credentials were not provided.")).await;
    let client = client(&server.uri());
    for error in [read(&client).await, create(&client).await] {
        assert!(matches!(error, Error::DeviceRefused), "{error}");
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotCreated, false));
    }
}

#[tokio::test]
async fn a_404_is_a_missing_payment_when_reading_and_a_refusal_when_creating() {
    let server = server(detail(404, "Amount too low \\u202e\\u200b(min 1)")).await;
    let client = client(&server.uri());
    assert!(matches!(read(&client).await, Error::NotFound));
    let refused = create(&client).await;
    assert_eq!(refused.outcome(), Outcome::NotCreated);
    assert_eq!(refused.to_string(), r#"the API refused the request (404): "Amount too low (min 1)""#);
    let Error::Refused { status: 404, detail: Some(detail) } = refused else { panic!("{refused}") };
    assert_eq!(detail, "Amount too low (min 1)");
}

#[tokio::test]
async fn a_400_tells_its_fields() {
    let body = r#"{"input_currency":["Unknown currency."]}"#;
    let server = server(ResponseTemplate::new(400).set_body_raw(body, "application/json")).await;
    let error = create(&client(&server.uri())).await;
    assert_eq!(
        error.to_string(),
        r#"the API refused the request (400): "input_currency: Unknown currency.""#
    );
}

#[tokio::test]
async fn a_refusal_without_a_reason_is_still_a_refusal() {
    for status in [400, 404, 405, 422] {
        let server = server(page(status)).await;
        let error = create(&client(&server.uri())).await;
        assert!(matches!(error, Error::Refused { detail: None, .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::NotCreated);
    }
}

#[tokio::test]
async fn a_rate_limit_tells_the_wait_and_is_not_sat_out_when_it_is_long() {
    let server = server(detail(429, "Request was throttled.").insert_header("retry-after", "42")).await;
    let client = client(&server.uri());
    for error in [read(&client).await, create(&client).await] {
        assert_eq!(error.to_string(), "too many requests; try again in 42 s");
        assert!(
            matches!(error, Error::RateLimited { retry_after: Some(wait) } if wait == Duration::from_secs(42))
        );
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotCreated, true));
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_failing_server_is_asked_again_for_reads_only() {
    for status in [500, 502, 503, 504] {
        let server = server(page(status)).await;
        let client = client(&server.uri());
        let error = read(&client).await;
        assert!(matches!(error, Error::ServerError { status: told } if told == status), "{error}");
        assert_eq!(server.received_requests().await.unwrap().len(), 3);
        server.reset().await;
        Mock::given(any()).respond_with(page(status)).mount(&server).await;
        let error = create(&client).await;
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::Unknown, true));
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_recovers_is_not_noticed() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(page(503)).up_to_n_times(2).mount(&server).await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_raw("[]", "application/json"))
        .mount(&server)
        .await;
    assert!(client(&server.uri()).currencies_list().await.unwrap().rows().is_empty());
}

#[tokio::test]
async fn a_create_is_a_success_with_any_status_that_says_so() {
    let created = include_str!("../../../../tests/samples/orders_create_200_redirect.json");
    for status in [200, 201, 202] {
        let server = server(ResponseTemplate::new(status).set_body_raw(created, "application/json")).await;
        let order = NewOrder::link("22".parse().unwrap(), Fiat::Eur);
        let order = client(&server.uri()).orders_create(&order).await.unwrap();
        assert!(created.contains(&order.identifier.to_string()), "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_the_outcome_of_a_create_open() {
    let json = |body: &str| ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json");
    let unexpected = |reason| format!("the API answered something unexpected: {reason}");
    let unreadable = |reason| format!("the API's answer cannot be used: {reason}");
    for (response, message) in [
        (page(200), unexpected("a body that is not JSON, at line 1, column 1")),
        (json(""), unexpected("a body that ends too early, at line 1, column 0")),
        (json("[]"), unexpected("a field of another type than described")),
        (json("{}"), unreadable("identifier is missing")),
        (json(&format!(r#"{{"identifier":"{SECRET}"}}"#)), unreadable("identifier is not a UUID")),
        (
            json(r#"{"identifier":"0b9d6f0e-6c5e"#),
            unexpected("a body that ends too early, at line 1, column 28"),
        ),
        (page(201), unexpected("a body that is not JSON, at line 1, column 1")),
        (page(204), unexpected("a body that ends too early, at line 1, column 0")),
    ] {
        let server = server(response).await;
        let error = create(&client(&server.uri())).await;
        assert_eq!(error.to_string(), message);
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::Unknown, false));
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_truncated_body_is_a_lost_connection() {
    let truncated = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n[{\"identifier\":\"0b9d";
    let server = RoughServer::start(Manner::Say(truncated)).await;
    let client = client(&server.base_url);
    let error = read(&client).await;
    assert!(matches!(error, Error::Unreachable { request_sent: true, .. }), "{error}");
    assert_eq!(server.requests(), 3);
    let error = create(&client).await;
    assert_eq!(
        (error.outcome(), error.to_string().as_str()),
        (Outcome::Unknown, "the connection to the API was lost")
    );
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn each_kind_of_operation_has_its_own_time_limit() {
    let (short, long) = (Duration::from_millis(50), Duration::from_secs(300));
    for manner in [
        Manner::Silence,
        Manner::SayAndStall("HTTP/1.1 200 OK\r\n"),
        Manner::SayAndStall("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n["),
    ] {
        let server = RoughServer::start(manner).await;
        let never =
            |timeouts| builder(&server.base_url).timeouts(timeouts).retry(HttpRetry::NEVER).build().unwrap();
        let error = read(&never(Timeouts::new(long, short).unwrap())).await;
        assert!(matches!(error, Error::Timeout), "{error}");
        let error = create(&never(Timeouts::new(short, long).unwrap())).await;
        assert!(matches!(error, Error::Timeout), "{error}");
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::Unknown, true));
    }
}

#[tokio::test]
async fn nothing_listening_is_certain_not_to_have_created_anything() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client(&format!("http://{free}"));
    for error in [read(&client).await, create(&client).await] {
        assert!(
            matches!(
                error,
                Error::Unreachable { request_sent: false, failure: Some(ConnectFailure::Refused), .. }
            ),
            "{error:?}"
        );
        assert!(error.to_string().contains("refused"), "{error}");
        assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotCreated, true));
    }
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_a_matter_of_names() {
    let builder = builder("https://api.invalid").retry(HttpRetry::NEVER);
    let error = create(&builder.build().unwrap()).await;
    assert!(matches!(error, Error::Unreachable { failure: Some(ConnectFailure::Name), .. }), "{error:?}");
    assert!(error.to_string().contains("DNS") && error.is_retryable(), "{error}");
}

#[tokio::test]
async fn plain_http_behind_https_is_named_and_not_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("https://{}", listener.local_addr().unwrap()));
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
            // Closed at once with the greeting unread, it would be reset.
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    let error = create(&client).await;
    assert!(matches!(error, Error::Unreachable { failure: Some(ConnectFailure::NotTls), .. }), "{error:?}");
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotCreated, false));
    assert_eq!(connections.load(Ordering::SeqCst), 1, "no retry can help");
}

#[tokio::test]
async fn a_failed_handshake_is_certain_not_to_have_created_anything() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("https://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let error = create(&client).await;
    assert!(
        matches!(
            error,
            Error::Unreachable { request_sent: false, failure: Some(ConnectFailure::Closed), .. }
        ),
        "{error:?}"
    );
    assert_eq!(error.outcome(), Outcome::NotCreated);
}

#[tokio::test]
async fn a_server_that_does_not_speak_http_is_a_lost_connection() {
    let server = RoughServer::start(Manner::Say("SSH-2.0-OpenSSH_9.9\r\n")).await;
    let error = create(&client(&server.base_url)).await;
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(server.requests(), 1);
}
