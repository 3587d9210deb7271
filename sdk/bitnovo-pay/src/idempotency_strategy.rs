//! What happens when the answer to a create is lost.

use crate::IdempotencyKey;

/// What happens when the answer to a create is lost.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Idempotency {
    /// The create is sent once, and its error says that the order may exist.
    #[default]
    SendOnce,
    /// All calls with this key return one order.
    ///
    /// It is looked for in the API's list after an answer that was lost, and before and after anything is created under a
    /// key that others may know; of several, the first in the list counts. The list goes back seven days, and so does the
    /// memory of keys. A key belongs to a device: two devices of one merchant may count their sales alike.
    Reconcile(IdempotencyKey),
}
