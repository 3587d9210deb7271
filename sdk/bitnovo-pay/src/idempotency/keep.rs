//! What is written into the store of keys after a create.

use uuid::Uuid;

use super::{KeyedCreate, Orders, lookup::FoundOrder};
use crate::{Attempt, Error, KeyState, PlacedOrder};

impl<O: Orders> KeyedCreate<'_, O> {
    /// Records the order, and returns it.
    pub(super) async fn keep(&self, order: PlacedOrder) -> Result<PlacedOrder, Error> {
        let record = self.record(KeyState::Placed(order.clone()));
        if let Err(error) = self.keys.store.save(&self.key, &record, self.keys.clock.now()).await {
            tracing::warn!(%error, "the store of idempotency keys did not keep an order");
            // The next call finds an order on chain again, and returns the same address. It would replace a link, as one
            // whose page was never shown: so the page must not be shown.
            if order.address.as_deref().is_none_or(str::is_empty) {
                return Err(Error::LinkLost { identifier: order.identifier });
            }
        }
        Ok(order)
    }

    /// Records the order, and does not show it: whether it is the first of its key is not known yet.
    pub(super) async fn withhold(&self, order: PlacedOrder, attempt: Attempt, error: Error) -> Error {
        let identifier = order.identifier;
        let record = self.record(KeyState::Unchecked { order, attempt });
        if let Err(error) = self.keys.store.save(&self.key, &record, self.keys.clock.now()).await {
            tracing::warn!(%error, "the store of idempotency keys did not keep an order");
        }
        Error::NotCompared { identifier, source: error.into() }
    }

    /// The key belongs to another sale, which is in the list: our record would keep that sale out.
    pub(super) async fn conflict(&self, found: &FoundOrder, created: Option<Uuid>) -> Error {
        self.forget().await;
        self.conflicting(found, created)
    }

    pub(super) async fn forget(&self) {
        if let Err(error) = self.keys.store.remove(&self.key).await {
            tracing::warn!(%error, "the store of idempotency keys did not forget a key");
        }
    }
}
