//! How many signed webhooks a second are received, stored and answered, beside a bare echo on the same machine.
//!
//! `cargo bench -p payments-webhook --features server`. It prints figures and judges none: they depend on the machine,
//! which client and server share.
#![expect(clippy::print_stdout, reason = "its figures are its job")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may end early")]

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use axum::{Router, body::Bytes, routing::post};
use payments_webhook::{
    MemoryEventStore, Receiver, Unverified,
    scheme::bitnovo::{self, Bitnovo, Secret},
    server::{Server, ServerSettings},
    store::EventQuery,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
const EVENTS: usize = 200_000;
const CONNECTIONS: [usize; 3] = [1, 16, 64];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    // First, while no freed memory lies about that could be used again unseen.
    let bytes = runtime.block_on(bytes_per_event());
    println!("{bytes} bytes of memory for each stored event, {} of them its body", body(0).len());
    println!("{EVENTS} events over loopback, client and server in one process");
    println!(
        "{:>24} {:>10} {:>10} {:>10} {:>12} {:>12}",
        "connections", "per second", "p50 ms", "p99 ms", "first tenth", "last tenth"
    );
    for connections in CONNECTIONS {
        let requests = requests(SystemTime::now());
        runtime.block_on(async {
            let echo = echo().await;
            print(&format!("echo {connections}"), &run(echo, &requests, connections).await);
            let (address, _server) = receiver(SystemTime::now()).await;
            print(&format!("webhooks {connections}"), &run(address, &requests, connections).await);
        });
    }
}

/// Different payments, all signed in the second of `now`.
fn requests(now: SystemTime) -> Arc<Vec<Vec<u8>>> {
    let secret: Secret = SECRET.parse().expect("a secret");
    let nonce = bitnovo::nonce(now);
    let request = |number| {
        let body = body(number);
        let signature = bitnovo::sign(&secret, &nonce, body.as_bytes());
        let head = format!(
            "POST /webhook/bitnovo HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n\
             User-Agent: bench\r\nAccept: */*\r\nX-NONCE: {nonce}\r\nX-SIGNATURE: {signature}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head, body].concat().into_bytes()
    };
    Arc::new((0..EVENTS).map(request).collect())
}

fn body(number: usize) -> String {
    format!(
        r#"{{"fiat_amount": 100.0, "status": "CO", "crypto_amount": 1.21461894, "unconfirmed_amount": 0.0, "confirmed_amount": 1.21461894, "currency": "DASH", "identifier": "{number:08x}-737d-41a2-a2e1-d031d19ec8cd"}}"#
    )
}

/// The clock does not move, so that a slow machine finds every nonce fresh.
async fn receiver(now: SystemTime) -> (SocketAddr, Server) {
    let scheme = Bitnovo::new(vec![SECRET.parse().expect("a secret")]).expect("one secret");
    let receiver = Arc::new(Receiver::new(scheme, Arc::new(store()), now - Duration::from_secs(10)));
    let server = Server::bind(([127, 0, 0, 1], 0).into(), receiver, ServerSettings::new(move || now))
        .await
        .expect("a port");
    (server.local_addr(), server)
}

fn store() -> MemoryEventStore {
    MemoryEventStore::new(NonZeroUsize::MAX, Duration::from_secs(3600))
}

/// What axum does without us: it reads the body and sends it back.
async fn echo() -> SocketAddr {
    let app = Router::new().route("/webhook/bitnovo", post(async |body: Bytes| body));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        axum::serve(
            axum::serve::ListenerExt::tap_io(listener, |stream| {
                let _ = stream.set_nodelay(true);
            }),
            app,
        )
        .await
    });
    address
}

struct Figures {
    took: Duration,
    /// Of each request, when it was answered and how long that took, in the order of the answers.
    answers: Vec<(Instant, Duration)>,
}

async fn run(address: SocketAddr, requests: &Arc<Vec<Vec<u8>>>, connections: usize) -> Figures {
    let began = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|first| tokio::spawn(client(address, Arc::clone(requests), first, connections)))
        .collect();
    let mut answers = Vec::with_capacity(EVENTS);
    for client in clients {
        answers.extend(client.await.expect("a client"));
    }
    let took = began.elapsed();
    answers.sort_unstable();
    Figures { took, answers }
}

async fn client(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    first: usize,
    step: usize,
) -> Vec<(Instant, Duration)> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut buffer = vec![0; 4096];
    let mut answers = Vec::with_capacity(requests.len() / step + 1);
    for request in requests.iter().skip(first).step_by(step) {
        let sent = Instant::now();
        stream.write_all(request).await.expect("to send");
        let mut filled = 0;
        while !is_whole(&buffer[..filled]) {
            let read = stream.read(&mut buffer[filled..]).await.expect("an answer");
            assert!(read > 0, "the server hung up");
            filled += read;
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..filled]));
        let answered = Instant::now();
        answers.push((answered, answered - sent));
    }
    answers
}

/// Both servers answer with a JSON object and a body that ends with it.
fn is_whole(answer: &[u8]) -> bool {
    answer.ends_with(b"}")
}

fn print(name: &str, Figures { took, answers }: &Figures) {
    let mut latencies: Vec<_> = answers.iter().map(|(_, latency)| *latency).collect();
    latencies.sort_unstable();
    let tenth = answers.len() / 10;
    let began = answers[0].0 - answers[0].1;
    let first = rate(tenth, answers[tenth].0 - began);
    let last = rate(tenth, answers[answers.len() - 1].0 - answers[answers.len() - 1 - tenth].0);
    println!(
        "{name:>24} {:>10} {:>10} {:>10} {first:>12} {last:>12}",
        rate(answers.len(), *took),
        millis(latencies[latencies.len() / 2]),
        millis(latencies[latencies.len() * 99 / 100]),
    );
}

fn rate(count: usize, took: Duration) -> u128 {
    count as u128 * 1_000_000 / took.as_micros().max(1)
}

fn millis(latency: Duration) -> String {
    format!("{}.{:03}", latency.as_millis(), latency.as_micros() % 1000)
}

/// What the process grows by when events are received: their share of the store and of the replay guard.
async fn bytes_per_event() -> usize {
    let secret: Secret = SECRET.parse().expect("a secret");
    let scheme = Bitnovo::new(vec![SECRET.parse().expect("a secret")]).expect("one secret");
    let now = SystemTime::now();
    let receiver = Receiver::new(scheme, Arc::new(store()), now);
    let nonce = bitnovo::nonce(now);
    let before = resident_bytes();
    for number in 0..EVENTS {
        let body = body(number);
        let signature = bitnovo::sign(&secret, &nonce, body.as_bytes()).to_string();
        let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
        let request = Unverified { headers: &headers, body: body.as_bytes() };
        receiver.receive(request, now).await.expect("a stored event");
    }
    let grown = resident_bytes().saturating_sub(before);
    let stored = receiver.store().query(EventQuery::default(), now).await.expect("a count").total;
    assert_eq!(stored, EVENTS);
    grown / EVENTS
}

/// Resident memory, from the kernel; 0 where it does not report it.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0_usize);
    pages * 4096
}
