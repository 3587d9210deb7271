//! Where the rows of a list go while they arrive.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where the rows of an answer go, as the transport sees it. A request that is made again begins anew.
pub(crate) trait RowSink: Send {
    fn begin(&mut self);

    /// Takes the next bytes; `false` when it wants no more.
    fn take(&mut self, bytes: &[u8]) -> bool;
}

/// A sink that the transport and the caller share.
pub(crate) type SharedSink = Arc<Mutex<dyn RowSink>>;

/// Locks what only ever holds plain data.
pub(crate) fn locked<S: ?Sized>(sink: &Mutex<S>) -> MutexGuard<'_, S> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}
