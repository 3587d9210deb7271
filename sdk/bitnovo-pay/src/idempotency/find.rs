//! The look for the order of a key before anything is sent: finds the order, a conflict, or that a new order may be created.

use std::sync::atomic::Ordering;

use super::{KeyedCreate, Orders, store_failed};
use crate::{Attempt, Error, KeyState, PlacedOrder};

/// What a key needs before its order is sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The key is unknown; `shared` when others may know it.
    Claim { shared: bool },
    /// An earlier attempt has made no order: its record is replaced.
    Replace,
}

/// The result of a look for the order of a key.
#[expect(clippy::large_enum_variant, reason = "it is matched at once, and never kept")]
pub(super) enum Found {
    Order(PlacedOrder),
    Nothing(Step),
}

impl<O: Orders> KeyedCreate<'_, O> {
    pub(super) async fn find(&self) -> Result<Found, Error> {
        let Some(record) = self.keys.store.load(&self.key).await.map_err(store_failed)? else {
            return self.find_unknown().await;
        };
        if !self.prints.include(&record.fingerprint) {
            return match record.state {
                KeyState::Pending(attempt) if self.keys.clock.is_certain(attempt) => self.take_over().await,
                state => Err(Error::IdempotencyConflict {
                    created: None,
                    existing: state.identifier(),
                    differing: self.prints.current.differences(&record.fingerprint),
                }),
            };
        }
        let order = match record.state {
            // The customer may be paying another of the key's orders, or it is not known yet whether there is one.
            KeyState::Placed(order) if order.is_alone() => order.repeated(),
            KeyState::Placed(order) => self.compare_again(order.repeated()).await?,
            KeyState::Unchecked { order, attempt } => self.compare_late(order.repeated(), attempt).await?,
            KeyState::Pending(attempt) => return self.resume(attempt).await,
        };
        Ok(Found::Order(order))
    }

    /// No record of the key is kept here.
    async fn find_unknown(&self) -> Result<Found, Error> {
        let shared = !self.key.first_use();
        if shared {
            let looked = self.look(None).await.map_err(Error::not_looked_up)?;
            if let Some(found) = looked.found {
                return self.adopt(found, None).await.map(Found::Order);
            }
        }
        Ok(Found::Nothing(Step::Claim { shared }))
    }

    /// The request was sent before, and its sender did not see an answer.
    async fn resume(&self, lost: Attempt) -> Result<Found, Error> {
        match self.search(None).await {
            Ok(Some(found)) => self.adopt(found, Some(lost)).await.map(Found::Order),
            Ok(None) if self.came_to_nothing(lost) => Ok(Found::Nothing(Step::Replace)),
            Err(error @ (Error::NewerMarker { .. } | Error::Unreadable { .. })) => Err(error),
            Ok(None) | Err(_) => Err(Error::InDoubt),
        }
    }

    /// Another sale was sent under the key, and never answered. When it is not in the list after all this time, it is none,
    /// and the key is free.
    async fn take_over(&self) -> Result<Found, Error> {
        match self.search(None).await {
            Ok(Some(found)) if self.is_ours(&found) => self.adopt(found, None).await.map(Found::Order),
            Ok(Some(found)) => Err(self.conflicting(&found, None)),
            Ok(None) if self.keys.unmarked.load(Ordering::Relaxed) => Err(Error::InDoubt),
            Ok(None) => Ok(Found::Nothing(Step::Replace)),
            Err(error) => Err(error.not_looked_up()),
        }
    }

    /// Whether an attempt that the list does not show made no order.
    fn came_to_nothing(&self, attempt: Attempt) -> bool {
        self.keys.clock.is_certain(attempt) && !self.keys.unmarked.load(Ordering::Relaxed)
    }
}
