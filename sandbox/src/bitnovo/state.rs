//! The world behind one lock: each request sees the timers that went off before it, and the watchers hear of changes.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::broadcast;

use crate::{
    bitnovo::deliveries::Webhooks,
    bitnovo::world::{Change, World},
};

/// A WebSocket that lags further behind gets the present state instead of every change.
const CHANGES_KEPT: usize = 256;

/// What all parts of the sandbox share.
pub(crate) struct State {
    pub(crate) base_url: String,
    pub(crate) webhooks: Webhooks,
    changes: broadcast::Sender<Change>,
    world: Mutex<World>,
}

impl State {
    pub(crate) fn new(base_url: String, webhooks: Webhooks, world: World) -> Self {
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        Self { base_url, webhooks, changes, world: Mutex::new(world) }
    }

    /// Does `work` on the world at this instant, after every timer that is due, and tells the watchers what changed.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = world.clock.now();
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
