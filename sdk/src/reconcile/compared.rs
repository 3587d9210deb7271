//! Whether the order that was created is the one that its key stands for.

use std::time::Duration;

use tokio::time::timeout;

use super::{Orders, Sale};
use crate::{Attempt, Error, PlacedOrder};

/// How long an order that exists is kept back until the list shows it: its customer waits.
const COMPARED_WITHIN: Duration = Duration::from_secs(10);

impl<O: Orders> Sale<'_, O> {
    /// Holds the order that was created against the list, once that shows it: two processes that had the key at the same
    /// moment both created one, and both tell the first of the two.
    pub(super) async fn compare(&self, order: PlacedOrder, attempt: Attempt) -> Result<PlacedOrder, Error> {
        match timeout(COMPARED_WITHIN, self.search(None)).await.unwrap_or(Ok(None)) {
            Ok(Some(first)) if first.payment.identifier == order.identifier => {
                self.keep(PlacedOrder { others: Some(first.others()), ..order }).await
            }
            Ok(Some(first)) if first.imprint.request != self.fingerprint => {
                Err(self.conflict(Some(order.identifier)).await)
            }
            // The API carried one request out twice: of the other page nobody can know.
            Ok(Some(first)) if first.imprint.attempt == attempt.id && !first.is_whole() => {
                self.keep(PlacedOrder { others: Some(vec![first.payment.identifier]), ..order }).await
            }
            Ok(Some(first)) => self.adopt(first, None).await,
            Ok(None) | Err(_) => {
                tracing::warn!(identifier = %order.identifier, "the list of orders does not show an order after its create");
                self.keep(PlacedOrder { others: None, ..order }).await
            }
        }
    }

    /// The same for an order that was told without it. It stays the one that is told, unless the customer pays another.
    pub(super) async fn compare_again(&self, order: PlacedOrder) -> Result<PlacedOrder, Error> {
        match self.look(None).await {
            Ok(Some(first)) if first.payment.identifier == order.identifier => {
                self.keep(PlacedOrder { others: Some(first.others()), ..order }).await
            }
            Ok(Some(first)) if first.is_begun() && first.imprint.request == self.fingerprint => {
                self.adopt(first, None).await
            }
            Ok(Some(first)) => Ok(PlacedOrder { others: Some(vec![first.payment.identifier]), ..order }),
            Ok(None) | Err(_) => Ok(order),
        }
    }
}
