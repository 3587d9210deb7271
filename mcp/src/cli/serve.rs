//! `serve`: MCP over stdio until the client goes away.

use std::{pin::pin, process::ExitCode, sync::Arc, time::Duration};

use rmcp::{ServiceExt, service::ServerInitializeError, transport::stdio_pipes};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{refuse, shutdown, stdin};
use crate::{app::App, config::Config, server::Server};

/// How long calls may go on after their client has gone: enough for answers that are nearly there. The process ends
/// within two seconds.
const LAST_CALLS: Duration = Duration::from_millis(800);

/// What may lie between what was read and what is worked on.
const BUFFER: usize = 64 * 1024;

/// Serves until stdin closes or the process is told to stop. A wrong configuration does not keep it from starting:
/// an agent can only report what a running server tells it.
pub(super) async fn run(config: Config) -> ExitCode {
    for problem in &config.problems {
        tracing::error!("configuration: {problem}");
    }
    let mut end = pin!(shutdown::requested());
    let app = match App::start(config).await {
        Ok(app) => Arc::new(app),
        Err(error) => return refuse(&error.to_string()),
    };
    let code = tokio::select! {
        code = session(&app) => code,
        () = &mut end => ExitCode::SUCCESS,
    };
    app.stop().await;
    code
}

async fn session(app: &Arc<App>) -> ExitCode {
    let (stdin, stdout) = stdio_pipes();
    let gone = CancellationToken::new();
    let (lines, exact) = tokio::io::duplex(BUFFER);
    let _reading = AbortOnDropHandle::new(tokio::spawn(stdin::exactly(stdin, lines, gone.clone())));
    let service = match Server::new(Arc::clone(app)).serve((exact, stdout)).await {
        Ok(service) => service,
        Err(ServerInitializeError::ConnectionClosed(_)) => return ExitCode::SUCCESS,
        Err(error) => return refuse(&format!("The MCP session could not begin: {error}.")),
    };
    let session = service.cancellation_token();
    let overdue = async {
        gone.cancelled().await;
        tokio::time::sleep(LAST_CALLS).await;
    };
    tokio::select! {
        _ = service.waiting() => {}
        () = overdue => session.cancel(),
    }
    ExitCode::SUCCESS
}
