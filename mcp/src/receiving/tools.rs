//! The tools about webhooks and the tunnel.

pub(crate) mod get_tunnel_status;
pub(crate) mod get_webhook_events;
pub(crate) mod get_webhook_url;
