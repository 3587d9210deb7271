//! Tunnels as an agent sees them: what they carry, how they stand, what to mend; over the finished binary, with the real
//! ngrok agent in it.

use std::{fs, os::unix::fs::symlink, path::Path};

use payments_test_support::ngrok_edge::Edge;
use payments_test_support::{
    listening::Listening,
    process::{eventually, finish, run},
    real_part,
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::{Value, json};
use tempfile::TempDir;

const TOKEN: &str = "2aBcDeF_TOKEN-OF-THE-ACCOUNT";
const BAD_TOKEN: &str = "The authtoken is not valid.\nYour authtoken: {token}\n\nERR_NGROK_107\n";

/// What leads a server to an edge, with its certificate in a file.
struct Settings {
    address: String,
    ca: String,
    _folder: TempDir,
}

impl Settings {
    fn of(edge: &Edge) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        fs::write(&ca, &edge.ca).unwrap();
        Self { address: edge.address.to_string(), ca: ca.to_str().unwrap().to_owned(), _folder: folder }
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        let mut environment = tunnelled("ngrok").to_vec();
        environment.extend([
            ("NGROK_AUTHTOKEN", TOKEN),
            ("NGROK_SERVER_ADDR", self.address.as_str()),
            ("NGROK_CA_FILE", self.ca.as_str()),
        ]);
        environment
    }
}

/// A server on the sandbox whose webhooks come through a tunnel.
fn tunnelled(provider: &str) -> [(&str, &str); 7] {
    [
        ("BITNOVO_ENV", "sandbox"),
        ("BITNOVO_TOOLSETS", "default,sandbox"),
        ("WEBHOOK_ENABLED", "true"),
        ("WEBHOOK_PORT", "0"),
        ("TUNNEL_ENABLED", "true"),
        ("TUNNEL_PROVIDER", provider),
        ("TUNNEL_RECONNECT_BACKOFF_MS", "250"),
    ]
}

fn status(session: &mut Session) -> Value {
    session.done("get_tunnel_status", json!({}))
}

async fn reach(session: &mut Session, state: &str) -> Value {
    eventually(state, async || Some(status(session)).filter(|status| status["status"] == state)).await
}

