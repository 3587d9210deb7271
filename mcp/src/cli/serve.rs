//! `serve`: MCP over stdio until the client disconnects.

use std::{process::ExitCode, time::Duration};

use rmcp::service::serve_directly;
use tokio_util::sync::CancellationToken;

use super::{refuse, shutdown};
use crate::app::App;
use crate::config::Config;
use crate::protocol::stdio::Stdio;

/// How long calls may go on after their client has gone: enough for answers that are nearly there. The process ends
/// within two seconds.
pub(super) const LAST_CALLS: Duration = Duration::from_millis(800);

/// Serves until stdin closes or a signal arrives. A wrong configuration does not keep the server from starting: an agent
/// can report only what a running server returns.
pub(super) async fn run(config: Config) -> ExitCode {
    for problem in &config.problems {
        tracing::error!("configuration: {problem}");
    }
    let end = shutdown::requested();
    let app = match App::start(config).await {
        Ok(app) => app,
        Err(error) => return refuse(&error.to_string()),
    };
    // A signal has the same effect as the end of stdin: no new calls, and a moment for those in flight.
    let (gone, stopping) = (CancellationToken::new(), CancellationToken::new());
    let ending = async {
        tokio::select! {
            () = end => {
                stopping.cancel();
                gone.cancel();
            }
            () = gone.cancelled() => {}
        }
        app.stop().await;
    };
    let session = async {
        session(&app, &gone, stopping.clone()).await;
        gone.cancel();
    };
    tokio::join!(session, ending);
    ExitCode::SUCCESS
}

async fn session(app: &App, gone: &CancellationToken, stopping: CancellationToken) {
    let client = Stdio::open(gone.clone(), stopping);
    // Without the library's own handshake, which ends the process for a client's mistake.
    let service = serve_directly(app.server(), client, None);
    let session = service.cancellation_token();
    let overdue = async {
        gone.cancelled().await;
        tokio::time::sleep(LAST_CALLS).await;
    };
    tokio::select! {
        _ = service.waiting() => {}
        () = overdue => session.cancel(),
    }
}
