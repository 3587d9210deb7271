//! What the edge sends, looked over before the `ngrok` crate sees it.
//!
//! The crate trusts the edge with more than a connection: a length out of range takes the whole process down, a request
//! cut off in the middle keeps a processor busy for ever, and a stream that does not state its purpose stops all others.
//! So a stream is let through when its opening is complete; what a session cannot go on after ends it here.
//!
//! A frame of muxado, which carries the streams: `length << 8 | type << 4 | flags` and the number of the stream, 32 bits
//! each, then as many bytes as its length.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use serde::Deserialize;

/// No frame is longer: a stream may send no more than 256 KiB before we have read some of it.
const LONGEST_FRAME: usize = 1024 * 1024;
/// No opening is longer: it holds a few names and addresses.
const LONGEST_OPENING: usize = 64 * 1024;
/// As many streams as a session may have.
const MOST_OPENINGS: usize = 512;

const HEAD: usize = 8;
const RST: u8 = 0;
const DATA: u8 = 1;
const WINDOW: u8 = 2;
const GO_AWAY: u8 = 3;
const FIN: u8 = 1;
const SYN: u8 = 2;

const PROXY: u32 = 3;
const STOP_TUNNEL: u32 = 9;
const HEARTBEAT: u32 = u32::MAX;

/// What a session cannot go on after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CloseReason {
    /// The edge stopped the tunnel, perhaps with a reason.
    Stopped { message: String, code: Option<String> },
    /// The edge ended the session, perhaps with a reason.
    GoneAway { message: String },
    /// This is not what an edge sends.
    Nonsense(&'static str),
}

impl fmt::Display for CloseReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped { message, .. } if message.is_empty() => {
                formatter.write_str("ngrok has stopped the tunnel.")
            }
            Self::Stopped { message, code } => {
                write!(formatter, "ngrok has stopped the tunnel: {message}")?;
                code.as_ref().map_or(Ok(()), |code| write!(formatter, " ({code})"))
            }
            Self::GoneAway { message } if message.is_empty() => {
                formatter.write_str("ngrok has ended the session.")
            }
            Self::GoneAway { message } => write!(formatter, "ngrok has ended the session: {message}"),
            Self::Nonsense(what) => {
                write!(formatter, "What answers as ngrok sends {what}; the connection was closed.")
            }
        }
    }
}

/// Frames on their way in.
#[derive(Debug, Default)]
pub(super) struct FrameFilter {
    incoming: Vec<u8>,
    passed: Vec<u8>,
    /// Of frames that may pass, the part that has not come yet.
    passing: usize,
    /// Streams whose purpose is not complete.
    openings: HashMap<u32, Opening>,
    /// Streams that the edge opened for what we do not do.
    ignored: HashSet<u32>,
}

/// The frames with which a stream begins, as they came and without their heads.
#[derive(Debug, Default)]
struct Opening {
    frames: Vec<u8>,
    head: Vec<u8>,
}

enum Purpose {
    Unclear,
    Served,
    Ignored,
}

impl FrameFilter {
    /// Bytes for the crate.
    pub(super) fn passed(&self) -> &[u8] {
        &self.passed
    }

    pub(super) fn take(&mut self, count: usize) {
        self.passed.drain(..count.min(self.passed.len()));
    }

