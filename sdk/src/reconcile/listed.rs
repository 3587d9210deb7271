//! The orders of a key in the API's list, and which of them counts.

use std::{collections::HashMap, iter::once, time::Duration};

use tokio::time::sleep;
use uuid::Uuid;

use super::{Orders, Sale};
use crate::{Error, Payment, RetryPolicy, Verdict, imprint::Imprint, retry::delays};

/// The looks into the list after a lost answer: one at once, the others after growing pauses, because a slow create may
/// be carried out after we have stopped waiting for it.
const FURTHER_LOOKS: u32 = 3;

/// The order that counts of those that carry the key.
pub(super) struct Found {
    pub(super) payment: Box<Payment>,
    pub(super) imprint: Imprint,
    /// Those that come after it. Nobody should have seen them.
    rest: Vec<(Box<Payment>, Imprint)>,
}

impl Found {
    /// Whether its address can be told again. The page of a link is told only once.
    pub(super) fn is_whole(&self) -> bool {
        self.payment.address.as_deref().is_some_and(|address| !address.is_empty())
    }

    pub(super) fn is_spent(&self) -> bool {
        self.payment.verdict().is_closed()
    }

    pub(super) fn is_begun(&self) -> bool {
        is_begun(&self.payment)
    }

    /// The others that could be paid, too.
    pub(super) fn others(&self) -> Vec<Uuid> {
        let payable = self.rest.iter().filter(|(payment, _)| !payment.verdict().is_closed());
        payable.map(|(payment, _)| payment.identifier).collect()
    }

    /// What came of an attempt, be it the one that counts or not.
    pub(super) fn made_by(&self, attempt: Uuid) -> Option<Uuid> {
        let all =
            once((&self.payment, &self.imprint)).chain(self.rest.iter().map(|(p, imprint)| (p, imprint)));
        let mut made = all.filter(|(_, imprint)| imprint.attempt == attempt);
        made.next().map(|(payment, _)| payment.identifier)
    }
}

impl<O: Orders> Sale<'_, O> {
    /// Several looks, at once and after growing pauses: an order may be on its way into the list. One that fails has been
    /// tried again already, and ends it.
    pub(super) async fn search(&self, replaced: Option<Uuid>) -> Result<Option<Found>, Error> {
        let pauses = delays(RetryPolicy { max_retries: FURTHER_LOOKS, ..self.orders.policy() });
        for pause in once(Duration::ZERO).chain(pauses) {
            sleep(pause).await;
            if let Some(found) = self.look(replaced).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The order of the key in the API's list, apart from those that another one has taken the place of: of several the
    /// one that the customer has begun to pay, and else the first, even if that is over. Every process that reads the same
    /// list comes to the same order, so whoever created a later one learns that it is not the one to show.
    pub(super) async fn look(&self, replaced: Option<Uuid>) -> Result<Option<Found>, Error> {
        let list = self.orders.list().await?;
        let ours = list.into_iter().filter_map(|payment| {
            let imprint = Imprint::of(&payment)?;
            (imprint.key == *self.key && imprint.device == self.device).then(|| (Box::new(payment), imprint))
        });
        let mut ours: Vec<(Box<Payment>, Imprint)> = ours.collect();
        let created: HashMap<Uuid, _> =
            ours.iter().map(|(payment, _)| (payment.identifier, payment.created_at)).collect();
        let gone: Vec<Uuid> =
            ours.iter().filter_map(|(_, imprint)| imprint.replaces).chain(replaced).collect();
        ours.retain(|(payment, _)| !gone.contains(&payment.identifier));
        ours.sort_by_key(|(payment, imprint)| {
            // One that takes the place of another has its place in line, too.
            let place = imprint.replaces.unwrap_or(payment.identifier);
            let since = created.get(&place).unwrap_or(&payment.created_at);
            (!is_begun(payment), *since, place)
        });
        let mut ours = ours.into_iter();
        Ok(ours.next().map(|(payment, imprint)| Found { payment, imprint, rest: ours.collect() }))
    }
}

/// Whether the customer has sent something, as far as the status tells: then it is this order that they have been shown.
fn is_begun(payment: &Payment) -> bool {
    !matches!(payment.verdict(), Verdict::Unpaid | Verdict::Expired)
}
