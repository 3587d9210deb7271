//! The public address at which webhooks reach this process.

use std::time::Duration;

use payments_tunnel::supervisor::{TunnelState, TunnelStatus};
use url::Url;

use crate::answer::failure::{Code, Failure};
use crate::receiving::webhooks::Webhooks;

/// How long to wait for a tunnel that is being opened. A first attempt that succeeds takes less.
const TUNNEL_OPENS_WITHIN: Duration = Duration::from_secs(10);

/// The address at which webhooks reach this process.
pub(crate) struct Address {
    /// Without the path for webhooks.
    pub(crate) base: Url,
    /// What carries them here, such as `ngrok`; `local` on the sandbox.
    pub(crate) carrier: &'static str,
    /// Whether it will be the same after a restart of this process.
    pub(crate) is_stable: bool,
}

impl Address {
    /// The present address. Waits for a tunnel that is being opened.
    ///
    /// # Errors
    /// `NOT_CONFIGURED` when nothing leads here from outside, or nothing is received; `TUNNEL_CONNECTION_FAILED` when the
    /// tunnel is not connected.
    pub(crate) async fn of(webhooks: &Webhooks) -> Result<Self, Failure> {
        if let Some(reason) = webhooks.not_receiving() {
            return Err(Failure::new(Code::NotConfigured, reason));
        }
        // A configured address is returned whether it works or not.
        if let Some(base) = webhooks.settings().manual_address() {
            return Ok(Self { base: base.clone(), carrier: "manual", is_stable: true });
        }
        if let Some(tunnel) = webhooks.tunnel() {
            let status = match tunnel.status().state {
                TunnelState::Connected => tunnel.status(),
                TunnelState::Error => {
                    tunnel.look().await;
                    tunnel.settled(TUNNEL_OPENS_WITHIN).await
                }
                _ => tunnel.settled(TUNNEL_OPENS_WITHIN).await,
            };
            let (carrier, is_stable) = (tunnel.provider(), tunnel.address_is_stable());
            return match status.public_url {
                Some(base) if status.state == TunnelState::Connected => Ok(Self { base, carrier, is_stable }),
                _ => Err(not_connected(carrier, &status)),
            };
        }
        match webhooks.local_base() {
            // The sandbox is on this machine, and so is everything that it has to reach.
            Some(base) if webhooks.is_on_sandbox() => Ok(Self { base, carrier: "local", is_stable: false }),
            _ => Err(Failure::new(
                Code::NotConfigured,
                "Webhooks are received on this machine only: no public address leads here.",
            )
            .next(
                "Set WEBHOOK_PUBLIC_URL to an https address that leads to this machine, or TUNNEL_ENABLED=true with a \
                 TUNNEL_PROVIDER, and restart the server.",
            )),
        }
    }
}

fn not_connected(carrier: &str, status: &TunnelStatus) -> Failure {
    let state = status.state;
    let reason = status.last_error.as_deref().unwrap_or("It is still being opened.");
    let message = format!("The {carrier} tunnel is not connected: {reason}");
    let failure = Failure::new(Code::TunnelConnectionFailed, message)
        .detail("provider", carrier)
        .detail("status", state.as_str());
    match state {
        TunnelState::Connecting | TunnelState::Reconnecting => failure.passing().next(
            "The tunnel is being opened: call again in a few seconds. get_tunnel_status reports its state.",
        ),
        _ => {
            let advice = status.advice.as_deref().unwrap_or("Read the message.");
            failure.next(format!("{advice} Then call get_tunnel_status, which tries again."))
        }
    }
}
