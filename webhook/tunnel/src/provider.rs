//! What every way of bringing webhooks here has in common: it is opened, it ends, it is closed.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use url::Url;

use payments_webhook::server::Server;

/// What a provider's methods return: boxed, because the provider is chosen at run time.
pub type TunnelFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One way of bringing webhooks to this machine.
///
/// A provider makes one attempt when it is asked to and keeps no timers for later ones: when to try again, and whether
/// an open tunnel works, is for the [`Supervisor`](super::Supervisor) to decide. It does not log either.
pub trait TunnelProvider: Send + Sync + 'static {
    /// The name, as `TUNNEL_PROVIDER` spells it.
    fn name(&self) -> &'static str;

    /// Opens the tunnel, once, and has what comes through it served by `server`. Dropping the future leaves nothing
    /// behind: no child process, no connection.
    ///
    /// # Errors
    /// Why it did not open, and what to do about it.
    fn open<'a>(&'a self, server: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>>;

    /// Resolves when what made the last attempt fail seems to be gone, so that the pause before the next one need not be
    /// sat out. A cheap look, such as whether the provider's server takes connections again; by default nobody looks.
    fn revived(&self) -> TunnelFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// Whether there is anything to open. An address that somebody else looks after is only looked at.
    fn is_opened_here(&self) -> bool {
        true
    }

    /// Whether the address stays the same after a restart of this process.
    fn address_is_stable(&self) -> bool {
        false
    }

    /// How the person who runs the server finds out more, with the provider's own means: a sentence or two.
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
    /// What is wrong and what to do about it: one sentence or two, for the person who runs the server.
    pub message: String,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TunnelErrorKind {
    /// It may pass: try again, the first time at once.
    Passing,
    /// It takes its time, such as our own address that is still taken from before: try again after longer pauses.
    Slow,
    /// It stays until somebody changes the configuration: do not try again.
    Permanent,
    /// The provider's program is not there: do not try again, and ask nobody for a token.
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

    /// The provider's program is not there.
    pub fn not_installed(message: impl Into<String>) -> Self {
        Self { kind: TunnelErrorKind::NotInstalled, message: message.into() }
    }

    /// A failure that stays until somebody changes something.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { kind: TunnelErrorKind::Permanent, message: message.into() }
    }
}
