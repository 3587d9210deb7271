//! A server that behaves as no HTTP library would let it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What happens after a request was read in full.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// Nothing, until the client goes away.
    Silence,
    /// These bytes, and the connection is closed.
    Say(&'static str),
    /// These bytes, and nothing more until the client goes away.
    SayAndStall(&'static str),
}

pub(crate) struct RoughServer {
    pub(crate) base_url: String,
    requests: Arc<AtomicUsize>,
    /// One message for each request that was read in full.
    pub(crate) arrived: mpsc::UnboundedReceiver<()>,
    /// One message for each client that went away before the server did.
    pub(crate) left: mpsc::UnboundedReceiver<()>,
}

impl RoughServer {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let ((arrived_tx, arrived), (left_tx, left)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let counter = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counter, arrived, left) = (Arc::clone(&counter), arrived_tx.clone(), left_tx.clone());
                tokio::spawn(async move {
                    if serve(stream, manner, || {
                        counter.fetch_add(1, Ordering::SeqCst);
                        let _ = arrived.send(());
                    })
                    .await
                    {
                        let _ = left.send(());
                    }
                });
            }
        });
        Self { base_url, requests, arrived, left }
    }

    /// How many requests were read in full.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Whether the client was the one to end the connection.
async fn serve(mut stream: TcpStream, manner: Manner, count: impl Fn()) -> bool {
    if !read_request(&mut stream).await {
        return false;
    }
    count();
    let (text, stall) = match manner {
        Manner::Silence => ("", true),
        Manner::Say(text) => (text, false),
        Manner::SayAndStall(text) => (text, true),
    };
    stream.write_all(text.as_bytes()).await.unwrap();
    if stall { matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_)) } else { false }
}

async fn read_request(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return true;
            }
        }
        if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
            return false;
        }
    }
}
