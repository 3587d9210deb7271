//! A second provider, for tests alone. It comes through the same doors as Bitnovo, and nothing in the rooms below knows it:
//! its own document, client, rows, limits, secret, account, words and webhooks.

pub(crate) mod client;
pub(crate) mod context;
mod generated;
pub(crate) mod tools;
mod transport;
pub(crate) mod webhook;
