//! Sees the heads of requests as they came over the wire.
//!
//! A request with both a length and chunks ends in two places at once, and whoever stands between the sender and us may
//! have believed the other one. hyper goes by the chunks and hides the length, so it cannot be refused by its headers.

use std::{
    io::{IoSlice, Result},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use axum::http::{header::TRANSFER_ENCODING, request::Parts};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The first bytes that came since the last request was answered.
#[derive(Debug)]
pub(super) struct Framing {
    seen: Mutex<Vec<u8>>,
    capacity: usize,
}

impl Framing {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), capacity })
    }

    /// Whether a request comes with chunks and, as far as one can see, a length as well. A chunked request whose head we
    /// did not see whole, because it was sent before the answer to the one before it, counts as ambiguous too.
    pub(super) fn is_ambiguous(&self, head: &Parts) -> bool {
        if !head.headers.contains_key(TRANSFER_ENCODING) {
            return false;
        }
        let seen = self.seen();
        let mut lines =
            seen.split_inclusive(|&byte| byte == b'\n').skip_while(|line| line.trim_ascii().is_empty());
        let asks_for_it = lines.next().is_some_and(|line| {
            line.strip_prefix(head.method.as_str().as_bytes()).is_some_and(|rest| rest.starts_with(b" "))
        });
        let names_length = |line: &[u8]| {
            let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
            name.trim_ascii().eq_ignore_ascii_case(b"content-length")
        };
        for line in lines {
            if line.ends_with(b"\n") && line.trim_ascii().is_empty() {
                return !asks_for_it;
            }
            if names_length(line) {
                return true;
            }
        }
        true
    }

    /// The request was answered: what comes now belongs to the next.
    pub(super) fn next_request(&self) {
        self.seen().clear();
    }

    fn see(&self, bytes: &[u8]) {
        let mut seen = self.seen();
        let room = self.capacity.saturating_sub(seen.len());
        seen.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn seen(&self) -> MutexGuard<'_, Vec<u8>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that lets [`Framing`] see what is read from it.
pub(super) struct Seen<S> {
    pub(super) stream: S,
    pub(super) framing: Arc<Framing>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Seen<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.framing.see(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Seen<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
