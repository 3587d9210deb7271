//! The device id and the order go to one origin and no other.

use bitnovo_pay::{Error, Fiat, NewOrder, Outcome};
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::client;

#[tokio::test]
async fn a_redirect_is_not_followed_and_leaks_nothing() {
    let elsewhere = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&elsewhere).await;
    for status in [301, 302, 303, 307, 308] {
        let server = MockServer::start().await;
        let target = format!("{}/api/v1/orders/?token=abc", elsewhere.uri());
        let redirect = ResponseTemplate::new(status).insert_header("location", target.as_str());
        Mock::given(any()).respond_with(redirect).mount(&server).await;
        let client = client(&server.uri());
        let read = client.orders_info(Uuid::from_u128(1)).await.unwrap_err();
        let create =
            client.orders_create(&NewOrder::link("5".parse().unwrap(), Fiat::Eur)).await.unwrap_err();
        assert_eq!(create.outcome(), Outcome::Unknown);
        for error in [read, create] {
            assert!(matches!(error, Error::Unexpected { .. }), "{error}");
            assert!(error.to_string().contains(&format!("a redirect ({status})")), "{error}");
            assert!(!format!("{error:?}").contains("token"), "{error:?}");
        }
        assert_eq!(server.received_requests().await.unwrap().len(), 2);
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}
