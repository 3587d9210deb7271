use std::{
    num::NonZeroUsize,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::UNIX_EPOCH,
};

use payments_webhook::{MemoryEventStore, Receiver, Unverified, scheme::bitnovo::Bitnovo};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::*;

const NOW: u64 = 1_700_000_000;

fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

fn receiver() -> Receiver {
    let store = MemoryEventStore::new(NonZeroUsize::new(1000).unwrap(), Duration::from_secs(3600));
    let scheme = Bitnovo::new(vec!["ab".repeat(32).parse().unwrap()]).unwrap();
    Receiver::new(scheme, Arc::new(store), UNIX_EPOCH)
}

async fn arrives(receiver: &Receiver, body: &str, signed: u64) {
    let nonce = bitnovo::nonce(at(signed));
    let signature = bitnovo::sign(&"ab".repeat(32).parse().unwrap(), &nonce, body.as_bytes()).to_string();
    let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
    let request = Unverified { headers: &headers, body: body.as_bytes() };
    receiver.receive(request, at(signed)).await.unwrap();
}

/// Forwards these webhooks, signed at [`NOW`], by this clock. Returns the reports, as payment and progress.
async fn forwarded(
    shop: &MockServer,
    bodies: &[String],
    clock: impl Fn() -> SystemTime,
) -> Vec<(String, Progress)> {
    let receiver = receiver();
    let events = receiver.subscribe();
    for body in bodies {
        arrives(&receiver, body, NOW).await;
    }
    drop(receiver);
    let courier = Courier::new(shop.uri().parse().unwrap()).unwrap();
    let reports = Mutex::new(Vec::new());
    run(courier, events, clock, |event, progress| {
        let progress = progress.clone();
        reports.lock().unwrap().push((event.identifier().unwrap_or_default().to_owned(), progress));
    })
    .await;
    reports.into_inner().unwrap()
}

fn body(payment: &str, number: u32) -> String {
    format!(r#"{{"identifier": "{payment}", "n": {number}}}"#)
}

#[tokio::test]
async fn a_payment_that_the_shop_does_not_take_holds_up_no_other_and_keeps_its_order() {
    let shop = MockServer::start().await;
    let refusals = AtomicUsize::new(0);
    let answer = move |request: &Request| {
        let stuck = request.body.starts_with(br#"{"identifier": "stuck", "n": 1}"#);
        let status = if stuck && refusals.fetch_add(1, SeqCst) < 2 { 503 } else { 200 };
        ResponseTemplate::new(status)
    };
    Mock::given(any()).respond_with(answer).mount(&shop).await;
    let mut bodies = vec![body("stuck", 1), body("stuck", 2)];
    bodies.extend((0..20).map(|number| body(&format!("other-{number}"), number)));
    let reports = forwarded(&shop, &bodies, || at(NOW + 1)).await;

    let delivered: Vec<&str> = reports
        .iter()
        .filter(|(_, progress)| matches!(progress, Progress::Delivered { .. }))
        .map(|(payment, _)| payment.as_str())
        .collect();
    assert_eq!(delivered.len(), 22);
    assert_eq!(&delivered[20..], ["stuck", "stuck"], "the others do not wait: {delivered:?}");
    let received = shop.received_requests().await.unwrap();
    let stuck = received.iter().filter(|request| request.body.starts_with(br#"{"identifier": "stuck""#));
    let numbers: Vec<u8> = stuck.map(|request| request.body[request.body.len() - 2]).collect();
    assert_eq!(numbers, *b"1112", "the second waits for the first");
}

#[tokio::test]
async fn however_many_payments_the_shop_does_not_take_the_next_one_does_not_wait() {
    let shop = MockServer::start().await;
    let answer = |request: &Request| {
        ResponseTemplate::new(if request.body.starts_with(br#"{"identifier": "stuck"#) { 503 } else { 200 })
    };
    Mock::given(any()).respond_with(answer).mount(&shop).await;
    let mut bodies: Vec<String> = (0..30).map(|number| body(&format!("stuck-{number}"), number)).collect();
    bodies.push(body("taken", 1));
    // So late that each has one attempt or two.
    let reports = forwarded(&shop, &bodies, || at(NOW + 18)).await;

    let given_up = |(_, progress): &&(String, Progress)| matches!(progress, Progress::GivenUp { .. });
    assert_eq!(reports.iter().filter(given_up).count(), 30, "{reports:?}");
    let delivered = reports.iter().position(|(payment, _)| payment == "taken").unwrap();
    assert!(matches!(reports[delivered].1, Progress::Delivered { attempt: 1, .. }), "{reports:?}");
    assert!(!reports[..delivered].iter().any(|report| given_up(&report)), "{reports:?}");
}

#[tokio::test]
async fn a_webhook_whose_signature_is_about_to_expire_is_given_up_and_said_to_be() {
    let shop = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&shop).await;
    let reports = forwarded(&shop, &[body("late", 1)], || at(NOW + 19)).await;
    let [(_, Progress::GivenUp { reason })] = reports.as_slice() else { panic!("{reports:?}") };
    assert!(reason.contains("about to expire"), "{reason}");
    assert!(shop.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_retry_that_would_come_too_late_is_not_made() {
    let shop = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&shop).await;
    let clock = || at(NOW + 18) + Duration::from_millis(600);
    let reports = forwarded(&shop, &[body("late", 1)], clock).await;
    // How many attempts there are depends on how fast the shop answers.
    assert!(reports.len() <= 3, "{reports:?}");
    let Some((_, Progress::GivenUp { reason })) = reports.last() else { panic!("{reports:?}") };
    assert!(reason.contains("about to expire"), "{reason}");
}
