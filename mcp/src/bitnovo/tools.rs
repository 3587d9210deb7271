//! The tools, one file each: what goes in, what comes out, and `call`.

use std::sync::Arc;

use crate::bitnovo::context::Context;
use crate::protocol::registry::{Available, Row};
use crate::protocol::route::Route;

pub(crate) mod create_payment_link;
pub(crate) mod create_payment_onchain;
pub(crate) mod generate_payment_qr;
pub(crate) mod get_payment_status;
pub(crate) mod list_currencies_catalog;
pub(crate) mod list_payments;
pub(crate) mod simulate_payment;
pub(crate) mod wait_for_payment;

// From tools/bitnovo.toml.
include!(concat!(env!("OUT_DIR"), "/bitnovo.rs"));
