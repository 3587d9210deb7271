//! All open connections: their number, which one closes when there are too many, and how they end.

use std::{
    collections::HashMap,
    future::Future,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::AbortHandle,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use tower::Service;

use super::{connection::Connection, framing::Seen, limits::ServerLimits, routes, shared::Shared};

/// hyper panics below this.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// The open connections of a server, wherever they came from.
pub(super) struct Connections {
    limits: ServerLimits,
    http: http1::Builder,
    router: Router,
    open: Mutex<Open>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

#[derive(Default)]
struct Open {
    served: u64,
    by_number: HashMap<u64, (Arc<Connection>, AbortHandle)>,
}

impl Connections {
    pub(super) fn new(shared: &Arc<Shared>) -> Arc<Self> {
        let limits = shared.limits.clone();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.head_deadline)
            .max_headers(limits.headers)
            .max_buf_size(limits.head_bytes.max(SMALLEST_BUFFER));
        Arc::new(Self {
            limits,
            http,
            router: routes::router(Arc::clone(shared)),
            open: Mutex::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        })
    }

    /// Serves a connection in the background.
    pub(super) fn serve<S>(self: &Arc<Self>, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut open = self.open();
        if self.stopping.is_cancelled() || !open.make_room(self.limits.connections) {
            return;
        }
        open.served = open.served.wrapping_add(1);
        let number = open.served;
        let connection = Connection::new(peer);
        let stream = Seen { stream, framing: Arc::clone(connection.framing()) };
        let slot = Slot { number, connections: Arc::clone(self) };
        // The list stays locked until the task is on it, so that the task cannot leave before.
        let task = self.tasks.spawn(serve(stream, Arc::clone(&connection), slot));
        open.by_number.insert(number, (connection, task.abort_handle()));
    }

    /// Runs something until the server stops.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move { stopping.run_until_cancelled(task).await });
    }

    pub(super) fn stop_on_drop(&self) -> DropGuard {
        self.stopping.clone().drop_guard()
    }

    pub(super) async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(self.limits.stop_deadline, self.tasks.wait()).await.is_err() {
            for (_, task) in self.open().by_number.values() {
                task.abort();
            }
            self.tasks.wait().await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Closes the connection that has kept the server waiting longest when there is no room for another. Refusing the
    /// new connection instead would let idle connections lock out all senders.
    fn make_room(&mut self, limit: usize) -> bool {
        while self.by_number.len() >= limit {
            let waiting = self.by_number.iter().filter_map(|(number, (connection, _))| {
                connection.waiting_since().map(|since| (since, *number))
            });
            let Some((_, number)) = waiting.min() else { return false };
            if let Some((connection, task)) = self.by_number.get(&number)
                && connection.cut()
            {
                task.abort();
                self.by_number.remove(&number);
            }
        }
        true
    }
}

/// A slot in the list, which a connection frees however it ends.
struct Slot {
    number: u64,
    connections: Arc<Connections>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.open().by_number.remove(&self.number);
    }
}

async fn serve<S>(stream: Seen<S>, connection: Arc<Connection>, slot: Slot)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connections = &slot.connections;
    let service = service_fn(|mut request: Request<Incoming>| {
        connection.begin();
        request.extensions_mut().insert(Arc::clone(&connection));
        let answer = connections.router.clone().call(request);
        let connection = Arc::clone(&connection);
        async move {
            let answer = answer.await;
            connection.end();
            answer
        }
    });
    let mut served = pin!(connections.http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = connections.stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, peer = %connection.peer(), "connection ended early");
    }
}

/// Closes connections that neither send nor receive any more, such as those whose peer does not read the response:
/// hyper waits for them without a limit.
pub(super) async fn cut_the_overdue(connections: Arc<Connections>) {
    let longest = connections.limits.head_deadline + connections.limits.request_deadline;
    let mut ticks = tokio::time::interval(longest / 8 + Duration::from_millis(1));
    loop {
        let now = ticks.tick().await;
        let overdue = |connection: &Connection| now.saturating_duration_since(connection.since()) > longest;
        for (connection, task) in connections.open().by_number.values() {
            if overdue(connection) {
                task.abort();
            }
        }
    }
}
