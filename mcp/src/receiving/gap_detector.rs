//! Detects that webhooks may have been missed while this process ran: the public address led nowhere for a while, or
//! the machine slept. Providers do not resend, so the API is read afterwards.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::receiving::backfill::Backfill;
use crate::receiving::webhooks::Webhooks;

/// While webhooks cannot arrive, the API is read this often, so that changes are announced late instead of never. This is
/// 150 of the 2,000 requests of a day.
const READ_WITHOUT_WEBHOOKS: Duration = Duration::from_secs(600);

/// Checks for a gap every `every` and whenever the tunnel changes, for as long as the process runs, and reads the API after
/// each gap. The start of the process counts as one.
pub(crate) async fn watch(webhooks: Arc<Webhooks>, mut backfill: Backfill, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut changes = webhooks.tunnel().map(|tunnel| tunnel.changes());
    let interruptions = || webhooks.tunnel().map_or(0, |tunnel| tunnel.status().interruptions);
    let mut gap = Gap::from_start();
    let mut looked_at = SystemTime::now();
    let mut read_at: Option<Instant> = None;
    loop {
        let changed = async {
            match &mut changes {
                Some(changes) => changes.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = ticks.tick() => {}
            () = backfill.follow() => continue,
            goes_on = changed => if !goes_on {
                changes = None;
            },
        }
        let now = SystemTime::now();
        if slept(looked_at, now, every) {
            gap.open();
            // The connections of the tunnel are most likely dead, and its retries may have run out without a network.
            if let Some(tunnel) = webhooks.tunnel() {
                tunnel.ask();
            }
        }
        looked_at = now;
        let arrives = webhooks.tunnel().is_none_or(|tunnel| tunnel.status().is_connected());
        let over = gap.is_over(arrives);
        if !over && read_at.is_some_and(|read_at| arrives || read_at.elapsed() < READ_WITHOUT_WEBHOOKS) {
            continue;
        }
        let before = interruptions();
        match backfill.read(now).await {
            Ok(missed) => {
                read_at = Some(Instant::now());
                // The API's answer does not cover a gap that began while the API was read.
                if over && interruptions() == before {
                    gap.close();
                }
                tracing::info!(missed, "changes that no webhook announced were read from the API");
            }
            Err(error) => tracing::warn!("cannot read missed changes from the API: {}", error.message),
        }
    }
}

/// While the machine sleeps, timers stop and the clock runs on.
fn slept(before: SystemTime, now: SystemTime, every: Duration) -> bool {
    let awake = every.saturating_mul(2) + Duration::from_secs(15);
    now.duration_since(before).is_ok_and(|passed| passed > awake)
}

/// A time in which webhooks may have been missed.
#[derive(Debug)]
struct Gap {
    open: bool,
}

impl Gap {
    fn from_start() -> Self {
        Self { open: true }
    }

    fn open(&mut self) {
        self.open = true;
    }

    /// Whether there was a gap and webhooks arrive again. The gap stays open until the API has been read.
    fn is_over(&mut self, arrives: bool) -> bool {
        self.open |= !arrives;
        self.open && arrives
    }

    fn close(&mut self) {
        self.open = false;
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn the_start_is_a_gap_and_quiet_running_is_none() {
        let mut gap = Gap::from_start();
        assert!(gap.is_over(true));
        gap.close();
        assert!(!gap.is_over(true));
    }

    #[test]
    fn an_address_that_led_nowhere_is_caught_up_once_it_leads_here_again() {
        let mut gap = Gap::from_start();
        gap.close();
        assert!(!gap.is_over(false));
        assert!(gap.is_over(true));
        // The API did not answer, so the gap stays open.
        assert!(gap.is_over(true));
        gap.close();
        assert!(!gap.is_over(true));
    }

    #[test]
    fn the_clock_shows_that_the_machine_slept() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let every = Duration::from_secs(60);
        assert!(!slept(at(0), at(121), every));
        assert!(slept(at(0), at(3600), every));
        assert!(!slept(at(3600), at(0), every), "a clock that was put back");
    }
}
