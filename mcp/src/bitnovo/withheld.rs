//! Orders that this process created and that must not be paid: what came back is not what was asked for.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use uuid::Uuid;

/// The most that are remembered. Such orders are rare, and expire by themselves.
const CAPACITY: usize = 1000;

/// Identifiers of such orders, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Withheld(Mutex<VecDeque<Uuid>>);

impl Withheld {
    pub(crate) fn add(&self, identifier: Uuid) {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !orders.contains(&identifier) {
            orders.push_back(identifier);
        }
        if orders.len() > CAPACITY {
            orders.pop_front();
        }
    }

    /// A later reading shows the order that was asked for.
    pub(crate) fn release(&self, identifier: Uuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|held| *held != identifier);
    }

    pub(crate) fn holds(&self, identifier: Uuid) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&identifier)
    }
}
