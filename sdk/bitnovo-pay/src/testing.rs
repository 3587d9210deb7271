//! The sandbox in the process of a test, without an account, a network or a real clock.
//!
//! ```
//! use bitnovo_pay::{Fiat, NewOrder, Verdict, testing::TestApi};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let api = TestApi::start().await?;
//! let order = api.client.orders_create(&NewOrder::link("5".parse()?, Fiat::Eur)).await?;
//! let payment = api.client.orders_info(order.identifier).await?;
//! assert_eq!(payment.verdict(), Verdict::Unpaid);
//! # Ok(())
//! # }
//! ```

use payments_sandbox::{Sandbox, SandboxStartError};

use crate::{Client, Config, DeviceId, HttpRetry, base_url::BaseUrl};

/// A sandbox of the test's own, and a client that talks to it. The sandbox ends when this is dropped.
#[derive(Debug)]
#[non_exhaustive]
pub struct TestApi {
    /// The client; it makes no retries, so that a test sees every failure.
    pub client: Client,
    /// The simulator. Requests under `/_sandbox/` of its base URL control it.
    pub sandbox: Sandbox,
}

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestApiError {
    /// It could not be started.
    #[error("the sandbox could not be started")]
    Start(#[from] SandboxStartError),
    /// Its address cannot be used.
    #[error("the sandbox has an address that cannot be used")]
    Address(#[from] crate::BaseUrlError),
}

impl TestApi {
    /// Starts a sandbox on a free port of this machine.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> Result<Self, TestApiError> {
        let sandbox =
            Sandbox::start(payments_sandbox::SandboxConfig { port: 0, ..Default::default() }).await?;
        let config = Config {
            base_url: BaseUrl::parse(sandbox.base_url(), true)?,
            retry: HttpRetry::NEVER,
            ..Config::new(DeviceId::from(sandbox.device_id()))
        };
        Ok(Self { client: Client::new(config), sandbox })
    }
}
