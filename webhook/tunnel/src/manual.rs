//! An address that leads here already, and that is maintained elsewhere.

use std::{future::pending, sync::Arc};

use url::Url;

use super::{OpenedTunnel, TunnelError, TunnelFuture, TunnelProvider, TunnelSession};
use payments_webhook::server::Server;

/// An address that leads here already. There is nothing to open; it is only looked at.
#[derive(Clone, Debug)]
pub struct Manual {
    public_url: Url,
}

impl Manual {
    /// The address, without the path for webhooks.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self { public_url }
    }
}

impl TunnelProvider for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    fn open<'a>(&'a self, _: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>> {
        let opened = OpenedTunnel { public_url: self.public_url.clone(), session: Box::new(Nothing) };
        Box::pin(async { Ok(opened) })
    }

    fn is_opened_here(&self) -> bool {
        false
    }

    fn address_is_stable(&self) -> bool {
        true
    }

    fn diagnosis(&self) -> String {
        let health = self.public_url.as_str().trim_end_matches('/').to_owned() + "/health";
        format!(
            "Run \"curl -i {health}\" on another machine: {{\"status\":\"ok\"}} must come back. If it does not, check what \
             leads from WEBHOOK_PUBLIC_URL to this machine: DNS, the reverse proxy, the firewall."
        )
    }
}

struct Nothing;

impl TunnelSession for Nothing {
    fn ended(&mut self) -> TunnelFuture<'_, TunnelError> {
        Box::pin(pending())
    }

    fn close(self: Box<Self>) -> TunnelFuture<'static, ()> {
        Box::pin(async {})
    }
}
