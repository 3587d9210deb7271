//! What every connection of a server works with: the receivers, the limits, the clock and the probes.

use std::sync::Arc;

use axum::extract::Request;
use secrecy::{ExposeSecret, SecretString};

use super::{limits::ServerLimits, probe::Probes, settings::ServerSettings, start::bare};
use crate::{
    http::{Clock, body},
    receiver::Receiver,
    store::EventStore,
};

pub(super) struct Shared {
    pub(super) receivers: Vec<Arc<Receiver>>,
    pub(super) limits: ServerLimits,
    pub(super) clock: Clock,
    pub(super) probes: Probes,
    pub(super) stats_token: Option<SecretString>,
}

impl Shared {
    pub(super) fn new(receivers: Vec<Arc<Receiver>>, settings: ServerSettings, probes: Probes) -> Self {
        let ServerSettings { limits, stats_token, clock } = settings;
        let stats_token = stats_token.filter(|token| !token.expose_secret().is_empty());
        Self { receivers, limits, clock, probes, stats_token }
    }

    /// The receiver that `path` belongs to.
    pub(super) fn at(&self, path: &str) -> Option<&Receiver> {
        let here = |receiver: &&Receiver| bare(receiver.scheme().path()) == bare(path);
        self.receivers.iter().map(Arc::as_ref).find(here)
    }

    /// The receiver whose provider signs requests like this one, whatever its path.
    pub(super) fn signed_for(&self, request: &Request) -> Option<&Receiver> {
        let headers = body::pairs(request.headers());
        self.receivers.iter().map(Arc::as_ref).find(|receiver| receiver.scheme().looks_signed(&headers))
    }

    /// Each store once, although several receivers may share one.
    pub(super) fn stores(&self) -> Vec<&dyn EventStore> {
        let mut stores: Vec<&dyn EventStore> = Vec::new();
        for receiver in &self.receivers {
            let store = receiver.store();
            if !stores.iter().any(|known| std::ptr::addr_eq(*known, store)) {
                stores.push(store);
            }
        }
        stores
    }
}
