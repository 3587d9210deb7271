//! Sending an order, once.

use uuid::Uuid;

use super::{KeyedCreate, Orders, find::Step, lookup::FoundOrder, store_failed};
use crate::{
    Attempt, CreatedOrder, Error, KeyState, Outcome, PlacedOrder, generated::types::OrderRequest,
    idempotency_marker::IdempotencyMarker,
};

/// The result of sending the request.
pub(super) enum Sent {
    Answered(Box<CreatedOrder>),
    /// The answer was lost, and the order is in the list.
    Found(FoundOrder),
}

impl<O: Orders> KeyedCreate<'_, O> {
    /// Notes the attempt, and then sends the order.
    pub(super) async fn run(&self, step: Step) -> Result<PlacedOrder, Error> {
        let attempt = self.keys.clock.attempt();
        let record = self.record(KeyState::Pending(attempt));
        let shared = match step {
            Step::Claim { shared } => {
                // Another process, with the same store, may be a moment faster.
                if !self.keys.store.claim(&self.key, &record, attempt.since).await.map_err(store_failed)? {
                    return Err(Error::InDoubt);
                }
                shared
            }
            Step::Replace => {
                self.keys.store.save(&self.key, &record, attempt.since).await.map_err(store_failed)?;
                true
            }
        };
        self.create(attempt, shared).await
    }

    /// `shared` when the key may be known to others.
    async fn create(&self, attempt: Attempt, shared: bool) -> Result<PlacedOrder, Error> {
        let result = match self.send(attempt, None).await {
            Ok(Sent::Answered(created)) if shared => self.compare((*created).into(), attempt).await,
            Ok(Sent::Answered(created)) => self.keep((*created).into()).await,
            Ok(Sent::Found(found)) => self.adopt(found, Some(attempt)).await,
            Err(error) => {
                if error.outcome() == Outcome::NotCreated {
                    self.forget().await;
                    self.keys.clock.settled(attempt);
                }
                Err(error)
            }
        };
        if result.is_ok() {
            self.keys.clock.settled(attempt);
        }
        result
    }

    /// Sends the request, and looks into the list when there is no answer. It is never sent again, not even after a 503:
    /// a server in between may have passed it on.
    pub(super) async fn send(&self, attempt: Attempt, replaces: Option<Uuid>) -> Result<Sent, Error> {
        match self.orders.create(&self.imprinted(attempt, replaces)?).await {
            Ok(created) => Ok(Sent::Answered(created.into())),
            Err(error) if error.outcome() == Outcome::NotCreated => Err(error),
            Err(error) => match self.search(replaces).await {
                Ok(Some(found)) => Ok(Sent::Found(found)),
                Ok(None) | Err(_) => Err(error),
            },
        }
    }

    pub(super) fn marker(&self, attempt: Uuid) -> Result<IdempotencyMarker, Error> {
        let data = self.request.internal_data.as_deref().map(String::as_str);
        Ok(IdempotencyMarker::new(&self.key, self.device.clone(), self.prints.current, attempt, data)?)
    }

    fn imprinted(&self, attempt: Attempt, replaces: Option<Uuid>) -> Result<OrderRequest, Error> {
        let mut imprint = self.marker(attempt.id)?;
        imprint.replaces = replaces;
        Ok(OrderRequest { internal_data: Some(imprint.field()?), ..self.request.clone() })
    }
}
