//! The requests that are being worked on. Each has a number of ours, by which the rest of the program knows it: what a
//! client calls it may be a number that no integer holds, and the client may use the same id again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many requests are worked on at once. A client that sends more waits until it has read an answer.
pub(super) const MOST: usize = 64;

/// The right to be worked on. It is given back when nothing of the request is left in memory.
pub(super) type Slot = Arc<OwnedSemaphorePermit>;

/// The id of a request, as the client wrote it.
#[derive(Clone, Debug)]
pub(super) struct Id(Box<RawValue>);

impl Id {
    /// A string or a number; `None` for anything else.
    pub(super) fn read(raw: &RawValue) -> Option<Self> {
        let first = raw.get().bytes().next()?;
        let readable = first == b'"' || first == b'-' || first.is_ascii_digit();
        readable.then(|| Self(raw.to_owned()))
    }

    pub(super) fn raw(&self) -> &RawValue {
        &self.0
    }
}

/// The same text may be spelled with and without escapes.
impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        let text = |id: &Self| serde_json::from_str::<String>(id.0.get()).ok();
        match (text(self), text(other)) {
            (None, None) => self.0.get() == other.0.get(),
            (one, another) => one == another,
        }
    }
}

/// A request that is being worked on.
pub(super) struct Request {
    pub(super) id: Id,
    /// What the client wants to see in reports of progress.
    pub(super) progress_token: Option<Id>,
    /// Kept until the answer has been written.
    pub(super) _slot: Slot,
}

pub(super) struct InFlight {
    slots: Arc<Semaphore>,
    requests: Mutex<Requests>,
}

#[derive(Default)]
struct Requests {
    last: i64,
    by_number: BTreeMap<i64, Request>,
}

impl InFlight {
    pub(super) fn new() -> Self {
        Self { slots: Arc::new(Semaphore::new(MOST)), requests: Mutex::default() }
    }

    /// Waits until there is room for one more.
    pub(super) async fn slot(&self) -> Option<Slot> {
        Arc::clone(&self.slots).acquire_owned().await.ok().map(Arc::new)
    }

    /// Begins a request; gives its number.
    pub(super) fn begin(&self, request: Request) -> i64 {
        self.with(|requests| {
            requests.last = requests.last.wrapping_add(1);
            requests.by_number.insert(requests.last, request);
            requests.last
        })
    }

    /// Ends a request: it is answered or cancelled.
    pub(super) fn end(&self, number: i64) -> Option<Request> {
        self.with(|requests| requests.by_number.remove(&number))
    }

    /// The number of the request that the client calls `id`.
    pub(super) fn number(&self, id: &Id) -> Option<i64> {
        self.with(|requests| {
            requests.by_number.iter().find(|(_, request)| request.id == *id).map(|(number, _)| *number)
        })
    }

    pub(super) fn progress_token(&self, number: i64) -> Option<Id> {
        self.with(|requests| requests.by_number.get(&number)?.progress_token.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Requests) -> T) -> T {
        work(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(json: &str) -> Id {
        Id::read(&RawValue::from_string(json.to_owned()).unwrap()).unwrap()
    }

    #[test]
    fn an_id_is_a_string_or_a_number() {
        for json in ["null", "true", "[1]", "{}"] {
            assert!(Id::read(&RawValue::from_string(json.to_owned()).unwrap()).is_none(), "{json}");
        }
        assert_eq!(id("\"a\""), id("\"\\u0061\""));
        assert_eq!(id("1"), id("1"));
        for (one, another) in [
            ("1", "\"1\""),
            ("1", "2"),
            ("\"a\"", "\"A\""),
            ("12345678901234567890123", "12345678901234567890124"),
        ] {
            assert_ne!(id(one), id(another));
        }
    }

    #[tokio::test]
    async fn there_is_room_again_once_an_answer_is_gone() {
        let in_flight = InFlight::new();
        let mut numbers = Vec::new();
        for _ in 0..MOST {
            let slot = in_flight.slot().await.unwrap();
            numbers.push(in_flight.begin(Request { id: id("1"), progress_token: None, _slot: slot }));
        }
        assert!(futures::FutureExt::now_or_never(in_flight.slot()).is_none());
        let ended = in_flight.end(numbers[0]).unwrap();
        assert!(
            futures::FutureExt::now_or_never(in_flight.slot()).is_none(),
            "its answer is not written yet"
        );
        drop(ended);
        assert!(futures::FutureExt::now_or_never(in_flight.slot()).is_some());
        assert_eq!(in_flight.number(&id("1")), Some(numbers[1]));
        assert!(in_flight.end(numbers[0]).is_none());
    }
}
