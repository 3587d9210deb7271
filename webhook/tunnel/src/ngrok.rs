//! ngrok, inside this process: nothing to install, and its connections are served as those of our own socket.
//!
//! The agent of the `ngrok` crate reconnects by itself, but with pauses that grow without bound, without noticing that a
//! connection is dead, and for ever with a token that was revoked. So it is not let to: a session lasts as long as its
//! connection, and the supervisor opens the next one.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use super::{OpenedTunnel, TunnelError, TunnelFuture, TunnelProvider, TunnelSession, address};
use futures::StreamExt;
use ngrok::{
    config::TunnelBuilder,
    prelude::{ConnInfo, EndpointInfo, TunnelInfo},
    tunnel::HttpTunnel,
};
use payments_webhook::server::Server;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout},
};

mod frame_filter;
mod refusal;
mod session;

use session::ConnectionControl;

/// Where ngrok's own edge is.
const EDGE: &str = "connect.ngrok-agent.com:443";

/// Between looks whether the edge takes connections again.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long ngrok may take.
#[derive(Clone, Copy, Debug)]
pub struct NgrokTimeouts {
    /// To take the connection.
    pub connect: Duration,
    /// To accept the token.
    pub auth: Duration,
    /// To give out the address.
    pub listen: Duration,
    /// To take it back.
    pub close: Duration,
    /// Between heartbeats.
    pub heartbeat_interval: Duration,
    /// To answer one, before the connection counts as dead.
    pub heartbeat_tolerance: Duration,
}

impl Default for NgrokTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            auth: Duration::from_secs(10),
            listen: Duration::from_secs(10),
            close: Duration::from_millis(1500),
            heartbeat_interval: Duration::from_secs(10),
            heartbeat_tolerance: Duration::from_secs(10),
        }
    }
}

/// Tunnels through ngrok.
pub struct Ngrok {
    authtoken: Option<SecretString>,
    domain: Option<String>,
    edge: String,
    ca: Option<Vec<u8>>,
    timeouts: NgrokTimeouts,
    allow_loopback: bool,
    /// Whether the edge took no connection at the last attempt.
    out_of_reach: AtomicBool,
}

impl Ngrok {
    /// Tunnels of the account that the token belongs to; without one, opening fails with what is missing.
    #[must_use]
    pub fn new(authtoken: Option<SecretString>) -> Self {
        Self {
            authtoken,
            domain: None,
            edge: EDGE.to_owned(),
            ca: None,
            timeouts: NgrokTimeouts::default(),
            allow_loopback: false,
            out_of_reach: AtomicBool::new(false),
        }
    }

    /// At a domain of the account, so that the address stays the same.
    #[must_use]
    pub fn domain(mut self, domain: Option<String>) -> Self {
        self.domain = domain;
        self
    }

    /// Through another edge than ngrok's own, given as `host:port`; `ca` is who signs its certificate, in PEM.
    #[must_use]
    pub fn edge(mut self, address: Option<String>, ca: Option<Vec<u8>>) -> Self {
        if let Some(address) = address {
            self.edge = if address.contains(':') { address } else { format!("{address}:443") };
        }
        self.ca = ca;
        self
    }

