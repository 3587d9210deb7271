//! Noticing that the other end of a pipe is closed, before anything is read from it or written to it.

#[cfg(unix)]
use tokio::io::Interest;

/// A stream that is open as long as the process is.
#[cfg(unix)]
pub(super) trait StandardStream: std::os::fd::AsRawFd {
    /// What it is there for. The two may be one socket, of which the client has closed its sending side only.
    const INTEREST: Interest;
}
#[cfg(unix)]
impl StandardStream for std::io::Stdin {
    const INTEREST: Interest = Interest::READABLE;
}
#[cfg(unix)]
impl StandardStream for std::io::Stdout {
    const INTEREST: Interest = Interest::WRITABLE;
}

#[cfg(unix)]
#[expect(
    deprecated,
    reason = "the other way is unsafe code; a standard stream is never closed or replaced here"
)]
pub(super) async fn closed<Pipe: StandardStream>(pipe: Pipe) {
    use tokio::io::unix::AsyncFd;

    let interest = Pipe::INTEREST | Interest::ERROR;
    // A file has no other end, and cannot be watched.
    let Ok(pipe) = AsyncFd::with_interest(pipe, interest) else {
        return std::future::pending().await;
    };
    while let Ok(mut guard) = pipe.ready(interest).await {
        let ready = guard.ready();
        if ready.is_error() || ready.is_read_closed() || ready.is_write_closed() {
            return;
        }
        guard.clear_ready();
    }
    std::future::pending().await
}

/// Only reading and writing shows it here.
#[cfg(not(unix))]
pub(super) async fn closed<Pipe>(_pipe: Pipe) {
    std::future::pending().await
}
