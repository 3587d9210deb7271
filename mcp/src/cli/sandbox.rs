//! `sandbox`: the simulator alone, for a second terminal or another program.

use std::process::ExitCode;

use super::{not_configured, output::line, refuse, shutdown};
use crate::config::Config;

pub(super) async fn run(config: &Config, port: u16, json: bool) -> ExitCode {
    if !config.problems.is_empty() {
        return not_configured(config);
    }
    let sandbox = match bitnovo_pay_sandbox::Sandbox::start(config.sandbox(port)).await {
        Ok(sandbox) => sandbox,
        Err(error) => return refuse(&format!("The sandbox cannot start: {error}")),
    };
    let end = shutdown::requested();
    // What was invented is printed; what the environment gave is there already, and never shown.
    let shown = |text: String| config.masks.masked(&text).unwrap_or(text);
    let base_url = sandbox.base_url();
    let device_id = shown(sandbox.device_id().to_string());
    let secret = shown(sandbox.device_secret().to_owned());
    if json {
        let ready =
            serde_json::json!({ "base_url": base_url, "device_id": device_id, "device_secret": secret });
        line(ready);
    } else {
        line(format!(
            "The sandbox is ready; no money in it is real. In a second terminal:\n\n\
             export BITNOVO_ENV=sandbox\n\
             export BITNOVO_BASE_URL={base_url}\n\
             export BITNOVO_ALLOW_HTTP_LOOPBACK=true\n\
             export BITNOVO_DEVICE_ID={device_id}\n\
             export BITNOVO_DEVICE_SECRET={secret}\n\n\
             Steer it under {base_url}/_sandbox/ (README: Sandbox). Ctrl-C ends it."
        ));
    }
    end.await;
    sandbox.stop().await;
    ExitCode::SUCCESS
}
