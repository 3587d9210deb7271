//! Processes that a program has started and that have left its group, as daemons do with `setsid`. What they inherited
//! and cannot change is their environment as it was at their start.

use rustix::process::Signal;

/// The variable that marks what belongs to a group.
pub(super) const MARK: &str = "PAYMENTS_TUNNEL_GROUP";

/// Sends the signal to every process with the mark. Linux alone shows the environment of other processes; elsewhere
/// there are none.
#[cfg(target_os = "linux")]
pub(super) fn signal(mark: &str, signal: Signal) {
    use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};

    let wanted = format!("{MARK}={mark}");
    let Ok(processes) = std::fs::read_dir("/proc") else { return };
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    for id in ids.filter_map(Pid::from_raw) {
        // Held before it is looked at, so that the number cannot become another process in between.
        let Ok(process) = pidfd_open(id, PidfdFlags::empty()) else { continue };
        let environment = std::fs::read(format!("/proc/{}/environ", id.as_raw_nonzero())).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes()) {
            let _ = pidfd_send_signal(process, signal);
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn signal(_: &str, _: Signal) {}
