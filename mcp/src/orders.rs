//! What only the answer to a create holds: the API tells the payment URI and the checkout page once, and never again.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use uuid::Uuid;

/// A busy till's day. The oldest goes first; its codes can still be drawn from `orders_info`, all but the page's.
const CAPACITY: usize = 4096;

/// The part of a create's answer that `orders_info` does not repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) web_url: String,
    pub(crate) payment_uri: Option<String>,
}

/// The orders of this process, bounded.
#[derive(Default)]
pub(crate) struct Orders(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_identifier: HashMap<Uuid, Remembered>,
    oldest_first: VecDeque<Uuid>,
}

impl Orders {
    pub(crate) fn remember(&self, identifier: Uuid, order: Remembered) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.by_identifier.insert(identifier, order).is_none() {
            inner.oldest_first.push_back(identifier);
        }
        if inner.oldest_first.len() > CAPACITY
            && let Some(oldest) = inner.oldest_first.pop_front()
        {
            inner.by_identifier.remove(&oldest);
        }
    }

    pub(crate) fn get(&self, identifier: Uuid) -> Option<Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_identifier.get(&identifier).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: usize) -> Remembered {
        Remembered { web_url: format!("https://pay.example/{number}/"), payment_uri: None }
    }

    #[test]
    fn the_oldest_order_goes_when_there_is_no_room() {
        let orders = Orders::default();
        let identifiers: Vec<Uuid> = (0..=CAPACITY).map(|_| Uuid::new_v4()).collect();
        for (number, identifier) in identifiers.iter().enumerate() {
            orders.remember(*identifier, order(number));
        }
        assert_eq!(orders.get(identifiers[0]), None);
        assert_eq!(orders.get(identifiers[1]), Some(order(1)));
        assert_eq!(orders.get(identifiers[CAPACITY]), Some(order(CAPACITY)));
    }
}
