//! The API that tells what it is set to.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::value::RawValue;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// The payment of the samples.
pub(super) const IDENTIFIER: &str = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";
/// A time at which no test runs.
const IN_TIME: &str = "\"2094-02-03T10:15:01.901440+01:00\"";
pub(super) const ONCHAIN: &str = include_str!("../../../../tests/samples/orders_create_200_onchain_xrp.json");
pub(super) const LINK: &str = include_str!("../../../../tests/samples/orders_create_200_redirect.json");
pub(super) const CURRENCY: &str = r#"{"symbol": "BTC_TEST", "name": "Bitcoin Test BTC", "min_amount": "0.01",
    "max_amount": "10000.00", "image": "https://paytest.bitnovo.com/coin.png", "blockchain": "BTC_TEST"}"#;

/// The payment in one of the states of the samples. One that can be paid has time left.
pub(super) fn payment(status: &str) -> String {
    let sample = match status {
        "NR" => include_str!("../../../../tests/samples/orders_info_200_NR.json"),
        "PE" => include_str!("../../../../tests/samples/orders_info_200_PE.json"),
        "IA" => include_str!("../../../../tests/samples/orders_info_200_IA.json"),
        "AC_safe" => include_str!("../../../../tests/samples/orders_info_200_AC_safe.json"),
        "AC_unsafe" => include_str!("../../../../tests/samples/orders_info_200_AC_unsafe.json"),
        "CO" => include_str!("../../../../tests/samples/orders_info_200_CO.json"),
        "OC" => include_str!("../../../../tests/samples/orders_info_200_OC.json"),
        "EX" => include_str!("../../../../tests/samples/orders_info_200_EX.json"),
        "CA" => include_str!("../../../../tests/samples/orders_info_200_CA.json"),
        other => panic!("no sample of {other}"),
    };
    let one = sample.trim().trim_start_matches('[').trim_end_matches(']');
    let one = with(one, "identifier", &format!("\"{IDENTIFIER}\""));
    let one = with(&one, "fiat_amount", "10.0");
    match status {
        "PE" | "IA" => with(&one, "expired_time", IN_TIME),
        _ => one,
    }
}

/// The object with one field exchanged.
pub(super) fn with(object: &str, field: &str, value: &str) -> String {
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(object).unwrap();
    fields.insert(field.to_owned(), RawValue::from_string(value.to_owned()).unwrap());
    serde_json::to_string(&fields).unwrap()
}

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Info,
    List,
    Created,
    Currencies,
}

#[derive(Clone)]
pub(super) struct Api {
    pub(super) base_url: String,
    answers: Arc<Mutex<BTreeMap<Part, String>>>,
    creates: Arc<AtomicUsize>,
}

impl Api {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let xrp = with(&with(CURRENCY, "symbol", "\"XRP_TEST\""), "blockchain", "\"XRP_TEST\"");
        let answers = BTreeMap::from([
            (Part::List, "[]".to_owned()),
            (Part::Currencies, format!("[{CURRENCY},{xrp}]")),
        ]);
        let api = Self { base_url, answers: Arc::new(Mutex::new(answers)), creates: Arc::default() };
        let answering = api.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let api = answering.clone();
                tokio::spawn(async move { api.serve(stream).await });
            }
        });
        api
    }

    pub(super) fn set(&self, part: Part, body: impl Into<String>) {
        self.answers.lock().unwrap().insert(part, body.into());
    }

    pub(super) fn creates(&self) -> usize {
        self.creates.load(Ordering::SeqCst)
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut stream = BufReader::new(stream);
        loop {
            let (mut request, mut length) = (String::new(), 0);
            stream.read_line(&mut request).await.ok()?;
            loop {
                let mut header = String::new();
                stream.read_line(&mut header).await.ok()?;
                let Some((name, value)) = header.trim_end().split_once(':') else { break };
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().ok()?;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.ok()?;
            if request.is_empty() {
                return None;
            }
            let part = if request.starts_with("POST") {
                self.creates.fetch_add(1, Ordering::SeqCst);
                Part::Created
            } else if request.contains("/info/") {
                Part::Info
            } else if request.contains("/currencies") {
                Part::Currencies
            } else {
                Part::List
            };
            let body = self.answers.lock().unwrap().get(&part).cloned().unwrap_or_default();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.get_mut().write_all((head + &body).as_bytes()).await.ok()?;
        }
    }
}
