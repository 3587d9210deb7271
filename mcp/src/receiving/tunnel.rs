//! Which tunnel carries webhooks here, from the settings to the supervisor that keeps it open.

use std::{sync::Arc, time::SystemTime};

use payments_tunnel::{
    Cloudflared, CommandLine, Manual, OpenedTunnel, Redactor, Supervisor, TunnelError, TunnelFuture,
    TunnelProvider, Zrok, supervisor,
};
use payments_webhook::server::Server;

use crate::config::{TunnelChoice, WebhookSettings};
use crate::receiving::reachability::AddressProbe;

/// Starts to keep the tunnel open; `None` when none is configured. The supervisor's status reports what goes wrong; the
/// tools and the receiver work without a tunnel.
pub(crate) fn start(settings: &WebhookSettings, server: &Arc<Server>) -> Option<Supervisor> {
    let tunnel = &settings.tunnel;
    if !tunnel.enabled {
        return None;
    }
    let provider = provider(settings)?;
    let uses_address = matches!(tunnel.provider, TunnelChoice::Manual | TunnelChoice::Command);
    if settings.configured_address().is_some() && !uses_address {
        tracing::warn!(
            "WEBHOOK_PUBLIC_URL is not used: {} has an address of its own. Leave one of them out.",
            tunnel.provider.as_str()
        );
    }
    let mut behaviour = supervisor::SupervisorSettings::new(Arc::new(SystemTime::now), || {
        uuid::Uuid::new_v4().as_u64_pair().1
    });
    behaviour.backoff = tunnel.backoff;
    behaviour.max_retries = tunnel.max_retries;
    behaviour.health_check_every = tunnel.health_check_every;
    let of_providers = settings.receivers.iter().flat_map(|receiver| &receiver.secrets);
    let secrets = tunnel.ngrok.authtoken.iter().chain(&tunnel.zrok.token).chain(of_providers);
    behaviour.redactor = Redactor::new(secrets.cloned().collect());
    let prove = AddressProbe::new(server, settings.allow_loopback).into_check();
    Some(Supervisor::start(provider, Arc::clone(server), prove, behaviour))
}

fn provider(settings: &WebhookSettings) -> Option<Box<dyn TunnelProvider>> {
    let tunnel = &settings.tunnel;
    let programs = || tunnel.programs.clone().allow_loopback(settings.allow_loopback);
    Some(match tunnel.provider {
        TunnelChoice::Manual => Box::new(Manual::new(settings.manual_address()?.clone())),
        TunnelChoice::Zrok => {
            let zrok = &tunnel.zrok;
            Box::new(Zrok::new(programs(), zrok.unique_name.clone(), zrok.token.clone()))
        }
        TunnelChoice::Cloudflared => Box::new(Cloudflared::new(programs())),
        TunnelChoice::Command => {
            let line = tunnel.command.as_deref().unwrap_or_default();
            match CommandLine::new(line, settings.configured_address().cloned(), programs()) {
                Ok(command) => Box::new(command),
                Err(error) => {
                    let advice = "Correct TUNNEL_COMMAND as the message says, and restart the server.";
                    Box::new(Unusable { name: "command", error, advice })
                }
            }
        }
        TunnelChoice::Ngrok => ngrok(settings),
    })
}

#[cfg(feature = "ngrok")]
fn ngrok(settings: &WebhookSettings) -> Box<dyn TunnelProvider> {
    let given = settings.tunnel.ngrok.clone();
    let ngrok = payments_tunnel::Ngrok::new(given.authtoken).domain(given.domain);
    let ngrok = ngrok.allow_loopback(settings.allow_loopback);
    Box::new(ngrok.edge(given.server_addr, given.ca.map(String::into_bytes)))
}

#[cfg(not(feature = "ngrok"))]
fn ngrok(_: &WebhookSettings) -> Box<dyn TunnelProvider> {
    let error = TunnelError::permanent("This program was built without ngrok.");
    let advice =
        "Build it with the feature ngrok, which is on by default, or set TUNNEL_PROVIDER to another tunnel.";
    Box::new(Unusable { name: "ngrok", error, advice })
}

/// A tunnel whose settings cannot work. Its status reports the reason, as that of any tunnel does.
struct Unusable {
    name: &'static str,
    error: TunnelError,
    /// How to make them work.
    advice: &'static str,
}

impl TunnelProvider for Unusable {
    fn name(&self) -> &'static str {
        self.name
    }

    fn open<'a>(&'a self, _: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>> {
        let error = self.error.clone();
        Box::pin(async { Err(error) })
    }

    fn diagnosis(&self) -> String {
        self.advice.to_owned()
    }
}
