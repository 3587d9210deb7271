//! From the right to create one order to the reply about it.

use std::ops::Deref;

use crate::answer::failure::{Failure, Outcome};
use crate::answer::reply::Reply;
use crate::limits::approval::{Approvals, UsedToken};
use crate::limits::daily_limit::Reserved;
use crate::limits::request::CreateBegun;

/// The right to create one order. Dropped, it gives back what it holds.
#[must_use]
pub(crate) struct Permit<'a> {
    begun: &'a CreateBegun,
    approvals: &'a Approvals,
    reserved: Option<Reserved<'a>>,
    token: Option<UsedToken>,
}

impl<'a> Permit<'a> {
    pub(super) fn new(
        begun: &'a CreateBegun,
        approvals: &'a Approvals,
        reserved: Option<Reserved<'a>>,
        token: Option<UsedToken>,
    ) -> Self {
        Self { begun, approvals, reserved, token }
    }

    /// From here on the order may exist, and a failure of the call without an outcome has the outcome `unknown`. A create that is given up in the middle leaves the amount taken.
    pub(crate) fn begin(mut self) -> PermitInUse<'a> {
        self.begun.note();
        if let Some(reserved) = &mut self.reserved {
            reserved.begin();
        }
        PermitInUse(self)
    }
}

/// A permit under which a create has begun.
#[must_use]
pub(crate) struct PermitInUse<'a>(Permit<'a>);

impl PermitInUse<'_> {
    /// Records the result of the create: the order counts under its own identifier; after an error that says that nothing was
    /// created, the amount and the approval are free again; otherwise the amount stays taken.
    ///
    /// # Errors
    /// That of the create.
    pub(crate) async fn settle<T: LimitedOrder>(
        self,
        result: Result<T, Failure>,
    ) -> Result<AuthorizedOrder<T>, Failure> {
        let Permit { approvals, reserved, token, .. } = self.0;
        match &result {
            Ok(order) => {
                if let Some(reserved) = reserved {
                    reserved.created(order.identifier(), order.replaces().as_deref());
                }
            }
            Err(failure) if failure.outcome == Some(Outcome::NotCreated) => {
                if let Some(reserved) = reserved {
                    reserved.not_created();
                }
                // The approval was for an order that does not exist.
                if let Some(token) = token {
                    approvals.give_back(token).await;
                }
            }
            Err(_) => {}
        }
        result.map(AuthorizedOrder)
    }
}

/// An order as the limits count it.
pub(crate) trait LimitedOrder {
    fn identifier(&self) -> String;

    /// The order that this one replaces. It counts no more.
    fn replaces(&self) -> Option<String> {
        None
    }
}

/// An order that has passed the limits. It comes from a used permit, or was created by an earlier call.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizedOrder<T>(T);

impl<T> AuthorizedOrder<T> {
    /// An order that the provider already has: the limits were applied when it was created.
    pub(crate) fn existing(order: T) -> Self {
        Self(order)
    }

    /// The reply about this order.
    pub(crate) fn reply<Output>(&self, reply: Reply<Output>) -> CreateReply<Output> {
        CreateReply(reply)
    }
}

impl<T> Deref for AuthorizedOrder<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The reply of a tool that creates: only an [`AuthorizedOrder`] makes one.
pub(crate) struct CreateReply<Output>(Reply<Output>);

impl<Output> CreateReply<Output> {
    pub(crate) fn into_reply(self) -> Reply<Output> {
        self.0
    }
}
