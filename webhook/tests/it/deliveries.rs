use std::collections::HashSet;

use futures::future::join_all;
use payments_webhook::scheme::bitnovo::Bitnovo;

use payments_test_support::receiving::{Fixture, NOW, at, payment, post, secret, talk, webhook};

const REFUSED: &str = r#"{"error":{"code":"INVALID_SIGNATURE"}}"#;

#[tokio::test]
async fn a_webhook_is_answered_after_it_is_stored() {
    let shop = Fixture::start().await;
    let reply = shop.send(&webhook(payment(1), NOW)).await;
    let id = "00000001-737d-41a2-a2e1-d031d19ec8cd:1700000000";
    assert_eq!((reply.status, reply.body), (200, format!(r#"{{"success":true,"event_id":"{id}"}}"#)));
    let stored = shop.events().await.events;
    assert_eq!((stored.len(), stored[0].event_id()), (1, id));
    assert_eq!(stored[0].received_at(), at(NOW));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_four_equal_requests_at_once_one_is_stored() {
    let shop = Fixture::start().await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(shop.connect().await);
    }
    for round in 1..=50 {
        let request = webhook(payment(round), NOW);
        let statuses = join_all(streams.iter_mut().map(|stream| talk(stream, &request))).await;
        let count = |wanted| statuses.iter().flatten().filter(|reply| reply.status == wanted).count();
        assert_eq!((count(200), count(401)), (1, 63));
        assert_eq!(shop.events().await.total, round);
    }
    assert_eq!(shop.rejected("replayed"), 50 * 63);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_events_of_one_second_at_once_are_all_stored_under_ids_of_their_own() {
    let shop = Fixture::start().await;
    let requests = (0..100).map(|number| {
        // Ten payments, ten times the same second each.
        let body = payment(number % 10).replace("100.0", &format!("{number}.0"));
        let shop = &shop;
        async move { shop.send(&webhook(body, NOW)).await }
    });
    let replies = join_all(requests).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    let bodies: HashSet<_> = replies.iter().map(|reply| &reply.body).collect();
    assert_eq!((bodies.len(), shop.events().await.total), (100, 100));
}

#[tokio::test]
async fn the_same_body_signed_anew_is_answered_with_the_first_id() {
    let shop = Fixture::start().await;
    let first = shop.send(&webhook(payment(1), NOW)).await;
    let anew = shop.send(&webhook(payment(1), NOW + 1)).await;
    assert_eq!((anew.status, &anew.body), (200, &first.body));
    assert_eq!(shop.events().await.total, 1);
}

#[tokio::test]
async fn every_refusal_looks_the_same_from_outside() {
    let shop = Fixture::start().await;
    let accepted = webhook(payment(1), NOW);
    assert_eq!(shop.send(&accepted).await.status, 200);
    let nonce = NOW.to_string();
    let zeros = "0".repeat(64);
    let refused = [
        ("missing_header", post(&[], "{}")),
        ("repeated_header", post(&[("X-NONCE", &nonce), ("x-nonce", &nonce), ("X-SIGNATURE", &zeros)], "{}")),
        ("malformed_nonce", post(&[("X-NONCE", "soon"), ("X-SIGNATURE", &zeros)], "{}")),
        ("malformed_signature", post(&[("X-NONCE", &nonce), ("X-SIGNATURE", "?")], "{}")),
        ("bad_signature", post(&[("X-NONCE", &nonce), ("X-SIGNATURE", &zeros)], "{}")),
        ("stale", webhook("{}", NOW + 21)),
        ("before_memory", webhook("{}", NOW - 1)),
        ("replayed", accepted),
    ];
    let mut replies = Vec::new();
    for (reason, request) in refused {
        let before = shop.rejected(reason);
        let mut reply = shop.send(&request).await;
        assert_eq!(shop.rejected(reason), before + 1, "{reason}");
        // The date changes with the second.
        reply.head = reply.head.lines().filter(|line| !line.starts_with("date:")).collect();
        replies.push(reply);
    }
    assert_eq!((replies[0].status, replies[0].body.as_str()), (401, REFUSED));
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:#?}");
}

#[tokio::test]
async fn the_clock_decides_what_is_fresh() {
    let shop = Fixture::start().await;
    let captured = webhook(payment(1), NOW + 100);
    for (clock, status) in [(NOW + 79, 401), (NOW + 121, 401)] {
        shop.set_clock(clock);
        assert_eq!(shop.send(&captured).await.status, status);
    }
    let events = shop.events().await;
    assert_eq!((events.total, events.events[0].validated()), (1, false), "on record once, not trusted");

    for (number, clock) in [(2, NOW + 81), (3, NOW + 119)] {
        shop.set_clock(clock);
        assert_eq!(shop.send(&webhook(payment(number), NOW + 100)).await.status, 200);
    }
    shop.set_clock(NOW + 500);
    assert_eq!(shop.send(&webhook(payment(3), NOW + 100)).await.status, 401, "five minutes later");
    assert_eq!(shop.events().await.total, 3);
}

#[tokio::test]
async fn a_replay_can_be_acknowledged_without_an_effect() {
    let scheme = Bitnovo::new(vec![secret()]).unwrap().acknowledging_replays();
    let shop = Fixture::of(scheme, Default::default(), |settings| settings).await;
    let request = webhook(payment(1), NOW);
    assert_eq!(shop.send(&request).await.status, 200);
    let replay = shop.send(&request).await;
    assert_eq!((replay.status, replay.body.as_str()), (200, r#"{"success":true}"#));
    assert_eq!(shop.events().await.total, 1);
}

#[tokio::test]
async fn a_stream_that_is_no_socket_is_served_alike() {
    let shop = Fixture::start().await;
    let (mut ours, theirs) = tokio::io::duplex(4096);
    shop.server.serve_conn(theirs, ([203, 0, 113, 9], 443).into());
    assert_eq!(talk(&mut ours, &webhook(payment(1), NOW)).await.unwrap().status, 200);
    assert_eq!(talk(&mut ours, &webhook(payment(1), NOW)).await.unwrap().status, 401);
}
