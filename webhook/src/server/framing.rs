//! Follows where requests begin and end on the wire.
//!
//! A request with both a length and chunks ends in two places at once, and a proxy between the sender and this server may
//! have chosen the other one. hyper uses the chunks and hides the length, so the headers cannot show the conflict.

use std::{
    collections::VecDeque,
    io::{IoSlice, Result},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The rest of a longer line does not matter for where a body ends.
const LONGEST_LINE: usize = 128;

/// Follows the bytes of a connection from request to request.
#[derive(Debug, Default)]
pub(super) struct Framing(Mutex<Follower>);

impl Framing {
    /// Whether the request that is served next comes with both a length and chunks. To be asked once for each request,
    /// in their order. One whose beginning was not found counts as ambiguous.
    pub(super) fn next_is_ambiguous(&self) -> bool {
        self.follower().heads.pop_front().unwrap_or(true)
    }

    fn see(&self, bytes: &[u8]) {
        let mut follower = self.follower();
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = follower.follow(rest);
        }
    }

    fn follower(&self) -> MutexGuard<'_, Follower> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Follower {
    place: Position,
    /// The beginning of the line that has not ended yet.
    line: Vec<u8>,
    /// Of each head that has been seen and not asked for, whether it is ambiguous.
    heads: VecDeque<bool>,
}

/// Where in a request the next byte belongs.
#[derive(Clone, Copy, Debug, Default)]
enum Position {
    /// Before the request line; empty lines are allowed there.
    #[default]
    Before,
    Head {
        length: Option<u64>,
        chunked: bool,
    },
    /// In a body, or in the data of a chunk, with so many bytes to come.
    Body {
        left: u64,
        chunked: bool,
    },
    ChunkSize,
    /// The line break after the data of a chunk.
    ChunkEnd,
    Trailers,
    /// The chunks cannot be followed: hyper refuses them too, and closes.
    Lost,
}

impl Follower {
    /// Follows some of the bytes, and gives those that are left.
    fn follow<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        match self.place {
            Position::Lost => &[],
            Position::Body { left, chunked } => {
                let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                let left = left.saturating_sub(here as u64);
                self.place = match (left, chunked) {
                    (0, true) => Position::ChunkEnd,
                    (0, false) => Position::Before,
                    _ => Position::Body { left, chunked },
                };
                bytes.get(here..).unwrap_or_default()
            }
            _ => {
                let end = bytes.iter().position(|&byte| byte == b'\n');
                let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end.saturating_add(1)));
                let room = LONGEST_LINE.saturating_sub(self.line.len());
                self.line.extend_from_slice(part.get(..room).unwrap_or(part));
                if end.is_some() {
                    let line = std::mem::take(&mut self.line);
                    self.place = self.after(line.trim_ascii(), line.len() == LONGEST_LINE);
                }
                rest
            }
        }
    }

    /// Where the next line belongs, after this one or the beginning of it.
    fn after(&mut self, line: &[u8], is_cut: bool) -> Position {
        match self.place {
            Position::Before if line.is_empty() => Position::Before,
            Position::Before => Position::Head { length: None, chunked: false },
            Position::Head { length, chunked } if line.is_empty() => {
                self.heads.push_back(length.is_some() && chunked);
                match length {
                    _ if chunked => Position::ChunkSize,
                    Some(left) if left > 0 => Position::Body { left, chunked: false },
                    _ => Position::Before,
                }
            }
            Position::Head { length, chunked } => {
                let mut parts = line.splitn(2, |&byte| byte == b':');
                let name = parts.next().unwrap_or_default().trim_ascii();
                let value = parts.next().unwrap_or_default().trim_ascii();
                if name.eq_ignore_ascii_case(b"content-length") {
                    // One that cannot be read is refused by hyper, and is a length all the same. A second one, or one of
                    // which only the beginning is here, makes the end of the body as uncertain as chunks do.
                    let uncertain = is_cut || length.is_some();
                    Position::Head {
                        length: Some(number(value, 10).unwrap_or(0)),
                        chunked: chunked || uncertain,
                    }
                } else {
                    Position::Head {
                        length,
                        chunked: chunked || name.eq_ignore_ascii_case(b"transfer-encoding"),
                    }
                }
            }
            Position::ChunkSize => {
                let size = line.split(|&byte| byte == b';').next().unwrap_or_default();
                match number(size.trim_ascii(), 16) {
                    None => Position::Lost,
                    // Its last digits are missing.
                    Some(_) if is_cut && !line.contains(&b';') => Position::Lost,
                    Some(0) => Position::Trailers,
                    Some(left) => Position::Body { left, chunked: true },
                }
            }
            Position::ChunkEnd if line.is_empty() => Position::ChunkSize,
            Position::Trailers if line.is_empty() => Position::Before,
            Position::Trailers => Position::Trailers,
            Position::ChunkEnd | Position::Body { .. } | Position::Lost => Position::Lost,
        }
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    let digits = str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
    u64::from_str_radix(digits, radix).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &str = "POST / HTTP/1.1\r\nHost: x\r\n";

    /// The verdict on each request when `wire` comes in pieces of this size.
    fn heads(wire: &str, piece: usize) -> Vec<bool> {
        let framing = Framing::default();
        wire.as_bytes().chunks(piece).for_each(|piece| framing.see(piece));
        framing.follower().heads.iter().copied().collect()
    }

    #[test]
    fn requests_are_told_apart_however_they_are_cut_and_one_with_two_ends_is_found() {
        let chunks = "5;a=b\r\nhello\r\n0\r\nX-T: y\r\n\r\n";
        let plain = format!(
            "{POST}Content-Length: 60\r\n\r\n{}",
            "POST / HTTP/1.1\ncontent-length: 3\n\n01234567".repeat(2).split_at(60).0
        );
        let none = "\r\nGET / HTTP/1.1\nHost: x\n\n".to_owned();
        let chunked = format!("{POST}Transfer-Encoding: chunked\r\n\r\n{chunks}");
        let both = format!("{POST}cONTENT-lENGTH : 5\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let hidden = format!(
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nX: {POST}Transfer-Encoding: chunked\r\n\r\n{chunks}"
        );
        let wire = [&plain, &none, &chunked, &both, &plain, &chunked, &hidden, &none]
            .map(|part| part.as_str())
            .concat();
        for piece in 1..120 {
            assert_eq!(
                heads(&wire, piece),
                [false, false, false, true, false, false, true, false],
                "{piece}"
            );
        }
    }

    #[test]
    fn a_length_that_is_there_twice_or_reaches_beyond_its_line_is_no_certain_end() {
        let long = " ".repeat(200);
        for head in ["Content-Length: 5\r\nContent-Length: 5", &format!("Content-Length:{long}5")] {
            assert_eq!(heads(&format!("{POST}{head}\r\n\r\nhello"), 7), [true], "{head}");
        }
        let zeros = "0".repeat(200);
        let framing = Framing::default();
        let chunk =
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n{zeros}5\r\nhello\r\n0\r\n\r\n{POST}\r\n");
        framing.see(chunk.as_bytes());
        assert_eq!((framing.next_is_ambiguous(), framing.next_is_ambiguous()), (false, true));
    }

    #[test]
    fn what_cannot_be_followed_is_ambiguous_and_takes_no_memory() {
        let framing = Framing::default();
        framing.see(format!("{POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{POST}\r\n").as_bytes());
        assert_eq!((framing.next_is_ambiguous(), framing.next_is_ambiguous()), (false, true));
        framing.see(&[b'x'; 100_000]);
        assert!(framing.follower().line.len() <= LONGEST_LINE);
    }
}
