use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use payments_webhook::{
    EventStore, Receiver, WebhookEvent,
    scheme::bitnovo::Bitnovo,
    server::{Server, ServerLimits, ServerSettings, ServerStartError},
    store::{EventPage, EventQuery, EventStoreError, Inserted, StoreFuture},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Semaphore};

use payments_test_support::receiving::{Fixture, NOW, at, payment, read_reply, secret, talk, webhook};

/// A store that stores when it is allowed to.
struct Held {
    reached: Semaphore,
    allowed: Semaphore,
}

impl Held {
    fn new() -> Arc<Self> {
        Arc::new(Self { reached: Semaphore::new(0), allowed: Semaphore::new(0) })
    }
}

impl EventStore for Held {
    fn insert(&self, event: WebhookEvent) -> StoreFuture<'_, Inserted> {
        Box::pin(async move {
            self.reached.add_permits(1);
            self.allowed.acquire().await.map_err(EventStoreError::new)?.forget();
            Ok(Inserted::New(Arc::new(event)))
        })
    }

    fn query(&self, _: EventQuery, _: SystemTime) -> StoreFuture<'_, EventPage> {
        Box::pin(async { Err(EventStoreError::new("not asked here")) })
    }

    fn prune(&self, _: SystemTime) -> StoreFuture<'_, usize> {
        Box::pin(async { Ok(0) })
    }

    fn outlives_the_process(&self) -> bool {
        false
    }
}

async fn held(limits: ServerLimits) -> (Arc<Held>, Server) {
    let store = Held::new();
    let scheme = Bitnovo::new(vec![secret()]).unwrap();
    let receiver = Arc::new(Receiver::new(scheme, Arc::clone(&store) as Arc<dyn EventStore>, at(NOW - 1)));
    let settings = ServerSettings::new(|| at(NOW)).limits(limits);
    let server = Server::bind(([127, 0, 0, 1], 0).into(), receiver, settings).await.unwrap();
    (store, server)
}

async fn post(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    stream.write_all(&webhook(payment(1), NOW)).await.unwrap();
    stream
}

#[tokio::test]
async fn a_request_in_flight_is_finished_and_nothing_more_is_accepted() {
    let (store, server) = held(ServerLimits::default()).await;
    let mut in_flight = post(&server).await;
    let _idle = TcpStream::connect(server.local_addr()).await.unwrap();
    store.reached.acquire().await.unwrap().forget();

    let stop = async {
        server.stop().await;
        Instant::now()
    };
    let finish = async {
        // Once the socket refuses, stopping has begun.
        while TcpStream::connect(server.local_addr()).await.is_ok() {
            tokio::task::yield_now().await;
        }
        store.allowed.add_permits(1);
        read_reply(&mut in_flight).await.unwrap().status
    };
    let began = Instant::now();
    let (stopped, status) = tokio::join!(stop, finish);
    assert_eq!(status, 200);
    assert!(stopped - began < ServerLimits::default().stop_deadline, "idle connections are not waited for");
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut() {
    let mut limits = ServerLimits::default();
    limits.stop_deadline = Duration::from_millis(50);
    let (store, server) = held(limits).await;
    let mut in_flight = post(&server).await;
    store.reached.acquire().await.unwrap().forget();
    server.stop().await;
    assert_eq!(read_reply(&mut in_flight).await, None);
}

#[tokio::test]
async fn a_store_that_hangs_is_answered_for_with_503_and_the_request_may_come_again() {
    let mut limits = ServerLimits::default();
    limits.request_deadline = Duration::from_millis(100);
    let (store, server) = held(limits).await;
    let mut stream = post(&server).await;
    assert_eq!(read_reply(&mut stream).await.unwrap().status, 503);
    store.allowed.add_permits(1);
    assert_eq!(talk(&mut stream, &webhook(payment(1), NOW)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_dropped_server_accepts_nothing_more() {
    let shop = Fixture::start().await;
    let address = shop.address();
    drop(shop);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_busy_port_is_an_error_that_says_what_to_change() {
    let shop = Fixture::start().await;
    let settings = ServerSettings::new(SystemTime::now);
    let error = Server::bind(shop.address(), Arc::clone(&shop.receiver), settings).await.err().unwrap();
    assert!(matches!(error, ServerStartError::PortInUse { address } if address == shop.address()));
    assert!(error.to_string().contains("choose another port"), "{error}");
}

#[tokio::test]
async fn a_path_that_cannot_be_served_is_an_error_and_no_panic() {
    for path in ["", "webhook", "/stats", "/{id}"] {
        let scheme = Bitnovo::new(vec![secret()]).unwrap().at(path);
        let receiver = Arc::new(Receiver::new(scheme, Held::new(), at(NOW - 1)));
        let outcome =
            Server::bind(([127, 0, 0, 1], 0).into(), receiver, ServerSettings::new(SystemTime::now)).await;
        assert!(matches!(outcome, Err(ServerStartError::Path { .. })), "{path}");
    }
}
