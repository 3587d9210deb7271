//! `serve`: MCP over stdio until the client goes away.

use std::{process::ExitCode, sync::Arc};

use rmcp::{ServiceExt, transport::stdio_pipes};

use super::{refuse, shutdown};
use crate::{app::App, config::Config, server::Server};

/// Serves until stdin closes or the process is told to stop. A wrong configuration does not keep it from starting:
/// an agent can only report what a running server tells it.
pub(super) async fn run(config: Config) -> ExitCode {
    for problem in &config.problems {
        tracing::error!("configuration: {problem}");
    }
    let app = match App::start(config).await {
        Ok(app) => Arc::new(app),
        Err(error) => return refuse(&error.to_string()),
    };
    let service = match Server::new(Arc::clone(&app)).serve(stdio_pipes()).await {
        Ok(service) => service,
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return ExitCode::SUCCESS,
        Err(error) => return refuse(&format!("The MCP session could not begin: {error}.")),
    };
    let end = shutdown::requested();
    let session = service.cancellation_token();
    tokio::select! {
        _ = service.waiting() => {}
        () = end => session.cancel(),
    }
    app.stop().await;
    ExitCode::SUCCESS
}
