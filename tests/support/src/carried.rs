//! A receiver behind a tunnel that is kept open, in real time, and senders who come through it.

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures::{StreamExt, stream};
use payments_tunnel::{
    Supervisor, TunnelFuture, TunnelProvider,
    supervisor::{ReachabilityCheck, SupervisorSettings, TunnelState, TunnelStatus},
};
use payments_webhook::{
    MemoryEventStore, Receiver,
    scheme::bitnovo::Bitnovo,
    server::{self, Server},
    store::EventQuery,
};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use url::Url;

use crate::receiving::{Reply, get, payment, read_reply, secret, webhook};

/// The pause before the second retry in these tests, in place of the default five seconds.
pub const BACKOFF: Duration = Duration::from_millis(250);

/// Far above what anything takes, so that a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Carried {
    pub supervisor: Supervisor,
    pub server: Arc<Server>,
    receiver: Arc<Receiver>,
}

impl Carried {
    pub async fn start(provider: impl TunnelProvider) -> Self {
        Self::with(provider, |_| {}).await
    }

    pub async fn with(provider: impl TunnelProvider, change: impl FnOnce(&mut SupervisorSettings)) -> Self {
        let store = MemoryEventStore::new(NonZeroUsize::new(10_000).unwrap(), Duration::from_secs(3600));
        let scheme = Bitnovo::new(vec![secret()]).unwrap();
        let receiver = Arc::new(Receiver::new(scheme, Arc::new(store), UNIX_EPOCH));
        let address = ([127, 0, 0, 1], 0).into();
        let behaviour = server::ServerSettings::new(SystemTime::now);
        let server = Arc::new(Server::bind(address, Arc::clone(&receiver), behaviour).await.unwrap());
        let mut settings = SupervisorSettings::new(Arc::new(SystemTime::now), || 1000);
        settings.backoff = BACKOFF;
        change(&mut settings);
        let supervisor = Supervisor::start(Box::new(provider), Arc::clone(&server), prove(&server), settings);
        Self { supervisor, server, receiver }
    }

    pub async fn reach(&self, what: &str, reached: impl FnMut(&TunnelStatus) -> bool) -> TunnelStatus {
        let mut changes = self.supervisor.changes();
        match timeout(PATIENCE, changes.wait_for(reached)).await {
            Ok(status) => status.expect("the supervisor runs").clone(),
            Err(_) => panic!("{what} did not happen: {:?}", self.supervisor.status()),
        }
    }

    pub async fn connected(&self) -> TunnelStatus {
        self.reach("a connection", TunnelStatus::is_connected).await
    }

    pub async fn given_up(&self) -> TunnelStatus {
        self.reach("giving up", |status| status.state == TunnelState::Error).await
    }

    /// The tunnel has noticed that something is wrong.
    pub async fn interrupted(&self) -> TunnelStatus {
        self.reach("an interruption", |status| !status.is_connected()).await
    }

    /// Connected again within two seconds from now, which is when the cause is gone. Gives the time that it took.
    pub async fn recovers(&self) -> Duration {
        let gone = Instant::now();
        self.connected().await;
        let took = gone.elapsed();
        assert!(took < Duration::from_secs(2), "it took {took:?} after the cause was gone");
        took
    }

    /// Posts a webhook through the tunnel; its event, when it was acknowledged.
    pub async fn post(&self, number: usize) -> Option<String> {
        let url = self.supervisor.status().public_url?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let reply = exchange(&url, &webhook(payment(number), now)).await.ok()?;
        let body: serde_json::Value = serde_json::from_str(&reply.body).ok()?;
        (reply.status == 200).then(|| body["event_id"].as_str().unwrap().to_owned())
    }

    pub async fn stored(&self) -> Vec<String> {
        let query = EventQuery { limit: usize::MAX, ..EventQuery::default() };
        let page = self.receiver.store().query(query, SystemTime::now()).await.unwrap();
        page.events.iter().map(|event| event.event_id().to_owned()).collect()
    }

    /// A thousand webhooks, in the middle of which `cut` breaks the tunnel: what was acknowledged is stored, and the tunnel
    /// carries again by itself.
    pub async fn carries_a_thousand_over(&self, cut: impl AsyncFn()) {
        const ALL: usize = 1000;
        self.connected().await;
        let (begun, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let senders = stream::iter(0..ALL).map(async |number| {
            if begun.fetch_add(1, SeqCst) == ALL / 2 {
                cut().await;
            }
            let acknowledged = self.post(number).await;
            if acknowledged.is_none() {
                lost.fetch_add(1, SeqCst);
                // The provider does not send it again. It goes on with others, which come as payments do: not all at once.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            acknowledged
        });
        let acknowledged: Vec<String> =
            senders.buffer_unordered(8).filter_map(async |event| event).collect().await;
        self.connected().await;
        assert!(self.post(ALL).await.is_some(), "it does not carry again: {:?}", self.supervisor.status());
        let stored: std::collections::HashSet<String> = self.stored().await.into_iter().collect();
        for event in &acknowledged {
            assert!(stored.contains(event), "{event} was acknowledged and is not stored");
        }
        assert_eq!(acknowledged.len() + lost.load(SeqCst), ALL);
        assert!(acknowledged.len() > ALL / 2, "only {} came through", acknowledged.len());
        assert!(self.supervisor.status().reconnect_attempts > 0, "nothing was cut");
    }
}

fn prove(server: &Server) -> ReachabilityCheck {
    let probes = server.probes().clone();
    let random = Arc::new(AtomicUsize::new(0));
    Arc::new(move |url| -> TunnelFuture<'static, Result<(), String>> {
        let number = u128::try_from(random.fetch_add(1, SeqCst)).unwrap();
        let probe = probes.open(number.to_be_bytes());
        Box::pin(async move {
            let path = format!("{}/health?probe={}", url.path().trim_end_matches('/'), probe.token());
            let reply = exchange(&url, &get(&path, "")).await?;
            if probe.is_answered_by(reply.body.as_bytes()) {
                Ok(())
            } else {
                Err(format!("it answers {}", reply.status))
            }
        })
    })
}

/// One request over a connection of its own.
pub async fn exchange(url: &Url, request: &[u8]) -> Result<Reply, String> {
    let work = async {
        let address: SocketAddr = url.socket_addrs(|| None).map_err(|error| error.to_string())?[0];
        let mut stream = TcpStream::connect(address).await.map_err(|_| "it cannot be reached")?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        stream.write_all(request).await.map_err(|_| "the connection broke")?;
        read_reply(&mut stream).await.ok_or("the connection broke".to_owned())
    };
    timeout(Duration::from_secs(5), work)
        .await
        .unwrap_or_else(|_| Err("it does not answer in time".to_owned()))
}
