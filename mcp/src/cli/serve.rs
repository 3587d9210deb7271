//! `serve`: MCP over stdio until the client goes away.

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

/// Serves until stdin closes or the process is told to stop. A wrong configuration does not keep it from starting:
/// an agent can only report what a running server tells it.
pub(super) async fn run(config: Config) -> ExitCode {
    for problem in &config.problems {
        tracing::error!("configuration: {problem}");
    }
    let end = shutdown::requested();
    let app = match App::start(config).await {
        Ok(app) => app,
        Err(error) => return refuse(&error.to_string()),
    };
    // Being told to end is the same as the end of stdin: no more calls are taken, and those in flight get a moment.
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
