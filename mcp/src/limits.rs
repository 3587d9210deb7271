//! The merchant's limits in front of every create, one gate for each provider.
//!
//! [`Gate::authorize`] lets a create pass or says what forbids it. Its [`Permit`] is what a create begins with, and an
//! [`AuthorizedOrder`] what it ends with: a creating tool can reply in no other way.

mod approval;
mod confirmation_token;
mod daily_limit;
mod gate;
mod permit;
mod refusal;
mod request;

pub(crate) use daily_limit::{CountedAmount, CountedOrder, DayOrders};
pub(crate) use gate::Gate;
pub(crate) use permit::{AuthorizedOrder, CreateReply, LimitedOrder};
pub(crate) use request::{ARGUMENT, Approval, ArgumentsDigest, CreateBegun, CreateRequest, OrderMark};

#[cfg(test)]
mod tests;
