//! One key, one payable order, on the wire: against the sandbox, and against servers that break off.

use std::sync::Arc;

use bitnovo_pay::{
    Client, Error, Fiat, Idempotency, IdempotencyKey, MemoryKeyStore, NewOrder, OrderOrigin, Outcome,
    PlacedOrder, StoredOrder,
};
use futures::future::join_all;
use payments_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::{
    builder, client,
    rough_server::{Manner, RoughServer},
};

fn onchain() -> NewOrder {
    NewOrder::onchain("5".parse().unwrap(), Fiat::Eur, "XRP").reference("ORD-1001").internal_data("cart 7")
}

fn key() -> IdempotencyKey {
    "ORD-1001".parse().unwrap()
}

async fn place(client: &Client, order: &NewOrder) -> Result<PlacedOrder, Error> {
    client.orders_create_with(order, &Idempotency::Reconcile(key())).await
}

struct Api {
    sandbox: Sandbox,
    http: reqwest::Client,
}

impl Api {
    async fn start() -> Self {
        let config = payments_sandbox::SandboxConfig {
            port: 0,
            device_id: Some(crate::DEVICE.parse().unwrap()),
            ..Default::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        Self { sandbox, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn fault(&self, mode: &str, times: u32) {
        let fault = json!({ "match": "POST /api/v1/orders/", "mode": mode, "times": times });
        let url = format!("{}/_sandbox/faults", self.sandbox.base_url());
        self.http.post(url).json(&fault).send().await.unwrap().error_for_status().unwrap();
    }

    async fn look(&self, path: &str) -> Vec<Value> {
        let url = format!("{}/_sandbox/{path}", self.sandbox.base_url());
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

#[tokio::test]
async fn thirty_calls_and_a_lost_answer_make_one_order_that_all_get() {
    let api = Api::start().await;
    api.fault("drop_after_commit", 9).await;
    let first = client(api.sandbox.base_url());
    let calls = (0..30).map(|_| {
        let client = first.clone();
        tokio::spawn(async move { place(&client, &onchain()).await.unwrap() })
    });
    let placed: Vec<PlacedOrder> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let second = place(&client(api.sandbox.base_url()), &onchain()).await.unwrap();
    assert_eq!(second.how, OrderOrigin::Recovered);
    let requests = api.look("journal").await.len();
    let facts = first.currency_facts(second.input_currency.as_deref().unwrap()).await.unwrap();
    assert_eq!(first.currency_facts(second.input_currency.as_deref().unwrap()).await.unwrap(), facts);
    assert_eq!(api.look("journal").await.len(), requests + 1, "the catalogue is read once");
    for order in &placed {
        assert_eq!((order.identifier, &order.address), (second.identifier, &second.address));
        let uris = (order.payment_uri(&facts).unwrap(), second.payment_uri(&facts).unwrap());
        assert_eq!((&order.tag_memo, &uris.0), (&second.tag_memo, &uris.1));
        assert!(uris.0.unwrap().contains("dt="), "{order:?}");
    }
    assert_eq!(api.look("orders").await.len(), 1);
    let journal = api.look("journal").await;
    let methods: Vec<&str> = journal.iter().map(|entry| entry["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["GET", "POST", "GET", "GET", "GET"]);
    let payment = first.orders_info(second.identifier).await.unwrap();
    assert_eq!(payment.reference.as_deref(), Some("ORD-1001"), "the merchant's own");
    assert_eq!((payment.idempotency_key(), payment.merchant_data()), (Some(key()), Some("cart 7".into())));
}

#[tokio::test]
async fn a_store_that_outlives_the_client_knows_the_page_of_a_link() {
    let api = Api::start().await;
    let store = Arc::new(MemoryKeyStore::default());
    let config = builder(api.sandbox.base_url()).build().unwrap().config().clone();
    let link = NewOrder::link("5".parse().unwrap(), Fiat::Eur);
    let first = place(&Client::with_key_store(config.clone(), store.clone()), &link).await.unwrap();
    let client = Client::with_key_store(config, store);
    let again = place(&client, &link).await.unwrap();
    assert_eq!((again.how, &again.web_url), (OrderOrigin::Repeated, &first.web_url));
    let StoredOrder::Placed(stored) = client.stored_order(first.identifier).await.unwrap() else { panic!() };
    assert_eq!(stored.web_url, first.web_url);
    assert_eq!(api.look("orders").await.len(), 1);
}

#[tokio::test]
async fn data_that_leaves_no_room_for_the_key_is_refused_before_anything_is_sent() {
    let api = Api::start().await;
    let order = onchain().internal_data("x".repeat(1024));
    let error = place(&client(api.sandbox.base_url()), &order).await.unwrap_err();
    assert!(error.to_string().contains("shorten it by"), "{error}");
    assert_eq!(error.outcome(), Outcome::NotCreated);
    assert!(api.look("journal").await.is_empty());
}

#[tokio::test]
async fn a_server_that_says_nothing_or_half_gets_one_create() {
    for manner in [
        Manner::Say(""),
        Manner::Say("HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{\"identifier\":"),
        Manner::Say("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"),
        Manner::Say("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"),
    ] {
        let server = RoughServer::start(manner).await;
        let client = client(&server.base_url);
        let strategy = Idempotency::Reconcile(IdempotencyKey::generate());
        let error = client.orders_create_with(&onchain(), &strategy).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
        let requests = server.requests();
        assert!((2..=5).contains(&requests), "one create, and a search of four looks: {requests}");
        // The next call looks, finds no list to look into, and sends nothing.
        let error = client.orders_create_with(&onchain(), &strategy).await.unwrap_err();
        assert!(matches!(error, Error::InDoubt), "{error}");
        let unseen = place(&client, &onchain()).await.unwrap_err();
        assert!(matches!(unseen, Error::NotLookedUp { .. }), "{unseen}");
    }
}

#[tokio::test]
async fn a_dropped_call_sends_nothing_more_and_leaves_the_key_in_doubt() {
    let mut server = RoughServer::start(Manner::Silence).await;
    let client = client(&server.base_url);
    let strategy = Idempotency::Reconcile(IdempotencyKey::generate());
    let order = onchain();
    for requests in 1..=2 {
        // The second one looks first, and looking is a request, too.
        tokio::select! {
            _ = client.orders_create_with(&order, &strategy) => panic!("the server never answers"),
            arrived = server.arrived.recv() => arrived.unwrap(),
        }
        server.left.recv().await.unwrap();
        assert_eq!(server.requests(), requests);
    }
}
