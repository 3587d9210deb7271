//! How webhooks reach a machine that has no public address, and how to tell whether it has one.

pub mod context;
