//! The signals that end the process.

/// Completes when the process should end: Ctrl-C, or, where there are such signals, SIGTERM and the SIGHUP of a terminal
/// that was closed. It listens from the call on, not only from the first poll.
pub(super) fn requested() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    };
    async move {
        #[cfg(unix)]
        if let (Ok(mut terminate), Ok(mut hangup)) = signals {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = hangup.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}
