//! The only reader of the environment. It reports every problem at once; after it there are only plain values.

use std::{str::FromStr, sync::Arc};

use bitnovo_pay::{ConfigErrors, DeviceId, Language};
use jiff::tz::TimeZone;
use payments_webhook::scheme::bitnovo::Secret;
use secrecy::SecretString;
use uuid::Uuid;

use crate::answer::failure::Code;
use crate::config::forms::Forms;
use crate::config::variables::{Issuer, NEUTRAL, SECRETS};
use crate::logging::LogLevel;
use crate::safety::redaction::{Masks, SHORTEST};

mod environment;
pub(crate) mod forms;
pub(crate) mod limits;
mod problem;
mod reader;
mod toolsets;
mod tunnel;
pub(crate) mod variables;
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

/// The names of the variables that hold secrets, for tests that look for their values.
#[must_use]
pub fn secret_variables() -> Vec<&'static str> {
    SECRETS.iter().map(|secret| secret.name).collect()
}

/// The shortest secret that the merchant may choose. It is hidden by its value, and what is shorter is easily a word.
const SHORTEST_CHOSEN: usize = 16;

/// What hides the secrets of the environment.
fn masks(environment: &Environment, problems: &mut Vec<Problem>, warnings: &mut Vec<String>) -> Arc<Masks> {
    let mut masks = Masks::default();
    for secret in SECRETS {
        let Some(value) = environment.get(secret.name) else { continue };
        let length = value.chars().count();
        let device_id = DeviceId::from_str(value.trim()).ok().filter(|_| secret.issuer == Issuer::Device);
        if let Some(device_id) = device_id {
            masks.hide_credential(device_id.expose(), device_id.to_string());
        } else if secret.issuer == Issuer::Device && Secret::from_str(value.trim()).is_ok() {
            masks.hide_credential(value.trim(), "[hidden]");
        } else if length >= SHORTEST {
            masks.hide_token(&value);
        } else if secret.issuer == Issuer::Service {
            warnings.push(format!(
                "{} has {length} characters. So short a text can be part of any word, and is not hidden in answers and logs: \
                 is it the token as it was issued?",
                secret.name
            ));
        }
        if secret.issuer == Issuer::Merchant && length < SHORTEST_CHOSEN {
            problems.push(too_short(secret.name, length));
        }
    }
    Arc::new(masks)
}

fn too_short(variable: &str, length: usize) -> Problem {
    let message = format!(
        "has {length} characters; set it to {SHORTEST_CHOSEN} or more, such as what `openssl rand -hex 16` prints, or \
         leave it out."
    );
    Problem::new(variable, message)
}

/// The variables that say how the client behaves, whatever API it talks to: the SDK's names, and the documented ones.
const BEHAVIOUR: [(&str, &str); 3] = [
    ("BITNOVO_API_TIMEOUT_MS", "API_TIMEOUT"),
    ("BITNOVO_MAX_RETRIES", "MAX_RETRIES"),
    ("BITNOVO_RETRY_DELAY_MS", "RETRY_DELAY"),
];

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
fn contradictions(environment: &Environment) -> impl Iterator<Item = Problem> {
    let neutral = NEUTRAL.iter().map(|(documented, neutral)| (neutral, documented));
    BEHAVIOUR.iter().map(|(sdk, documented)| (sdk, documented)).chain(neutral).filter_map(
        |(name, documented)| {
            let (one, other) = (environment.get(name)?, environment.get(documented)?);
            let message =
                format!("is not the same as {documented}, which sets the same thing; leave one of them out.");
            (one != other).then(|| Problem::new(name, message))
        },
    )
}

impl Embedded {
    /// The sandbox's own configuration.
    pub(crate) fn sandbox(&self, port: u16) -> payments_sandbox::Config {
        payments_sandbox::Config {
            port,
            device_id: self.device_id,
            device_secret: self.device_secret.clone(),
            ..payments_sandbox::Config::default()
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

/// Everything the environment and the command line decide.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) upstream: Upstream,
    /// `None` when nobody has chosen one: texts are English then, and checkout pages as the API has them.
    pub(crate) language: Option<Language>,
    /// The language of texts for people, and the time zone of their clocks.
    pub(crate) forms: Forms,
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
    /// Whether a sandbox was asked for, with the flag or the variable.
    pub(crate) wants_sandbox: bool,
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
        let mut warnings = environment.warnings();
        let masks = masks(environment, &mut problems, &mut warnings);
        let upstream = upstream(environment, sandbox, &mut problems, &mut warnings);
        let language =
            choice(environment, &mut problems, "BITNOVO_LANGUAGE", "en or es", |text| match text {
                "en" => Some(Some(Language::En)),
                "es" => Some(Some(Language::Es)),
                _ => None,
            });
        let zone = environment.get("PAYMENTS_TIMEZONE").and_then(|name| match TimeZone::get(&name) {
            Ok(zone) => Some(zone),
            Err(_) => {
                let expected = "the IANA name of a time zone, such as Europe/Madrid";
                problems.push(Problem::unexpected("PAYMENTS_TIMEZONE", &name, expected));
                None
            }
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
        problems.extend(contradictions(environment));
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
            forms: Forms { language: language.unwrap_or_default(), zone },
            qr_delivery,
            log_level,
            toolsets,
            limits,
            webhooks,
            masks,
            problems,
            warnings,
            wants_sandbox: sandbox || names_sandbox(environment),
        }
    }

    /// The configuration of a sandbox on its own, with the device of the environment where there is one.
    pub(crate) fn sandbox(&self, port: u16) -> payments_sandbox::Config {
        match &self.upstream {
            Upstream::EmbeddedSandbox(embedded) => embedded.sandbox(port),
            _ => payments_sandbox::Config { port, ..payments_sandbox::Config::default() },
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

/// What decides which API is used.
const UPSTREAM: [&str; 5] = [
    "BITNOVO_DEVICE_ID",
    "BITNOVO_DEVICE_ID_FILE",
    "BITNOVO_BASE_URL",
    "BITNOVO_ENV",
    "BITNOVO_ALLOW_HTTP_LOOPBACK",
];

fn upstream(
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
    // Which API it would be, and how it is asked, is not known: the environment's own problems say so.
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
    let device_id = adopt("BITNOVO_DEVICE_ID", Code::InvalidDeviceId, &|text| {
        DeviceId::from_str(text).map(|_| ()).map_err(|error| error.to_string())
    });
    let device_secret = adopt("BITNOVO_DEVICE_SECRET", Code::InvalidDeviceSecret, &|text| {
        Secret::from_str(text).map(|_| ()).map_err(|error| error.to_string())
    });
    let behaviour =
        BEHAVIOUR.iter().filter_map(|(name, _)| Some((*name, behaviour(environment, name)?))).collect();
    let device_id = device_id.and_then(|text| Uuid::try_parse(&text).ok());
    let embedded = Embedded { device_id, device_secret: device_secret.map(SecretString::from), behaviour };
    // Where the sandbox will listen is not known yet; anything else that is wrong is found now.
    if let Err(errors) = embedded.api("http://127.0.0.1:1", Uuid::nil()) {
        let problem = |error: &bitnovo_pay::ConfigError| {
            Problem::new(&name_given(environment, error.variable()), error.to_string())
        };
        problems.extend(errors.iter().map(problem));
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
    parse(&text.to_ascii_lowercase()).unwrap_or_else(|| {
        problems.push(Problem::unexpected(variable, &text, expected));
        T::default()
    })
}

#[cfg(test)]
mod tests;
