//! A simulator of the payment API on loopback, so that everything runs and is tested without an account, a network or money.
//!
//! It serves the API under `/api/v1`, signs and sends webhooks, and has a WebSocket and a checkout page for each order. Requests
//! under `/_sandbox` control it: they play the customer, the blockchain and the clock. It is written from the API's description
//! and shares no type with the client, so that it can contradict the client.
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use payments_sandbox::{SandboxConfig, Sandbox};
//!
//! let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! let currencies = reqwest::Client::new()
//!     .get(format!("{}/api/v1/currencies", sandbox.base_url()))
//!     .header("X-Device-Id", sandbox.device_id().to_string())
//!     .send()
//!     .await?;
//! assert_eq!(currencies.status(), 200);
//! sandbox.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to start
//!
//! [`Sandbox::start`] runs one inside the process, with a [`SandboxConfig`] that sets its port, seed and clock.
//! `bitnovo-pay-mcp sandbox` runs one alone, and the feature `testing` of `bitnovo-pay` starts one beside a client.
//!
//! # Control
//!
//! | under `/_sandbox/` | does |
//! |---|---|
//! | `POST orders/{id}/pay` | the customer pays: all that is missing, or `{"percent": 60}` of the whole, or `{"amount": "0.01"}` coins. A link without a currency gets BTC first, or `{"currency": "ETH"}` |
//! | `POST orders/{id}/mine`, `expire`, `cancel`, `fail`, `refund` | a block confirms the transactions, the time limit ends, … |
//! | `POST clock/advance` `{"seconds": 900}` | advances the simulated clock, with every timer |
//! | `POST faults` `{"match": "POST /api/v1/orders/", "mode": "status", "status": 503, "times": 1}` | the next matching requests fail. `status`, `reset` and `not_json` execute nothing; `delay` (with `delay_ms`), `drop_after_commit` and `truncate` do; `commit_late` creates the order after `delay_ms` of simulated time |
//! | `GET orders`, `GET journal` | all orders; all requests to the API |
//! | `GET`, `PUT webhook` `{"url": …}` | where webhooks go |
//! | `GET deliveries`, `POST deliveries/{id}/redeliver` | what was sent there; sends the same body again with a new signature |
//! | `POST reset` | removes everything but the receiver of webhooks |
//!
//! Actions return the payment in its new state. A webhook is sent when a status changes, except for IA, and again when AC becomes
//! safe. The clock also runs by itself: a payment in full is safe after one minute, a transaction is mined after ten, an order
//! expires 15 minutes after its currency was chosen (BCH and LTC: 60) and is cancelled a day later.
//!
//! # Web pages
//!
//! Programs need no credentials. Requests from a page of another site, or of another port of this machine, are refused with 403,
//! by the headers `Origin` and `Sec-Fetch-Site`. Only a checkout page opens from anywhere, because shops link to it.
//!
//! # Limits
//!
//! Everything is in memory and lost at the end. Prices and rates are invented and never change. There is no rate limit, apart from
//! faults. Requests are JSON only. CM and DE never occur: they are set in the provider's dashboard. Webhooks reach an https
//! receiver only in a build with TLS, which the SDK's default features bring.

mod bitnovo;
mod clock;
mod config;
mod control;
mod fault;
mod journal;
mod refusal;
mod routes;
mod seed;
mod serve;
mod simulation;
mod visitors;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use payments_webhook::scheme::bitnovo::Secret;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use uuid::Uuid;

pub use clock::TimeSource;
pub use config::{SandboxConfig, SandboxStartError};

use crate::{
    bitnovo::{deliveries::WebhookSender, simulation::BitnovoSimulation, world::World},
    clock::Clock,
    control::Control,
    fault::Faults,
    journal::Journal,
    seed::Seed,
    simulation::{Shared, Simulation},
};

/// How often timers are checked while no request arrives.
const TICK: Duration = Duration::from_millis(500);

/// A running sandbox. Dropping it stops it, too.
#[derive(Debug)]
pub struct Sandbox {
    base_url: String,
    device_id: Uuid,
    device_secret: SecretString,
    tasks: TaskTracker,
    stopping: DropGuard,
}

impl Sandbox {
    /// Starts a sandbox, which answers as soon as this returns.
    ///
    /// # Errors
    ///
    /// [`SandboxStartError`] when the address is not loopback, the port is taken or the secret is not 64 hex digits.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxStartError> {
        let SandboxConfig { host, port, device_id, device_secret, webhook_url, seed, time } = config;
        if !host.is_loopback() {
            return Err(SandboxStartError::NotLoopback { host });
        }
        let seed = Seed(seed);
        let device_id = device_id.unwrap_or_else(|| seed.uuid("device", 0));
        let device_secret =
            device_secret.unwrap_or_else(|| hex::encode(seed.bytes("device secret", &[])).into());
        let secret: Secret = device_secret.expose_secret().parse()?;

        let listen = |source| SandboxStartError::Listen { host, port, source };
        let listener = TcpListener::bind((host, port)).await.map_err(listen)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(listen)?);

        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
        let webhooks =
            WebhookSender::new(secret, Arc::clone(&time), webhook_url, tasks.clone(), stopping.clone())?;
        let shared = Arc::new(Shared {
            base_url: base_url.clone(),
            clock: Clock::new(time),
            faults: Faults::default(),
            journal: Journal::default(),
        });
        let world = World::new(seed, device_id);
        let bitnovo = Arc::new(BitnovoSimulation::new(Arc::clone(&shared), webhooks, world));
        let simulations: Vec<Arc<dyn Simulation>> = vec![bitnovo.clone()];
        let control = Arc::new(Control { shared, simulations });

        let router = routes::router(Arc::clone(&control), bitnovo, stopping.clone());
        tasks.spawn(serve::serve(listener, router, tasks.clone(), stopping.clone()));
        tasks.spawn(tick(control, stopping.clone()));
        Ok(Self { base_url, device_id, device_secret, tasks, stopping: stopping.drop_guard() })
    }

    /// Where the sandbox is, without a trailing slash: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The device id that requests must carry in `X-Device-Id`.
    #[must_use]
    pub fn device_id(&self) -> Uuid {
        self.device_id
    }

    /// The secret that webhooks are signed with, as 64 hex digits, in clear: for the receiver that verifies them.
    #[must_use]
    pub fn device_secret(&self) -> &str {
        self.device_secret.expose_secret()
    }

    /// Stops the sandbox; when this returns, its port is free.
    pub async fn stop(self) {
        let Self { tasks, stopping, .. } = self;
        stopping.disarm().cancel();
        tasks.close();
        tasks.wait().await;
    }
}

/// Runs due timers while no request arrives, so that their webhooks are sent and WebSockets are notified.
async fn tick(control: Arc<Control>, stopping: CancellationToken) {
    while stopping.run_until_cancelled(tokio::time::sleep(TICK)).await.is_some() {
        control.settle();
    }
}
