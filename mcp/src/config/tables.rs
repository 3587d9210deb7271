//! All variables there are: the server's and every provider's.

use payments_webhook::Provider;

use crate::config::bitnovo;
use crate::config::variables::{CERTIFICATE, SERVER, SecretVariable, Variables};

static TABLES: [&Variables; 2] = [&bitnovo::variables::VARIABLES, &SERVER];

/// Every secret there is. What reads secrets, hides them and tests that they are hidden goes through this list.
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
        let bitnovo = bitnovo::variables::VARIABLES.provider;
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
