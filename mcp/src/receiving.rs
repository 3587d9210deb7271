//! Webhooks as the server receives them, and what was missed.

pub(crate) mod address;
mod announcement;
pub(crate) mod backfill;
pub(crate) mod context;
pub(crate) mod fields;
pub(crate) mod gap_detector;
pub(crate) mod provider;
pub(crate) mod reachability;
pub(crate) mod tasks;
mod texts;
pub(crate) mod tools;
pub(crate) mod tunnel;
pub(crate) mod webhooks;
