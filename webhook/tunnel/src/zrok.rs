//! zrok, a tunnel with an address that can be kept, through its command: <https://docs.zrok.io>.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::OnceCell, time::timeout};

use super::{
    address,
    process::{Program, ProgramExit, Programs, SpawnError},
    provider::{OpenedTunnel, TunnelError, TunnelFuture, TunnelProvider},
    redact::Redactor,
    url_discovery::{self, Announced, NoAddress, Running},
};
use payments_webhook::server::Server;

mod failure;
mod generation;

use failure::{ZrokFailure, not_enabled, not_started, taken, token_refused};
use generation::Generation;

/// What both generations print when the tunnel is open, before its address.
const OPEN: &str = "access your zrok share";

/// Tunnels through zrok's command.
///
/// Of the two generations the installed one is used, and of both the newer one. With `ZROK_UNIQUE_NAME` the name is made
/// ours first, and the address stays the same from then on. Whoever sets `ZROK_TOKEN` asks for this machine to be
/// enabled when it is not yet: for a moment the token is then in the list of processes, because zrok takes it no other
/// way. Without it that is left to the user, with the command to run.
#[derive(Debug)]
pub struct Zrok {
    programs: Programs,
    unique_name: Option<String>,
    token: Option<SecretString>,
    redactor: Redactor,
    generation: OnceCell<Generation>,
    /// Whether the name is known to be ours, so that later attempts need not ask again.
    is_named: AtomicBool,
}

impl Zrok {
    /// `unique_name` keeps the address the same; `token`, which is the account's, enables this machine when it is not.
    #[must_use]
    pub fn new(programs: Programs, unique_name: Option<String>, token: Option<SecretString>) -> Self {
        Self {
            programs,
            unique_name: unique_name.filter(|name| !name.is_empty()),
            redactor: Redactor::new(token.iter().cloned().collect()),
            token: token.filter(|token| !token.expose_secret().is_empty()),
            generation: OnceCell::new(),
            is_named: AtomicBool::new(false),
        }
    }

    async fn open(&self, server: &Server) -> Result<OpenedTunnel, TunnelError> {
        let generation = *self.generation.get_or_try_init(|| self.installed()).await?;
        let name = self.unique_name.as_deref();
        if let Some(name) = name.filter(|name| !generation.takes(name)) {
            return Err(TunnelError::permanent(generation.refuse(name)));
        }
        let target = format!("http://{}", address::local(server));
        match self.share(generation, name, &target).await {
            Err(ZrokFailure::NotEnabled) => {
                self.enable(generation).await?;
                self.share(generation, name, &target).await
            }
            other => other,
        }
        .map_err(|failure| match failure {
            ZrokFailure::NotEnabled => not_enabled(generation),
            ZrokFailure::Other(error) => error,
        })
    }

    /// Which generation is installed.
    async fn installed(&self) -> Result<Generation, TunnelError> {
        for generation in [Generation::Two, Generation::One] {
            match self.programs.start(generation.program(), &["version"], &self.redactor) {
                Ok(version) => {
                    let exit = self.end_of(generation, version).await?;
                    return if exit.is_success() {
                        Ok(generation)
                    } else {
                        Err(failure::refused(generation, &exit))
                    };
                }
                Err(SpawnError::Missing) => {}
                Err(error @ SpawnError::Other(_)) => return Err(not_started(generation, error)),
            }
        }
        Err(TunnelError::not_installed(
            "zrok is not installed, or not in PATH. Install it as https://docs.zrok.io/docs/guides/install/ says; or set \
             TUNNEL_PROVIDER=cloudflared, which needs no account.",
        ))
    }

    /// Runs the account's token through `enable`, if there is one.
    async fn enable(&self, generation: Generation) -> Result<(), TunnelError> {
        let Some(token) = &self.token else { return Err(not_enabled(generation)) };
        let exit = self.run(generation, &["enable", token.expose_secret(), "--headless"]).await?;
        if exit.is_success() {
            return Ok(());
        }
        Err(token_refused(generation, &exit))
    }

    async fn share(
        &self,
        generation: Generation,
        name: Option<&str>,
        target: &str,
    ) -> Result<OpenedTunnel, ZrokFailure> {
        let mut may_be_taken = false;
        if let Some(name) = name.filter(|_| !self.is_named.load(Relaxed)) {
            let exit = self.run(generation, &generation.naming(name, target)).await?;
            may_be_taken = !exit.is_success() && failure::names_a_taken_name(&exit);
            if !exit.is_success() && !may_be_taken {
                return Err(ZrokFailure::judge(generation, &exit));
            }
        }

        let arguments = generation.sharing(name, target);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut program = self.start(generation, &arguments)?;
        let address =
            url_discovery::address(&mut program, self.programs.address_deadline, self.reader()).await;
        match address {
            Ok(public_url) => {
                self.is_named.store(name.is_some(), Relaxed);
                Ok(OpenedTunnel { public_url, session: Running::new(program, generation.program()) })
            }
            Err(NoAddress::Deadline(said)) => Err(TunnelError::passing(format!(
                "{} has printed no address within {} seconds. Is the network in order? It said: {}",
                generation.program(),
                self.programs.address_deadline.as_secs(),
                if said.is_empty() { "nothing" } else { &said }
            ))
            .into()),
            Err(NoAddress::Ended(exit)) => {
                self.is_named.store(false, Relaxed);
                Err(match name {
                    Some(name) if may_be_taken && failure::is_refused(&exit) => {
                        taken(generation, name, &exit).into()
                    }
                    _ => ZrokFailure::judge(generation, &exit),
                })
            }
        }
    }

    /// Finds the address in what zrok prints: behind certain words, on the same line or on one after it.
    fn reader(&self) -> impl FnMut(&str) -> Announced {
        let mut is_open = false;
        let allow_loopback = self.programs.allow_loopback;
        move |line| {
            let behind = match line.split_once(OPEN) {
                Some((_, behind)) => behind,
                None if is_open => line,
                None => return Announced::Nothing,
            };
            is_open = true;
            address::mentioned(behind)
                .find_map(|text| address::public(text, allow_loopback))
                .map_or(Announced::Nothing, Announced::Address)
        }
    }

    fn start(&self, generation: Generation, arguments: &[&str]) -> Result<Program, TunnelError> {
        self.programs
            .start(generation.program(), arguments, &self.redactor)
            .map_err(|error| not_started(generation, error))
    }

    /// Runs a command that is expected to end.
    async fn run(&self, generation: Generation, arguments: &[&str]) -> Result<ProgramExit, TunnelError> {
        self.end_of(generation, self.start(generation, arguments)?).await
    }

    async fn end_of(&self, generation: Generation, mut program: Program) -> Result<ProgramExit, TunnelError> {
        let deadline: Duration = self.programs.address_deadline;
        timeout(deadline, program.ended()).await.map_err(|_| {
            TunnelError::passing(format!(
                "{} has not answered within {} seconds. Is the network in order?",
                generation.program(),
                deadline.as_secs()
            ))
        })
    }
}

impl TunnelProvider for Zrok {
    fn name(&self) -> &'static str {
        "zrok"
    }

    fn open<'a>(&'a self, server: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>> {
        Box::pin(self.open(server))
    }

    fn address_is_stable(&self) -> bool {
        self.unique_name.is_some()
    }

    fn diagnosis(&self) -> String {
        let program = self.generation.get().copied().unwrap_or(Generation::Two).program();
        format!(
            "Run \"{program} status\" in a terminal: it shows whether this machine is enabled, and where the service is. \
             \"{program} overview\" lists the names of the account."
        )
    }
}
