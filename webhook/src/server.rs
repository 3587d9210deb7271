//! Receives webhooks over HTTP/1, from a socket of our own or from any other stream, such as a tunnel's.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

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
mod limits;
mod log;
mod probe;
mod reply;
mod routes;
mod settings;
mod shared;
mod start;
mod stats;

pub use crate::http::Clock;
pub use limits::ServerLimits;
pub use probe::{Probe, Probes};
pub use settings::ServerSettings;
pub use start::{ServerStartError, check_path};

use connections::Connections;
use shared::Shared;

/// How often expired events are removed.
const PRUNE_EVERY: Duration = Duration::from_secs(300);

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
    /// As [`host`](Self::host).
    pub async fn bind(
        address: SocketAddr,
        receiver: Arc<Receiver>,
        settings: ServerSettings,
    ) -> Result<Self, ServerStartError> {
        Self::host(address, vec![receiver], settings).await
    }

    /// Listens on `address` (port 0 takes a free one) and passes the webhooks of several providers, or of several
    /// accounts at one provider, each to the receiver whose scheme has their path.
    ///
    /// # Errors
    ///
    /// [`ServerStartError`] when a scheme's path cannot be served or belongs to two receivers, or the address cannot be
    /// listened on.
    pub async fn host(
        address: SocketAddr,
        receivers: Vec<Arc<Receiver>>,
        settings: ServerSettings,
    ) -> Result<Self, ServerStartError> {
        start::check_paths(receivers.iter().map(|receiver| receiver.scheme().path()))?;
        let listener = listen(address).map_err(|cause| ServerStartError::listen(address, cause))?;
        let address = listener.local_addr().map_err(|cause| ServerStartError::listen(address, cause))?;

        let probes = Probes::default();
        let shared = Arc::new(Shared::new(receivers, settings, probes.clone()));
        let connections = Connections::new(&shared);
        connections.spawn(accept(listener, Arc::clone(&connections)));
        connections.spawn(prune(shared));
        connections.spawn(connections::cut_the_overdue(Arc::clone(&connections)));
        Ok(Self { address, probes, _stop_on_drop: connections.stop_on_drop(), connections })
    }

    /// The address that is listened on, with the port that was taken.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Probes, which prove that a public address reaches this very server.
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

/// The connections that may wait to be accepted. With the usual 128, a crowd that connects at once makes honest senders
/// wait a second until their packet is sent again.
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

async fn prune(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(PRUNE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for store in shared.stores() {
            if let Err(error) = store.prune((shared.clock)()).await {
                tracing::warn!(%error, "expired events could not be removed");
            }
        }
    }
}
