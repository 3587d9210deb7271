//! `call`: one tool call without an agent.

#![expect(clippy::print_stdout, reason = "printing is what this command does")]

use std::{fs, io, path::{Path, PathBuf}, process::ExitCode, sync::Arc};

use serde_json::{Map, Value};

use super::{exit, not_configured, refuse};
use crate::{app::App, config::{Config, QrDelivery}, reply::{Answer, into_result}, server::Server};

pub(super) async fn run(mut config: Config, tool: &str, arguments: &str, save_qr: Option<PathBuf>) -> ExitCode {
    let arguments: Map<String, Value> = match serde_json::from_str(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("The arguments must be one JSON object, such as '{{\"amount_eur\": 5}}': {error}.");
            return ExitCode::from(2);
        }
    };
    if !config.problems.is_empty() {
        return not_configured(&config);
    }
    // A resource URI is of no use after this process has ended.
    config.qr_delivery = QrDelivery::DataUri;
    let app = match App::start(config).await {
        Ok(app) => Arc::new(app),
        Err(error) => return refuse(&error.to_string()),
    };
    let sandbox = app.is_sandbox();
    let Some(result) = Server::new(app).call(tool, arguments).await else {
        eprintln!("There is no tool {tool:?}. See: bitnovo-pay-mcp tools");
        return ExitCode::from(2);
    };
    let (result, code) = match result {
        Ok(answer) => match save_qr.map_or(Ok(answer), |directory| save(answer, &directory)) {
            Ok(answer) => (Ok(answer), ExitCode::SUCCESS),
            Err(error) => return refuse(&format!("The QR codes cannot be saved: {error}.")),
        },
        Err(failure) => {
            let code = ExitCode::from(failure.exit_code());
            (Err(failure), code)
        }
    };
    let result = into_result(result, sandbox);
    let shown = match &result.structured_content {
        Some(structured) => serde_json::to_string_pretty(structured).ok(),
        None => result.content.first().and_then(|block| block.as_text()).map(|text| text.text.clone()),
    };
    match shown {
        Some(shown) => println!("{shown}"),
        None => return ExitCode::from(exit::REFUSED),
    }
    code
}

/// Writes each picture into the directory and puts its path where the data URI was.
fn save(mut answer: Answer, directory: &Path) -> io::Result<Answer> {
    fs::create_dir_all(directory)?;
    let fields: Vec<String> = answer.structured.keys().filter(|name| name.starts_with("qr_")).cloned().collect();
    let identifier = answer.identifier().unwrap_or("payment").to_owned();
    for picture in &answer.pictures {
        let uri = picture.data_uri();
        let field = fields.iter().find(|field| {
            answer.structured.get(*field).and_then(Value::as_str).is_some_and(|value| value == uri)
        });
        if let Some(field) = field {
            let path = directory.join(format!("{identifier}-{field}.png"));
            fs::write(&path, &picture.png)?;
            answer.structured.insert(field.clone(), path.display().to_string().into());
        }
    }
    Ok(answer)
}
