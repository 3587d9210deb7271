//! The only reader of the environment. It reports every problem at once; after it there are only plain values.

use std::{str::FromStr, sync::Arc};

use bitnovo_pay::{ConfigErrors, DeviceId, Language};
use bitnovo_pay_webhook::scheme::bitnovo::Secret;
use secrecy::SecretString;
use uuid::Uuid;

use crate::{error::Code, logging::LogLevel, masks::Masks};

mod environment;
pub(crate) mod limits;
mod problem;
mod reader;
mod toolsets;
mod tunnel;
mod webhooks;

pub(crate) use environment::Environment;
pub(crate) use limits::Limits;
pub(crate) use problem::{Problem, unusable};
pub(crate) use toolsets::{Known, Toolsets};
pub(crate) use tunnel::{Ngrok, Provider as TunnelProvider};
pub(crate) use webhooks::{Settings as WebhookSettings, Webhooks};

/// How a QR code stands in a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum QrDelivery {
    /// A URI that `resources/read` answers.
    #[default]
    Resource,
    /// The picture itself. A branded one costs a model ten thousand tokens and more.
    DataUri,
}

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

fn masks(environment: &Environment) -> Arc<Masks> {
    let mut masks = Masks::default();
    let hidden =
        environment::IN_FILES.iter().filter(|name| !["BITNOVO_DEVICE_ID", "NGROK_CA"].contains(name));
    for name in hidden {
        if let Some(secret) = environment.get(name) {
            masks.hide(secret, "[hidden]");
        }
    }
    if let Some(device_id) =
        environment.get("BITNOVO_DEVICE_ID").and_then(|text| DeviceId::from_str(&text).ok())
    {
        masks.hide(device_id.expose().to_owned(), device_id.to_string());
    }
    Arc::new(masks)
}

/// The variables that say how the client behaves, whatever API it talks to.
const BEHAVIOUR: [&str; 3] = ["API_TIMEOUT", "MAX_RETRIES", "RETRY_DELAY"];

impl Embedded {
    /// The sandbox's own configuration.
    pub(crate) fn sandbox(&self, port: u16) -> bitnovo_pay_sandbox::Config {
        bitnovo_pay_sandbox::Config {
            port,
            device_id: self.device_id,
            device_secret: self.device_secret.clone(),
            ..bitnovo_pay_sandbox::Config::default()
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

/// Everything the environment and the command line decide.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) upstream: Upstream,
    pub(crate) language: Language,
    pub(crate) qr_delivery: QrDelivery,
    /// `None`: the command's own default.
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) toolsets: Toolsets,
    pub(crate) limits: Limits,
    pub(crate) webhooks: Webhooks,
    /// What must not be shown, whoever repeats it.
    pub(crate) masks: Arc<Masks>,
    /// What cannot be used. A server starts all the same and says so; a command refuses.
    pub(crate) problems: Vec<Problem>,
    /// What can be used and is probably not meant.
    pub(crate) warnings: Vec<String>,
}

impl Config {
    /// Reads the environment. `sandbox` is the flag, which wins over `BITNOVO_ENV` and `BITNOVO_BASE_URL`; `tools` lists
    /// what there is to choose from.
    pub(crate) fn from_environment(
        environment: &Environment,
        sandbox: bool,
        tools: fn() -> Vec<Known>,
    ) -> Self {
        let mut problems = environment.problems();
        let mut warnings = Vec::new();
        let upstream = upstream(environment, sandbox, &mut problems, &mut warnings);
        let language =
            choice(environment, &mut problems, "BITNOVO_LANGUAGE", "en or es", |text| match text {
                "en" => Some(Language::En),
                "es" => Some(Language::Es),
                _ => None,
            });
        let qr_delivery =
            choice(environment, &mut problems, "BITNOVO_QR_DELIVERY", "resource or data_uri", |text| {
                match text {
                    "resource" => Some(QrDelivery::Resource),
                    "data_uri" => Some(QrDelivery::DataUri),
                    _ => None,
                }
            });
        let log_level =
            choice(environment, &mut problems, "LOG_LEVEL", "error, warn, info or debug", |text| {
                LogLevel::parse(text).map(Some)
            });
        let mut limits = Limits::read(environment, &mut problems);
        let toolsets = match environment.get("BITNOVO_TOOLSETS") {
            None => Toolsets::default(),
            Some(text) => Toolsets::parse(&text, &tools()).unwrap_or_else(|message| {
                let problem = Problem::new("BITNOVO_TOOLSETS", message);
                limits.problems.push(problem.clone());
                problems.push(problem);
                Toolsets::default()
            }),
        };
        let on_sandbox = matches!(upstream, Upstream::EmbeddedSandbox(_) | Upstream::SharedSandbox(_));
        let webhooks = webhooks::read(environment, on_sandbox, &mut problems);
        Self {
            upstream,
            language,
            qr_delivery,
            log_level,
            toolsets,
            limits,
            webhooks,
            masks: masks(environment),
            problems,
            warnings,
        }
    }

