//! The only reader of the environment. It reports every problem at once; after it there are only plain values.

pub(crate) mod bitnovo;
mod environment;
pub(crate) mod forms;
pub(crate) mod limits;
mod problem;
mod reader;
pub(crate) mod receiver;
mod secrets;
mod toolsets;
mod tunnel;
pub(crate) mod variables;
mod webhooks;

use std::sync::Arc;

use jiff::tz::TimeZone;
use payments_core::Language;
use payments_webhook::Provider;

use crate::answer;
use crate::answer::code::Code;
use crate::config::bitnovo::Bitnovo;
use crate::config::environment::contradiction;
use crate::config::forms::Forms;
use crate::config::variables::server::NEUTRAL;
use crate::logging::LogLevel;
use crate::safety::redaction::Redaction;
use crate::safety::redaction::vocabulary::{Fields, Vocabulary};

pub(crate) use environment::Environment;
pub(crate) use limits::Limits;
pub(crate) use problem::{Problem, unusable};
pub(crate) use toolsets::{KnownTool, Toolsets};
pub(crate) use tunnel::TunnelChoice;
pub(crate) use webhooks::{WebhookConfig, WebhookSettings};

/// How a QR code stands in a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum QrDelivery {
    /// A URI that `resources/read` answers.
    #[default]
    Resource,
    /// The picture itself. A branded one costs a model ten thousand tokens and more.
    DataUri,
}

/// The names of the variables that hold secrets, for tests that look for their values.
#[must_use]
pub fn secret_variables() -> Vec<&'static str> {
    variables::secrets().map(|secret| secret.name).collect()
}

/// What the server offers: the tools that a selection can name, and the fields of their results.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) tools: fn() -> Vec<KnownTool>,
    pub(crate) fields: &'static [&'static Fields],
}

impl Offer {
    /// No tools at all, for tests.
    #[cfg(test)]
    pub(crate) const NOTHING: Self = Self { tools: Vec::new, fields: &[] };

    fn vocabulary(self) -> Vocabulary {
        let rooms = self.fields.iter().copied().chain([&answer::fields::FIELDS]);
        let codes = Code::ALL.iter().map(|code| code.as_str());
        Vocabulary::new(rooms).with_names(variables::names().chain(codes))
    }
}

/// Everything the environment and the command line decide.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) bitnovo: Bitnovo,
    /// `None` when nothing chooses one: texts are English then, and checkout pages as the API has them.
    pub(crate) language: Option<Language>,
    /// The language of texts for people, and the time zone of their clocks.
    pub(crate) forms: Forms,
    pub(crate) qr_delivery: QrDelivery,
    /// `None`: the command's own default.
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) toolsets: Toolsets,
    /// Whether only tools that read are offered.
    pub(crate) read_only: bool,
    pub(crate) webhooks: WebhookConfig,
    /// What must not be shown, wherever it is repeated.
    pub(crate) redaction: Arc<Redaction>,
    /// What cannot be used. A server starts all the same and says so; a command refuses.
    pub(crate) problems: Vec<Problem>,
    /// What can be used and is probably not meant.
    pub(crate) warnings: Vec<String>,
    /// Whether a sandbox was asked for, with the flag or the variable.
    pub(crate) wants_sandbox: bool,
}

impl Config {
    /// Reads the environment. `sandbox` is the flag, which wins over the variables that name an API.
    pub(crate) fn from_environment(environment: &Environment, sandbox: bool, offer: Offer) -> Self {
        let mut problems = environment.problems();
        let mut warnings = environment.warnings();
        let redaction = secrets::redaction(environment, offer.vocabulary(), &mut problems, &mut warnings);
        let mut bitnovo = Bitnovo::read(environment, sandbox, &mut problems, &mut warnings);
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
        problems.extend(
            NEUTRAL
                .iter()
                .filter_map(|(documented, neutral)| contradiction(environment, neutral, documented)),
        );
        let (toolsets, read_only, in_the_way) = toolsets::read(environment, offer.tools, &mut problems);
        bitnovo.limits.problems.extend(in_the_way);
        let webhooks = webhooks::read(environment, bitnovo.is_sandbox(), &mut problems);
        Self {
            wants_sandbox: sandbox || bitnovo::upstream::names_sandbox(environment),
            bitnovo,
            language,
            forms: Forms { language: language.unwrap_or_default(), zone },
            qr_delivery,
            log_level,
            toolsets,
            read_only,
            webhooks,
            redaction: Arc::new(redaction),
            problems,
            warnings,
        }
    }

    /// The problems that keep `provider` from being used: its own and those of the server.
    pub(crate) fn problems_of(&self, provider: Provider) -> Vec<Problem> {
        let concerns = |problem: &&Problem| problem.provider().is_none_or(|owner| owner == provider);
        self.problems.iter().filter(concerns).cloned().collect()
    }

    /// The problems that keep a command from working that needs `provider`, or any provider at all when there is none.
    pub(crate) fn problems_for(&self, provider: Option<Provider>) -> Vec<Problem> {
        let usable = || variables::providers().find(|provider| self.problems_of(*provider).is_empty());
        match provider.or_else(usable) {
            Some(provider) => self.problems_of(provider),
            None => self.problems.clone(),
        }
    }

    /// The limits in force, for the log; empty when there are none.
    pub(crate) fn limits_in_words(&self) -> String {
        let mut limits = Vec::from_iter(self.read_only.then(|| "read only".to_owned()));
        limits.extend(self.bitnovo.limits.in_words());
        limits.extend(self.toolsets.in_words().map(|words| format!("tools {words}")));
        limits.join("; ")
    }

    /// Whether webhooks are enabled, usable or not. Their tools are listed then, and report what is wrong.
    pub(crate) fn wants_webhooks(&self) -> bool {
        !matches!(self.webhooks, WebhookConfig::Off)
    }
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
