//! Which API the process talks to: Bitnovo's, or a sandbox in its place.

use std::str::FromStr as _;

use bitnovo_pay::{ConfigError, ConfigErrors, DeviceId};
use payments_webhook::scheme::bitnovo::Secret;
use secrecy::SecretString;
use uuid::Uuid;

use crate::answer::failure::Code;
use crate::config::environment::{Environment, contradiction};
use crate::config::problem::Problem;
use crate::config::variables::bitnovo::{BEHAVIOUR, DEVICE_ID, DEVICE_SECRET, UPSTREAM};

/// Which API the process talks to.
#[derive(Debug)]
pub(crate) enum Upstream {
    /// None: see the problems.
    Unconfigured,
    /// The provider's.
    Remote(bitnovo_pay::Config),
    /// A sandbox that another process runs on this machine.
    SharedSandbox(bitnovo_pay::Config),
    /// A sandbox of our own.
    EmbeddedSandbox(Embedded),
}

/// What an embedded sandbox takes over from the environment.
#[derive(Debug)]
pub(crate) struct Embedded {
    device_id: Option<Uuid>,
    device_secret: Option<SecretString>,
    /// Timeouts and retries, as they were written.
    behaviour: Vec<(&'static str, String)>,
}

/// The value of one of the SDK's variables, under either name.
fn behaviour(environment: &Environment, name: &str) -> Option<String> {
    let documented = BEHAVIOUR.iter().find(|(sdk, _)| *sdk == name).map(|(_, documented)| documented);
    environment.get(name).or_else(|| environment.get(documented?))
}

/// The name under which the value was given.
fn name_given(environment: &Environment, name: &str) -> String {
    let documented = BEHAVIOUR.iter().find(|(sdk, _)| *sdk == name && environment.get(sdk).is_none());
    documented.map_or(name, |(_, documented)| documented).to_owned()
}

/// A setting that is given under both of its names, differently.
pub(super) fn contradictions(environment: &Environment) -> impl Iterator<Item = Problem> {
    BEHAVIOUR.iter().filter_map(|(sdk, documented)| contradiction(environment, sdk, documented))
}

impl Embedded {
    /// The sandbox's own configuration.
    pub(crate) fn sandbox(&self, port: u16) -> payments_sandbox::SandboxConfig {
        payments_sandbox::SandboxConfig {
            port,
            device_id: self.device_id,
            device_secret: self.device_secret.clone(),
            ..payments_sandbox::SandboxConfig::default()
        }
    }

    /// The client's configuration, once it is known where the sandbox listens.
    pub(crate) fn api(&self, base_url: &str, device_id: Uuid) -> Result<bitnovo_pay::Config, ConfigErrors> {
        bitnovo_pay::Config::from_lookup(|name| match name {
            "BITNOVO_BASE_URL" => Some(base_url.to_owned()),
            "BITNOVO_ALLOW_HTTP_LOOPBACK" => Some("true".to_owned()),
            "BITNOVO_DEVICE_ID" => Some(device_id.to_string()),
            _ => self.behaviour.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()),
        })
    }
}

/// Whether `BITNOVO_ENV` names the sandbox.
pub(crate) fn names_sandbox(environment: &Environment) -> bool {
    environment.get("BITNOVO_ENV").is_some_and(|name| name.eq_ignore_ascii_case("sandbox"))
}

pub(super) fn read(
    environment: &Environment,
    flag: bool,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<String>,
) -> Upstream {
    let named = names_sandbox(environment);
    let base_url = environment.get("BITNOVO_BASE_URL");
    if flag || (named && base_url.is_none()) {
        return embedded(environment, problems);
    }
    let read = bitnovo_pay::Config::from_lookup(|name| match name {
        // The SDK knows the provider's two environments; that a sandbox is on loopback is checked below.
        "BITNOVO_ENV" if named => None,
        "BITNOVO_ALLOW_HTTP_LOOPBACK" if named => Some("true".to_owned()),
        // The files are read in already, for every secret alike.
        "BITNOVO_DEVICE_ID_FILE" => None,
        _ => behaviour(environment, name),
    });
    // The API is not known. The environment has reported the problem already.
    if UPSTREAM.iter().any(|name| environment.is_unreadable(name)) {
        return Upstream::Unconfigured;
    }
    let api = match read {
        Ok(api) => api,
        Err(errors) => {
            problems.extend(errors.iter().map(|error| Problem {
                variable: name_given(environment, error.variable()),
                message: error.to_string(),
                code: error.is_malformed_credential().then_some(Code::InvalidDeviceId),
            }));
            return Upstream::Unconfigured;
        }
    };
    if !named {
        warnings.extend(api.warnings());
        return Upstream::Remote(api);
    }
    if api.base_url.is_loopback() {
        return Upstream::SharedSandbox(api);
    }
    let message = "BITNOVO_ENV=sandbox contradicts a base URL that is not on this machine. Leave BITNOVO_BASE_URL out \
                   for an embedded sandbox, or set it to the one that `bitnovo-pay-mcp sandbox` prints.";
    problems.push(Problem::new("BITNOVO_BASE_URL", message));
    Upstream::Unconfigured
}

fn embedded(environment: &Environment, problems: &mut Vec<Problem>) -> Upstream {
    let mut adopt = |variable: &str, code: Code, check: &dyn Fn(&str) -> Result<(), String>| {
        let value = environment.get(variable)?;
        match check(&value) {
            Ok(()) => Some(value),
            Err(message) => {
                problems.push(Problem { variable: variable.to_owned(), message, code: Some(code) });
                None
            }
        }
    };
    let device_id = adopt(DEVICE_ID, Code::InvalidDeviceId, &|text| {
        DeviceId::from_str(text).map(|_| ()).map_err(|error| error.to_string())
    });
    let device_secret = adopt(DEVICE_SECRET, Code::InvalidDeviceSecret, &|text| {
        Secret::from_str(text).map(|_| ()).map_err(|error| error.to_string())
    });
    let behaviour =
        BEHAVIOUR.iter().filter_map(|(name, _)| Some((*name, behaviour(environment, name)?))).collect();
    let device_id = device_id.and_then(|text| Uuid::try_parse(&text).ok());
    let embedded = Embedded { device_id, device_secret: device_secret.map(SecretString::from), behaviour };
    // Where the sandbox will listen is not known yet; anything else that is wrong is found now.
    if let Err(errors) = embedded.api("http://127.0.0.1:1", Uuid::nil()) {
        let problem =
            |error: &ConfigError| Problem::new(&name_given(environment, error.variable()), error.to_string());
        problems.extend(errors.iter().map(problem));
    }
    Upstream::EmbeddedSandbox(embedded)
}