    /// Other patience.
    #[must_use]
    pub fn timeouts(mut self, timeouts: NgrokTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Also takes `http://127.0.0.1:PORT` for a public address, which no provider reaches: for tests.
    #[must_use]
    pub fn allow_loopback(mut self, allow: bool) -> Self {
        self.allow_loopback = allow;
        self
    }

    async fn open(&self, server: Arc<Server>) -> Result<OpenedTunnel, TunnelError> {
        self.out_of_reach.store(false, Relaxed);
        let Some(authtoken) = &self.authtoken else { return Err(refusal::no_token()) };
        let control = ConnectionControl::new();
        // From here on, dropping this future cuts the connection.
        let guard = control.cut_on_drop();
        let agent = self.agent(authtoken, &control)?;
        let patience = self.timeouts.connect + self.timeouts.auth;
        let connected = timeout(patience, agent.connect()).await;
        let session =
            connected.map_err(|_| refusal::silent(&self.edge))?.map_err(|error| self.refused(&error))?;

        let mut endpoint = session.http_endpoint();
        endpoint.forwards_to("bitnovo-pay webhooks");
        if let Some(domain) = &self.domain {
            endpoint.domain(domain);
        }
        let tunnel = timeout(self.timeouts.listen, endpoint.listen())
            .await
            .map_err(|_| refusal::silent(&self.edge))?
            .map_err(|error| refusal::bind(&error, self.domain.as_deref(), authtoken))?;
        let Some(public_url) = address::public(tunnel.url(), self.allow_loopback) else {
            return Err(TunnelError::passing("ngrok has given out an address that is not an https one."));
        };
        let id = tunnel.id().to_owned();
        let serving = tokio::spawn(serve(tunnel, server, Arc::clone(&control)));
        let session = Open {
            id,
            session,
            control,
            serving: AbortOnDrop(serving),
            close: self.timeouts.close,
            _guard: guard,
        };
        Ok(OpenedTunnel { public_url, session: Box::new(session) })
    }

    fn agent(
        &self,
        authtoken: &SecretString,
        control: &Arc<ConnectionControl>,
    ) -> Result<ngrok::session::SessionBuilder, TunnelError> {
        // Fails only where the program has a provider of TLS already. Without one, the agent panics if the program holds two.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let mut agent = ngrok::Session::builder();
        agent.authtoken(authtoken.expose_secret());
        agent.client_info("bitnovo-pay", env!("CARGO_PKG_VERSION"), None::<String>);
        if let Some(ca) = &self.ca {
            agent.ca_cert(ca.clone().into());
        }
        let NgrokTimeouts { heartbeat_interval, heartbeat_tolerance, .. } = self.timeouts;
        let unusable = |what: &str| TunnelError::permanent(format!("{what} cannot be used for ngrok."));
        agent.server_addr(self.edge.as_str()).map_err(|_| {
            TunnelError::permanent("NGROK_SERVER_ADDR is not an address such as edge.shop.example:443.")
        })?;
        agent.heartbeat_interval(heartbeat_interval).map_err(|_| unusable("The heartbeat's interval"))?;
        agent.heartbeat_tolerance(heartbeat_tolerance).map_err(|_| unusable("The heartbeat's tolerance"))?;
        agent.handle_heartbeat(control.heartbeat());
        agent.connector(control.connector(self.timeouts.connect));
        Ok(agent)
    }

    fn refused(&self, error: &ngrok::session::ConnectError) -> TunnelError {
        self.out_of_reach.store(matches!(error, ngrok::session::ConnectError::Tcp(_)), Relaxed);
        refusal::connect(error, &self.edge, self.ca.is_some(), self.authtoken.as_ref())
    }
}

impl TunnelProvider for Ngrok {
    fn name(&self) -> &'static str {
        "ngrok"
    }

    fn open<'a>(&'a self, server: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>> {
        Box::pin(self.open(Arc::clone(server)))
    }

    /// A refused connection costs next to nothing, an attempt more: so it is the connection that is tried.
    fn revived(&self) -> TunnelFuture<'_, ()> {
        Box::pin(async {
            if !self.out_of_reach.load(Relaxed) {
                return std::future::pending().await;
            }
            loop {
                sleep(LOOK_EVERY).await;
                if matches!(timeout(self.timeouts.connect, TcpStream::connect(&self.edge)).await, Ok(Ok(_))) {
                    return;
                }
            }
        })
    }

    fn address_is_stable(&self) -> bool {
        self.domain.is_some()
    }

    fn diagnosis(&self) -> String {
        "Compare NGROK_AUTHTOKEN and NGROK_DOMAIN with dashboard.ngrok.com. Where the program ngrok is installed, \"ngrok \
         config check\" checks its settings and \"ngrok diagnose\" the way to ngrok."
            .to_owned()
    }
}

impl fmt::Debug for Ngrok {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ngrok")
            .field("domain", &self.domain)
            .field("edge", &self.edge)
            .finish_non_exhaustive()
    }
}

/// Has what comes through the tunnel served like any other connection, until the tunnel ends.
async fn serve(mut tunnel: HttpTunnel, server: Arc<Server>, control: Arc<ConnectionControl>) {
    let reason = loop {
        match tunnel.next().await {
            Some(Ok(connection)) => {
                let peer = connection.remote_addr();
                server.serve_conn(connection, peer);
            }
            Some(Err(error)) => break refusal::ended(&error),
            None => break "ngrok has closed the tunnel.".to_owned(),
        }
    };
    control.end(reason);
}

/// A tunnel that is open.
struct Open {
    id: String,
    session: ngrok::Session,
    control: Arc<ConnectionControl>,
    serving: AbortOnDrop,
    close: Duration,
    _guard: session::CutOnDrop,
}

impl TunnelSession for Open {
    fn ended(&mut self) -> TunnelFuture<'_, TunnelError> {
        Box::pin(async { TunnelError::passing(self.control.ended().await) })
    }

    fn close(self: Box<Self>) -> TunnelFuture<'static, ()> {
        Box::pin(async move {
            // The address is given back, and then the line is cut: a session that ends without the first leaves the
            // address claimed for a while, and the crate's own goodbye is malformed.
            let _ = timeout(self.close, self.session.close_tunnel(&self.id)).await;
            drop(self.serving);
        })
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