    /// The configuration of a sandbox on its own, with the device of the environment where there is one.
    pub(crate) fn sandbox(&self, port: u16) -> bitnovo_pay_sandbox::Config {
        match &self.upstream {
            Upstream::EmbeddedSandbox(embedded) => embedded.sandbox(port),
            _ => bitnovo_pay_sandbox::Config { port, ..bitnovo_pay_sandbox::Config::default() },
        }
    }

    /// The limits in force, for the log; empty when there are none.
    pub(crate) fn limits_in_words(&self) -> String {
        let mut limits = self.limits.in_words();
        limits.extend(self.toolsets.in_words().map(|words| format!("tools {words}")));
        limits.join("; ")
    }

    /// Whether webhooks are wanted, usable or not. Their tools are listed then: they say what is in the way.
    pub(crate) fn wants_webhooks(&self) -> bool {
        !matches!(self.webhooks, Webhooks::Off)
    }
}

fn upstream(
    environment: &Environment,
    flag: bool,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<String>,
) -> Upstream {
    let named = environment.get("BITNOVO_ENV").is_some_and(|name| name == "sandbox");
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
        _ => environment.get(name),
    });
    let api = match read {
        Ok(api) => api,
        Err(errors) => {
            problems.extend(errors.iter().map(|error| Problem {
                variable: error.variable().to_owned(),
                message: error.to_string(),
                code: error.is_malformed_device_id().then_some(Code::InvalidDeviceId),
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
    let device_id = adopt("BITNOVO_DEVICE_ID", Code::InvalidDeviceId, &|text| {
        DeviceId::from_str(text).map(|_| ()).map_err(|error| error.to_string())
    });
    let device_secret = adopt("BITNOVO_DEVICE_SECRET", Code::InvalidDeviceSecret, &|text| {
        Secret::from_str(text).map(|_| ()).map_err(|error| error.to_string())
    });
    let behaviour = BEHAVIOUR.iter().filter_map(|name| Some((*name, environment.get(name)?))).collect();
    let device_id = device_id.and_then(|text| Uuid::try_parse(&text).ok());
    let embedded = Embedded { device_id, device_secret: device_secret.map(SecretString::from), behaviour };
    // Where the sandbox will listen is not known yet; anything else that is wrong is found now.
    if let Err(errors) = embedded.api("http://127.0.0.1:1", Uuid::nil()) {
        problems.extend(errors.iter().map(|error| Problem::new(error.variable(), error.to_string())));
    }
    Upstream::EmbeddedSandbox(embedded)
}

fn choice<T: Default>(
    environment: &Environment,
    problems: &mut Vec<Problem>,
    variable: &str,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> T {
    let Some(text) = environment.get(variable) else { return T::default() };
    parse(&text).unwrap_or_else(|| {
        problems.push(Problem::unexpected(variable, &text, expected));
        T::default()
    })
}

#[cfg(test)]
mod tests;
