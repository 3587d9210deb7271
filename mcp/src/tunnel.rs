//! Which tunnel carries webhooks here, from the settings to the supervisor that keeps it open.

use std::{sync::Arc, time::SystemTime};

use bitnovo_pay_webhook::{
    server::Server,
    tunnel::{Manual, Redactor, Supervisor, supervisor},
};

use crate::{
    config::{TunnelProvider, WebhookSettings},
    proof::Prover,
};

/// Starts to keep the tunnel open; `None` when none is wanted. What goes wrong is told by the supervisor's status, and
/// takes neither the tools nor the receiver down.
pub(crate) fn start(settings: &WebhookSettings, server: &Arc<Server>) -> Option<Supervisor> {
    let tunnel = &settings.tunnel;
    if !tunnel.enabled {
        return None;
    }
    let secrets = tunnel.ngrok.authtoken.iter().chain(&tunnel.zrok.token).cloned().collect();
    let mut behaviour =
        supervisor::Settings::new(Arc::new(SystemTime::now), || uuid::Uuid::new_v4().as_u64_pair().1);
    behaviour.backoff = tunnel.backoff;
    behaviour.max_retries = tunnel.max_retries;
    behaviour.health_check_every = tunnel.health_check_every;
    behaviour.redactor = Redactor::new(secrets);
    let prove = Prover::new(server, settings.allow_loopback).into_prove();
    let server = Arc::clone(server);
    match tunnel.provider {
        TunnelProvider::Manual => {
            let address = settings.manual_address()?.clone();
            Some(Supervisor::start(Manual::new(address), server, prove, behaviour))
        }
        _ => None,
    }
}
