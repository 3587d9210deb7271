//! Keeps one tunnel open: retries when it fails, probes whether it works, and reports its status at any time.

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

/// How long a caller of [`Supervisor::look`] waits for the answer.
const LOOK_DEADLINE: Duration = Duration::from_secs(6);

/// How long the tunnel may take to end in order.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// Sends a request to an address and checks that it arrives at this very process; the error is the reason why not. It
/// is an argument, because fetching an address from elsewhere needs care that is not the tunnel's business.
pub type ReachabilityCheck = Arc<dyn Fn(Url) -> TunnelFuture<'static, Result<(), String>> + Send + Sync>;

/// The settings of a [`Supervisor`].
#[derive(Clone)]
pub struct SupervisorSettings {
    /// The pause before the second retry; it doubles up to a minute. The first retry is immediate.
    pub backoff: Duration,
    /// How many retries there are until the next request to try again.
    pub max_retries: u32,
    /// How often a probe goes through the open tunnel.
    pub health_check_every: Duration,
    /// How long after a tunnel has opened its first probe may take to come through: names spread slowly.
    pub settling: Duration,
    /// Cleans the messages of the provider.
    pub redactor: Redactor,
    /// Returns the time: `SystemTime::now` outside of tests.
    pub clock: Clock,
    /// Returns another number each time: the jitter of the pauses, so that many machines do not return at the same moment.
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
    /// Starts to keep `provider`'s tunnel to `server` open, in the background. Errors do not reach
    /// the caller: [`status`](Self::status) reports them.
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

    /// The tunnel's status.
    #[must_use]
    pub fn status(&self) -> TunnelStatus {
        self.status.borrow().clone()
    }

    /// The status and its changes.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<TunnelStatus> {
        self.status.clone()
    }

    /// Sends a probe through an open tunnel now, and starts a new round of attempts after they were given up. It does not
    /// shorten the pauses between retries.
    pub fn ask(&self) {
        self.asked.notify_one();
    }

    /// [Asks](Self::ask), and returns the status after the answer, within some seconds. While a tunnel is being opened, it
    /// waits for the first attempt only.
    pub async fn look(&self) -> TunnelStatus {
        let before = self.status();
        match before.state {
            TunnelState::Disconnected | TunnelState::Connecting if before.looks == 0 => {}
            TunnelState::Connecting | TunnelState::Reconnecting => return before,
            _ => self.ask(),
        }
        self.until(LOOK_DEADLINE, |status| status.looks != before.looks).await
    }

    /// The status once the tunnel is open or given up, or after `deadline`.
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
