//! All variables there are: the server's and every provider's.

pub(crate) mod bitnovo;
pub(crate) mod server;

use payments_core::FiatCurrency;
use payments_webhook::Provider;

use server::CERTIFICATE;

/// Who issues a secret, which decides how short it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// The provider, in a shape of its own: any other value is an error that its provider reports.
    Provider,
    /// Another service. What it issues is what there is.
    Service,
    /// The merchant.
    Merchant,
}

/// A variable that holds a secret. The secret can stand in a file instead: `NAME_FILE` holds its path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretVariable {
    pub(crate) name: &'static str,
    pub(crate) issuer: Issuer,
    /// What stands in the place of a value whose shape nothing else has, such as 64 hex digits. Such a value is hidden in
    /// amounts and identifiers too; any other value only in free text.
    pub(crate) shown: fn(&str) -> Option<String>,
}

impl SecretVariable {
    const fn without_shape(name: &'static str, issuer: Issuer) -> Self {
        Self { name, issuer, shown: |_| None }
    }
}

/// The variables of one provider, or of the server.
#[derive(Debug)]
pub(crate) struct Variables {
    /// Whose they are; `None`: the server's.
    pub(crate) provider: Option<Provider>,
    pub(crate) secrets: &'static [SecretVariable],
    pub(crate) settings: &'static [&'static str],
    /// Those of the settings that limit what an agent can do.
    pub(crate) limits: &'static [&'static str],
}

/// The names of the variables that hold a provider's limits.
#[derive(Debug)]
pub(crate) struct LimitVariables {
    pub(crate) max_amount: &'static str,
    pub(crate) daily_limit: &'static str,
    pub(crate) confirm_over: &'static str,
    pub(crate) redirect_hosts: &'static str,
    /// Reads the code of a currency in which the provider can charge, or says which there are.
    pub(crate) currency: fn(&str) -> Result<FiatCurrency, String>,
}

static TABLES: [&Variables; 2] = [&bitnovo::VARIABLES, &server::VARIABLES];

/// Every secret. Reading, redaction and the tests of redaction go through this list.
pub(crate) fn secrets() -> impl Iterator<Item = &'static SecretVariable> {
    TABLES.iter().flat_map(|table| table.secrets)
}

/// Every variable, but for the `_FILE` ones.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    secrets().map(|secret| secret.name).chain(TABLES.iter().flat_map(|table| table.settings).copied())
}

/// The variables that a file can stand for.
pub(crate) fn in_files() -> impl Iterator<Item = &'static str> {
    secrets().map(|secret| secret.name).chain([CERTIFICATE])
}

/// The variables that limit what an agent can do.
pub(crate) fn limits() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|table| table.limits).copied()
}

/// Every provider there is.
pub(crate) fn providers() -> impl Iterator<Item = Provider> {
    TABLES.iter().filter_map(|table| table.provider)
}

/// The provider whose variable, or its `_FILE`, this is; `None` when it is the server's.
pub(crate) fn provider_of(variable: &str) -> Option<Provider> {
    let name = variable.strip_suffix("_FILE").unwrap_or(variable);
    let holds = |table: &&&Variables| {
        table.settings.contains(&name) || table.secrets.iter().any(|secret| secret.name == name)
    };
    TABLES.iter().find(holds).and_then(|table| table.provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A variable that is missing here would be skipped when what is not UTF-8 is looked for.
    #[test]
    fn every_documented_variable_is_known() {
        let page = include_str!("../../../docs/environment.md");
        let first_cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let documented: Vec<&str> = first_cells.flat_map(|cell| cell.split("`, `")).collect();
        assert!(documented.len() > 30, "{documented:?}");
        for name in documented.iter().map(|name| name.trim_end_matches('`')) {
            let name = name.strip_suffix("_FILE").unwrap_or(name);
            assert!(names().any(|known| known == name), "{name}");
        }
        assert!(names().eq(names().filter(|name| name.to_ascii_uppercase() == **name)));
    }

    #[test]
    fn a_variable_belongs_to_its_provider_and_one_that_holds_for_all_to_none() {
        let bitnovo = bitnovo::VARIABLES.provider;
        for (variable, provider) in [
            ("BITNOVO_DEVICE_ID", bitnovo),
            ("BITNOVO_DEVICE_ID_FILE", bitnovo),
            ("MAX_RETRIES", bitnovo),
            ("BITNOVO_LANGUAGE", None),
            ("WEBHOOK_PORT", None),
        ] {
            assert_eq!(provider_of(variable), provider, "{variable}");
        }
        let limits: Vec<&str> = limits().collect();
        assert!(limits.iter().all(|limit| names().any(|name| name == *limit)), "{limits:?}");
    }
}
