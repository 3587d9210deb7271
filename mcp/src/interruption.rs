//! Notices that webhooks may have been missed while this process ran: the public address led nowhere for a while, or
//! the whole machine slept. The provider does not resend, so afterwards the API is read.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bitnovo_pay::Client;

use crate::{reconcile::reconcile, webhooks::Webhooks};

/// Looks every `every`, for as long as the process runs, and catches up after each interruption. The process's start
/// counts as one.
pub(crate) async fn watch(webhooks: Arc<Webhooks>, client: Client, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut gap = Gap::from_start();
    loop {
        ticks.tick().await;
        let arrives = match &webhooks.settings().public_url {
            Some(url) => webhooks.prove(url).await,
            None => Ok(()),
        };
        if let Err(reason) = &arrives {
            tracing::warn!("the public address does not lead here: {reason}");
        }
        let now = SystemTime::now();
        if !gap.is_over(now, every, arrives.is_ok()) {
            continue;
        }
        match reconcile(&client, webhooks.receiver(), now).await {
            Ok(missed) => {
                gap.close();
                tracing::info!(missed, "what no webhook had told has been read from the API");
            }
            Err(error) => tracing::warn!("what was missed could not be read from the API: {}", error.message),
        }
    }
}

/// A time in which webhooks may have been missed.
#[derive(Debug)]
struct Gap {
    open: bool,
    looked_at: Option<SystemTime>,
}

impl Gap {
    fn from_start() -> Self {
        Self { open: true, looked_at: None }
    }

    /// Whether there was a gap and webhooks arrive again. It stays open until what was missed has been read.
    fn is_over(&mut self, now: SystemTime, every: Duration, arrives: bool) -> bool {
        // A timer stands still while the machine sleeps, and the clock does not.
        let slept = self.looked_at.is_some_and(|before| {
            now.duration_since(before)
                .is_ok_and(|passed| passed > every.saturating_mul(2) + Duration::from_secs(15))
        });
        self.looked_at = Some(now);
        self.open |= slept || !arrives;
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

    const EVERY: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_start_is_a_gap_and_quiet_running_is_none() {
        let mut gap = Gap::from_start();
        assert!(gap.is_over(at(0), EVERY, true));
        gap.close();
        assert!(!gap.is_over(at(60), EVERY, true));
        assert!(!gap.is_over(at(121), EVERY, true));
    }

    #[test]
    fn an_address_that_led_nowhere_is_caught_up_once_it_leads_here_again() {
        let mut gap = Gap::from_start();
        gap.close();
        assert!(!gap.is_over(at(0), EVERY, false));
        assert!(!gap.is_over(at(60), EVERY, false));
        assert!(gap.is_over(at(120), EVERY, true));
        // The API did not answer: the gap stays open.
        assert!(gap.is_over(at(180), EVERY, true));
        gap.close();
        assert!(!gap.is_over(at(240), EVERY, true));
    }

    #[test]
    fn a_machine_that_slept_is_caught_up() {
        let mut gap = Gap::from_start();
        gap.close();
        assert!(!gap.is_over(at(0), EVERY, true));
        assert!(gap.is_over(at(3600), EVERY, true));
    }
}
