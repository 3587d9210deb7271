//! The world behind one lock: each request sees the timers that went off before it, and the watchers hear of changes.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::broadcast;

use crate::{
    bitnovo::deliveries::WebhookSender,
    bitnovo::world::{Change, World},
    fault::FaultScope,
    simulation::{Shared, Simulation},
};

/// A WebSocket that lags further behind gets the present state instead of every change.
const CHANGES_KEPT: usize = 256;

/// Bitnovo Pay: its world, its webhooks, and what it shares with the other providers.
pub(crate) struct BitnovoSimulation {
    pub(crate) shared: Arc<Shared>,
    pub(crate) webhooks: WebhookSender,
    changes: broadcast::Sender<Change>,
    world: Mutex<World>,
}

impl BitnovoSimulation {
    pub(crate) fn new(shared: Arc<Shared>, webhooks: WebhookSender, world: World) -> Self {
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        Self { shared, webhooks, changes, world: Mutex::new(world) }
    }

    /// Does `work` on the world at this instant, after every timer that is due, and sends the watchers what changed.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.shared.clock.now();
        world.settle(now);
        let outcome = work(&mut world, now);
        // Under the lock, so that changes leave in the order in which they happened.
        for notice in world.take_notices() {
            let _ = self.changes.send(notice.change.clone());
            if let Some(body) = notice.webhook {
                self.webhooks.send(notice.change.identifier, body);
            }
        }
        outcome
    }

    /// The changes from now on.
    pub(crate) fn watch(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

impl Simulation for BitnovoSimulation {
    fn fault_scope(&self) -> FaultScope {
        FaultScope { api: "/api/v1", create: "POST /api/v1/orders/" }
    }

    fn settle(&self) {
        self.with(|_, _| ());
    }

    fn reset(&self) {
        self.with(|world, _| world.reset());
        self.webhooks.reset();
    }
}
