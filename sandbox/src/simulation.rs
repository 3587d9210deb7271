//! What the simulated providers share, and what each of them does for the control API.

use crate::{
    clock::Clock,
    fault::{FaultScope, Faults},
    journal::Journal,
};

/// One clock, one list of faults and one journal for all providers.
pub(crate) struct Shared {
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
}

/// A simulated provider.
pub(crate) trait Simulation: Send + Sync {
    /// What of its API a fault can strike.
    fn fault_scope(&self) -> FaultScope;

    /// Lets everything happen that is due by now.
    fn settle(&self);

    /// Forgets orders and deliveries. The receiver of webhooks stays.
    fn reset(&self);
}
