//! The tools about webhooks and the tunnel.

use std::sync::Arc;

use crate::protocol::registry::{Available, Row};
use crate::protocol::route::Route;
use crate::receiving::context::Context;

pub(crate) mod get_tunnel_status;
pub(crate) mod get_webhook_events;
pub(crate) mod get_webhook_url;

// From tools/server.toml.
include!(concat!(env!("OUT_DIR"), "/server.rs"));
