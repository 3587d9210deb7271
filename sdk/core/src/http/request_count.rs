//! How many requests a piece of work sends, and how long they take: for one line of a log about all of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

tokio::task_local! {
    static COUNT: Arc<Mutex<RequestCount>>;
}

/// The requests of a piece of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestCount {
    /// How many were sent, those that were made again included.
    pub requests: u32,
    /// How long they took, one after the other.
    pub time: Duration,
}

/// Does the work, and counts the requests that its own task sends to the API. Those of a task that it starts, or of another
/// call that it waits for, are not among them.
///
/// ```
/// # async fn example(orders: impl Future<Output = Vec<String>>) {
/// let (orders, count) = payments_core::count_requests(orders).await;
/// println!("{} orders, {} requests", orders.len(), count.requests);
/// # }
/// ```
pub async fn count_requests<T>(work: impl Future<Output = T>) -> (T, RequestCount) {
    let count = Arc::new(Mutex::new(RequestCount::default()));
    let result = COUNT.scope(Arc::clone(&count), work).await;
    let count = *count.lock().unwrap_or_else(PoisonError::into_inner);
    (result, count)
}

/// Adds a request that has taken this long to the count of the work that sent it.
pub fn note_request(time: Duration) {
    // Most callers do not count.
    let _ = COUNT.try_with(|count| {
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        count.requests = count.requests.saturating_add(1);
        count.time = count.time.saturating_add(time);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_piece_of_work_has_a_count_of_its_own() {
        let work = |times: u32| async move {
            for _ in 0..times {
                note_request(Duration::from_millis(10));
                tokio::task::yield_now().await;
            }
        };
        let (((), one), ((), three)) = tokio::join!(count_requests(work(1)), count_requests(work(3)));
        assert_eq!((one.requests, three.requests), (1, 3));
        assert_eq!(three.time, Duration::from_millis(30));
        note_request(Duration::from_secs(1));
    }
}
