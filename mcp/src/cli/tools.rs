//! `tools`: what the server offers, as a table or exactly as `tools/list` answers.

use std::{collections::BTreeSet, process::ExitCode};

use serde_json::json;

use super::{not_configured, output::line, refuse};
use crate::app::App;
use crate::config::Config;
use crate::protocol::registry::{Available, Unlisted};

/// What decides which tools there are. Everything else can be missing: the list needs no account.
const DECIDES: [&str; 3] = ["BITNOVO_TOOLSETS", "BITNOVO_READ_ONLY", "WEBHOOK_ENABLED"];

pub(super) fn run(mut config: Config, json: bool) -> ExitCode {
    config.problems.retain(|problem| DECIDES.contains(&problem.variable.as_str()));
    if !config.problems.is_empty() {
        return not_configured(&config, &config.problems);
    }
    let server = App::idle(config).server();
    if json {
        return match serde_json::to_string(&json!({ "tools": server.tools() })) {
            Ok(list) => {
                line(list);
                ExitCode::SUCCESS
            }
            Err(error) => refuse(&format!("The list cannot be written as JSON: {error}.")),
        };
    }
    let routes = server.routes();
    let providers: BTreeSet<_> = routes.iter().filter_map(|route| route.backend().provider()).collect();
    for route in routes {
        let listed = match server.unlisted(route) {
            None => "",
            Some(Unlisted::ReadOnly) => "  (disabled by BITNOVO_READ_ONLY)",
            Some(Unlisted::WithoutWebhooks) => "  (listed with WEBHOOK_ENABLED=true)",
            Some(Unlisted::NotSelected) if route.row.available == Available::Sandbox => {
                "  (listed with BITNOVO_TOOLSETS=default,sandbox)"
            }
            Some(Unlisted::NotSelected | Unlisted::NotConfigured) => "  (not listed)",
        };
        // Of a single provider there is nothing to tell apart.
        let provider = route.backend().provider().filter(|_| providers.len() > 1);
        let provider = provider.map(|provider| format!("  [{provider}]")).unwrap_or_default();
        line(format!("{}{provider}{listed}\n    {}", route.row.name, route.row.summary));
    }
    ExitCode::SUCCESS
}
