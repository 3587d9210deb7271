//! One connection: its peer, and whether the server or the peer has to act next.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::framing::Framing;

const WAITING: u8 = 0;
const WORKING: u8 = 1;
const CUT: u8 = 2;

/// The state of a connection while it is served.
#[derive(Debug)]
pub(super) struct Connection {
    peer: SocketAddr,
    framing: Arc<Framing>,
    /// Whether the request in hand has more than one end.
    ambiguous: AtomicBool,
    opened: Instant,
    phase: AtomicU8,
    /// Microseconds after `opened` at which the request in hand began, or the connection fell idle.
    since: AtomicU64,
}

impl Connection {
    pub(super) fn new(peer: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            peer,
            framing: Arc::default(),
            ambiguous: AtomicBool::new(false),
            opened: Instant::now(),
            phase: AtomicU8::new(WAITING),
            since: AtomicU64::new(0),
        })
    }

    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    pub(super) fn framing(&self) -> &Arc<Framing> {
        &self.framing
    }

    /// A request begins: its time runs from here.
    pub(super) fn begin(&self) {
        self.ambiguous.store(self.framing.next_is_ambiguous(), Relaxed);
        self.touch();
    }

    /// The request is answered.
    pub(super) fn end(&self) {
        self.touch();
    }

    /// Whether the request in hand comes with both a length and chunks, so that it ends in two places.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.ambiguous.load(Relaxed)
    }

    fn touch(&self) {
        self.since.store(self.opened.elapsed().as_micros() as u64, Relaxed);
    }

    /// The server has received the whole request, and the connection must not be cut until the guard is dropped; `None`
    /// when it has just been cut.
    pub(super) fn work(&self) -> Option<Working<'_>> {
        self.phase.compare_exchange(WAITING, WORKING, AcqRel, Acquire).is_ok().then(|| Working(self))
    }

    /// Since when the server waits for the peer; `None` while the server works.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        (self.phase.load(Acquire) == WAITING).then(|| self.since())
    }

    /// Decides to cut the connection, unless work on a request has just begun.
    pub(super) fn cut(&self) -> bool {
        self.phase.compare_exchange(WAITING, CUT, AcqRel, Acquire).is_ok()
    }

    /// When the last request began or the last response ended.
    pub(super) fn since(&self) -> Instant {
        self.opened + Duration::from_micros(self.since.load(Relaxed))
    }
}

/// A request is being worked on.
pub(super) struct Working<'a>(&'a Connection);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        let _ = self.0.phase.compare_exchange(WORKING, WAITING, AcqRel, Acquire);
    }
}
