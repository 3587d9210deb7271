//! `demo`, what a newcomer runs first: it tells a whole sale, and does not claim one that did not happen.

use futures::future::join_all;
use payments_test_support::{
    process::{Finished, run},
    sandbox::Sandbox,
    stub::{exports, nobody_listens},
};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

fn printed(done: &Finished) -> Value {
    serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"))
}

#[test]
fn the_demo_tells_a_whole_sale_in_eighty_columns() {
    let done = run(&["demo"], &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    for part in
        ["create_payment_link", "create_payment_onchain", "get_payment_status", "http://127.0.0.1:", "BTC"]
    {
        assert!(done.stdout.contains(part), "{part} is missing in {}", done.stdout);
    }
    assert!(done.stdout.contains("CO") && done.stdout.contains("paid"), "{}", done.stdout);
    assert!(done.stdout.lines().any(|line| line.matches(['█', '▀', '▄']).count() > 20), "a QR code is shown");
    for line in done.stdout.lines() {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
        assert!(!line.contains('\x1b'), "no colours where nobody looks: {line:?}");
    }
}

#[test]
fn the_demo_speaks_spanish_too() {
    let done = run(&["demo"], &[("BITNOVO_LANGUAGE", "es")]);
    assert_eq!(done.code, Some(0), "{done:?}");
    for part in ["Completado", "25,00 €", "El cliente paga", "firma verificada", "entregue la mercancía"] {
        assert!(done.stdout.contains(part), "{part} is missing in {}", done.stdout);
    }
    for english in [" the ", "The ", " is ", "seen", "until", "Every step", "what an agent"] {
        assert!(!done.stdout.contains(english), "{english:?} is in {}", done.stdout);
    }
    assert!(done.stdout.lines().all(|line| line.chars().count() <= 80), "{}", done.stdout);
}

#[test]
fn the_demo_as_json_holds_every_step() {
    let done = run(&["demo", "--json"], &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let story = printed(&done);
    assert_eq!(story["ok"], true);
    let steps = story["steps"].as_array().unwrap();
    assert!(steps.len() >= 4 && steps.iter().all(|step| step["ok"] == true), "{story}");
    let last = &steps.last().unwrap()["result"];
    assert_eq!((&last["status"], &last["verdict"]), (&json!("CO"), &json!("paid")));
    assert_eq!(
        story.to_string().matches("\"sandbox\":true").count(),
        0,
        "said once, not in each step: {story}"
    );
}

#[test]
fn the_demo_verifies_the_signed_webhooks_of_the_sale() {
    let story = printed(&run(&["demo", "--json"], &[]));
    let text = story.to_string();
    assert!(
        text.contains("webhook"),
        "contract.md: link → QR → payment → signed webhooks verified → CO; got {text}"
    );
}

#[tokio::test]
async fn the_demo_fails_when_a_fault_keeps_the_payment_from_completing() {
    let faults = [
        json!({ "match": "POST /api/v1/orders/", "mode": "status", "status": 500, "times": 9 }),
        json!({ "match": "POST /api/v1/orders/", "mode": "drop_after_commit", "times": 9 }),
        json!({ "match": "GET /api/v1/orders/info/", "mode": "status", "status": 500, "times": 99 }),
        json!({ "match": "GET /api/v1/orders/info/", "mode": "not_json", "times": 99 }),
        json!({ "match": "GET /api/v1/orders/info/", "mode": "truncate", "times": 99 }),
        json!({ "match": "GET /api/v1/currencies", "mode": "reset", "times": 99 }),
        json!({ "match": "POST /api/v1/orders/", "mode": "delay", "delay_ms": 60_000, "times": 9 }),
    ];
    let demos = faults.map(|fault| async move {
        let sandbox = Sandbox::start();
        sandbox.steer("faults", fault.clone()).await;
        spawn_blocking(move || fails_on(&sandbox, &fault)).await.unwrap();
    });
    join_all(demos).await;
}

fn fails_on(sandbox: &Sandbox, fault: &Value) {
    let mut environment = sandbox.exports().to_vec();
    environment.extend([("RETRY_DELAY", "1"), ("API_TIMEOUT", "1000")]);
    for arguments in [["demo"].as_slice(), &["demo", "--json"]] {
        let done = run(arguments, &environment);
        assert!(done.code.is_some_and(|code| code != 0), "{arguments:?} with {fault}: {done:?}");
        if arguments.len() == 2 {
            let story = printed(&done);
            assert_eq!(story["ok"], false);
            assert!(story["error"].is_string(), "{story}");
        }
    }
}

#[tokio::test]
async fn the_demo_on_a_shared_sandbox_leaves_its_orders_there() {
    let sandbox = Sandbox::start();
    let done = run(&["demo"], &sandbox.exports());
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(sandbox.count().await, 2);
}

#[test]
fn the_demo_never_touches_a_real_api() {
    let closed = nobody_listens();
    let done = run(&["demo"], &exports(&closed));
    assert_eq!(done.code, Some(0), "{done:?}");
}
