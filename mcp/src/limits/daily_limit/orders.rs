//! A provider's list of orders, as far as the sum of a day needs it.

use chrono::{DateTime, TimeDelta, Utc};
use payments_core::{FiatCurrency, Money};

use crate::limits::request::OrderMark;

/// A part of the list, as it was read for the sum of a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct DayOrders {
    pub(crate) orders: Vec<CountedOrder>,
    /// How far the API's clock is ahead of this machine's; `None` when the API did not say.
    pub(crate) clock_offset: Option<TimeDelta>,
}

/// An order of the list.
#[derive(Clone, Debug)]
pub(crate) struct CountedOrder {
    pub(crate) identifier: String,
    /// `None` when the time cannot be read: then the order may be one of today.
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) counts: CountedAmount,
    pub(crate) replaces: Option<String>,
    pub(crate) mark: Option<OrderMark>,
}

/// What an order counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CountedAmount {
    /// The order has ended without money that stays. An expired one may still be paid late, and counts again from then on;
    /// counting it before would let abandoned carts close the till.
    Nothing,
    Amount(FiatCurrency, Money),
    /// The field that cannot be read.
    Unreadable(String),
}
