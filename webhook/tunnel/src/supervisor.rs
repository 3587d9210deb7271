//! Keeps one tunnel open: tries again when it fails, looks whether it works, and can always tell how it stands.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::{Redactor, TunnelFuture, TunnelProvider};
use payments_webhook::server::{Clock, Server};

mod backoff;
mod run_loop;
mod status;

pub use status::{TunnelState, TunnelStatus};

use run_loop::SupervisorTask;

/// How long a caller of [`Supervisor::look`] waits for what it asked for.
const LOOK_DEADLINE: Duration = Duration::from_secs(6);

/// How long the tunnel may take to end in order.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// Sends a request to an address and sees whether it comes out at this very process; if not, says why. Given from
/// outside, because fetching what somebody else has named needs care that is not the tunnel's business.
pub type ReachabilityCheck = Arc<dyn Fn(Url) -> TunnelFuture<'static, Result<(), String>> + Send + Sync>;

/// How a [`Supervisor`] behaves.
#[derive(Clone)]
pub struct SupervisorSettings {
    /// The pause before the second retry; it doubles up to a minute. The first retry is immediate.
    pub backoff: Duration,
    /// How many retries there are until somebody asks again.
    pub max_retries: u32,
    /// How often a probe goes through the open tunnel.
    pub health_check_every: Duration,
    /// How long after a tunnel has opened its first probe may take to come through: names spread slowly.
    pub settling: Duration,
    /// What messages of the provider go through.
    pub redactor: Redactor,
    /// Tells the time: `SystemTime::now` outside of tests.
    pub clock: Clock,
    /// Any number each time: pauses differ by it, so that many machines do not come back at the same moment.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl SupervisorSettings {
    /// The documented behaviour: 10 retries from 5 seconds on, a probe each minute.
    pub fn new(clock: Clock, random: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self {
            backoff: Duration::from_secs(5),
            max_retries: 10,
            health_check_every: Duration::from_secs(60),
            settling: Duration::from_secs(30),
            redactor: Redactor::default(),
            clock,
            random: Arc::new(random),
        }
    }
}

/// Keeps one tunnel open until it is stopped or dropped.
#[derive(Debug)]
pub struct Supervisor {
    provider: &'static str,
    address_is_stable: bool,
    status: watch::Receiver<TunnelStatus>,
    asked: Arc<Notify>,
    stopping: CancellationToken,
    task: std::sync::Mutex<Option<JoinHandle<()>>>,
    _stop_on_drop: DropGuard,
}

impl Supervisor {
    /// Starts to keep `provider`'s tunnel to `server` open, in the background. Nothing that goes wrong in there reaches
    /// the caller: it is told by [`status`](Self::status).
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn start(
        provider: Box<dyn TunnelProvider>,
        server: Arc<Server>,
        prove: ReachabilityCheck,
        settings: SupervisorSettings,
    ) -> Self {
        let (name, address_is_stable) = (provider.name(), provider.address_is_stable());
        let (publish, status) = watch::channel(TunnelStatus::default());
        let (asked, stopping) = (Arc::new(Notify::new()), CancellationToken::new());
        let task = SupervisorTask {
            provider,
            server,
            prove,
            settings,
            status: publish,
            asked: Arc::clone(&asked),
            stopping: stopping.clone(),
        };
        Self {
            provider: name,
            address_is_stable,
            status,
            asked,
            _stop_on_drop: stopping.clone().drop_guard(),
            stopping,
            task: std::sync::Mutex::new(Some(tokio::spawn(task.run()))),
        }
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        self.provider
    }

    /// Whether the address stays the same after a restart of this process.
    #[must_use]
    pub fn address_is_stable(&self) -> bool {
        self.address_is_stable
    }

    /// How the tunnel stands.
    #[must_use]
    pub fn status(&self) -> TunnelStatus {
        self.status.borrow().clone()
    }

    /// The same, for whoever waits for changes.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<TunnelStatus> {
        self.status.clone()
    }

    /// Has a probe sent through an open tunnel now, and starts a new round of attempts when they had been given up.
    /// Pauses between retries are not cut short by it.
    pub fn ask(&self) {
        self.asked.notify_one();
    }

    /// [Asks](Self::ask), and tells how the tunnel stands once the answer is there, which takes some seconds at most. Of a
    /// tunnel that is being opened only the first attempt is waited for.
    pub async fn look(&self) -> TunnelStatus {
        let before = self.status();
        match before.state {
            TunnelState::Disconnected | TunnelState::Connecting if before.looks == 0 => {}
            TunnelState::Connecting | TunnelState::Reconnecting => return before,
            _ => self.ask(),
        }
        self.until(LOOK_DEADLINE, |status| status.looks != before.looks).await
    }

    /// How the tunnel stands once it is open or given up, or after `deadline`.
    pub async fn settled(&self, deadline: Duration) -> TunnelStatus {
        self.until(deadline, |status| matches!(status.state, TunnelState::Connected | TunnelState::Error))
            .await
    }

    async fn until(&self, deadline: Duration, reached: impl FnMut(&TunnelStatus) -> bool) -> TunnelStatus {
        let mut changes = self.changes();
        let _ = timeout(deadline, changes.wait_for(reached)).await;
        self.status()
    }

    /// Ends the tunnel in order, within two seconds; what has not ended by then is cut.
    pub async fn stop(&self) {
        self.stopping.cancel();
        let task = self.task.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(mut task) = task
            && timeout(STOP_DEADLINE, &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests;
