//! What the provider's tools share, and what it promises about them.

use chrono::{TimeDelta, Utc};
use payments_core::store::Namespace;
use payments_webhook::Provider;
use secrecy::{ExposeSecret as _, SecretString};

use crate::answer::code::Code;
use crate::answer::failure::{Failure, Outcome, ProviderErrors};
use crate::config::variables::LimitVariables;
use crate::config::{Environment, Limits};
use crate::limits::Gate;
use crate::protocol::backend::{Backend, LimitedBackend};
use crate::safety::redaction::vocabulary::Fields;
use crate::test_provider::client::{Client, Error, connect, types};

pub(crate) const PROVIDER: Provider = Provider { id: "till", name: "Till" };

static ERRORS: ProviderErrors = ProviderErrors {
    provider: PROVIDER,
    next_action: |code| match code {
        Code::PaymentNotFound => Some("Look for the charge at the till."),
        Code::NotConfigured => Some("Set TILL_KEY."),
        _ => None,
    },
    spanish: |_| None,
};

pub(crate) static FIELDS: Fields = Fields {
    exact: &["charge", "state"],
    free: &[],
    names: &["create_charge", "read_charge", "amount", "currency"],
};

static LIMITS: LimitVariables = LimitVariables {
    max_amount: "TILL_MAX_AMOUNT",
    daily_limit: "TILL_DAILY_LIMIT",
    confirm_over: "TILL_CONFIRM_OVER",
    redirect_hosts: "TILL_REDIRECT_HOSTS",
    currency: |code| code.parse().map_err(|error: payments_core::UnknownFiatCurrency| error.to_string()),
};

pub(crate) struct Context {
    account: Option<(SecretString, Client)>,
    gate: Gate,
}

impl LimitedBackend for Context {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl Context {
    /// `account`: where the API is, and the key; `None` while there is none.
    pub(crate) fn new(account: Option<(&str, &str)>) -> Self {
        let account = account.map(|(url, key)| (SecretString::from(key), connect(url, key.into())));
        let variables = |name: &str| match name {
            "TILL_MAX_AMOUNT" => Some("1000 EUR".into()),
            "TILL_CONFIRM_OVER" => Some("500 EUR".into()),
            _ => None,
        };
        let environment = Environment::new(variables, |_| Err(bitnovo_pay::SecretFileError::NotText));
        let limits = Limits::read(&environment, &LIMITS, &mut Vec::new());
        let namespace = Namespace::new(PROVIDER.id, "", "");
        let gate = Gate::new(limits, namespace, [7; 64], TimeDelta::zero(), Utc::now);
        Self { account, gate }
    }

    pub(super) fn client(&self) -> Result<&Client, Failure> {
        let account = self.account.as_ref();
        account
            .map(|(_, client)| client)
            .ok_or_else(|| Failure::new(Code::NotConfigured, "The till has no key: set TILL_KEY."))
    }
}

/// What an error of the API means. An answer that is missing tells nothing about what exists.
pub(super) fn failure(error: &Error<types::Refusal>) -> Failure {
    match error {
        Error::ErrorResponse(refusal) if refusal.status() == 404 => {
            Failure::new(Code::PaymentNotFound, "The till has no such charge.")
        }
        Error::ErrorResponse(refusal) => {
            let why = refusal.error.clone().unwrap_or_default();
            Failure::new(Code::ApiError, format!("The till refused: {why}.")).outcome(Outcome::NotCreated)
        }
        _ => Failure::new(Code::ApiUnavailable, "The till has failed."),
    }
}

impl Backend for Context {
    fn provider(&self) -> Option<Provider> {
        Some(PROVIDER)
    }

    fn errors(&self) -> Option<&'static ProviderErrors> {
        Some(&ERRORS)
    }

    fn is_configured(&self) -> bool {
        self.account.is_some()
    }

    fn is_sandbox(&self) -> bool {
        false
    }

    fn account(&self) -> Option<String> {
        let (key, _) = self.account.as_ref()?;
        let end: String =
            key.expose_secret().chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
        Some(format!("key …{end}"))
    }

    fn instructions(&self) -> Option<&'static str> {
        Some("Charge with create_charge.")
    }
}
