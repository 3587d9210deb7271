//! An API with one payment, whose WebSocket tells changes well, badly, or not at all.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures::SinkExt as _;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};
use uuid::Uuid;

pub(crate) const IDENTIFIER: &str = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";

/// What the WebSocket does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    /// Tells the payment as it stands, and after each change.
    Tells,
    /// The same about a payment that nobody asked for.
    TellsAnother,
    /// Text, bytes and frames that mean nothing.
    Rubbish,
    /// A message without end.
    Endless,
    /// Ends each connection right after its handshake.
    Closes,
    /// Agrees to another handshake than this one.
    ForgedHandshake,
    /// Never answers.
    Stalls,
    /// Is not there.
    Missing,
}

pub(crate) struct TellingServer {
    pub(crate) base_url: String,
    status: Arc<watch::Sender<&'static str>>,
    reads: Arc<AtomicUsize>,
    handshakes: Arc<Mutex<Vec<String>>>,
}

impl TellingServer {
    pub(crate) async fn start(socket: Socket) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self {
            base_url,
            status: Arc::new(watch::Sender::new("PE")),
            reads: Arc::default(),
            handshakes: Arc::default(),
        };
        let (status, reads, handshakes) =
            (Arc::clone(&server.status), Arc::clone(&server.reads), Arc::clone(&server.handshakes));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (status, reads, handshakes) =
                    (status.subscribe(), Arc::clone(&reads), Arc::clone(&handshakes));
                tokio::spawn(async move {
                    serve(stream, socket, status, &reads, &handshakes).await;
                });
            }
        });
        server
    }

    pub(crate) fn change_to(&self, status: &'static str) {
        self.status.send_replace(status);
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// The heads of all handshakes.
    pub(crate) fn handshakes(&self) -> Vec<String> {
        self.handshakes.lock().unwrap().clone()
    }
}

fn payment(identifier: &str, status: &str) -> String {
    include_str!("../../../../tests/samples/websocket_message_CO.json")
        .replace("\"CO\"", &format!("\"{status}\""))
        .replace(IDENTIFIER, identifier)
}

async fn serve(
    mut stream: TcpStream,
    socket: Socket,
    mut status: watch::Receiver<&'static str>,
    reads: &AtomicUsize,
    handshakes: &Mutex<Vec<String>>,
) {
    while let Some(head) = read_head(&mut stream).await {
        if !head.contains(" /ws/") {
            reads.fetch_add(1, Ordering::SeqCst);
            let body = payment(IDENTIFIER, *status.borrow());
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            continue;
        }
        handshakes.lock().unwrap().push(head.clone());
        let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
        let accept = match socket {
            Socket::Missing => {
                let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
                continue;
            }
            Socket::Stalls => return std::future::pending().await,
            Socket::ForgedHandshake => derive_accept_key(b"another key"),
            _ => derive_accept_key(key.as_bytes()),
        };
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        let _ = stream.write_all(answer.as_bytes()).await;
        return talk(stream, socket, &mut status).await;
    }
}

async fn talk(mut stream: TcpStream, socket: Socket, status: &mut watch::Receiver<&'static str>) {
    let about = match socket {
        Socket::Tells | Socket::ForgedHandshake => IDENTIFIER.to_owned(),
        Socket::TellsAnother => Uuid::from_u128(2).to_string(),
        Socket::Rubbish => {
            // Text that is no JSON, JSON that is no payment, bytes, and an opcode that does not exist.
            for frame in [&b"\x81\x05hello"[..], b"\x81\x02[]", b"\x82\x03\x00\x01\x02", b"\x8b\x00"] {
                let _ = stream.write_all(frame).await;
            }
            return std::future::pending().await;
        }
        Socket::Endless => {
            let _ = stream.write_all(b"\x81\x7f\x00\x00\x00\x00\xff\xff\xff\xff").await;
            while stream.write_all(&[b' '; 4096]).await.is_ok() {}
            return;
        }
        Socket::Closes | Socket::Missing | Socket::Stalls => return,
    };
    let mut websocket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    loop {
        let told = payment(&about, *status.borrow_and_update());
        if websocket.send(told.into()).await.is_err() || status.changed().await.is_err() {
            return;
        }
    }
}

/// One request without a body.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}
