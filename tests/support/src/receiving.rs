//! A server with a clock that only the test moves, and a client that can send anything.

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use payments_webhook::{
    MemoryEventStore, Receiver, Scheme,
    scheme::bitnovo::{self, Bitnovo, Secret},
    server::{Server, ServerLimits, ServerSettings},
    store::{EventPage, EventQuery},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

pub const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
pub const NOW: u64 = 1_700_000_000;

pub fn secret() -> Secret {
    SECRET.parse().unwrap()
}

pub fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

/// Deadlines that a test can wait for.
pub fn impatient() -> ServerLimits {
    let mut limits = ServerLimits::default();
    limits.head_deadline = Duration::from_millis(400);
    limits.body_deadline = Duration::from_millis(400);
    limits.request_deadline = Duration::from_millis(800);
    limits
}

pub struct Fixture {
    pub server: Arc<Server>,
    pub receiver: Arc<Receiver>,
    clock: Arc<AtomicU64>,
}

impl Fixture {
    pub async fn start() -> Self {
        Self::with(ServerLimits::default(), |settings| settings).await
    }

    pub async fn with(limits: ServerLimits, adjust: impl FnOnce(ServerSettings) -> ServerSettings) -> Self {
        Self::of(Bitnovo::new(vec![secret()]).unwrap(), limits, adjust).await
    }

    pub async fn of(
        scheme: impl Scheme + 'static,
        limits: ServerLimits,
        adjust: impl FnOnce(ServerSettings) -> ServerSettings,
    ) -> Self {
        Self::made_of(scheme, 100_000, limits, adjust).await
    }

    /// One that keeps so many events.
    pub async fn keeping(capacity: usize, adjust: impl FnOnce(ServerSettings) -> ServerSettings) -> Self {
        Self::made_of(Bitnovo::new(vec![secret()]).unwrap(), capacity, ServerLimits::default(), adjust).await
    }

    /// Bitnovo's receiver, and beside it one for `other`, on one server and with one store.
    pub async fn beside(
        other: impl Scheme + 'static,
        adjust: impl FnOnce(ServerSettings) -> ServerSettings,
    ) -> (Self, Arc<Receiver>) {
        let store = store(100_000);
        let other = Arc::new(Receiver::new(other, store.clone(), at(NOW - 1)));
        let receiver = Receiver::new(Bitnovo::new(vec![secret()]).unwrap(), store, at(NOW - 1));
        let fixture =
            Self::serving(Arc::new(receiver), &[Arc::clone(&other)], ServerLimits::default(), adjust).await;
        (fixture, other)
    }

    async fn made_of(
        scheme: impl Scheme + 'static,
        capacity: usize,
        limits: ServerLimits,
        adjust: impl FnOnce(ServerSettings) -> ServerSettings,
    ) -> Self {
        let receiver = Receiver::new(scheme, store(capacity), at(NOW - 1));
        Self::serving(Arc::new(receiver), &[], limits, adjust).await
    }

    async fn serving(
        receiver: Arc<Receiver>,
        others: &[Arc<Receiver>],
        limits: ServerLimits,
        adjust: impl FnOnce(ServerSettings) -> ServerSettings,
    ) -> Self {
        let clock = Arc::new(AtomicU64::new(NOW));
        let settings = ServerSettings::new({
            let clock = Arc::clone(&clock);
            move || at(clock.load(SeqCst))
        });
        let settings = adjust(settings.limits(limits));
        let receivers = [&[Arc::clone(&receiver)], others].concat();
        let server = Server::host(([127, 0, 0, 1], 0).into(), receivers, settings).await.unwrap();
        Self { server: Arc::new(server), receiver, clock }
    }

    pub fn set_clock(&self, second: u64) {
        self.clock.store(second, SeqCst);
    }

    pub fn address(&self) -> SocketAddr {
        self.server.local_addr()
    }

    pub async fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Sends `request` on a connection of its own.
    pub async fn send(&self, request: &[u8]) -> Reply {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        read_reply(&mut stream).await.expect("a status")
    }

    pub async fn events(&self) -> EventPage {
        let query = EventQuery { limit: usize::MAX, ..EventQuery::default() };
        self.receiver.store().query(query, at(NOW)).await.unwrap()
    }

    pub fn rejected(&self, reason: &str) -> u64 {
        rejected(&self.receiver, reason)
    }
}

/// How often a receiver has turned requests away for this reason.
pub fn rejected(receiver: &Receiver, reason: &str) -> u64 {
    let rejections = receiver.rejections().snapshot();
    rejections.iter().find(|other| other.reason.as_str() == reason).map_or(0, |found| found.count)
}

fn store(capacity: usize) -> Arc<MemoryEventStore> {
    Arc::new(MemoryEventStore::new(NonZeroUsize::new(capacity).unwrap(), Duration::from_secs(3600)))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// Reads one answer, past any `100 Continue`; `None` when the connection ends without a status.
pub async fn read_reply(stream: &mut (impl AsyncRead + Unpin)) -> Option<Reply> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
            let length = head
                .to_lowercase()
                .split_once("content-length: ")
                .map_or(0, |(_, rest)| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
            if status == 100 {
                bytes.drain(..head.len() + 4);
                continue;
            }
            if body.len() >= length {
                return Some(Reply { status, head: head.to_owned(), body: body[..length].to_owned() });
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(read) if read > 0 => {}
            // The answer to a HEAD ends with its head.
            _ => {
                return text.strip_suffix("\r\n\r\n").and_then(|head| {
                    let status = head.split(' ').nth(1)?.parse().ok()?;
                    Some(Reply { status, head: head.to_owned(), body: String::new() })
                });
            }
        }
    }
}

/// A webhook as the provider would send it.
pub fn webhook(body: impl AsRef<[u8]>, second: u64) -> Vec<u8> {
    let nonce = bitnovo::nonce(at(second));
    let signature = bitnovo::sign(&secret(), &nonce, body.as_ref()).to_string();
    post(&[("X-NONCE", &nonce), ("X-SIGNATURE", &signature)], body)
}

/// A POST to the documented path, with a length.
pub fn post(headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut request = b"POST /webhook/bitnovo HTTP/1.1\r\nHost: shop.example\r\n".to_vec();
    for (name, value) in headers {
        request.extend(format!("{name}: {value}\r\n").bytes());
    }
    request.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
    request.extend(body);
    request
}

pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\n{headers}\r\n").into_bytes()
}

pub fn payment(number: usize) -> String {
    format!(
        r#"{{"identifier": "{number:08}-737d-41a2-a2e1-d031d19ec8cd", "status": "CO", "fiat_amount": 100.0}}"#
    )
}

/// Sends one request after another over the same connection.
pub async fn talk(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8]) -> Option<Reply> {
    stream.write_all(request).await.ok()?;
    read_reply(stream).await
}