    /// Looks over what came in.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(), CloseReason> {
        self.incoming.extend_from_slice(bytes);
        loop {
            let now = self.passing.min(self.incoming.len());
            self.passed.extend(self.incoming.drain(..now));
            self.passing -= now;
            let Some((&[l2, l1, l0, flags, n3, n2, n1, n0], body)) = self.incoming.split_first_chunk() else {
                return Ok(());
            };
            let length = u32::from_be_bytes([0, l2, l1, l0]) as usize;
            // The highest bit is reserved.
            let stream = u32::from_be_bytes([n3 & 0x7f, n2, n1, n0]);
            let (kind, flags) = (flags >> 4, flags & 0x0f);
            if length > LONGEST_FRAME {
                return Err(CloseReason::Nonsense("a frame that is too long"));
            }
            match kind {
                RST | WINDOW if length == 4 && stream > 0 => {}
                DATA if stream > 0 => {}
                GO_AWAY if length >= 8 && stream == 0 => {}
                _ => return Err(CloseReason::Nonsense("a frame of no known kind")),
            }
            let opens = kind == DATA && flags & SYN != 0;
            let is_watched = kind == GO_AWAY
                || opens
                || self.openings.contains_key(&stream)
                || self.ignored.contains(&stream);
            if !is_watched {
                self.passing = HEAD + length;
                continue;
            }
            let Some((body, _)) = body.split_at_checked(length) else { return Ok(()) };
            let body = body.to_vec();
            let frame: Vec<u8> = self.incoming.drain(..HEAD + length).collect();
            match kind {
                GO_AWAY => {
                    // After the last stream and a number for the reason.
                    let message = body.get(8..).map(|text| String::from_utf8_lossy(text).into_owned());
                    return Err(CloseReason::GoneAway { message: message.unwrap_or_default() });
                }
                _ if self.ignored.contains(&stream) => {
                    if kind == RST || flags & FIN != 0 {
                        self.ignored.remove(&stream);
                    }
                }
                RST => {
                    self.openings.remove(&stream);
                }
                _ => {
                    let head: &[u8] = if kind == DATA { &body } else { &[] };
                    self.open(stream, &frame, head, flags & FIN != 0)?;
                }
            }
        }
    }

    fn open(&mut self, stream: u32, frame: &[u8], head: &[u8], is_last: bool) -> Result<(), CloseReason> {
        let mut opening = self.openings.remove(&stream).unwrap_or_default();
        opening.frames.extend_from_slice(frame);
        opening.head.extend_from_slice(head);
        match opening.purpose(is_last)? {
            Purpose::Served => self.passed.append(&mut opening.frames),
            Purpose::Unclear if is_last => {}
            Purpose::Unclear if opening.frames.len() > 2 * LONGEST_OPENING => {
                return Err(CloseReason::Nonsense("a stream whose beginning is too long"));
            }
            Purpose::Unclear if self.openings.len() >= MOST_OPENINGS => {
                return Err(CloseReason::Nonsense("too many streams at once"));
            }
            Purpose::Unclear => {
                self.openings.insert(stream, opening);
            }
            Purpose::Ignored if is_last => {}
            Purpose::Ignored if self.ignored.len() >= MOST_OPENINGS => {
                return Err(CloseReason::Nonsense("too many streams at once"));
            }
            Purpose::Ignored => {
                self.ignored.insert(stream);
            }
        }
        Ok(())
    }
}

impl Opening {
    fn purpose(&self, is_last: bool) -> Result<Purpose, CloseReason> {
        let Some((kind, rest)) = self.head.split_first_chunk() else { return Ok(Purpose::Unclear) };
        match u32::from_be_bytes(*kind) {
            PROXY => {
                let Some((length, rest)) = rest.split_first_chunk() else { return Ok(Purpose::Unclear) };
                match usize::try_from(i64::from_le_bytes(*length)) {
                    Ok(length) if length > LONGEST_OPENING => {
                        Err(CloseReason::Nonsense("a connection whose description is too long"))
                    }
                    Err(_) => Err(CloseReason::Nonsense("a connection whose description has no length")),
                    Ok(length) if length > rest.len() => Ok(Purpose::Unclear),
                    Ok(_) => Ok(Purpose::Served),
                }
            }
            STOP_TUNNEL => match serde_json::from_slice::<StopTunnel>(rest) {
                Ok(StopTunnel { message, code }) => Err(CloseReason::Stopped { message, code }),
                // The rest does not matter.
                Err(_) if is_last => Err(CloseReason::Stopped { message: String::new(), code: None }),
                Err(_) => Ok(Purpose::Unclear),
            },
            HEARTBEAT => Ok(Purpose::Served),
            // To restart, update or stop the agent: it is not a program of its own here.
            _ => Ok(Purpose::Ignored),
        }
    }
}

#[derive(Deserialize)]
struct StopTunnel {
    #[serde(rename = "Message", default)]
    message: String,
    #[serde(rename = "ErrorCode", default)]
    code: Option<String>,
}

#[cfg(test)]
mod tests;
