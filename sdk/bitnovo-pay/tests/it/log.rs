//! What is written to the log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use bitnovo_pay::{Fiat, NewOrder};
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::{DEVICE, client};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_call_is_one_line_without_secrets() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(log.clone());
    let subscriber = subscriber.with_ansi(false).without_time().finish();
    // For the whole process: while other tests run, a subscriber of one thread can miss events.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let server = MockServer::start().await;
    let created = include_str!("../../../../tests/samples/orders_create_200_onchain_xrp.json");
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(created, "application/json"))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(500).set_body_string("s3cret page"))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let order = NewOrder::onchain("10".parse().unwrap(), Fiat::Eur, "XRP_TEST").notes("private note");
    client.orders_create(&order).await.unwrap();
    client.orders_info(Uuid::from_u128(0x10c)).await.unwrap_err();

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let about =
        |identifier: &str| -> Vec<&str> { text.lines().filter(|line| line.contains(identifier)).collect() };
    let [create] = about("3e6a9c3b-9f8b-4d86-ac7b-5a4c8eafbd04")[..] else { panic!("{text}") };
    let [read] = about("00000000-0000-0000-0000-00000000010c")[..] else { panic!("{text}") };
    for part in
        ["DEBUG", "orders_create", "12345678-****-****-****-********90ab", "outcome=\"ok\"", "milliseconds="]
    {
        assert!(create.contains(part), "{part} not in {create}");
    }
    assert!(read.contains("outcome=\"server_error\""), "{read}");
    for hidden in [DEVICE, "s3cret", "private note", "rrrrrrrrrrrrrrrrrrrrrhoLvTp", "1234567890"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}
