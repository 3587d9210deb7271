//! Verifies that the order that was created is the one that counts for its key.

use std::sync::atomic::Ordering;

use tokio::time::timeout;

use super::{
    KeyedCreate, Orders,
    lookup::{Looked, SEARCH_WITHIN, Shown},
};
use crate::{Attempt, Error, PlacedOrder};

impl<O: Orders> KeyedCreate<'_, O> {
    /// Looks up the order that was created in the list: two processes that had the key at the same time both created one,
    /// and both return the first of the two.
    pub(super) async fn compare(&self, order: PlacedOrder, attempt: Attempt) -> Result<PlacedOrder, Error> {
        let looked = self.search_for(order.identifier).await;
        self.judge(order, attempt, looked).await
    }

    /// The same for an order that is withheld, because the list could not be read.
    pub(super) async fn compare_late(
        &self,
        order: PlacedOrder,
        attempt: Attempt,
    ) -> Result<PlacedOrder, Error> {
        let looked = self.look_in_time(&order).await;
        self.judge(order, attempt, looked).await
    }

    /// Checks whether the customer is paying another order than the one that was returned. If not, the order stays the same.
    pub(super) async fn compare_again(&self, order: PlacedOrder) -> Result<PlacedOrder, Error> {
        let identifier = order.identifier;
        let looked = match self.look_in_time(&order).await {
            Ok(looked) => looked,
            // The customer may have paid the other one meanwhile.
            Err(error) => return Err(Error::NotCompared { identifier, source: error.into() }),
        };
        let Some(first) = looked.found else { return Ok(order) };
        let told = first.others_than(identifier);
        if first.order.identifier != identifier
            && first.order.is_begun
            && self.is_ours(&first)
            && !first.is_begun_on(identifier)
        {
            return self.adopt(first, None).await;
        }
        let order = PlacedOrder { others: Some(told), ..order };
        // Only what the list has shown is known to be all there is.
        if looked.shown == Shown::Marked { self.keep(order).await } else { Ok(order) }
    }

    async fn judge(
        &self,
        order: PlacedOrder,
        attempt: Attempt,
        looked: Result<Looked, Error>,
    ) -> Result<PlacedOrder, Error> {
        let looked = match looked {
            Ok(looked) => looked,
            Err(error) => return Err(self.withhold(order, attempt, error).await),
        };
        if looked.shown == Shown::Unmarked {
            self.keys.unmarked.store(true, Ordering::Relaxed);
            tracing::warn!(identifier = %order.identifier,
                "the list of orders shows an order without its internal_data: idempotency keys do not hold across processes");
            let others = looked.found.map(|found| found.others_than(order.identifier)).unwrap_or_default();
            return self.keep(PlacedOrder { others: Some(others), unmarked: true, ..order }).await;
        }
        match looked.found {
            Some(first) if first.order.identifier == order.identifier => {
                self.keep(PlacedOrder { others: Some(first.others()), ..order }).await
            }
            Some(first) if !self.is_ours(&first) => Err(self.conflict(&first, Some(order.identifier)).await),
            // The API carried one request out twice: no customer can have the other page.
            Some(first) if first.order.imprint.attempt == attempt.id && !first.order.is_whole() => {
                self.keep(PlacedOrder { others: Some(vec![first.order.identifier]), ..order }).await
            }
            Some(first) => self.adopt(first, None).await,
            None => {
                tracing::warn!(identifier = %order.identifier, "the list of orders does not show an order after its create");
                self.keep(PlacedOrder { others: None, ..order }).await
            }
        }
    }

    async fn look_in_time(&self, order: &PlacedOrder) -> Result<Looked, Error> {
        timeout(SEARCH_WITHIN, self.look(Some(order.identifier))).await.unwrap_or(Err(Error::Timeout))
    }
}
