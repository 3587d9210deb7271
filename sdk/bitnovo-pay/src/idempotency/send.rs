//! Sending an order, once.

use uuid::Uuid;

use super::{Orders, Sale, lookup::Found};
use crate::{
    Attempt, CreatedOrder, Error, Outcome, generated::types::OrderRequest,
    idempotency_marker::IdempotencyMarker,
};

/// What came of sending the request.
pub(super) enum Sent {
    Answered(Box<CreatedOrder>),
    /// The answer was lost, and the order is in the list.
    Found(Found),
}

impl<O: Orders> Sale<'_, O> {
    /// Sends the request, and looks into the list when there is no answer. It is never sent again, not even after a 503:
    /// whoever answered that may have passed it on.
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

    pub(super) fn imprint(&self, attempt: Uuid) -> Result<IdempotencyMarker, Error> {
        let data = self.request.internal_data.as_deref().map(String::as_str);
        Ok(IdempotencyMarker::new(self.key, self.device.clone(), self.prints.current, attempt, data)?)
    }

    fn imprinted(&self, attempt: Attempt, replaces: Option<Uuid>) -> Result<OrderRequest, Error> {
        let mut imprint = self.imprint(attempt.id)?;
        imprint.replaces = replaces;
        Ok(OrderRequest { internal_data: Some(imprint.field()?), ..self.request.clone() })
    }
}
