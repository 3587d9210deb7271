//! The orders of a key in the API's list, and which of them counts.

use std::{
    collections::{HashMap, hash_map::Entry},
    iter::once,
    time::Duration,
};

use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{
    Attempts, KeyedCreate, Orders,
    row::{KeyQuery, KeyRow, KeyedOrder},
};
use payments_core::http::delays;

use crate::{Error, HttpRetry};

/// How long the list is searched, whatever the pauses between other attempts are: the customer waits, and so does a client that
/// gives up after a minute.
pub(super) const SEARCH_WITHIN: Duration = Duration::from_secs(10);

/// The looks into the list after a lost answer: one at once, the others after growing pauses, because a slow create may
/// be carried out after we have stopped waiting for it.
pub(super) const LOOKS: u32 = 4;

/// The longest first pause: with it, all looks have their turn in time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// What a look into the list has shown.
pub(super) struct Looked {
    /// The order that counts of those that carry the key.
    pub(super) found: Option<FoundOrder>,
    /// How the order stands there that was looked for by its identifier.
    pub(super) shown: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    No,
    Marked,
    /// Without the marker it was created with.
    Unmarked,
}

/// The order that counts of those that carry the key.
pub(super) struct FoundOrder {
    pub(super) order: Box<KeyedOrder>,
    /// The orders after it. No customer should have seen them.
    rest: Vec<KeyedOrder>,
}

impl FoundOrder {
    /// Whether the customer has begun to pay the order with this identifier.
    pub(super) fn is_begun_on(&self, identifier: Uuid) -> bool {
        self.all().any(|order| order.identifier == identifier && order.is_begun)
    }

    /// The others that could be paid, too.
    pub(super) fn others(&self) -> Vec<Uuid> {
        self.others_than(self.order.identifier)
    }

    /// All of them that could be paid, apart from the one that is returned.
    pub(super) fn others_than(&self, told: Uuid) -> Vec<Uuid> {
        let payable = self.all().filter(|order| !order.is_closed && order.identifier != told);
        payable.map(|order| order.identifier).collect()
    }

    /// The order that an attempt has created, whether it counts or not.
    pub(super) fn made_by(&self, attempt: Uuid) -> Option<Uuid> {
        self.all().find(|order| order.imprint.attempt == attempt).map(|order| order.identifier)
    }

    fn all(&self) -> impl Iterator<Item = &KeyedOrder> {
        once(&*self.order).chain(&self.rest)
    }
}

impl<O: Orders> KeyedCreate<'_, O> {
    /// Several looks, at once and after growing pauses: an order may be on its way into the list.
    ///
    /// # Errors
    /// Why the list could not be read.
    pub(super) async fn search(&self, replaced: Option<Uuid>) -> Result<Option<FoundOrder>, Error> {
        let looked = self.looks(replaced, None, |looked| looked.found.is_some()).await?;
        Ok(looked.found)
    }

    /// The same until the list shows the order that was created.
    pub(super) async fn search_for(&self, created: Uuid) -> Result<Looked, Error> {
        self.looks(None, Some(created), |looked| looked.shown != Shown::No).await
    }

    /// The look that was enough, or else the last one.
    async fn looks(
        &self,
        replaced: Option<Uuid>,
        created: Option<Uuid>,
        is_enough: impl Fn(&Looked) -> bool,
    ) -> Result<Looked, Error> {
        let base_delay = self.orders.policy().base_delay.min(FIRST_PAUSE);
        let pauses = delays(HttpRetry { max_retries: LOOKS - 1, base_delay, ..self.orders.policy() });
        let mut last = Err(Error::Timeout);
        let all = async {
            let mut at_least = Duration::ZERO;
            for pause in once(Duration::ZERO).chain(pauses) {
                sleep(pause.max(at_least)).await;
                at_least = Duration::ZERO;
                // The last look counts: an earlier one may have come too early to show anything.
                last = Err(Error::Timeout);
                let rows = self.orders.list(self.query(created), Attempts::One).await;
                match rows.and_then(|rows| pick(rows, replaced, created)) {
                    Ok(looked) => {
                        let enough = is_enough(&looked);
                        last = Ok(looked);
                        if enough {
                            break;
                        }
                    }
                    Err(error) => {
                        let is_final = is_final(&error);
                        if let Error::RateLimited { retry_after: Some(wait) } = &error {
                            at_least = *wait;
                        }
                        last = Err(error);
                        if is_final {
                            break;
                        }
                    }
                }
            }
        };
        let _ = timeout(SEARCH_WITHIN, all).await;
        last
    }

    /// One look into the list.
    pub(super) async fn look(&self, created: Option<Uuid>) -> Result<Looked, Error> {
        pick(self.orders.list(self.query(created), Attempts::All).await?, None, created)
    }

    fn query(&self, created: Option<Uuid>) -> KeyQuery {
        KeyQuery { key: self.key.clone(), device: self.device.clone(), created }
    }
}

/// The order that counts of those in the API's list, apart from orders that were replaced: the one that the customer has
/// begun to pay, otherwise the first, even if it is over. Every process that reads the same list chooses the same order, so
/// a process that created a later one learns that it must not show it.
fn pick(rows: Vec<KeyRow>, replaced: Option<Uuid>, created: Option<Uuid>) -> Result<Looked, Error> {
    let mut shown = Shown::No;
    let mut ours: HashMap<Uuid, KeyedOrder> = HashMap::new();
    for row in rows {
        match row {
            KeyRow::Undecided(error) => return Err(error),
            KeyRow::Unmarked => shown = Shown::Unmarked,
            KeyRow::Ours(order) => match ours.entry(order.identifier) {
                Entry::Vacant(entry) => {
                    entry.insert(*order);
                }
                // A list that is read page by page while it grows shows an order twice: it is one.
                Entry::Occupied(mut entry) if entry.get().edited_at < order.edited_at => {
                    entry.insert(*order);
                }
                Entry::Occupied(_) => {}
            },
        }
    }
    if created.is_some_and(|created| ours.contains_key(&created)) {
        shown = Shown::Marked;
    }
    let mut since = HashMap::new();
    for order in ours.values() {
        match &order.created_at {
            Ok(created_at) => since.insert(order.identifier, *created_at),
            // Which is the first is unknown.
            Err(unreadable) if ours.len() > 1 => return Err(order.unreadable(unreadable.clone())),
            Err(_) => None,
        };
    }
    let gone: Vec<Uuid> = ours.values().filter_map(|order| order.imprint.replaces).chain(replaced).collect();
    // A replaced link that is being paid has been seen by a customer.
    ours.retain(|identifier, order| order.is_begun || !gone.contains(identifier));
    let mut ours: Vec<KeyedOrder> = ours.into_values().collect();
    ours.sort_by_key(|order| {
        // A replacement takes the position of the order that it replaces.
        let place = order.imprint.replaces.unwrap_or(order.identifier);
        let since = since.get(&place).or_else(|| since.get(&order.identifier)).copied();
        (!order.is_begun, since, place, order.identifier)
    });
    let mut ours = ours.into_iter();
    let found = ours.next().map(|order| FoundOrder { order: order.into(), rest: ours.collect() });
    Ok(Looked { found, shown })
}

/// Whether another look cannot help.
fn is_final(error: &Error) -> bool {
    matches!(
        error,
        Error::DeviceRefused
            | Error::NotFound
            | Error::Refused { .. }
            | Error::NewerMarker { .. }
            | Error::InvalidRequest(_)
            | Error::Config(_)
    )
}
