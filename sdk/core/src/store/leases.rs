//! Work or a resource that one holder at a time may have.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{StoreKey, Stored, ready};

/// Gives a name to one holder at a time, until a time that the holder can put off.
pub trait Leases: fmt::Debug + Send + Sync {
    /// Takes the lease, unless another holder has it at this time. The holder that has it already gets it again until the
    /// new time.
    fn acquire<'a>(
        &'a self,
        key: &'a StoreKey,
        holder: Uuid,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Stored<'a, Option<Lease>>;

    /// Puts off the end of a lease. Returns false when the lease has ended or belongs to another holder: then the
    /// holder must stop.
    fn renew<'a>(
        &'a self,
        key: &'a StoreKey,
        lease: Lease,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Stored<'a, bool>;

    /// Ends the lease, if it is still this one.
    fn release<'a>(&'a self, key: &'a StoreKey, lease: Lease) -> Stored<'a, ()>;
}

/// A lease that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who has it.
    pub holder: Uuid,
    /// Grows each time the name passes to a holder. What the holder writes can carry it, so that a holder that was
    /// suspended for longer than its lease is recognised.
    pub fence: u64,
}

/// Keeps the leases of this process in memory.
#[derive(Debug, Default)]
pub struct MemoryLeases(Mutex<HashMap<StoreKey, (Lease, DateTime<Utc>)>>);

impl MemoryLeases {
    fn leases(&self) -> MutexGuard<'_, HashMap<StoreKey, (Lease, DateTime<Utc>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leases for MemoryLeases {
    fn acquire<'a>(
        &'a self,
        key: &'a StoreKey,
        holder: Uuid,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Stored<'a, Option<Lease>> {
        let mut leases = self.leases();
        let last = leases.get(key).copied();
        let lease = match last {
            Some((lease, end)) if end > now && lease.holder != holder => return ready(None),
            Some((lease, end)) if end > now => lease,
            // Ended leases stay, so that the number goes on growing.
            Some((Lease { fence, .. }, _)) => Lease { holder, fence: fence.saturating_add(1) },
            None => Lease { holder, fence: 1 },
        };
        leases.insert(key.clone(), (lease, until));
        ready(Some(lease))
    }

    fn renew<'a>(
        &'a self,
        key: &'a StoreKey,
        lease: Lease,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Stored<'a, bool> {
        match self.leases().get_mut(key) {
            Some((current, end)) if *current == lease && *end > now => {
                *end = until;
                ready(true)
            }
            _ => ready(false),
        }
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: Lease) -> Stored<'a, ()> {
        if let Some((current, end)) = self.leases().get_mut(key)
            && *current == lease
        {
            *end = DateTime::<Utc>::MIN_UTC;
        }
        ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_leases_in_memory_conform() {
        crate::store::conformance::leases(&MemoryLeases::default()).await;
    }
}
