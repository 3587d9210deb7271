//! A process group of its own for each program, so that what the program starts ends with it.

use std::io;
#[cfg(unix)]
use std::process::Stdio;

#[cfg(unix)]
use tokio::process::Child;
use tokio::process::Command;

#[cfg(unix)]
mod runaways;

/// What the guard does: it waits until its input ends, which is when this process ends, however it ends; then it
/// ends the group. The kernel's own means for this need unsafe code, and exist on Linux only.
#[cfg(unix)]
const GUARD: &str = "trap '' TERM; read -r _; kill -s TERM 0; sleep 1; kill -s KILL 0";

/// A process group. Its leader is a guard, a small shell, which ends the group should this process be killed without a
/// chance to do so; and as long as the guard has not been waited for, the group's number cannot become another's.
#[cfg(unix)]
pub(super) struct Group {
    guard: Child,
    id: rustix::process::Pid,
}

#[cfg(unix)]
impl Group {
    /// A new group.
    pub(super) fn new() -> io::Result<Self> {
        let guard = Command::new("/bin/sh")
            .args(["-c", GUARD])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = guard.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        Ok(Self { guard, id: id.ok_or_else(|| io::Error::other("a process without a number"))? })
    }

    /// Has the command start in this group, marked as ours.
    pub(super) fn adopt(&self, command: &mut Command) {
        command.process_group(self.id.as_raw_nonzero().get());
        command.env(runaways::MARK, self.mark());
    }

    /// Asks every process of the group to end, and those that have left it.
    pub(super) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Ends every process of the group at once, the guard too, and those that have left it.
    pub(super) fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let _ = rustix::process::kill_process_group(self.id, signal);
        runaways::signal(&self.mark(), signal);
    }

    /// Certainly ours: as long as the guard has not been waited for, its number is taken.
    fn mark(&self) -> String {
        format!("{}-{}", std::process::id(), self.id.as_raw_nonzero())
    }

    /// Waits until the guard has ended, after [`kill`](Self::kill).
    pub(super) async fn wait(&mut self) {
        let _ = self.guard.wait().await;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        // Once the guard has been waited for, the number may belong to another process.
        if self.guard.id().is_some() {
            self.kill();
        }
    }
}

/// Elsewhere the program alone is ended, and not what it has started.
#[cfg(not(unix))]
pub(super) struct Group;

#[cfg(not(unix))]
impl Group {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) fn adopt(&self, _: &mut Command) {}

    pub(super) fn terminate(&self) {}

    pub(super) fn kill(&self) {}

    pub(super) async fn wait(&mut self) {}
}
