//! The one connection of a session: it can be cut from outside, and keeps the reason why it ended.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use ngrok::session::{ConnectError, Connector, HeartbeatHandler, IoStream};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls};
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

use super::frame_filter::FrameFilter;

/// How long a connection is idle before the system probes whether it still lives.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(30);

/// Ends the connection of a session, and keeps the reason.
#[derive(Debug)]
pub(super) struct ConnectionControl {
    cut: CancellationToken,
    reason: Mutex<Option<String>>,
}

/// Cuts the connection when it is dropped. The agent of the crate would keep it.
pub(super) type CutOnDrop = DropGuard;

impl ConnectionControl {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { cut: CancellationToken::new(), reason: Mutex::new(None) })
    }

    pub(super) fn cut_on_drop(&self) -> CutOnDrop {
        self.cut.clone().drop_guard()
    }

    /// Ends the connection. The first reason counts: later ones only follow from it.
    pub(super) fn end(&self, reason: impl Into<String>) {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| reason.into());
        self.cut.cancel();
    }

    /// Waits for the end.
    pub(super) async fn ended(&self) -> String {
        self.cut.cancelled().await;
        let reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone();
        reason.unwrap_or_else(|| "The connection to ngrok was closed.".to_owned())
    }

    /// Ends the connection when a heartbeat stays without an answer. The agent itself would go on waiting.
    pub(super) fn heartbeat(self: &Arc<Self>) -> impl HeartbeatHandler + use<> {
        let control = Arc::clone(self);
        move |latency: Option<Duration>| {
            if latency.is_none() {
                control.end("ngrok does not answer any more.");
            }
            async { Ok(()) }
        }
    }

    /// Makes the connection, once: asked to reconnect, it gives up and so ends the session.
    pub(super) fn connector(self: &Arc<Self>, patience: Duration) -> impl Connector + use<> {
        let control = Arc::clone(self);
        move |host: String,
              port: u16,
              tls: Arc<rustls::ClientConfig>,
              lost: Option<ngrok::tunnel::AcceptError>| {
            let control = Arc::clone(&control);
            async move {
                if lost.is_some() {
                    control.end("The connection to ngrok was lost.");
                    return Err(ConnectError::Canceled);
                }
                let too_long = || io::Error::from(io::ErrorKind::TimedOut);
                let tcp = timeout(patience, TcpStream::connect((host.as_str(), port)))
                    .await
                    .unwrap_or_else(|_| Err(too_long()))
                    .map_err(ConnectError::Tcp)?;
                // Without this, an answer waits for the acknowledgement of the packet before it: 40 ms.
                let _ = tcp.set_nodelay(true);
                let _ =
                    SockRef::from(&tcp).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE_AFTER));
                let name = rustls::pki_types::ServerName::try_from(host)
                    .map_err(|error| ConnectError::Tls(io::Error::other(error)))?;
                let stream = timeout(patience, TlsConnector::from(tls).connect(name, tcp))
                    .await
                    .unwrap_or_else(|_| Err(too_long()))
                    .map_err(ConnectError::Tls)?;
                Ok(Box::new(Cuttable::new(stream, control)) as Box<dyn IoStream>)
            }
        }
    }
}

/// What is read at once.
const PIECE: usize = 16 * 1024;

/// A stream that breaks when it is cut, and is then closed although others still hold it. What comes in is filtered
/// first.
struct Cuttable<S> {
    stream: Option<S>,
    control: Arc<ConnectionControl>,
    filter: FrameFilter,
    piece: Box<[u8]>,
    // One for each half: they are waited for by different tasks.
    read_cut: Pin<Box<WaitForCancellationFutureOwned>>,
    write_cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<S> Cuttable<S> {
    fn new(stream: S, control: Arc<ConnectionControl>) -> Self {
        let waiting = || Box::pin(control.cut.clone().cancelled_owned());
        let (read_cut, write_cut) = (waiting(), waiting());
        let piece = vec![0; PIECE].into_boxed_slice();
        Self { stream: Some(stream), control, filter: FrameFilter::default(), piece, read_cut, write_cut }
    }

    fn writable(&mut self, context: &mut Context<'_>) -> io::Result<&mut S> {
        if self.write_cut.as_mut().poll(context).is_ready() {
            self.stream = None;
        }
        self.stream.as_mut().ok_or_else(cut)
    }
}

fn cut() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

impl<S: AsyncRead + Unpin> AsyncRead for Cuttable<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, control, filter, piece, read_cut, .. } = &mut *self;
        if read_cut.as_mut().poll(context).is_ready() {
            *stream = None;
        }
        while filter.passed().is_empty() {
            let Some(open) = stream else { return Poll::Ready(Err(cut())) };
            let mut incoming = ReadBuf::new(piece);
            ready!(Pin::new(open).poll_read(context, &mut incoming))?;
            if incoming.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            if let Err(last) = filter.pass(incoming.filled()) {
                control.end(last.to_string());
                *stream = None;
            }
        }
        let passed = filter.passed();
        let (now, _) = passed.split_at(passed.len().min(buffer.remaining()));
        buffer.put_slice(now);
        let taken = now.len();
        filter.take(taken);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Cuttable<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.writable(context) {
            Ok(stream) => Pin::new(stream).poll_write(context, bytes),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.writable(context) {
            Ok(stream) => Pin::new(stream).poll_flush(context),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.writable(context) {
            Ok(stream) => Pin::new(stream).poll_shutdown(context),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}
