//! Sending an order, once, unless it is sure to be nothing.

use tokio::time::sleep;
use uuid::Uuid;

use super::{Orders, Sale, listed::Found};
use crate::{
    Attempt, CreatedOrder, Error, Outcome, generated::types::OrderRequest, imprint::Imprint, retry::delays,
};

/// What came of sending the request.
pub(super) enum Sent {
    Answered {
        created: CreatedOrder,
        /// An earlier request may have been carried out, too.
        sent_before: bool,
    },
    /// The answer was lost, and the order is in the list.
    Found(Found),
}

impl<O: Orders> Sale<'_, O> {
    /// Sends the request, and looks into the list when there is no answer.
    pub(super) async fn send(&self, attempt: Attempt, replaces: Option<Uuid>) -> Result<Sent, Error> {
        let request = self.imprinted(attempt, replaces)?;
        let mut pauses = delays(self.orders.policy());
        let mut refused_before = None;
        loop {
            let error = match self.orders.create(&request).await {
                Ok(created) => return Ok(Sent::Answered { created, sent_before: refused_before.is_some() }),
                // What came of an earlier attempt stays as uncertain as it was.
                Err(error) if error.outcome() == Outcome::NotCreated => {
                    return Err(refused_before.unwrap_or(error));
                }
                Err(error) => error,
            };
            // A whole 503 says that nobody took the request on. After anything else it may still be carried out.
            if matches!(error, Error::ServerError { status: 503 })
                && let Some(pause) = pauses.next()
            {
                sleep(pause).await;
                // It was somebody in between, perhaps: the order has some seconds to appear.
                match self.search(replaces).await {
                    Ok(Some(found)) => return Ok(Sent::Found(found)),
                    Ok(None) => {
                        refused_before = Some(error);
                        continue;
                    }
                    Err(_) => return Err(error),
                }
            }
            return match self.search(replaces).await {
                Ok(Some(found)) => Ok(Sent::Found(found)),
                Ok(None) | Err(_) => Err(error),
            };
        }
    }

    pub(super) fn imprint(&self, attempt: Uuid) -> Result<Imprint, Error> {
        let data = self.request.internal_data.as_deref().map(String::as_str);
        Ok(Imprint::new(self.key, self.device.clone(), self.fingerprint, attempt, data)?)
    }

    fn imprinted(&self, attempt: Attempt, replaces: Option<Uuid>) -> Result<OrderRequest, Error> {
        let mut imprint = self.imprint(attempt.id)?;
        imprint.replaces = replaces;
        Ok(OrderRequest { internal_data: Some(imprint.field()?), ..self.request.clone() })
    }
}
