//! Receives webhooks over HTTP/1, from a socket of our own or from any other stream, such as a tunnel's.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use secrecy::SecretString;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket},
    time::MissedTickBehavior,
};
use tokio_util::sync::DropGuard;

use crate::receiver::Receiver;

mod connection;
mod connections;
mod framing;
pub(crate) mod intake;
mod limits;
mod probe;
pub(crate) mod reply;
mod routes;
mod start;
mod stats;

pub use limits::ServerLimits;
pub use probe::{Probe, Probes};
pub use start::{ServerStartError, check_path};

use connections::Connections;
use routes::Shared;

/// How often expired events are removed.
const PRUNE_EVERY: Duration = Duration::from_secs(300);

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// How a [`Server`] behaves.
#[derive(Clone)]
pub struct ServerSettings {
    limits: ServerLimits,
    stats_token: Option<SecretString>,
    clock: Clock,
}

impl ServerSettings {
    /// The default limits, no statistics, and the time as `clock` tells it: `SystemTime::now` outside of tests.
    pub fn new(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { limits: ServerLimits::default(), stats_token: None, clock: Arc::new(clock) }
    }

    /// Other limits.
    #[must_use]
    pub fn limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Shows statistics to whoever presents `token`. Without a token, or with an empty one, nobody sees them.
    #[must_use]
    pub fn stats_token(mut self, token: SecretString) -> Self {
        self.stats_token = Some(token);
        self
    }
}

/// A running server. Dropped, it accepts nothing more; [`stop`](Self::stop) also waits for requests in flight.
pub struct Server {
    address: SocketAddr,
    probes: Probes,
    connections: Arc<Connections>,
    _stop_on_drop: DropGuard,
}

impl Server {
    /// Listens on `address` (port 0 takes a free one) and passes webhooks to `receiver`.
    ///
    /// # Errors
    ///
    /// [`ServerStartError`] when the scheme's path cannot be served, or the address cannot be listened on.
    pub async fn bind(
        address: SocketAddr,
        receiver: Arc<Receiver>,
        settings: ServerSettings,
    ) -> Result<Self, ServerStartError> {
        start::check_path(receiver.scheme().path())?;
        let listener = listen(address).map_err(|cause| ServerStartError::listen(address, cause))?;
        let address = listener.local_addr().map_err(|cause| ServerStartError::listen(address, cause))?;

        let probes = Probes::default();
        let clock = Arc::clone(&settings.clock);
        let shared = Arc::new(Shared::new(Arc::clone(&receiver), settings, probes.clone()));
        let connections = Connections::new(shared);
        connections.spawn(accept(listener, Arc::clone(&connections)));
        connections.spawn(prune(receiver, clock));
        connections.spawn(connections::cut_the_overdue(Arc::clone(&connections)));
        Ok(Self { address, probes, _stop_on_drop: connections.stop_on_drop(), connections })
    }

    /// The address that is listened on, with the port that was taken.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Proofs that a public address reaches this very server.
    #[must_use]
    pub fn probes(&self) -> &Probes {
        &self.probes
    }

    /// Serves one more connection, in the background and under the same limits as those from the socket. `peer` is
    /// where it comes from, for the log.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn serve_conn<S>(&self, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.connections.serve(stream, peer);
    }

    /// Accepts nothing more, lets the requests in flight finish within [`ServerLimits::stop_deadline`], and cuts the rest.
    pub async fn stop(&self) {
        self.connections.stop().await;
    }
}

/// The connections that may wait to be accepted. With the usual 128, a crowd that connects at once leaves honest senders
/// waiting for their packet to be sent again, a second later.
const BACKLOG: u32 = 1024;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On Windows this would let two programs share the port; elsewhere it lets a restarted one have its port back.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(listener: TcpListener, connections: Arc<Connections>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Without this an answer waits for the acknowledgement of the packet before it.
                let _ = stream.set_nodelay(true);
                connections.serve(stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Out of file descriptors, most likely: asking again at once would only burn time.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn prune(receiver: Arc<Receiver>, clock: Clock) {
    let mut ticks = tokio::time::interval(PRUNE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = receiver.store().prune(clock()).await {
            tracing::warn!(%error, "expired events could not be removed");
        }
    }
}
