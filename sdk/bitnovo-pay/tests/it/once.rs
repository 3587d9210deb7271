//! Nothing is created twice, and nothing happens after the caller has gone.

use bitnovo_pay::{Error, Fiat, HttpRetry, NewOrder, Outcome};
use std::time::Duration;
use uuid::Uuid;

use crate::{
    builder, client,
    rough_server::{Manner, RoughServer},
};

fn order() -> NewOrder {
    NewOrder::link("5".parse().unwrap(), Fiat::Eur)
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_sent_exactly_once() {
    let server = RoughServer::start(Manner::Say("")).await;
    let patient =
        builder(&server.base_url).retry(HttpRetry::new(5, Duration::ZERO).unwrap()).build().unwrap();
    let error = patient.orders_create(&order()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { request_sent: true, .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(server.requests(), 1);
    let error = patient.device_create("till-3").await.unwrap_err();
    assert_eq!((error.outcome(), server.requests()), (Outcome::Unknown, 2));
}

#[tokio::test]
async fn a_read_whose_answer_is_lost_is_sent_again() {
    let server = RoughServer::start(Manner::Say("")).await;
    client(&server.base_url).orders_info(Uuid::from_u128(1)).await.unwrap_err();
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_create_on_a_connection_that_was_closed_meanwhile_is_not_doubled() {
    // Each answer promises a connection that stays open, and closes it.
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";
    let server = RoughServer::start(Manner::Say(answer)).await;
    let client = client(&server.base_url);
    for round in 1..=5 {
        client.currencies_list().await.unwrap();
        let _ = client.orders_create(&order()).await;
        assert!(server.requests() <= 2 * round, "{} requests in round {round}", server.requests());
    }
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection_and_ends_its_retries() {
    let mut server = RoughServer::start(Manner::Silence).await;
    let client = client(&server.base_url);
    {
        let call = client.orders_info(Uuid::from_u128(1));
        tokio::pin!(call);
        tokio::select! {
            _ = &mut call => panic!("the server never answers"),
            arrived = server.arrived.recv() => arrived.unwrap(),
        }
    }
    server.left.recv().await.unwrap();
    assert_eq!(server.requests(), 1);
}
