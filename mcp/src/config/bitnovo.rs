//! What the environment decides about Bitnovo: which API, with which device, under which limits.

pub(crate) mod upstream;
pub(super) mod webhooks;

use upstream::Upstream;

use crate::config::environment::Environment;
use crate::config::limits::Limits;
use crate::config::problem::Problem;
use crate::config::variables::bitnovo::LIMITS;

/// Bitnovo's part of the configuration.
#[derive(Debug)]
pub(crate) struct Bitnovo {
    pub(crate) upstream: Upstream,
    pub(crate) limits: Limits,
}

impl Bitnovo {
    /// Reads it. `sandbox`: the flag, which wins over `BITNOVO_ENV` and `BITNOVO_BASE_URL`.
    pub(super) fn read(
        environment: &Environment,
        sandbox: bool,
        problems: &mut Vec<Problem>,
        warnings: &mut Vec<String>,
    ) -> Self {
        let upstream = upstream::read(environment, sandbox, problems, warnings);
        problems.extend(upstream::contradictions(environment));
        let limits = Limits::read(environment, &LIMITS, problems);
        Self { upstream, limits }
    }

    /// The configuration of a sandbox on its own, with the device of the environment where there is one.
    pub(crate) fn sandbox(&self, port: u16) -> payments_sandbox::SandboxConfig {
        match &self.upstream {
            Upstream::EmbeddedSandbox(embedded) => embedded.sandbox(port),
            _ => payments_sandbox::SandboxConfig { port, ..payments_sandbox::SandboxConfig::default() },
        }
    }

    pub(crate) fn is_sandbox(&self) -> bool {
        matches!(self.upstream, Upstream::EmbeddedSandbox(_) | Upstream::SharedSandbox(_))
    }
}
