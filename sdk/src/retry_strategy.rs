//! What happens when the answer to a create is lost.

use crate::IdempotencyKey;

/// What happens when the answer to a create is lost.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum RetryStrategy {
    /// The create is sent once, and its error says that the order may exist.
    #[default]
    SendOnce,
    /// At most one payable order comes of all calls with this key.
    ///
    /// The order is looked for in the API's list after an answer that was lost, and before anything is created under a
    /// key that this process has not seen. The list goes back seven days, and so does the memory of keys. Two processes
    /// that use a new key in the same moment do not see each other, unless they share a
    /// [`KeyStore`](crate::KeyStore).
    Reconcile(IdempotencyKey),
}
