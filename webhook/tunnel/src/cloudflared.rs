//! Quick tunnels of Cloudflare, through `cloudflared`: no account, and a new address each time.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    time::{Instant, sleep, timeout},
};
use url::Url;

use super::{
    address,
    process::{Program, ProgramEvent, ProgramExit, Programs, SpawnError},
    provider::{OpenedTunnel, TunnelError, TunnelFuture, TunnelProvider, TunnelSession},
    redact::Redactor,
};
use payments_webhook::server::Server;

mod metrics;

/// Between looks while it opens.
const LOOK_WHILE_OPENING: Duration = Duration::from_millis(100);

/// Between looks while it is open.
const LOOK_WHILE_OPEN: Duration = Duration::from_secs(1);

/// It reconnects by itself and keeps its address then; started anew it would have another.
const UNREADY_FOR: Duration = Duration::from_secs(15);

/// Another program can take a free port before cloudflared does.
const PORTS_TRIED: usize = 3;

/// Quick tunnels through `cloudflared`.
#[derive(Clone, Debug)]
pub struct Cloudflared {
    programs: Programs,
    unready_for: Duration,
}

impl Cloudflared {
    /// Quick tunnels, each with an address of its own.
    #[must_use]
    pub fn new(programs: Programs) -> Self {
        Self { programs, unready_for: UNREADY_FOR }
    }

    /// How long it may have lost Cloudflare before the tunnel counts as ended, instead of 15 seconds.
    #[must_use]
    pub fn unready_for(mut self, patience: Duration) -> Self {
        self.unready_for = patience;
        self
    }

    async fn open(&self, server: &Server) -> Result<OpenedTunnel, TunnelError> {
        let target = format!("http://{}", address::local(server));
        for _ in 0..PORTS_TRIED {
            let port = free_port().await?;
            let metrics = format!("{}:{port}", Ipv4Addr::LOCALHOST);
            let arguments = ["tunnel", "--url", &target, "--metrics", &metrics, "--no-autoupdate"];
            let mut program =
                self.programs.start("cloudflared", &arguments, &Redactor::default()).map_err(not_started)?;
            match timeout(self.programs.address_deadline, self.address(&mut program, port)).await {
                Ok(Ok(public_url)) => {
                    program.stop_listening();
                    let session =
                        Box::new(Quick { program, port, patience: self.unready_for, unready_since: None });
                    return Ok(OpenedTunnel { public_url, session });
                }
                Ok(Err(exit)) if exit.output.contains("address already in use") => {}
                Ok(Err(exit)) => return Err(refused(&exit)),
                Err(_) => {
                    let said = program.output();
                    return Err(TunnelError::passing(format!(
                        "cloudflared has not opened a tunnel within {} seconds. Is the network in order, and port 7844 \
                         open to the outside? It said: {}",
                        self.programs.address_deadline.as_secs(),
                        if said.is_empty() { "nothing" } else { &said }
                    )));
                }
            }
        }
        Err(TunnelError::passing("cloudflared found every port taken that was free just before."))
    }

    /// The address, once the tunnel is connected; or how the program has ended.
    async fn address(&self, program: &mut Program, port: u16) -> Result<Url, ProgramExit> {
        let ready = async {
            let url = loop {
                let url = metrics::hostname(port).await.and_then(|name| self.url(&name));
                match url {
                    Some(url) => break url,
                    None => sleep(LOOK_WHILE_OPENING).await,
                }
            };
            while !metrics::is_ready(port).await {
                sleep(LOOK_WHILE_OPENING).await;
            }
            url
        };
        tokio::select! {
            exit = program.ended() => Err(exit),
            url = ready => Ok(url),
        }
    }

    fn url(&self, name: &str) -> Option<Url> {
        let url = if name.contains("://") { name.to_owned() } else { format!("https://{name}") };
        address::public(&url, self.programs.allow_loopback)
    }
}

impl TunnelProvider for Cloudflared {
    fn name(&self) -> &'static str {
        "cloudflared"
    }

    fn open<'a>(&'a self, server: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>> {
        Box::pin(self.open(server))
    }

    fn diagnosis(&self) -> String {
        "Run \"cloudflared tunnel --url http://127.0.0.1:3000\" in a terminal: it needs no account and prints what is \
         wrong. It connects to port 7844 outside."
            .to_owned()
    }
}

/// A quick tunnel.
struct Quick {
    program: Program,
    port: u16,
    patience: Duration,
    unready_since: Option<Instant>,
}

impl Quick {
    async fn lost(&mut self) -> TunnelError {
        loop {
            tokio::select! {
                event = self.program.next() => {
                    if let ProgramEvent::Ended(exit) = event {
                        return TunnelError::passing(format!("The tunnel is gone with cloudflared: {exit}."));
                    }
                }
                () = sleep(LOOK_WHILE_OPEN.min(self.patience / 4)) => {}
            }
            if metrics::is_ready(self.port).await {
                self.unready_since = None;
            } else if self.unready_since.get_or_insert_with(Instant::now).elapsed() >= self.patience {
                return TunnelError::passing(format!(
                    "cloudflared has lost its connection to Cloudflare, and not found it again in {:?}. It said: {}",
                    self.patience,
                    self.program.output()
                ));
            }
        }
    }
}

impl TunnelSession for Quick {
    fn ended(&mut self) -> TunnelFuture<'_, TunnelError> {
        Box::pin(self.lost())
    }

    fn close(self: Box<Self>) -> TunnelFuture<'static, ()> {
        Box::pin(self.program.close())
    }
}

async fn free_port() -> Result<u16, TunnelError> {
    let found = async { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr() };
    let found =
        found.await.map_err(|error| TunnelError::passing(format!("No port is free here: {error}.")))?;
    Ok(found.port())
}

fn refused(exit: &ProgramExit) -> TunnelError {
    let message = format!("cloudflared has opened no tunnel: {exit}.");
    // Cloudflare gives out only so many quick tunnels to one address.
    let too_many = ["429", "1015", "Too Many Requests"].iter().any(|text| exit.output.contains(text));
    if too_many { TunnelError::slow(message) } else { TunnelError::passing(message) }
}

fn not_started(error: SpawnError) -> TunnelError {
    let message = match &error {
        SpawnError::Missing => {
            "cloudflared is not installed, or not in PATH. Install it: \"brew install cloudflared\" on a \
                                Mac, else from https://github.com/cloudflare/cloudflared/releases."
                .to_owned()
        }
        SpawnError::Other(cause) => format!("cloudflared cannot be started: {cause}."),
    };
    TunnelError { kind: error.kind(), message }
}
