//! How many events of each level of trust a store in memory holds, so that none can push out a more trusted one.

#[cfg(feature = "axum")]
use std::time::Duration;
use std::{collections::VecDeque, time::SystemTime};

use crate::event::Trust;

/// One part in this many of the capacity is for webhooks that came too late to be trusted.
const UNTRUSTED_SHARE: usize = 10;
/// The shortest time between two log lines about events that left early.
#[cfg(feature = "axum")]
const WARN_EVERY: Duration = Duration::from_secs(60);

/// One quota for each level of trust; the oldest event makes room for a newer one of the same level.
#[derive(Debug)]
pub(super) struct Quotas {
    validated: Quota,
    reconciled: Quota,
    untrusted: Quota,
    #[cfg(feature = "axum")]
    warned_at: Option<SystemTime>,
}

/// The numbers of the events of one level, in the order of their arrival.
#[derive(Debug)]
pub(super) struct Quota {
    capacity: usize,
    pub(super) numbers: VecDeque<u64>,
    pub(super) evicted: u64,
}

impl Quotas {
    pub(super) fn new(capacity: usize) -> Self {
        let place = |capacity| Quota { capacity, numbers: VecDeque::new(), evicted: 0 };
        Self {
            validated: place(capacity),
            reconciled: place(capacity),
            untrusted: place(capacity.div_ceil(UNTRUSTED_SHARE)),
            #[cfg(feature = "axum")]
            warned_at: None,
        }
    }

    pub(super) fn of(&self, class: Trust) -> &Quota {
        match class {
            Trust::Validated => &self.validated,
            Trust::Reconciled => &self.reconciled,
            Trust::Untrusted => &self.untrusted,
        }
    }

    pub(super) fn of_mut(&mut self, class: Trust) -> &mut Quota {
        match class {
            Trust::Validated => &mut self.validated,
            Trust::Reconciled => &mut self.reconciled,
            Trust::Untrusted => &mut self.untrusted,
        }
    }

    /// The event that leaves so that one of `class` fits in at `now`.
    pub(super) fn make_room(&mut self, class: Trust, now: SystemTime) -> Option<u64> {
        let place = self.of_mut(class);
        if place.numbers.len() < place.capacity {
            return None;
        }
        let number = place.numbers.pop_front()?;
        place.evicted = place.evicted.saturating_add(1);
        self.warn(now);
        Some(number)
    }

    #[cfg(feature = "axum")]
    fn warn(&mut self, now: SystemTime) {
        let recently = |warned_at| now.duration_since(warned_at).is_ok_and(|since| since < WARN_EVERY);
        if self.warned_at.is_some_and(recently) {
            return;
        }
        self.warned_at = Some(now);
        tracing::warn!(
            webhooks = self.validated.evicted,
            reconciled = self.reconciled.evicted,
            untrusted = self.untrusted.evicted,
            "the event store is full: the oldest events leave before their time; raise its capacity to keep more"
        );
    }

    #[cfg(not(feature = "axum"))]
    fn warn(&mut self, _: SystemTime) {}
}
