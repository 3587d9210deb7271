use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::SystemTime,
};

use tokio::{sync::oneshot, time::Instant};

use super::{super::*, *};
use payments_webhook::{MemoryEventStore, Receiver, scheme::bitnovo::Bitnovo, server};

/// What happens at the next attempts, and what has happened so far.
#[derive(Default)]
struct Script {
    /// What attempts end with; when the list is empty they succeed.
    refusals: Mutex<VecDeque<TunnelError>>,
    attempts: Mutex<Vec<Instant>>,
    /// Ends the tunnel that is open.
    ends: Mutex<Option<oneshot::Sender<TunnelError>>>,
    closed: AtomicUsize,
    /// Why probes do not come through, when they do not.
    unproved: Mutex<Option<String>>,
    probes: AtomicUsize,
    passive: AtomicBool,
    stable: AtomicBool,
    revive: Notify,
}

impl Script {
    fn refuse(&self, errors: impl IntoIterator<Item = TunnelError>) {
        self.refusals.lock().unwrap().extend(errors);
    }

    fn end(&self, error: TunnelError) {
        self.ends.lock().unwrap().take().expect("no tunnel is open").send(error).unwrap();
    }

    fn prove(&self, reason: Option<&str>) {
        *self.unproved.lock().unwrap() = reason.map(str::to_owned);
    }

    /// The pauses between the attempts, in milliseconds.
    fn pauses(&self) -> Vec<u128> {
        let attempts = self.attempts.lock().unwrap();
        attempts.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect()
    }
}

struct Scripted(Arc<Script>);

impl TunnelProvider for Scripted {
    fn diagnosis(&self) -> String {
        "Run \"scripted check\".".to_owned()
    }

    fn name(&self) -> &'static str {
        "scripted"
    }

    fn open<'a>(&'a self, _: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>> {
        self.0.attempts.lock().unwrap().push(Instant::now());
        let refusal = self.0.refusals.lock().unwrap().pop_front();
        Box::pin(async move {
            if let Some(error) = refusal {
                return Err(error);
            }
            let (end, ended) = oneshot::channel();
            *self.0.ends.lock().unwrap() = Some(end);
            let session = Box::new(Open { script: Arc::clone(&self.0), ended });
            Ok(OpenedTunnel { public_url: "https://tunnel.example".parse().unwrap(), session })
        })
    }

    fn revived(&self) -> TunnelFuture<'_, ()> {
        Box::pin(self.0.revive.notified())
    }

    fn is_opened_here(&self) -> bool {
        !self.0.passive.load(SeqCst)
    }

    fn address_is_stable(&self) -> bool {
        self.0.stable.load(SeqCst)
    }
}

struct Open {
    script: Arc<Script>,
    ended: oneshot::Receiver<TunnelError>,
}

impl TunnelSession for Open {
    fn ended(&mut self) -> TunnelFuture<'_, TunnelError> {
        Box::pin(async {
            match (&mut self.ended).await {
                Ok(error) => error,
                Err(_) => std::future::pending().await,
            }
        })
    }

    fn close(self: Box<Self>) -> TunnelFuture<'static, ()> {
        Box::pin(async move {
            self.script.closed.fetch_add(1, SeqCst);
        })
    }
}

async fn start_with(script: &Arc<Script>, change: impl FnOnce(&mut SupervisorSettings)) -> Supervisor {
    let secret = "ab".repeat(32).parse().unwrap();
    let store = Arc::new(MemoryEventStore::new(1.try_into().unwrap(), Duration::from_secs(1)));
    let receiver = Receiver::new(Bitnovo::new(vec![secret]).unwrap(), store, SystemTime::UNIX_EPOCH);
    let address = "127.0.0.1:0".parse().unwrap();
    let behaviour = server::ServerSettings::new(SystemTime::now);
    let server = Server::bind(address, Arc::new(receiver), behaviour).await.unwrap();
    let prove: ReachabilityCheck = {
        let script = Arc::clone(script);
        Arc::new(move |_| {
            script.probes.fetch_add(1, SeqCst);
            let reason = script.unproved.lock().unwrap().clone();
            Box::pin(async move { reason.map_or(Ok(()), Err) })
        })
    };
    // Jitter at its most, so that pauses are their nominal ones.
    let mut settings = SupervisorSettings::new(Arc::new(|| SystemTime::UNIX_EPOCH), || 1000);
    settings.redactor = Redactor::new(vec!["s3cret".into()]);
    change(&mut settings);
    Supervisor::start(Box::new(Scripted(Arc::clone(script))), Arc::new(server), prove, settings)
}

async fn start(script: &Arc<Script>) -> Supervisor {
    start_with(script, |_| {}).await
}

async fn reach(supervisor: &Supervisor, state: TunnelState) -> TunnelStatus {
    supervisor.until(Duration::from_secs(3600), |status| status.state == state).await
}

