//! Why a request is not sent.

use crate::Fiat;

/// Why a request is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// Zero or less.
    #[error("the amount must be greater than zero")]
    AmountNotPositive,
    /// More decimals than the currency has; nothing is rounded.
    #[error("{fiat} has {allowed} decimals and the amount has {actual}; nothing is rounded")]
    TooManyDecimals {
        /// The currency.
        fiat: Fiat,
        /// The decimals it has.
        allowed: u32,
        /// The decimals of the amount.
        actual: u32,
    },
    /// An on-chain order without a currency.
    #[error("the symbol of the cryptocurrency is empty; take it from currencies_list")]
    EmptySymbol,
    /// A text outside its limits.
    #[error("{field} is {problem}: it has {actual}")]
    Length {
        /// The field.
        field: &'static str,
        /// Which limit, such as `longer than 512 characters`.
        problem: String,
        /// The length, in characters.
        actual: usize,
    },
    /// The merchant's own `internal_data` leaves no room for the idempotency key, which travels in the same field.
    #[error(
        "internal_data leaves no room for the idempotency key beside it; shorten it by {excess} characters"
    )]
    NoRoomForKey {
        /// By how many characters it is too long; quotes and backslashes count twice.
        excess: usize,
    },
    /// The request has no JSON form.
    #[error("the request cannot be written as JSON")]
    Unwritable,
    /// A range of days that ends before it begins.
    #[error("the range of days ends before it begins")]
    ReversedDates,
}
