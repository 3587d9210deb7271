//! Which Bitnovo API the process works with: the provider's, or a sandbox.

use payments_sandbox::{Sandbox, SandboxStartError};
use secrecy::SecretString;

use crate::answer::failure::{Code, Failure};
use crate::bitnovo::sandbox_control::SandboxControl;
use crate::config::bitnovo::upstream::Upstream;

/// The API, once the process runs.
pub(super) enum Api {
    /// The configuration lacks something; the tools say what.
    Unconfigured,
    /// The provider's API.
    Remote(bitnovo_pay::Config),
    /// A sandbox: embedded in this process, or that of another process.
    Sandbox { api: bitnovo_pay::Config, embedded: Option<Sandbox> },
}

impl Api {
    /// Starts the embedded sandbox where the configuration asks for one.
    pub(super) async fn start(wanted: &Upstream) -> Result<Self, SandboxStartError> {
        Ok(match wanted {
            Upstream::Unconfigured => Self::Unconfigured,
            Upstream::Remote(api) => Self::Remote(api.clone()),
            Upstream::SharedSandbox(api) => Self::Sandbox { api: api.clone(), embedded: None },
            Upstream::EmbeddedSandbox(embedded) => {
                let sandbox = Sandbox::start(embedded.sandbox(0)).await?;
                match embedded.api(sandbox.base_url(), sandbox.device_id()) {
                    Ok(api) => Self::Sandbox { api, embedded: Some(sandbox) },
                    Err(_) => Self::Unconfigured,
                }
            }
        })
    }

    /// How the API is reached; `None` while it is not configured.
    pub(super) fn config(&self) -> Option<&bitnovo_pay::Config> {
        match self {
            Self::Remote(api) | Self::Sandbox { api, .. } => Some(api),
            Self::Unconfigured => None,
        }
    }

    pub(super) fn is_sandbox(&self) -> bool {
        matches!(self, Self::Sandbox { .. })
    }

    /// The sandbox that runs inside this process, if one does.
    pub(super) fn embedded(&self) -> Option<&Sandbox> {
        match self {
            Self::Sandbox { embedded, .. } => embedded.as_ref(),
            Self::Remote(_) | Self::Unconfigured => None,
        }
    }

    /// The secret with which the embedded sandbox signs webhooks.
    pub(super) fn embedded_secret(&self) -> Option<SecretString> {
        self.embedded().map(|sandbox| sandbox.device_secret().into())
    }

    /// The control of the sandbox.
    pub(super) fn sandbox_control(&self) -> Result<SandboxControl, Failure> {
        let Self::Sandbox { api, .. } = self else {
            return Err(Failure::new(Code::NotConfigured, "Payments can be simulated on the sandbox only.")
                .next("Start the server with --sandbox or BITNOVO_ENV=sandbox to rehearse; real payments are made by the customer."));
        };
        SandboxControl::new(api.base_url.as_str()).map_err(|error| {
            Failure::new(Code::ApiUnavailable, format!("The sandbox cannot be steered: {error}."))
        })
    }
}
