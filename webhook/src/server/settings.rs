use std::{sync::Arc, time::SystemTime};

use secrecy::SecretString;

use super::limits::ServerLimits;
use crate::http::Clock;

/// How a [`Server`](super::Server) behaves.
#[derive(Clone)]
pub struct ServerSettings {
    pub(super) limits: ServerLimits,
    pub(super) stats_token: Option<SecretString>,
    pub(super) clock: Clock,
}

impl ServerSettings {
    /// The default limits, no statistics, and the time that `clock` returns: `SystemTime::now` outside of tests.
    pub fn new(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { limits: ServerLimits::default(), stats_token: None, clock: Arc::new(clock) }
    }

    /// Other limits.
    #[must_use]
    pub fn limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Shows statistics to requests that carry `token`. Without a token, or with an empty one, there are no statistics.
    #[must_use]
    pub fn stats_token(mut self, token: SecretString) -> Self {
        self.stats_token = Some(token);
        self
    }
}
