//! What all tunnel providers have in common: a tunnel is opened, it ends, it is closed.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use url::Url;

use payments_webhook::server::Server;

/// What a provider's methods return: boxed, because the provider is chosen at run time.
pub type TunnelFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One way of bringing webhooks to this machine.
///
/// A provider makes one attempt per call and keeps no timers for later ones: the [`Supervisor`](super::Supervisor)
/// decides when to try again, and whether an open tunnel works. A provider does not log.
pub trait TunnelProvider: Send + Sync + 'static {
    /// The name, as `TUNNEL_PROVIDER` spells it.
    fn name(&self) -> &'static str;

    /// Opens the tunnel, once, and has what comes through it served by `server`. Dropping the future leaves nothing
    /// behind: no child process, no connection.
    ///
    /// # Errors
    /// Why it did not open, and how to fix it.
    fn open<'a>(&'a self, server: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>>;

    /// Resolves when what made the last attempt fail seems to be gone, so that the next one need not wait for
    /// the end of the pause. A cheap check, such as whether the provider's server accepts connections again; by default
    /// there is none.
    fn revived(&self) -> TunnelFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// Whether there is a tunnel to open. An address that is maintained elsewhere is only probed.
    fn is_opened_here(&self) -> bool {
        true
    }

    /// Whether the address stays the same after a restart of this process.
    fn address_is_stable(&self) -> bool {
        false
    }

    /// How to find out more with the provider's own tools: a sentence or two for the person who runs the server.
    fn diagnosis(&self) -> String;
}

/// A tunnel that is open. Whether it works is another question: a probe has to come through it.
pub struct OpenedTunnel {
    /// Where it can be reached from outside, without the path for webhooks.
    pub public_url: Url,
    /// The tunnel itself. Dropping it closes it at once.
    pub session: Box<dyn TunnelSession>,
}

impl fmt::Debug for OpenedTunnel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OpenedTunnel")
            .field("public_url", &self.public_url.as_str())
            .finish_non_exhaustive()
    }
}

/// A tunnel while it is open.
pub trait TunnelSession: Send {
    /// Resolves when the tunnel has ended by itself, with the reason. Can be called again after it was dropped.
    fn ended(&mut self) -> TunnelFuture<'_, TunnelError>;

    /// Ends the tunnel in order, so that its address is free at once. What cannot be done within two seconds is left
    /// undone.
    fn close(self: Box<Self>) -> TunnelFuture<'static, ()>;
}

/// Why a tunnel did not open, or ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TunnelError {
    /// Whether another attempt makes sense.
    pub kind: TunnelErrorKind,
    /// What is wrong and how to fix it: one or two sentences for the person who runs the server.
    pub message: String,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TunnelErrorKind {
    /// It may pass: try again, the first time at once.
    Passing,
    /// It passes slowly, such as an address that an earlier session still holds: try again after longer pauses.
    Slow,
    /// It stays until the configuration changes: do not try again.
    Permanent,
    /// The provider's program is not installed: do not try again, and do not ask for a token.
    NotInstalled,
}

impl TunnelErrorKind {
    /// Whether another attempt makes no sense.
    pub(super) fn is_lasting(self) -> bool {
        matches!(self, Self::Permanent | Self::NotInstalled)
    }
}

impl TunnelError {
    /// A failure that may pass.
    pub fn passing(message: impl Into<String>) -> Self {
        Self { kind: TunnelErrorKind::Passing, message: message.into() }
    }

    /// A failure that takes its time to pass.
    pub fn slow(message: impl Into<String>) -> Self {
        Self { kind: TunnelErrorKind::Slow, message: message.into() }
    }

    /// The provider's program is not installed.
    pub fn not_installed(message: impl Into<String>) -> Self {
        Self { kind: TunnelErrorKind::NotInstalled, message: message.into() }
    }

    /// A failure that stays until the configuration changes.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { kind: TunnelErrorKind::Permanent, message: message.into() }
    }
}
