//! A public address that is maintained elsewhere: a relay on this machine plays the reverse proxy of a server.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use payments_tunnel::{Manual, supervisor::TunnelState};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use payments_test_support::carried::Carried;
use payments_test_support::log::Log;

/// Passes connections on for as long as it is switched on.
struct Relay {
    address: SocketAddr,
    target: watch::Sender<Option<SocketAddr>>,
}

impl Relay {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (target, mut switched) = watch::channel(None::<SocketAddr>);
        tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (mut stream, _) = accepted.unwrap();
                        let Some(target) = *switched.borrow() else { continue };
                        connections.spawn(async move {
                            let mut other = TcpStream::connect(target).await.unwrap();
                            let _ = copy_bidirectional(&mut stream, &mut other).await;
                        });
                    }
                    changed = switched.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        connections.abort_all();
                    }
                }
            }
        });
        Self { address, target }
    }

    fn switch(&self, target: Option<SocketAddr>) {
        self.target.send(target).unwrap();
    }

    fn manual(&self) -> Manual {
        Manual::new(format!("http://{}", self.address).parse().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_loss_and_its_return_are_noticed_without_a_call() {
    let relay = Arc::new(Relay::start().await);
    let shop = Carried::with(relay.manual(), |settings| {
        settings.health_check_every = Duration::from_millis(100);
    })
    .await;
    let status = shop.given_up().await;
    assert!(status.last_error.unwrap().contains("the connection broke"));
    relay.switch(Some(shop.server.local_addr()));
    shop.recovers().await;
    let event = shop.post(1).await.expect("a webhook that comes through");
    assert_eq!(shop.stored().await, [event]);

    relay.switch(None);
    let status = shop.given_up().await;
    assert_eq!((status.reconnect_attempts, status.connected_at), (0, None));
    assert_eq!(status.public_url.unwrap().port(), Some(relay.address.port()));
    relay.switch(Some(shop.server.local_addr()));
    shop.recovers().await;

    shop.supervisor.stop().await;
    assert_eq!(shop.supervisor.status().state, TunnelState::Disconnected);
}

#[tokio::test]
async fn its_loss_is_not_logged_as_if_a_call_were_needed() {
    let log = Log::default();
    let _listening = log.listen("payments_tunnel=info");
    let relay = Relay::start().await;
    let shop = Carried::start(relay.manual()).await;
    let status = shop.given_up().await;
    let text = log.text();
    assert!(text.contains("looked at again by itself") && !text.contains("given up"), "{text}");
    let advice = status.advice.unwrap();
    assert!(advice.contains("curl -i http://127.0.0.1") && advice.contains("/health"), "{advice}");
}
