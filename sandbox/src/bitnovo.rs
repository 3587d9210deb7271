//! Bitnovo Pay, simulated: the API, the WebSocket, the checkout page and the webhooks of one merchant.

mod action;
mod address;
mod api;
mod catalogue;
pub(crate) mod control;
mod decimal;
pub(crate) mod deliveries;
mod fiat;
mod operations;
mod order;
mod order_status;
mod page;
mod payment_json;
mod python_json;
pub(crate) mod routes;
mod scenario;
pub(crate) mod simulation;
mod validate;
mod websocket;
pub(crate) mod world;
