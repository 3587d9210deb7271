//! The life of a tunnel: rounds of attempts, and in between the time in which it is open.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    super::{OpenedTunnel, TunnelError, TunnelErrorKind, TunnelProvider},
    ReachabilityCheck, SupervisorSettings, TunnelState, TunnelStatus,
    backoff::Backoff,
};
use payments_webhook::server::Server;

/// After so long a tunnel counts as stable: a failure after that begins to count anew.
const STABLE_AFTER: Duration = Duration::from_secs(60);

/// The pause after a probe that did not come through and before the one that decides: one lost packet is no reason to
/// give up an address that would be another one afterwards.
const SECOND_LOOK_AFTER: Duration = Duration::from_secs(2);

/// The longest pause between the probes of a tunnel that has just opened.
const LONGEST_SETTLING_PAUSE: Duration = Duration::from_secs(2);

/// The state of the background task.
pub(super) struct SupervisorTask {
    pub(super) provider: Box<dyn TunnelProvider>,
    pub(super) server: Arc<Server>,
    pub(super) prove: ReachabilityCheck,
    pub(super) settings: SupervisorSettings,
    pub(super) status: watch::Sender<TunnelStatus>,
    pub(super) asked: Arc<Notify>,
    pub(super) stopping: CancellationToken,
}

/// The supervisor is to stop.
struct Stop;

impl SupervisorTask {
    pub(super) async fn run(self) {
        let mut was_connected = false;
        loop {
            if let Err(Stop) = self.round(&mut was_connected).await {
                break;
            }
            if self.stopping.run_until_cancelled(self.until_worth_another_round()).await.is_none() {
                break;
            }
        }
        self.publish(|status| TunnelStatus { looks: status.looks, ..TunnelStatus::default() });
    }

    /// Attempts until the retries have run out or make no sense.
    async fn round(&self, was_connected: &mut bool) -> Result<(), Stop> {
        let mut backoff = self.backoff();
        loop {
            // An address that is maintained elsewhere is only probed; until the probe has an answer, the old status stays.
            if self.provider.is_opened_here() || self.status.borrow().state == TunnelState::Disconnected {
                let state = if *was_connected { TunnelState::Reconnecting } else { TunnelState::Connecting };
                self.publish(|status| TunnelStatus { state, connected_at: None, ..status.clone() });
            }
            let failure = match self.open().await? {
                Err(failure) => failure,
                Ok(opened) => {
                    *was_connected = true;
                    let since = Instant::now();
                    let failure = self.keep(opened, backoff.used()).await?;
                    if since.elapsed() >= STABLE_AFTER {
                        backoff = self.backoff();
                    }
                    failure
                }
            };
            let message = self.settings.redactor.clean(&failure.message);
            let advice = self.advice(failure.kind);
            let kind = if self.provider.is_opened_here() { failure.kind } else { TunnelErrorKind::Permanent };
            let pause = backoff.next(kind, (self.settings.random)());
            let state = match pause {
                None => TunnelState::Error,
                Some(_) if *was_connected => TunnelState::Reconnecting,
                Some(_) => TunnelState::Connecting,
            };
            let public_url = |status: &TunnelStatus| {
                status.public_url.clone().filter(|_| self.provider.address_is_stable())
            };
            self.publish(|status| TunnelStatus {
                state,
                public_url: public_url(status),
                connected_at: None,
                last_error: Some(message),
                advice: Some(advice),
                reconnect_attempts: backoff.used(),
                looks: status.looks + 1,
                ..TunnelStatus::default()
            });
            let Some(pause) = pause else { return Ok(()) };
            let wait = async {
                tokio::select! {
                    () = sleep(pause) => {}
                    () = self.provider.revived() => {}
                }
            };
            self.stopping.run_until_cancelled(wait).await.ok_or(Stop)?;
        }
    }

