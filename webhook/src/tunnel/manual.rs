//! No tunnel at all: a reverse proxy, an ingress or a platform brings webhooks here.

use std::{future, sync::Arc};

use url::Url;

use super::provider::{Opened, Pending, Provider, Session, TunnelError};
use crate::server::Server;

/// A public address that leads here without our doing.
#[derive(Clone, Debug)]
pub struct Manual {
    public_url: Url,
}

impl Manual {
    /// Webhooks arrive at this address, given without the path for webhooks.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self { public_url }
    }
}

impl Provider for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    fn open<'a>(&'a self, _: &'a Arc<Server>) -> Pending<'a, Result<Opened, TunnelError>> {
        let public_url = self.public_url.clone();
        Box::pin(future::ready(Ok(Opened { public_url, session: Box::new(Nothing) })))
    }

    fn address_is_stable(&self) -> bool {
        true
    }
}

/// Nothing that could end.
struct Nothing;

impl Session for Nothing {
    fn ended(&mut self) -> Pending<'_, TunnelError> {
        Box::pin(future::pending())
    }

    fn close(self: Box<Self>) -> Pending<'static, ()> {
        Box::pin(future::ready(()))
    }
}