/// Connected by the attempt of this number. The states in between may pass too fast to be seen.
async fn connected_by_attempt(supervisor: &Supervisor, script: &Script, number: usize) -> TunnelStatus {
    let attempts = || script.attempts.lock().unwrap().len();
    let reached = async || {
        while attempts() < number || !supervisor.status().is_connected() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(600), reached()).await.expect("it does not connect");
    supervisor.status()
}

fn unreachable() -> TunnelError {
    TunnelError::passing("The edge cannot be reached.")
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_is_connected_once_a_probe_came_through_and_not_before() {
    let script = Arc::new(Script::default());
    script.prove(Some("the name is not found"));
    let supervisor = start(&script).await;
    let status = supervisor.settled(Duration::from_secs(5)).await;
    assert_eq!((status.state, status.public_url), (TunnelState::Connecting, None));
    script.prove(None);
    let status = reach(&supervisor, TunnelState::Connected).await;
    assert_eq!(status.public_url.unwrap().as_str(), "https://tunnel.example/");
    assert_eq!((status.connected_at, status.last_error), (Some(SystemTime::UNIX_EPOCH), None));
    assert_eq!(script.attempts.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_through_which_nothing_comes_is_closed_and_opened_anew() {
    let script = Arc::new(Script::default());
    script.prove(Some("it answers 502"));
    let supervisor = start_with(&script, |settings| settings.max_retries = 1).await;
    let status = reach(&supervisor, TunnelState::Error).await;
    assert_eq!(
        status.last_error.unwrap(),
        "A probe through https://tunnel.example/ did not reach this process: it answers 502."
    );
    assert_eq!((script.attempts.lock().unwrap().len(), script.closed.load(SeqCst)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn retries_begin_at_once_wait_longer_and_end_until_the_next_call() {
    let script = Arc::new(Script::default());
    script.refuse((0..20).map(|_| unreachable()));
    let supervisor = start_with(&script, |settings| settings.max_retries = 6).await;
    let status = reach(&supervisor, TunnelState::Error).await;
    assert_eq!(script.pauses(), [0, 5000, 10_000, 20_000, 40_000, 60_000]);
    assert_eq!(status.reconnect_attempts, 6);
    assert_eq!(status.last_error.as_deref(), Some("The edge cannot be reached."));

    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(script.attempts.lock().unwrap().len(), 7, "an attempt without a call");
    script.refusals.lock().unwrap().clear();
    assert_eq!(supervisor.look().await.state, TunnelState::Connected);
    assert_eq!(supervisor.status().reconnect_attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not_tried_again_and_holds_no_secret() {
    let script = Arc::new(Script::default());
    script.refuse([TunnelError::permanent("The token s3cret is unknown.\nERR_NGROK_107")]);
    let supervisor = start(&script).await;
    let status = reach(&supervisor, TunnelState::Error).await;
    assert_eq!(status.last_error.as_deref(), Some("The token [hidden] is unknown. ERR_NGROK_107"));
    assert_eq!((script.attempts.lock().unwrap().len(), status.reconnect_attempts), (1, 0));
    assert_eq!(supervisor.settled(Duration::ZERO).await, status);

    // Who asks gets one more attempt, and its answer.
    script.refuse([TunnelError::permanent("Still unknown.")]);
    let status = supervisor.look().await;
    assert_eq!((status.state, status.last_error.as_deref()), (TunnelState::Error, Some("Still unknown.")));
    assert_eq!(script.attempts.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_that_ends_is_reconnected_at_once_and_counted() {
    let script = Arc::new(Script::default());
    let supervisor = start(&script).await;
    reach(&supervisor, TunnelState::Connected).await;
    script.end(TunnelError::passing("The connection was lost."));
    let status = connected_by_attempt(&supervisor, &script, 2).await;
    assert_eq!((status.reconnect_attempts, status.last_error), (1, None));
    assert!(script.pauses()[0] < 10, "{:?}", script.pauses());
    // After a minute it counts as stable, and the next failure is the first again.
    let status = supervisor.until(Duration::from_secs(61), |status| status.reconnect_attempts == 0).await;
    assert_eq!((status.state, status.reconnect_attempts), (TunnelState::Connected, 0));
    let ended = Instant::now();
    script.end(unreachable());
    connected_by_attempt(&supervisor, &script, 3).await;
    assert!(ended.elapsed() < Duration::from_millis(10), "{:?}", ended.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_that_keeps_ending_is_not_reopened_without_pause() {
    let script = Arc::new(Script::default());
    let supervisor = start(&script).await;
    for number in 1..=3 {
        connected_by_attempt(&supervisor, &script, number).await;
        script.end(unreachable());
    }
    connected_by_attempt(&supervisor, &script, 4).await;
    let [first, second, third] = script.pauses()[..] else { panic!("{:?}", script.pauses()) };
    assert!(first < 10 && (5000..5010).contains(&second) && (10_000..10_010).contains(&third));
}

#[tokio::test(start_paused = true)]
async fn one_lost_probe_is_repeated_and_two_count() {
    let script = Arc::new(Script::default());
    let supervisor = start(&script).await;
    reach(&supervisor, TunnelState::Connected).await;
    script.prove(Some("it does not answer in time"));
    let status = reach(&supervisor, TunnelState::Reconnecting).await;
    assert!(status.last_error.unwrap().contains("in time"));
    script.prove(None);
    let status = reach(&supervisor, TunnelState::Connected).await;
    assert_eq!((status.last_error, status.connected_at), (None, Some(SystemTime::UNIX_EPOCH)));
    assert_eq!(script.attempts.lock().unwrap().len(), 1);

    script.prove(Some("it does not answer in time"));
    supervisor.ask();
    reach(&supervisor, TunnelState::Reconnecting).await;
    let opened_again = async || {
        while script.attempts.lock().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(5), opened_again()).await.expect("the dead tunnel is kept");
    assert_eq!(script.closed.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn asking_looks_at_once_and_tells_the_truth() {
    let script = Arc::new(Script::default());
    let supervisor = start(&script).await;
    reach(&supervisor, TunnelState::Connected).await;
    let asked = Instant::now();
    assert_eq!(supervisor.look().await.state, TunnelState::Connected);
    script.prove(Some("it answers 404"));
    assert_eq!(supervisor.look().await.state, TunnelState::Reconnecting);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_when_the_cause_is_gone() {
    let script = Arc::new(Script::default());
    script.refuse([unreachable(), unreachable(), unreachable(), unreachable()]);
    let supervisor = start(&script).await;
    let third = async || {
        while script.attempts.lock().unwrap().len() < 4 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    third().await;
    script.revive.notify_one();
    reach(&supervisor, TunnelState::Connected).await;
    assert!(*script.pauses().last().unwrap() < 1000, "{:?}", script.pauses());
}

#[tokio::test(start_paused = true)]
async fn an_address_that_others_look_after_is_looked_at_for_as_long_as_it_takes() {
    let script = Arc::new(Script::default());
    script.passive.store(true, SeqCst);
    script.stable.store(true, SeqCst);
    script.prove(Some("the name is not found"));
    let supervisor = start(&script).await;
    let status = reach(&supervisor, TunnelState::Error).await;
    assert_eq!((script.probes.load(SeqCst), status.reconnect_attempts), (1, 0));
    let mut changes = supervisor.changes();
    changes.mark_unchanged();
    tokio::time::sleep(Duration::from_secs(65)).await;
    assert_eq!(script.probes.load(SeqCst), 2);
    assert_eq!(supervisor.status().state, TunnelState::Error);
    script.prove(None);
    reach(&supervisor, TunnelState::Connected).await;
    script.prove(Some("it answers 502"));
    assert_eq!(supervisor.look().await.state, TunnelState::Error);
    assert!(supervisor.status().public_url.is_some(), "a stable address is forgotten");
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_the_tunnel_in_order_whatever_it_does() {
    let script = Arc::new(Script::default());
    let supervisor = start(&script).await;
    reach(&supervisor, TunnelState::Connected).await;
    supervisor.stop().await;
    assert_eq!(script.closed.load(SeqCst), 1);
    assert_eq!(supervisor.status().state, TunnelState::Disconnected);

    let pausing = Arc::new(Script::default());
    pausing.refuse([unreachable(), unreachable()]);
    let supervisor = start(&pausing).await;
    supervisor.until(Duration::from_secs(1), |status| status.reconnect_attempts == 2).await;
    let asked = Instant::now();
    supervisor.stop().await;
    assert!(asked.elapsed() < Duration::from_millis(10));

    let settling = Arc::new(Script::default());
    settling.prove(Some("not yet"));
    let supervisor = start(&settling).await;
    supervisor.settled(Duration::from_secs(3)).await;
    supervisor.stop().await;
    assert_eq!(settling.closed.load(SeqCst), 1);
    assert_eq!(supervisor.status().state, TunnelState::Disconnected);
}

#[tokio::test(start_paused = true)]
async fn what_to_do_is_the_providers_own_means_and_never_a_token_for_what_is_not_installed() {
    let script = Arc::new(Script::default());
    script.refuse([TunnelError::permanent("The token is refused.")]);
    let supervisor = start(&script).await;
    let status = reach(&supervisor, TunnelState::Error).await;
    assert_eq!(status.advice.as_deref(), Some("Run \"scripted check\"."));

    let script = Arc::new(Script::default());
    script.refuse([TunnelError::not_installed("scripted is not installed.")]);
    let supervisor = start(&script).await;
    let status = reach(&supervisor, TunnelState::Error).await;
    assert!(status.advice.unwrap().starts_with("Install the program"));
    assert_eq!(script.pauses().len(), 0, "it is not tried again");

    supervisor.ask();
    assert_eq!(reach(&supervisor, TunnelState::Connected).await.advice, None);
}