    fn advice(&self, kind: TunnelErrorKind) -> String {
        match kind {
            TunnelErrorKind::NotInstalled => {
                "Install the program, or set TUNNEL_PROVIDER to another provider.".to_owned()
            }
            TunnelErrorKind::Passing | TunnelErrorKind::Slow | TunnelErrorKind::Permanent => {
                self.provider.diagnosis()
            }
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(self.settings.backoff, self.settings.max_retries)
    }

    /// Waits, after the attempts were given up, for a request to try again. An address that is maintained elsewhere is
    /// cheap to probe, so that its return is noticed without a request.
    async fn until_worth_another_round(&self) {
        if self.provider.is_opened_here() {
            self.asked.notified().await;
        } else {
            tokio::select! {
                () = self.asked.notified() => {}
                () = sleep(self.settings.health_check_every) => {}
            }
        }
    }

    /// One attempt: open, and see a probe come through.
    async fn open(&self) -> Result<Result<OpenedTunnel, TunnelError>, Stop> {
        let opened = self.stopping.run_until_cancelled(self.provider.open(&self.server)).await.ok_or(Stop)?;
        let OpenedTunnel { public_url, mut session } = match opened {
            Ok(opened) => opened,
            Err(failure) => return Ok(Err(failure)),
        };
        let settled = tokio::select! {
            settled = self.settle(&public_url) => settled,
            failure = session.ended() => Err(failure),
            () = self.stopping.cancelled() => {
                session.close().await;
                return Err(Stop);
            }
        };
        if let Err(failure) = settled {
            session.close().await;
            return Ok(Err(failure));
        }
        Ok(Ok(OpenedTunnel { public_url, session }))
    }

    /// Probes a tunnel that has just opened until one comes through.
    async fn settle(&self, public_url: &Url) -> Result<(), TunnelError> {
        let deadline = Instant::now() + self.settings.settling;
        let mut pause = Duration::from_millis(100);
        loop {
            let Err(reason) = (self.prove)(public_url.clone()).await else { return Ok(()) };
            let patient = self.provider.is_opened_here();
            if !patient || Instant::now() + pause >= deadline {
                return Err(unproved(public_url, &reason));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_SETTLING_PAUSE);
        }
    }

    /// Watches an open tunnel until it no longer works.
    async fn keep(&self, opened: OpenedTunnel, attempts: u32) -> Result<TunnelError, Stop> {
        let OpenedTunnel { public_url, mut session } = opened;
        let connected = TunnelStatus {
            state: TunnelState::Connected,
            public_url: Some(public_url.clone()),
            connected_at: Some((self.settings.clock)()),
            last_error: None,
            reconnect_attempts: attempts,
            ..TunnelStatus::default()
        };
        let looked = |status: &TunnelStatus| TunnelStatus { looks: status.looks + 1, ..connected.clone() };
        self.publish(looked);
        let mut doubted = false;
        let every = self.settings.health_check_every;
        let mut next_look = Instant::now() + every;
        let stable = Instant::now() + STABLE_AFTER;
        let mut counts = attempts > 0;
        let failure = loop {
            tokio::select! {
                failure = session.ended() => break failure,
                () = self.stopping.cancelled() => {
                    session.close().await;
                    return Err(Stop);
                }
                () = tokio::time::sleep_until(stable), if counts => {
                    counts = false;
                    self.publish(|status| TunnelStatus { reconnect_attempts: 0, ..status.clone() });
                    continue;
                }
                () = tokio::time::sleep_until(next_look) => {}
                () = self.asked.notified() => {}
            }
            let proved = tokio::select! {
                proved = (self.prove)(public_url.clone()) => proved,
                failure = session.ended() => break failure,
                () = self.stopping.cancelled() => {
                    session.close().await;
                    return Err(Stop);
                }
            };
            let Err(reason) = proved else {
                doubted = false;
                next_look = Instant::now() + every;
                self.publish(|status| TunnelStatus {
                    reconnect_attempts: status.reconnect_attempts,
                    ..looked(status)
                });
                continue;
            };
            let failure = unproved(&public_url, &reason);
            if doubted || !self.provider.is_opened_here() {
                break failure;
            }
            doubted = true;
            next_look = Instant::now() + SECOND_LOOK_AFTER.min(every);
            let message = self.settings.redactor.clean(&failure.message);
            self.publish(|status| TunnelStatus {
                state: TunnelState::Reconnecting,
                last_error: Some(message),
                advice: Some(self.advice(failure.kind)),
                looks: status.looks + 1,
                ..status.clone()
            });
        };
        // A tunnel that no longer works must not block the address for the next attempt.
        session.close().await;
        Ok(failure)
    }

    /// Publishes the status, and logs it when it has changed.
    fn publish(&self, next: impl FnOnce(&TunnelStatus) -> TunnelStatus) {
        let provider = self.provider.name();
        self.status.send_modify(|status| {
            let mut next = next(status);
            let lost = status.state == TunnelState::Connected && next.state != TunnelState::Connected;
            next.interruptions = status.interruptions + u64::from(lost);
            let news = next.state != status.state
                || next.last_error != status.last_error
                || (next.state == TunnelState::Connected && next.public_url != status.public_url);
            if news {
                let (state, url) = (next.state, next.public_url.as_ref().map(Url::as_str));
                // An error is logged once, and not again at each attempt that follows it; giving up is logged with its reason.
                let is_new = state == TunnelState::Error || next.last_error != status.last_error;
                match next.last_error.as_ref().filter(|_| is_new) {
                    None => tracing::info!(provider, %state, url, "tunnel"),
                    Some(error) if state == TunnelState::Error => {
                        // An address that is maintained elsewhere is probed again without a request.
                        let what_follows = if self.provider.is_opened_here() {
                            "given up until get_tunnel_status is called"
                        } else {
                            "not reached, and looked at again by itself"
                        };
                        tracing::error!(provider, %state, "tunnel: {what_follows}: {error}");
                    }
                    Some(error) => tracing::warn!(provider, %state, "tunnel: {error}"),
                }
            }
            *status = next;
        });
    }
}

fn unproved(public_url: &Url, reason: &str) -> TunnelError {
    TunnelError::passing(format!("A probe through {public_url} did not reach this process: {reason}."))
}
