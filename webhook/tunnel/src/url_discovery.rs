//! Finds the address that a tunnel's program prints.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    process::{Program, ProgramEvent, ProgramExit},
    provider::{TunnelError, TunnelFuture, TunnelSession},
};

/// How long a better address may follow one that is only likely.
const BETTER_MAY_FOLLOW: Duration = Duration::from_secs(2);

/// The address in a line.
pub(super) enum Announced {
    /// This is it.
    Address(Url),
    /// This is it, unless a better one follows.
    Perhaps(Url),
    /// Nothing.
    Nothing,
}

/// Why a program has printed no address.
pub(super) enum NoAddress {
    /// It has ended without one.
    Ended(ProgramExit),
    /// It has printed this, and no address in time.
    Deadline(String),
}

/// Waits until the program has printed its address.
pub(super) async fn address(
    program: &mut Program,
    deadline: Duration,
    mut read: impl FnMut(&str) -> Announced,
) -> Result<Url, NoAddress> {
    let mut deadline = Instant::now() + deadline;
    let mut perhaps = None;
    loop {
        match timeout_at(deadline, program.next()).await {
            Ok(ProgramEvent::Line(line)) => match read(&line) {
                Announced::Address(url) => return Ok(url),
                Announced::Perhaps(url) if perhaps.is_none() => {
                    perhaps = Some(url);
                    deadline = deadline.min(Instant::now() + BETTER_MAY_FOLLOW);
                }
                Announced::Perhaps(_) | Announced::Nothing => {}
            },
            Ok(ProgramEvent::Ended(exit)) => return Err(NoAddress::Ended(exit)),
            Err(_) => return perhaps.ok_or_else(|| NoAddress::Deadline(program.output())),
        }
    }
}

/// A program that keeps a tunnel open as long as it runs.
pub(super) struct Running {
    program: Program,
    /// Its name in a message.
    name: String,
}

impl Running {
    /// Keeps a program whose address is known.
    pub(super) fn new(mut program: Program, name: impl Into<String>) -> Box<Self> {
        program.stop_listening();
        Box::new(Self { program, name: name.into() })
    }
}

impl TunnelSession for Running {
    fn ended(&mut self) -> TunnelFuture<'_, TunnelError> {
        Box::pin(async {
            let exit = self.program.ended().await;
            TunnelError::passing(format!("The tunnel is gone with its program, {}: {exit}.", self.name))
        })
    }

    fn close(self: Box<Self>) -> TunnelFuture<'static, ()> {
        Box::pin(self.program.close())
    }
}
