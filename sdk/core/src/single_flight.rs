//! Concurrent calls that share one piece of work.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// Lets concurrent calls share one piece of work and its result, a failure included.
///
/// The first call does the work; calls that come meanwhile wait for it. When that call is dropped, the next one in line does
/// its own work, so that the work ends with the last call that waits for it.
#[derive(Debug)]
pub struct SingleFlight<T> {
    /// The last result. The call that holds the lock is at work.
    last: Mutex<Option<T>>,
    finished: AtomicU64,
}

impl<T: Clone> SingleFlight<T> {
    /// Does the work, or returns the result of work that was finished while this call waited.
    pub async fn run(&self, work: impl Future<Output = T>) -> T {
        let before = self.finished.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        let meanwhile = self.finished.load(Ordering::Acquire) != before;
        if let Some(result) = last.as_ref().filter(|_| meanwhile) {
            return result.clone();
        }
        let result = work.await;
        *last = Some(result.clone());
        self.finished.fetch_add(1, Ordering::Release);
        result
    }
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self { last: Mutex::new(None), finished: AtomicU64::new(0) }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use futures::future::join_all;
    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn concurrent_calls_share_one_result_and_the_next_call_does_its_own_work() {
        let (flight, count) = (SingleFlight::default(), Cell::new(0));
        let work = || async {
            sleep(Duration::from_secs(1)).await;
            count.set(count.get() + 1);
            Err::<(), i32>(count.get())
        };
        let results = join_all((0..20).map(|_| flight.run(work()))).await;
        assert!(results.iter().all(|result| *result == Err(1)), "{results:?}");
        assert_eq!(flight.run(work()).await, Err(2));
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_call_at_work_is_dropped_the_next_one_works() {
        let (flight, count) = (SingleFlight::default(), Cell::new(0));
        let work = || async {
            count.set(count.get() + 1);
            sleep(Duration::from_secs(2)).await;
        };
        let dropped = timeout(Duration::from_secs(1), flight.run(work()));
        let (dropped, ()) = tokio::join!(dropped, flight.run(work()));
        assert!(dropped.is_err());
        assert_eq!(count.get(), 2);
    }
}
