//! Checks that an address leads to this process: a probe sent to the address must arrive here.

use std::{sync::Arc, time::Duration};

use payments_tunnel::supervisor::ReachabilityCheck;
use payments_webhook::server::{Probes, Server};
use url::Url;

use crate::safety::public_address;

/// How long a check may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// Sends probes to addresses of this process.
#[derive(Clone, Debug)]
pub(crate) struct AddressProbe {
    probes: Probes,
    allow_loopback: bool,
}

impl AddressProbe {
    /// Checks that addresses lead to `server`. `allow_loopback`: addresses of this machine may be fetched.
    pub(crate) fn new(server: &Server, allow_loopback: bool) -> Self {
        Self { probes: server.probes().clone(), allow_loopback }
    }

    /// Checks that a request to `address`, which is without the path for webhooks, arrives in this process.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) async fn check(&self, address: &Url) -> Result<(), String> {
        let probe = self.probes.open(*uuid::Uuid::new_v4().as_bytes());
        let mut health = below(address, "/health");
        health.set_query(Some(&format!("probe={}", probe.token())));
        let body = public_address::fetch(&health, self.allow_loopback, DEADLINE).await?;
        if probe.is_answered_by(&body) {
            Ok(())
        } else {
            Err("another program answers at this address".to_owned())
        }
    }

    /// The same for the supervisor of a tunnel.
    pub(crate) fn into_check(self) -> ReachabilityCheck {
        let probe_sender = Arc::new(self);
        Arc::new(move |address: Url| {
            let probe_sender = Arc::clone(&probe_sender);
            Box::pin(async move { probe_sender.check(&address).await })
        })
    }
}

/// The address with a path of ours after its own.
pub(crate) fn below(address: &Url, path: &str) -> Url {
    let mut url = address.clone();
    url.set_path(&format!("{}{path}", address.path().trim_end_matches('/')));
    url
}
