//! ngrok: the real agent, against an edge on this machine that fails in every way that was seen.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

use payments_tunnel::{
    Ngrok, OpenedTunnel, TunnelProvider,
    ngrok::NgrokTimeouts,
    supervisor::{TunnelState, TunnelStatus},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use payments_test_support::carried::Carried;
use payments_test_support::{
    log::Log,
    ngrok_edge::Edge,
    receiving::{NOW, post},
};

const TOKEN: &str = "2aBcDeF_TOKEN-OF-THE-ACCOUNT";

/// The real edge repeats the token that it refuses.
const BAD_TOKEN: &str = "The authtoken you specified does not look like a proper ngrok authtoken.\nYour authtoken: {token}\n\nERR_NGROK_107\n";

/// Deadlines that a test can wait for.
fn impatient() -> NgrokTimeouts {
    NgrokTimeouts {
        connect: Duration::from_millis(500),
        auth: Duration::from_millis(500),
        listen: Duration::from_millis(500),
        heartbeat_interval: Duration::from_millis(200),
        heartbeat_tolerance: Duration::from_millis(300),
        ..NgrokTimeouts::default()
    }
}

fn ngrok(edge: &Edge) -> Ngrok {
    Ngrok::new(Some(TOKEN.into()))
        .edge(Some(edge.address.to_string()), Some(edge.ca.clone().into_bytes()))
        .timeouts(impatient())
        .allow_loopback(true)
}

/// The state after a failure, with its message.
async fn failing(shop: &Carried, text: &str) -> TunnelStatus {
    let status = shop
        .reach(text, |status| status.last_error.as_deref().is_some_and(|error| error.contains(text)))
        .await;
    assert!(!status.last_error.as_ref().unwrap().contains(TOKEN), "{status:?}");
    status
}

/// The edge has noticed that the agent is gone.
async fn no_agent_is_left(edge: &Edge) {
    let gone = async || {
        while edge.seen().agents_now > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), gone()).await.expect("a connection is left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_comes_through_and_the_end_is_in_order() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge).domain(Some("shop.ngrok.app".to_owned()))).await;
    assert!(shop.supervisor.address_is_stable());
    let status = shop.connected().await;
    assert_eq!(status.public_url.unwrap().as_str(), edge.url());
    let event = shop.post(1).await.expect("a webhook that comes through");
    assert_eq!(shop.stored().await, [event]);
    let seen = edge.seen();
    assert_eq!(
        (seen.tokens, seen.domains),
        (vec![TOKEN.to_owned()], vec![Some("shop.ngrok.app".to_owned())])
    );

    let asked = Instant::now();
    shop.supervisor.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(2));
    assert!(!edge.is_bound() && edge.seen().unbound == 1, "the address is still taken");
    no_agent_is_left(&edge).await;
    assert_eq!(shop.supervisor.status().state, TunnelState::Disconnected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_is_not_tried_again_until_the_next_call() {
    let edge = Edge::start().await;
    edge.mood(|mood| mood.refuse_auth = Some(BAD_TOKEN));
    let shop = Carried::start(ngrok(&edge)).await;
    let status = shop.given_up().await;
    let error = status.last_error.unwrap();
    assert!(error.contains("NGROK_AUTHTOKEN") && error.contains("dashboard.ngrok.com"), "{error}");
    assert!(!error.contains(TOKEN), "{error}");
    assert_eq!((status.reconnect_attempts, edge.seen().agents_ever), (0, 1));
    no_agent_is_left(&edge).await;

    edge.mood(|mood| mood.refuse_auth = None);
    shop.supervisor.look().await;
    shop.recovers().await;
}

#[tokio::test]
async fn without_a_token_it_says_where_to_get_one() {
    let shop = Carried::start(Ngrok::new(None)).await;
    let error = shop.given_up().await.last_error.unwrap();
    assert!(error.contains("NGROK_AUTHTOKEN is not set") && error.contains("Your Authtoken"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_of_another_account_is_not_tried_again() {
    let edge = Edge::start().await;
    edge.mood(|mood| {
        mood.refuse_bind = Some("That domain is reserved for another account.\n\nERR_NGROK_320\n")
    });
    let shop = Carried::start(ngrok(&edge).domain(Some("not-mine.ngrok.app".to_owned()))).await;
    let error = shop.given_up().await.last_error.unwrap();
    for word in ["not-mine.ngrok.app", "NGROK_DOMAIN", "ERR_NGROK_320"] {
        assert!(error.contains(word), "{error}");
    }
    assert_eq!(edge.seen().agents_ever, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_address_is_tried_again_until_it_is_free() {
    let edge = Edge::start().await;
    edge.mood(|mood| mood.refuse_bind = Some("The endpoint is already online.\n\nERR_NGROK_334\n"));
    let shop = Carried::start(ngrok(&edge)).await;
    let status = failing(&shop, "is taken (ERR_NGROK_334)").await;
    assert_eq!(status.state, TunnelState::Connecting);
    edge.mood(|mood| mood.refuse_bind = None);
    shop.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hiccup_of_ngrok_is_not_taken_for_a_refusal_of_the_domain() {
    let edge = Edge::start().await;
    edge.mood(|mood| mood.refuse_bind = Some("internal server error"));
    let shop = Carried::start(ngrok(&edge).domain(Some("shop.ngrok.app".to_owned()))).await;
    assert_eq!(failing(&shop, "internal server error").await.state, TunnelState::Connecting);
    edge.mood(|mood| mood.refuse_bind = None);
    shop.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_a_dead_session_still_holds_comes_back() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    edge.mood(|mood| mood.keep_endpoints = true);
    edge.cut();
    failing(&shop, "ERR_NGROK_334").await;
    edge.forget_endpoint();
    shop.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_another_authority_is_not_accepted() {
    let (edge, other) = (Edge::start().await, Edge::start().await);
    let provider = ngrok(&edge).edge(Some(edge.address.to_string()), Some(other.ca.clone().into_bytes()));
    let shop = Carried::with(provider, |settings| settings.max_retries = 2).await;
    let status = shop.given_up().await;
    let error = status.last_error.unwrap();
    assert!(error.contains("certificate") && error.contains("NGROK_CA_FILE"), "{error}");
    assert_eq!(status.reconnect_attempts, 2);
    assert!(edge.seen().tokens.is_empty(), "the token was sent to a stranger");
    no_agent_is_left(&edge).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_connection_is_noticed_when_it_is_taken_again() {
    let edge = Edge::start().await;
    edge.down().await;
    let shop = Carried::start(ngrok(&edge)).await;
    failing(&shop, "cannot be reached").await;
    edge.up().await;
    shop.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edge_that_says_nothing_is_not_waited_for_for_ever() {
    let edge = Edge::start().await;
    edge.flow(false);
    let shop = Carried::start(ngrok(&edge)).await;
    let status = failing(&shop, "encrypted connection to ngrok").await;
    assert!(!status.last_error.unwrap().contains("certificate"));
    assert!(status.advice.unwrap().contains("ngrok config check"));
    edge.flow(true);
    shop.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_webhooks_survive_a_dropped_connection() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.carries_a_thousand_over(async || edge.cut()).await;
}

/// The edge takes no connections for a while.
async fn outage(length: Duration) {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    edge.down().await;
    assert_eq!(shop.interrupted().await.state, TunnelState::Reconnecting);
    tokio::time::sleep(length).await;
    let status = shop.supervisor.status();
    assert_eq!(status.state, TunnelState::Reconnecting, "{status:?}");
    edge.up().await;
    shop.recovers().await;
    assert!(shop.post(1).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_four_seconds_is_over_when_it_is_over() {
    outage(Duration::from_secs(4)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_thirty_seconds_is_over_when_it_is_over() {
    outage(Duration::from_secs(30)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_swallows_everything_is_noticed() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    edge.flow(false);
    failing(&shop, "does not answer any more").await;
    edge.flow(true);
    shop.recovers().await;
    assert!(shop.post(1).await.is_some());
    assert_eq!(edge.seen().agents_now, 1, "the dead connection is left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tunnel_that_ngrok_stops_is_opened_again_also_the_second_time() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    for round in 1..=2 {
        let before = edge.seen().agents_ever;
        edge.stop_tunnel().await;
        let again = async || {
            while edge.seen().agents_ever == before || !shop.supervisor.status().is_connected() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(2), again()).await.expect("it is not opened again");
        assert!(shop.post(round).await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_after_a_reconnect_frees_the_address_at_once() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    edge.cut();
    shop.reach("a reconnect", |status| status.is_connected() && status.reconnect_attempts == 1).await;
    shop.supervisor.stop().await;
    assert!(!edge.is_bound() && edge.seen().unbound == 1);
    no_agent_is_left(&edge).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_is_told_and_not_tried_for_ever() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    edge.mood(|mood| mood.refuse_auth = Some(BAD_TOKEN));
    edge.cut();
    let status = shop.given_up().await;
    assert!(status.last_error.unwrap().contains("NGROK_AUTHTOKEN"));
    assert_eq!(edge.seen().agents_ever, 2);
    edge.mood(|mood| mood.refuse_auth = None);
    shop.supervisor.look().await;
    shop.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_make_no_sense_are_failures_like_others() {
    for nonsense in ["", "{", "[]", "{\"Version\": 3}", "<html>", "\u{0}\u{0}\u{0}"] {
        let edge = Edge::start().await;
        edge.mood(|mood| mood.nonsense = Some(nonsense));
        let shop = Carried::start(ngrok(&edge)).await;
        failing(&shop, "ngrok").await;
        edge.mood(|mood| mood.nonsense = None);
        shop.recovers().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_make_no_sense_do_not_leave_it_deaf() {
    let edge = Edge::start().await;
    let shop =
        Carried::with(ngrok(&edge), |settings| settings.health_check_every = Duration::from_millis(200))
            .await;
    shop.connected().await;
    let numbers = AtomicUsize::new(0);
    let header = |length: i64, rest: &str| [&length.to_le_bytes()[..], rest.as_bytes()].concat();
    for (kind, bytes) in [
        (77, b"who knows".to_vec()),
        (3, b"short".to_vec()),
        (3, header(4, "{}{}")),
        (3, header(2, "[]")),
        // The crate would panic over the first, end the process over the second, and spin over the third.
        (3, header(-1, "")),
        (3, header(1 << 45, "")),
        (9, b"{\"Id\"".to_vec()),
        (9, b"{}".to_vec()),
        (5, b"{}".to_vec()),
        (6, b"{".to_vec()),
    ] {
        let said = async || {
            while !edge.babble(kind, &bytes).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(15), said()).await.expect("nobody to babble to");
        // Another payment each time: the same one within a second would be a replay.
        let works = async || {
            while shop.post(numbers.fetch_add(1, Relaxed)).await.is_none() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(15), works())
            .await
            .unwrap_or_else(|_| panic!("not receiving after {kind} {bytes:?}"));
        shop.connected().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hundred_stalled_bodies_keep_no_sender_out() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    let mut stalled =
        post(&[("X-NONCE", &NOW.to_string()), ("X-SIGNATURE", &"0".repeat(64))], "x".repeat(1000));
    stalled.truncate(stalled.len() - 1);
    let mut crowd = Vec::new();
    for _ in 0..600 {
        let mut stream = TcpStream::connect(edge.public).await.unwrap();
        stream.write_all(&stalled).await.unwrap();
        crowd.push(stream);
    }
    for number in 0..20 {
        let sent = Instant::now();
        assert!(shop.post(number).await.is_some(), "honest request {number} was lost");
        assert!(sent.elapsed() < Duration::from_secs(2), "{:?}", sent.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn giving_up_leaves_no_connection_behind() {
    let edge = Edge::start().await;
    let shop = Carried::start(ngrok(&edge)).await;
    shop.connected().await;
    shop.supervisor.stop().await;
    no_agent_is_left(&edge).await;

    let provider = ngrok(&edge);
    let OpenedTunnel { session, .. } = provider.open(&shop.server).await.unwrap();
    assert_eq!(edge.seen().agents_now, 1);
    drop(session);
    no_agent_is_left(&edge).await;

    edge.flow(false);
    assert!(timeout(Duration::from_millis(100), provider.open(&shop.server)).await.is_err());
    edge.flow(true);
    no_agent_is_left(&edge).await;
}

/// On one thread, so that the log holds the lines of all tasks.
#[tokio::test]
async fn the_token_appears_in_no_log_and_no_message() {
    let log = Log::default();
    // The libraries log what they send at this level; the server's own log leaves them out.
    let _guard = log.listen("payments_tunnel=trace");
    let edge = Edge::start().await;
    edge.mood(|mood| mood.refuse_auth = Some(BAD_TOKEN));
    let provider = ngrok(&edge);
    assert!(!format!("{provider:?}").contains(TOKEN));
    let shop = Carried::start(provider).await;
    shop.given_up().await;
    edge.mood(|mood| mood.refuse_auth = None);
    shop.supervisor.look().await;
    shop.connected().await;
    shop.supervisor.stop().await;
    let text = log.text();
    assert!(text.contains("NGROK_AUTHTOKEN"), "{text}");
    assert!(!text.contains(TOKEN), "{text}");
}
