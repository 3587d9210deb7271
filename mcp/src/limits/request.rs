//! What a create asks of the limits.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use payments_core::{FiatCurrency, Money};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::answer::confirmation_request::Declined;

/// The name of the argument that carries a confirmation token.
pub(crate) const ARGUMENT: &str = "confirmation_token";

/// What is to be created, as far as the limits are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CreateRequest<'a> {
    pub(crate) amount: Money,
    pub(crate) fiat: FiatCurrency,
    pub(crate) approval: &'a Approval,
    /// How the provider's list of orders shows this order.
    pub(crate) mark: Option<OrderMark>,
}

/// Recognises an order in the provider's list before its identifier is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OrderMark(pub(crate) [u8; 32]);

/// The question that a person would be asked about a call, and what the caller presents as the answer.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    /// The arguments of the call. An approval is for these and no others.
    pub(crate) digest: ArgumentsDigest,
    pub(crate) question: String,
    pub(crate) token: Option<String>,
    /// Set when the person was asked and did not approve.
    pub(crate) declined: Option<Declined>,
    /// Of the same call.
    pub(crate) begun: CreateBegun,
}

#[cfg(test)]
impl Approval {
    /// What a call with these arguments brings when no one was asked yet.
    pub(super) fn unasked(arguments: &Map<String, Value>) -> Self {
        let digest = ArgumentsDigest::of("create_payment_link", arguments);
        Self { digest, question: String::new(), token: None, declined: None, begun: CreateBegun::default() }
    }
}

/// Whether the create of a call has begun, so that something may exist.
#[derive(Clone, Debug, Default)]
pub(crate) struct CreateBegun(Arc<AtomicBool>);

impl CreateBegun {
    pub(super) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A call's tool and arguments in one number. The confirmation token is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ArgumentsDigest([u8; 32]);

impl ArgumentsDigest {
    pub(crate) fn of(tool: &str, arguments: &Map<String, Value>) -> Self {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        };
        add(tool);
        // Clients may send the same arguments in another order, and null for what they leave out.
        let mut arguments: Vec<_> =
            arguments.iter().filter(|(name, value)| *name != ARGUMENT && !value.is_null()).collect();
        arguments.sort_by_key(|(name, _)| *name);
        for (name, value) in arguments {
            add(name);
            add(&value.to_string());
        }
        Self(hash.finalize().into())
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest(tool: &str, arguments: Value) -> ArgumentsDigest {
        ArgumentsDigest::of(tool, arguments.as_object().unwrap())
    }

    #[test]
    fn a_digest_does_not_depend_on_the_order_and_not_on_the_token() {
        let one = digest("create_payment_link", json!({ "a": 1, "b": "x" }));
        let same = json!({ "b": "x", "a": 1, "c": null, "confirmation_token": "t" });
        assert_eq!(one, digest("create_payment_link", same));
        for other in [json!({ "a": 1 }), json!({ "a": 1, "b": "y" }), json!({ "a": 1.0, "b": "x" })] {
            assert_ne!(one, digest("create_payment_link", other));
        }
        assert_ne!(one, digest("create_payment_onchain", json!({ "a": 1, "b": "x" })));
    }
}
