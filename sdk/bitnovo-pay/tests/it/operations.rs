//! The five operations, over answers as the API gives them.

use bitnovo_pay::{CurrencyFacts, Error, Fiat, InvalidRequest, NewOrder, PaymentStatus, Verdict};
use chrono::NaiveDate;
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string, header, method, path, query_param, query_param_is_missing},
};

use crate::{DEVICE, client};

const CO: &str = include_str!("../../../../tests/samples/orders_info_200_CO.json");
const CO_IDENTIFIER: &str = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";

fn json(body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.into(), "application/json")
}

fn identifier() -> Uuid {
    CO_IDENTIFIER.parse().unwrap()
}

#[tokio::test]
async fn the_catalogue_keeps_limits_exact_and_may_have_none() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/api/v1/currencies"))
        .and(header("x-device-id", DEVICE))
        .respond_with(json(include_str!("../../../../tests/samples/currencies_list_200_null_max.json")))
        .mount(&server)
        .await;
    let currencies = client(&server.uri()).currencies_list().await.unwrap();
    let shown: Vec<String> = currencies
        .rows()
        .iter()
        .map(|currency| {
            let max = currency.max_amount.map(|max| max.to_string_with_scale(2));
            format!("{} {} {max:?}", currency.symbol, currency.min_amount.to_string_with_scale(2))
        })
        .collect();
    assert_eq!(shown, ["USDC_POLYGON_NXTB 1.00 None", "TRX_USDC_6NU3 10.00 Some(\"1200.00\")"]);
    assert!(currencies.rows().iter().all(|currency| CurrencyFacts::of_currency(currency).is_token));
}

#[tokio::test]
async fn an_onchain_order_is_sent_exactly_and_its_tiny_amount_read_exactly() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/v1/orders/"))
        .and(header("content-type", "application/json"))
        .and(body_string(
            r#"{"expected_output_amount":0.3,"fiat":"EUR","input_currency":"BTC_TEST","notes":"Coffee","reference":"A-1"}"#,
        ))
        .respond_with(json(include_str!("../../../../tests/samples/orders_create_200_onchain_btc_tiny_exponent.json")))
        .expect(1)
        .mount(&server)
        .await;
    let order =
        NewOrder::onchain("0.30".parse().unwrap(), Fiat::Eur, "BTC_TEST").notes("Coffee").reference("A-1");
    let created = client(&server.uri()).orders_create(&order).await.unwrap();
    assert_eq!(created.expected_input_amount.unwrap().to_string(), "0.0000309");
    assert_eq!(created.web_url.unwrap(), "https://paytest.bitnovo.com/7b21d4aa/");
}

#[tokio::test]
async fn a_link_has_no_crypto_fields() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(json(include_str!("../../../../tests/samples/orders_create_200_redirect.json")))
        .mount(&server)
        .await;
    let order = NewOrder::link("22".parse().unwrap(), Fiat::Eur);
    let created = client(&server.uri()).orders_create(&order).await.unwrap();
    assert_eq!(created.need_dni, Some(false));
    assert!(
        created.address.is_none() && created.expected_input_amount.is_none() && created.payment_uri.is_none()
    );
}

#[tokio::test]
async fn an_order_that_cannot_succeed_is_not_sent() {
    let server = MockServer::start().await;
    let order = NewOrder::link("0.001".parse().unwrap(), Fiat::Eur);
    let error = client(&server.uri()).orders_create(&order).await.unwrap_err();
    assert!(matches!(error, Error::InvalidRequest(InvalidRequest::TooManyDecimals { .. })), "{error}");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_payment_is_read_from_an_array_and_from_an_object() {
    for body in [CO, include_str!("../../../../tests/samples/websocket_message_CO.json")] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path(format!("/api/v1/orders/info/{CO_IDENTIFIER}")))
            .respond_with(json(body))
            .mount(&server)
            .await;
        let payment = client(&server.uri()).orders_info(identifier()).await.unwrap();
        assert_eq!((payment.identifier, &payment.status), (identifier(), &PaymentStatus::Co));
        assert_eq!(payment.verdict(), Verdict::Paid);
        assert_eq!(payment.created_at.unwrap().to_rfc3339(), "2025-02-03T10:00:00.120450+01:00");
    }
}

#[tokio::test]
async fn a_status_that_is_new_is_kept() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(json(CO.replace("\"CO\"", "\"XY\""))).mount(&server).await;
    let payment = client(&server.uri()).orders_info(identifier()).await.unwrap();
    assert_eq!(payment.status, PaymentStatus::Unknown("XY".into()));
    assert!(!payment.verdict().may_ship());
}

#[tokio::test]
async fn an_answer_about_another_payment_is_refused() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(json(CO)).mount(&server).await;
    let asked = Uuid::from_u128(7);
    let error = client(&server.uri()).orders_info(asked).await.unwrap_err();
    let Error::WrongPayment { asked: named, received } = error else { panic!("{error}") };
    assert_eq!((named, received), (asked, identifier()));
}

#[tokio::test]
async fn a_list_is_asked_for_by_days() {
    let server = MockServer::start().await;
    let list = include_str!("../../../../tests/samples/orders_list_200.json");
    Mock::given(method("GET"))
        .and(path("/api/v1/orders/"))
        .and(query_param("start", "2025/02/01"))
        .and(query_param("end", "2025/02/03"))
        .respond_with(json(list))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/api/v1/orders/"))
        .and(query_param_is_missing("start"))
        .and(query_param_is_missing("end"))
        .respond_with(json("[]"))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let day = |day| NaiveDate::from_ymd_opt(2025, 2, day);
    assert!(!client.orders_list(day(1), day(3)).await.unwrap().rows().is_empty());
    assert!(client.orders_list(None, None).await.unwrap().rows().is_empty());
    let reversed = client.orders_list(day(3), day(1)).await.unwrap_err();
    assert!(matches!(reversed, Error::InvalidRequest(InvalidRequest::ReversedDates)));
}

#[tokio::test]
async fn a_new_devices_key_prints_masked() {
    let server = MockServer::start().await;
    let answer = include_str!("../../../../tests/samples/device_create_200.json");
    Mock::given(method("POST"))
        .and(path("/api/v1/device/"))
        .and(body_string(r#"{"name":"till-3"}"#))
        .respond_with(json(answer))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let device = client.device_create("till-3").await.unwrap();
    assert!(answer.contains(device.identifier.expose()));
    assert!(!format!("{device:?}").contains(device.identifier.expose()));
    for name in [String::new(), "x".repeat(129)] {
        let error = client.device_create(&name).await.unwrap_err();
        assert!(
            matches!(error, Error::InvalidRequest(InvalidRequest::Length { field: "name", .. })),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_request_carries_the_device_and_nothing_of_the_generator() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(json("[]")).mount(&server).await;
    client(&server.uri()).currencies_list().await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let headers = &requests[0].headers;
    assert_eq!(headers["x-device-id"], DEVICE);
    assert!(headers.get("api-version").is_none());
}
