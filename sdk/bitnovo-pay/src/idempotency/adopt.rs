//! An order that the list shows under the key becomes the order of this call, where it can be.

use uuid::Uuid;

use super::{KeyedCreate, Orders, lookup::FoundOrder, send::Sent};
use crate::{Attempt, Error, PlacedOrder};

impl<O: Orders> KeyedCreate<'_, O> {
    /// Makes the order that was found the order of this call, if the customer can pay it.
    pub(super) async fn adopt(
        &self,
        found: FoundOrder,
        attempt: Option<Attempt>,
    ) -> Result<PlacedOrder, Error> {
        let order = &*found.order;
        let (identifier, imprint) = (order.identifier, &order.imprint);
        if !self.is_ours(&found) {
            let created = attempt.and_then(|attempt| found.made_by(attempt.id));
            // This call's own request may still be on its way.
            let in_doubt =
                created.is_none() && attempt.is_some_and(|attempt| !self.keys.clock.is_certain(attempt));
            return Err(if in_doubt { Error::InDoubt } else { self.conflict(&found, created).await });
        }
        if order.is_closed {
            return Err(Error::KeySpent { identifier, status: order.status.clone() });
        }
        if order.is_whole() {
            let recovered = PlacedOrder::recovered(order.payment()?, imprint.replaces);
            return self.keep(PlacedOrder { others: Some(found.others()), ..recovered }).await;
        }
        match attempt {
            // The answer to our own attempt was lost: no customer can have the page. One replacement, and no more.
            Some(attempt) if attempt.id == imprint.attempt && imprint.replaces.is_none() => {
                self.replace(attempt, identifier).await
            }
            // The page may be in a customer's hands: another one would be a second order that can be paid.
            _ => Err(Error::LinkLost { identifier }),
        }
    }

    async fn replace(&self, attempt: Attempt, lost: Uuid) -> Result<PlacedOrder, Error> {
        match self.send(attempt, Some(lost)).await {
            Ok(Sent::Answered(created)) => {
                self.keep(PlacedOrder { replaces: Some(lost), ..(*created).into() }).await
            }
            Ok(Sent::Found(found)) => Err(Error::LinkLost { identifier: found.order.identifier }),
            // In any case the link that was to be replaced exists.
            Err(error) => {
                tracing::debug!(%error, "a link whose page nobody knows could not be replaced");
                Err(Error::LinkLost { identifier: lost })
            }
        }
    }
}