/// A payment that is paid on the sandbox, until its webhook has come through.
async fn a_payment_is_told(session: &mut Session) {
    let link = session.done("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC" }));
    let identifier = &link["identifier"];
    session.done("simulate_payment", json!({ "identifier": identifier }));
    let events = eventually("a webhook that tells CO", async || {
        let events =
            session.done("get_webhook_events", json!({ "identifier": identifier }))["events"].clone();
        events.as_array().unwrap().iter().any(|event| event["status"] == "CO").then_some(events)
    })
    .await;
    assert_eq!((&events[0]["source"], &events[0]["validated"]), (&json!("webhook"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_webhook_of_the_sandbox_travels_through_ngrok_into_the_events() {
    let edge = Edge::start().await;
    let settings = Settings::of(&edge);
    let mut session = Session::start(Revision::Handshake, &[], &settings.environment());

    let url = session.done("get_webhook_url", json!({}));
    assert_eq!(url["webhook_url"], format!("{}webhook/bitnovo", edge.url()));
    assert_eq!((&url["provider"], &url["validated"]), (&json!("ngrok"), &json!(true)));
    assert!(url["instructions"].as_str().unwrap().contains("NGROK_DOMAIN"), "{url}");
    let tunnel = status(&mut session);
    let base = edge.url().to_string();
    assert_eq!(
        (&tunnel["status"], &tunnel["public_url"]),
        (&json!("connected"), &json!(base.trim_end_matches('/')))
    );
    assert!(tunnel["connected_at"].as_str().unwrap().ends_with('Z') && tunnel["last_error"].is_null());
    assert_eq!((&tunnel["enabled"], &tunnel["health_check_enabled"]), (&json!(true), &json!(true)));
    a_payment_is_told(&mut session).await;

    edge.cut();
    let again = reach(&mut session, "connected").await;
    assert_eq!(again["reconnect_attempts"], 1);
    a_payment_is_told(&mut session).await;

    let ended = session.close();
    assert_eq!(ended.code, Some(0));
    assert!(ended.took.as_millis() < 2000, "{:?}", ended.took);
    assert!(!edge.is_bound() && edge.seen().unbound == 1, "the address is still taken");
    assert!(!ended.stderr.contains(TOKEN) && ended.stderr.contains("state=connected"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_gets_its_address_back() {
    let edge = Edge::start().await;
    let settings = Settings::of(&edge);
    let mut killed = Session::start(Revision::Handshake, &[], &settings.environment());
    reach(&mut killed, "connected").await;
    edge.mood(|mood| mood.keep_endpoints = true);
    drop(killed);

    let mut session = Session::start(Revision::Handshake, &[], &settings.environment());
    let waiting = eventually("a refusal", async || {
        Some(status(&mut session)).filter(|status| !status["last_error"].is_null())
    })
    .await;
    assert!(waiting["last_error"].as_str().unwrap().contains("ERR_NGROK_334"), "{waiting}");
    assert_eq!(waiting["status"], "connecting");
    edge.forget_endpoint();
    let gone = std::time::Instant::now();
    reach(&mut session, "connected").await;
    assert!(gone.elapsed().as_millis() < 2000, "{:?}", gone.elapsed());
    a_payment_is_told(&mut session).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_takes_nothing_else_down_and_is_shown_nowhere() {
    let edge = Edge::start().await;
    edge.mood(|mood| mood.refuse_auth = Some(BAD_TOKEN));
    let settings = Settings::of(&edge);
    let environment = [settings.environment(), vec![("LOG_LEVEL", "debug")]].concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    session.done("create_payment_link", json!({ "amount_eur": 5 }));
    let error = session.refused("get_webhook_url", json!({}));
    assert_eq!(error["code"], "TUNNEL_CONNECTION_FAILED");
    assert!(error["message"].as_str().unwrap().contains("NGROK_AUTHTOKEN"), "{error}");
    let tunnel = status(&mut session);
    assert_eq!((&tunnel["status"], &tunnel["reconnect_attempts"]), (&json!("error"), &json!(0)));
    assert!(!error.to_string().contains(TOKEN) && !tunnel.to_string().contains(TOKEN));

    // Somebody has mended it: asking is enough.
    edge.mood(|mood| mood.refuse_auth = None);
    let url = session.done("get_webhook_url", json!({}));
    assert_eq!(url["validated"], true);
    a_payment_is_told(&mut session).await;
    let log = session.close().stderr;
    assert!(!log.contains(TOKEN), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_makes_the_address_stay() {
    let edge = Edge::start().await;
    let settings = Settings::of(&edge);
    let environment = [settings.environment(), vec![("NGROK_DOMAIN", "shop.ngrok-free.app")]].concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let url = session.done("get_webhook_url", json!({}));
    assert!(url["instructions"].as_str().unwrap().contains("survives a restart"), "{url}");
    assert_eq!(edge.seen().domains, [Some("shop.ngrok-free.app".to_owned())]);
}

/// A folder in which the stub is installed under `name`; `None` when there is nothing to run it with.
fn world(name: &str) -> Option<TempDir> {
    let python = real_part::find("python3")?;
    // What the search path leads to may be a script that wants to find more.
    let executable = finish(
        payments_test_support::process::command(python).args(["-c", "import sys; print(sys.executable)"]),
    );
    let folder = tempfile::tempdir().unwrap();
    symlink(executable.stdout.trim(), folder.path().join("python3")).unwrap();
    let stub = Path::new(env!("CARGO_MANIFEST_DIR")).join("stubs/tunnel.py");
    symlink(stub, folder.path().join(name)).unwrap();
    Some(folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_programs_of_other_providers_carry_webhooks_too() {
    for (provider, program, stays) in [
        ("zrok", "zrok", true),
        ("zrok", "zrok2", true),
        ("cloudflared", "cloudflared", false),
        ("command", "tunnel", false),
    ] {
        let Some(world) = world(program) else { return };
        let path = world.path().to_str().unwrap();
        let environment = [
            &tunnelled(provider)[..],
            &[
                ("PATH", path),
                ("HOME", path),
                ("ZROK_UNIQUE_NAME", "shop1"),
                ("TUNNEL_COMMAND", "tunnel {url}"),
            ],
        ]
        .concat();
        let mut session = Session::start(Revision::Handshake, &[], &environment);
        let url = session.done("get_webhook_url", json!({}));
        assert_eq!((&url["provider"], &url["validated"]), (&json!(provider), &json!(true)), "{program}");
        let instructions = url["instructions"].as_str().unwrap();
        assert_eq!(instructions.contains("survives a restart"), stays, "{program}: {instructions}");
        a_payment_is_told(&mut session).await;

        fs::write(world.path().join("die"), "").unwrap();
        eventually("its loss", async || {
            Some(status(&mut session)).filter(|status| status["status"] != "connected")
        })
        .await;
        fs::remove_file(world.path().join("die")).unwrap();
        let again = reach(&mut session, "connected").await;
        assert!(again["reconnect_attempts"].as_u64().unwrap() > 0, "{again}");
        a_payment_is_told(&mut session).await;

        let ended = session.close();
        assert_eq!(ended.code, Some(0), "{program}");
        assert!(ended.took.as_millis() < 2000, "{program}: {:?}", ended.took);
        let pids = fs::read_to_string(world.path().join("pids")).unwrap();
        for pid in pids.lines().filter_map(|line| line.split(' ').next()) {
            let gone = async || (!Path::new("/proc").join(pid).exists()).then_some(());
            eventually("the end of the program", gone).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_tells_the_address_from_outside_each_time_there_is_another() {
    let Some(world) = world("tunnel") else { return };
    let path = world.path().to_str().unwrap();
    let environment =
        [&tunnelled("command")[..], &[("PATH", path), ("HOME", path), ("TUNNEL_COMMAND", "tunnel {url}")]]
            .concat();
    let mut listening = Listening::start(&["--json"], &environment);
    assert!(listening.json()["listening"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let first = listening.json()["public_url"].clone();
    assert!(first.as_str().unwrap().ends_with("/webhook/bitnovo"), "{first}");
    fs::write(world.path().join("die"), "").unwrap();
    // Until it is removed, the next one dies too.
    eventually("its death", async || {
        let calls = fs::read_to_string(world.path().join("calls")).unwrap();
        (calls.lines().count() > 1).then_some(())
    })
    .await;
    fs::remove_file(world.path().join("die")).unwrap();
    assert_ne!(listening.json()["public_url"], first);
    let (status, _, stderr) = listening.end();
    assert_eq!(status.code(), Some(0));
    assert!(stderr.contains("the session has expired"), "{stderr}");
}

/// A shared sandbox on which an order was paid before anything listened.
async fn paid_before() -> (Sandbox, String) {
    let sandbox = Sandbox::start();
    let identifier = sandbox.order("BTC", 5).await["identifier"].as_str().unwrap().to_owned();
    sandbox.steer(&format!("orders/{identifier}/pay"), json!({})).await;
    sandbox.steer(&format!("orders/{identifier}/mine"), json!({})).await;
    (sandbox, identifier)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_is_read_from_the_api_although_the_tunnel_does_not_stand() {
    let (sandbox, identifier) = paid_before().await;
    let environment = [
        &sandbox.exports()[..],
        &[
            ("WEBHOOK_ENABLED", "true"),
            ("WEBHOOK_PORT", "0"),
            ("TUNNEL_ENABLED", "true"),
            ("TUNNEL_COMMAND", "false"),
        ],
    ]
    .concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    eventually("a reconciled event", async || {
        let events = session.done("get_webhook_events", json!({ "identifier": identifier }));
        (events["total_count"] == 1).then_some(())
    })
    .await;
}

#[test]
fn a_client_that_goes_away_in_the_middle_of_a_call_is_not_waited_for() {
    let nothing = tempfile::tempdir().unwrap();
    let path = nothing.path().to_str().unwrap();
    // Its tunnel is tried again and again, which a call waits for.
    let environment =
        [&tunnelled("command")[..], &[("PATH", path), ("TUNNEL_COMMAND", "/bin/sleep 1000")]].concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    session.begin("tools/call", json!({ "name": "get_webhook_url", "arguments": {} }));
    let ended = session.close();
    assert_eq!(ended.code, Some(0));
    assert!(ended.took.as_millis() < 2000, "{:?}", ended.took);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_before_it_says_hello_leaves_no_tunnel_behind() {
    let edge = Edge::start().await;
    let settings = Settings::of(&edge);
    let session = Session::spawn(Revision::Handshake, &[], &settings.environment());
    eventually("the tunnel", async || edge.is_bound().then_some(())).await;
    assert_eq!(session.close().code, Some(0));
    assert!(!edge.is_bound() && edge.seen().unbound == 1, "the address is still taken");
}

#[test]
fn what_a_platform_offers_for_its_own_network_is_no_address_and_no_mistake() {
    let environment = [
        &tunnelled("command")[..],
        &[("N8N_PROTOCOL", "https"), ("N8N_HOST", "localhost"), ("TUNNEL_COMMAND", "false")],
    ]
    .concat();
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let tunnel = status(&mut session);
    assert_eq!(tunnel["context_detected"]["execution_context"], "n8n");
    assert!(tunnel["last_error"].as_str().unwrap().contains("has opened no tunnel"), "{tunnel}");
}

#[test]
fn what_is_missing_is_named_with_the_command_that_mends_it() {
    let nothing = tempfile::tempdir().unwrap();
    let path = nothing.path().to_str().unwrap();
    for (provider, words) in [
        ("ngrok", ["NGROK_AUTHTOKEN is not set", "dashboard.ngrok.com"]),
        ("zrok", ["zrok is not installed", "docs.zrok.io"]),
        ("cloudflared", ["cloudflared is not installed", "github.com/cloudflare/cloudflared"]),
        ("command", ["TUNNEL_COMMAND is empty", "{port}"]),
    ] {
        let environment = [&tunnelled(provider)[..], &[("PATH", path)]].concat();
        let called = run(&["call", "get_webhook_url"], &environment);
        assert_eq!(called.code, Some(1), "{called:?}");
        for word in words {
            assert!(called.stdout.contains(word), "{provider}: {called:?}");
        }
        assert!(called.stdout.contains("TUNNEL_CONNECTION_FAILED"), "{provider}: {called:?}");
    }
}

#[test]
fn an_address_of_ones_own_that_nobody_has_set_is_asked_for() {
    let mut session = Session::start(
        Revision::Handshake,
        &[],
        &[
            ("BITNOVO_DEVICE_ID", "12345678-90ab-4cde-8f01-2345678990ab"),
            ("BITNOVO_DEVICE_SECRET", "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed"),
            ("WEBHOOK_ENABLED", "true"),
            ("WEBHOOK_PORT", "0"),
            ("TUNNEL_ENABLED", "true"),
            ("TUNNEL_PROVIDER", "manual"),
        ],
    );
    let error = session.refused("get_webhook_url", json!({}));
    assert_eq!(error["code"], "NOT_CONFIGURED");
    assert!(error["next_action"].as_str().unwrap().contains("WEBHOOK_PUBLIC_URL"), "{error}");
    assert_eq!(status(&mut session)["status"], "error");
}
