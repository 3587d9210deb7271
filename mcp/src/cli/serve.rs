//! `serve`: MCP over stdio until the client goes away.

use std::{
    io,
    pin::{Pin, pin},
    process::ExitCode,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use rmcp::{ServiceExt, service::ServerInitializeError, transport::stdio_pipes};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;

use super::{refuse, shutdown};
use crate::{app::App, config::Config, server::Server};

/// How long calls may go on after their client has gone: enough for answers that are nearly there. The process ends
/// within two seconds.
const LAST_CALLS: Duration = Duration::from_millis(800);

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
    let stdin = Watched { stdin, gone: gone.clone() };
    let service = match Server::new(Arc::clone(app)).serve((stdin, stdout)).await {
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

/// Standard input, whose end is noticed although calls are still being worked on.
struct Watched<R> {
    stdin: R,
    gone: CancellationToken,
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stdin).poll_read(context, buffer));
        if read.is_err() || buffer.filled().len() == before {
            self.gone.cancel();
        }
        Poll::Ready(read)
    }
}
