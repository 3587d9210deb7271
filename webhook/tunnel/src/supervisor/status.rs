use std::{fmt, time::SystemTime};

use url::Url;

/// The documented states of a tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TunnelState {
    /// It is not open, and not being opened: not yet, or not any more.
    #[default]
    Disconnected,
    /// It is being opened for the first time.
    Connecting,
    /// A probe from outside has come through it.
    Connected,
    /// It was open, and is being opened again.
    Reconnecting,
    /// It is given up until the next request to try again.
    Error,
}

impl TunnelState {
    /// The name, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for TunnelState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The status of a tunnel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TunnelStatus {
    /// Its state.
    pub state: TunnelState,
    /// Where it can be reached from outside, without the path for webhooks; kept over an interruption when the address
    /// does not change by it.
    pub public_url: Option<Url>,
    /// Since when it is connected.
    pub connected_at: Option<SystemTime>,
    /// The last error, while there is one. Holds no secret.
    pub last_error: Option<String>,
    /// How to fix it, with the provider's own tools.
    pub advice: Option<String>,
    /// How many attempts were made again since it was last connected for a minute.
    pub reconnect_attempts: u32,
    /// How often it has stopped being connected.
    pub interruptions: u64,
    /// How many looks have an answer: from a probe, or from an attempt that ended.
    pub(super) looks: u64,
}

impl TunnelStatus {
    /// Whether a probe from outside comes through.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.state == TunnelState::Connected
    }
}
