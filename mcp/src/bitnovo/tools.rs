//! The tools, one file each: what goes in, what comes out, and `call`.

pub(crate) mod create_payment_link;
pub(crate) mod create_payment_onchain;
pub(crate) mod generate_payment_qr;
pub(crate) mod get_payment_status;
pub(crate) mod list_currencies_catalog;
pub(crate) mod list_payments;
pub(crate) mod simulate_payment;
pub(crate) mod wait_for_payment;

pub(crate) use crate::receiving::tools::{get_tunnel_status, get_webhook_events, get_webhook_url};
