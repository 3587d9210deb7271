use crate::{Error, Payment};

/// What the last reads of a payment have shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct News {
    /// The payment, once it could be read.
    pub(crate) payment: Option<Payment>,
    /// Why the last read failed, if it did.
    pub(crate) failure: Option<Error>,
}
