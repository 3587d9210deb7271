//! A stand-in for the API whose faults a test chooses. Its responses are made from the samples.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

use super::sample;

pub const DEVICE_ID: &str = "12345678-9abc-4def-8123-4567890a90ab";
/// The order that the stub creates, as the samples have it.
pub const IDENTIFIER: &str = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";
pub const CREATE: &str = "/api/v1/orders/";
pub const CURRENCIES: &str = "/api/v1/currencies";

/// The environment with which a server uses the API at `base_url`, and does not wait long before it tries again.
pub fn exports(base_url: &str) -> [(&str, &str); 5] {
    [
        ("BITNOVO_BASE_URL", base_url),
        ("BITNOVO_ALLOW_HTTP_LOOPBACK", "true"),
        ("BITNOVO_DEVICE_ID", DEVICE_ID),
        ("RETRY_DELAY", "1"),
        ("API_TIMEOUT", "15000"),
    ]
}

/// A base URL whose port is closed.
pub fn nobody_listens() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

pub struct Stub {
    pub server: MockServer,
}

impl Stub {
    /// Responds with 404 to everything; of the mounted responses the first one wins.
    pub async fn start() -> Self {
        // A test that talks to a child process seldom waits for tokio, whose budget for one task would run out: then
        // nothing of tokio is ever ready again, and dropping a server waits for ever.
        tokio::task::yield_now().await;
        Self { server: MockServer::start().await }
    }

    /// Every request succeeds: an order in BTC_TEST over 22 EUR, or a link.
    pub async fn that_works() -> Self {
        let stub = Self::start().await;
        stub.works().await;
        stub
    }

    /// Every request that has no mounted response succeeds.
    pub async fn works(&self) {
        self.on("GET", CURRENCIES, json_answer(&sample("currencies_list_200"))).await;
        self.on("POST", CREATE, json_answer(&created("BTC_TEST"))).await;
        self.read(json_answer(&json!([payment("BTC_TEST")]))).await;
    }

    pub fn base_url(&self) -> String {
        self.server.uri()
    }

    pub async fn on(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// The same for the first request only.
    pub async fn once(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        let mock = Mock::given(method(verb)).and(path(at)).respond_with(answer);
        mock.up_to_n_times(1).mount(&self.server).await;
    }

    /// What every `orders/info` answers.
    pub async fn read(&self, answer: ResponseTemplate) {
        let read = Mock::given(method("GET")).and(path_regex("^/api/v1/orders/info/"));
        read.respond_with(answer).mount(&self.server).await;
    }

    pub async fn count(&self, verb: &str) -> usize {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().filter(|request| request.method.as_str() == verb).count()
    }

    /// The bodies of the creates that arrived, as they were written.
    pub async fn orders(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        let creates = requests.iter().filter(|request| request.method.as_str() == "POST");
        creates.map(|request| String::from_utf8(request.body.clone()).unwrap()).collect()
    }
}

pub fn json_answer(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// A refusal with the provider's `detail`.
pub fn refusal(status: u16, detail: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "detail": detail }))
}

pub fn slow(answer: ResponseTemplate) -> ResponseTemplate {
    answer.set_delay(Duration::from_secs(30))
}

/// The answer to a create in BTC_TEST, ETH_TEST5 or XRP_TEST.
pub fn created(currency: &str) -> Value {
    let mut created = sample(match currency {
        "BTC_TEST" => "orders_create_200_onchain_btc",
        "ETH_TEST5" => "orders_create_200_onchain_eth",
        "XRP_TEST" => "orders_create_200_onchain_xrp",
        other => panic!("no sample in {other}"),
    });
    created["identifier"] = json!(IDENTIFIER);
    created
}

/// The payment that belongs to [`created`], over 22 EUR and waiting.
pub fn payment(currency: &str) -> Value {
    let created = created(currency);
    let mut payment = sample("orders_info_200_PE")[0].clone();
    payment["fiat_amount"] = json!(22.0);
    payment["currency_id"] = json!(currency);
    payment["address"] = created["address"].clone();
    payment["tag_memo"] = created["tag_memo"].clone();
    payment["crypto_amount"] = created["expected_input_amount"].clone();
    // The sample's time is long over, and nothing is asked for then.
    payment["expired_time"] = json!("2099-02-03T10:15:01.901440+01:00");
    payment
}

/// A server that writes exactly the given bytes and closes the connection, for responses that no HTTP library sends.
pub struct RawApi {
    pub base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl RawApi {
    /// `answer` gets the request line, such as `GET /api/v1/currencies HTTP/1.1`. A slow one does not delay the others.
    pub fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen: Arc<Mutex<Vec<String>>> = Arc::clone(&requests);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || {
                    // A client may close the connection in the middle of a request.
                    let Some((stream, line)) = stream.ok().and_then(read_request) else { return };
                    seen.lock().unwrap().push(line.clone());
                    let _ = { stream }.write_all(&answer(&line));
                });
            }
        });
        Self { base_url, requests }
    }

    pub fn count(&self, verb: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|line| line.starts_with(verb)).count()
    }
}

/// A complete answer as bytes.
pub fn bytes(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// The same answer, cut off in the middle of its body.
pub fn cut(body: &Value) -> Vec<u8> {
    let mut bytes = bytes(body);
    bytes.truncate(bytes.len() - body.to_string().len() / 2);
    bytes
}

fn read_request(stream: TcpStream) -> Option<(TcpStream, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((reader.into_inner(), line))
}
