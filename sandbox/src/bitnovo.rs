//! Bitnovo Pay, simulated.

pub(crate) mod action;
pub(crate) mod address;
pub(crate) mod api;
pub(crate) mod catalogue;
pub(crate) mod decimal;
pub(crate) mod deliveries;
pub(crate) mod fiat;
pub(crate) mod operations;
pub(crate) mod order;
pub(crate) mod order_status;
pub(crate) mod page;
pub(crate) mod payment_json;
pub(crate) mod python_json;
pub(crate) mod scenario;
pub(crate) mod state;
pub(crate) mod validate;
pub(crate) mod websocket;
pub(crate) mod world;
