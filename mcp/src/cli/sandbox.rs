//! `sandbox`: the simulator alone, for a second terminal or another program.

use std::process::ExitCode;

use serde_json::json;

use super::{check, output::line, refuse, shutdown};
use crate::config::Config;
use payments_webhook::scheme::bitnovo::PROVIDER;

pub(super) async fn run(config: &Config, port: u16, json: bool) -> ExitCode {
    if let Err(code) = check(config, Some(PROVIDER)) {
        return code;
    }
    let sandbox = match payments_sandbox::Sandbox::start(config.bitnovo.sandbox(port)).await {
        Ok(sandbox) => sandbox,
        Err(error) => return refuse(&format!("The sandbox cannot start: {error}")),
    };
    let end = shutdown::requested();
    let base_url = sandbox.base_url();
    let (device_id, secret) = (sandbox.device_id().to_string(), sandbox.device_secret().to_owned());
    // What was invented is printed; what the environment gave is there already, and never shown.
    let masked = |text: &str| config.redaction.masked(text);
    if json {
        let shown = |text: String| masked(&text).unwrap_or(text);
        let ready =
            json!({ "base_url": base_url, "device_id": shown(device_id), "device_secret": shown(secret) });
        line(ready);
    } else {
        line("The sandbox is ready; no money in it is real. In a second terminal:\n");
        line("export BITNOVO_ENV=sandbox");
        line(format!("export BITNOVO_BASE_URL={base_url}"));
        line("export BITNOVO_ALLOW_HTTP_LOOPBACK=true");
        for (name, value) in [("BITNOVO_DEVICE_ID", device_id), ("BITNOVO_DEVICE_SECRET", secret)] {
            if masked(&value).is_none() {
                line(format!("export {name}={value}"));
            }
        }
        line(format!("\nControl it under {base_url}/_sandbox/ (docs/sandbox.md). Ctrl-C ends it."));
    }
    end.await;
    sandbox.stop().await;
    ExitCode::SUCCESS
}
