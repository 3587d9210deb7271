//! `call`: one tool call without an agent.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde_json::{Map, Value, value::RawValue};

use super::{check, exit, image_file, output::line, refuse, serve::LAST_CALLS, shutdown, usage};
use crate::answer::failure::{Code, Failure};
use crate::answer::reply::Answer;
use crate::app::App;
use crate::app::offer::provider_of;
use crate::config::{Config, QrDelivery};
use crate::logging;
use crate::protocol::elicitation::with_token;
use crate::protocol::route::Caller;
use crate::protocol::server::Server;
use crate::safety::exact_json;
use crate::safety::surrogates::without_lone_surrogates;

pub(super) async fn run(
    mut config: Config,
    tool: &str,
    arguments: &str,
    save_qr: Option<PathBuf>,
    yes: bool,
) -> ExitCode {
    let arguments: Map<String, Value> =
        match serde_json::from_str::<Box<RawValue>>(&without_lone_surrogates(arguments)) {
            Ok(raw) => match exact_json::arguments(&raw) {
                Value::Object(arguments) => arguments,
                _ => return usage("The arguments must be one JSON object, such as '{\"amount_eur\": 5}'."),
            },
            Err(error) => {
                let message = format!(
                    "The arguments must be one JSON object, such as '{{\"amount_eur\": 5}}': {error}."
                );
                return usage(&message);
            }
        };
    if let Err(code) = check(&config, provider_of(tool)) {
        return code;
    }
    let end = shutdown::requested();
    // A resource URI is of no use after this process has ended.
    config.qr_delivery = QrDelivery::DataUri;
    let app = match App::start(config).await {
        Ok(app) => app,
        Err(error) => return refuse(&error.to_string()),
    };
    let server = app.server();
    let overdue = async {
        end.await;
        tokio::time::sleep(LAST_CALLS).await;
    };
    // A create that is stopped may have created an order: the log has the key that finds it.
    let result = tokio::select! {
        result = answer(&server, tool, arguments, yes) => Some(result),
        () = overdue => None,
    };
    app.stop().await;
    let Some(result) = result else {
        return refuse("The call was stopped before it returned.");
    };
    let Some(result) = result else {
        return usage(&format!("There is no tool {tool:?}. See: bitnovo-pay-mcp tools"));
    };
    let (result, code) = match result {
        Ok(mut answer) => {
            // The payment exists: a picture that cannot be saved must not hide it.
            if let Some(directory) = &save_qr
                && let Err(error) = save(&mut answer, directory)
            {
                logging::say(&format!("The QR codes cannot be saved in {}: {error}.", directory.display()));
            }
            (Ok(answer), ExitCode::SUCCESS)
        }
        Err(failure) => {
            let code = ExitCode::from(exit_code(failure.code));
            (Err(failure), code)
        }
    };
    let result = server.render(tool, result);
    let shown = match &result.structured_content {
        Some(structured) => serde_json::to_string_pretty(structured).ok(),
        None => result.content.first().and_then(|block| block.as_text()).and_then(|text| pretty(&text.text)),
    };
    match shown {
        Some(shown) => line(shown),
        None => return ExitCode::from(exit::REFUSED),
    }
    code
}

/// Calls the tool, and once more when the command line approves the payment. `None` when there is no such tool.
async fn answer(
    server: &Server,
    tool: &str,
    mut arguments: Map<String, Value>,
    yes: bool,
) -> Option<Result<Answer, Failure>> {
    let result = server.call(tool, arguments.clone(), Caller::default()).await?;
    let Err(Failure { confirmation: Some(question), .. }) = &result else { return Some(result) };
    // A token is valid only in the process that made it, so approval is a flag.
    if yes {
        with_token(&mut arguments, question.token.clone());
        return server.call(tool, arguments, Caller::default()).await;
    }
    logging::say(&question.text);
    let action = "Show the merchant the amount. When they approve it, run the same command with --yes.";
    Some(result.map_err(|failure| failure.next(action)))
}

fn pretty(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    serde_json::to_string_pretty(&value).ok()
}

pub(super) fn exit_code(code: Code) -> u8 {
    match code {
        Code::ApiTimeout | Code::ApiUnavailable => exit::API_UNAVAILABLE,
        Code::NotConfigured => exit::NOT_CONFIGURED,
        _ => exit::REFUSED,
    }
}

/// Writes each picture into the directory and puts its path where the data URI was.
fn save(answer: &mut Answer, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let fields: Vec<String> =
        answer.structured.keys().filter(|name| name.starts_with("qr_")).cloned().collect();
    let identifier = answer.identifier().unwrap_or("payment").to_owned();
    for picture in &answer.pictures {
        let uri = picture.data_uri();
        let field = fields.iter().find(|field| {
            answer.structured.get(*field).and_then(Value::as_str).is_some_and(|value| value == uri)
        });
        if let Some(field) = field {
            let path = directory.join(format!("{identifier}-{field}.png"));
            image_file::write(&path, &picture.png)?;
            answer.structured.insert(field.clone(), path.display().to_string().into());
        }
    }
    Ok(())
}
