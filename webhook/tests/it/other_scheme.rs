//! A scheme very unlike Bitnovo's, on the same receiver, store and server: the signature lies in the JSON, no
//! time is signed, and the sender repeats a request until it sees success.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use payments_webhook::{
    Claim, Description, Identity, Provider, ReceiveOutcome, Rejection, Scheme, Signature, Unverified,
    Verified, WebhookEvent, WebhookResponse,
    scheme::bitnovo,
    server::{Server, ServerSettings, ServerStartError},
    store::{EventQuery, Inserted},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use payments_test_support::receiving::{Fixture, NOW, at, get, payment, post, rejected, webhook};

const MONITOR: Provider = Provider { id: "monitor", name: "Monitor" };

struct Monitor {
    token: &'static str,
}

impl Monitor {
    fn sign(&self, fields: &Value) -> [u8; 32] {
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        let message =
            format!("{}:{}:{}:{}", text("address"), text("txhash"), text("confirmations"), self.token);
        Sha256::digest(message).into()
    }

    fn body(&self, txhash: &str, confirmations: &str) -> String {
        let mut fields =
            serde_json::json!({ "address": "bc1q", "txhash": txhash, "confirmations": confirmations });
        fields["signature"] = hex::encode(self.sign(&fields)).into();
        fields.to_string()
    }
}

impl Scheme for Monitor {
    fn provider(&self) -> Provider {
        MONITOR
    }

    fn path(&self) -> &str {
        "/hooks/monitor"
    }

    fn window(&self) -> Option<Duration> {
        None
    }

    fn claim(&self, request: &Unverified<'_>) -> Result<Claim, Rejection> {
        let malformed = Rejection::MalformedSignature { expected: "the field signature holds 64 hex digits" };
        let fields: Value = serde_json::from_slice(request.body).map_err(|_| malformed.clone())?;
        let mut presented = [0; 32];
        let text = fields["signature"].as_str().unwrap_or_default();
        hex::decode_to_slice(text, &mut presented).map_err(|_| malformed)?;
        let expected = vec![Signature::from(self.sign(&fields))];
        Ok(Claim { presented: vec![presented.into()], expected, signed_at: None })
    }

    fn describe(&self, verified: &Verified<'_>) -> Description {
        let fields: Value = serde_json::from_slice(verified.body()).unwrap_or_default();
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        let (address, txhash, confirmations) = (text("address"), text("txhash"), text("confirmations"));
        Description {
            event_id: format!("{txhash}:{confirmations}"),
            identity: Identity::of(
                MONITOR,
                &[address.as_bytes(), txhash.as_bytes(), confirmations.as_bytes()],
            ),
            identifier: Some(address),
            status: Some(confirmations),
        }
    }

    fn answer(&self, outcome: &ReceiveOutcome) -> WebhookResponse {
        let (status, body) = match outcome {
            ReceiveOutcome::New(_) => (201, "\"new\""),
            ReceiveOutcome::Known { .. } => (200, "\"known\""),
            ReceiveOutcome::Rejected(_) => (403, "\"refused\""),
        };
        WebhookResponse { status, body: body.into() }
    }
}

fn to_monitor(body: &str) -> Vec<u8> {
    let request = String::from_utf8(post(&[], body)).unwrap();
    request.replacen("/webhook/bitnovo", "/hooks/monitor", 1).into_bytes()
}

#[tokio::test]
async fn another_way_of_signing_runs_on_the_same_receiver_store_and_server() {
    let scheme = || Monitor { token: "shared" };
    let shop = Fixture::of(scheme(), Default::default(), |settings| settings).await;
    let first = to_monitor(&scheme().body("tx1", "0"));
    assert_eq!(shop.send(&first).await.status, 201);
    // No time is signed: the same bytes are welcome for as long as the event is kept.
    for _ in 0..5 {
        let repeated = shop.send(&first).await;
        assert_eq!((repeated.status, repeated.body.as_str()), (200, "\"known\""));
    }
    assert_eq!(shop.send(&to_monitor(&scheme().body("tx1", "1"))).await.status, 201);

    let forged = scheme().body("tx2", "6").replace("tx2", "tx3");
    assert_eq!(shop.send(&to_monitor(&forged)).await.status, 403);
    assert_eq!(shop.send(&to_monitor("not json")).await.status, 403);
    assert_eq!((shop.rejected("bad_signature"), shop.rejected("malformed_signature")), (1, 1));

    // Bitnovo's path is not there.
    assert_eq!(shop.send(&post(&[], payment(1))).await.status, 404);
    assert_eq!(shop.send(&get("/hooks/monitor", "")).await.status, 405);

    let stored = shop.events().await;
    let seen: Vec<_> =
        stored.events.iter().map(|event| (event.event_id(), event.status().unwrap())).collect();
    assert_eq!(seen, [("tx1:1", "1"), ("tx1:0", "0")]);
    assert!(stored.events.iter().all(|event| event.signed_at().is_none() && event.validated()));
}

#[tokio::test]
async fn two_providers_share_a_server_and_a_store_and_keep_what_is_theirs() {
    let scheme = || Monitor { token: "shared" };
    let with_stats = |settings: ServerSettings| settings.stats_token("open-sesame".into());
    let (shop, monitor) = Fixture::beside(scheme(), with_stats).await;
    let to_bitnovo = webhook(payment(1), NOW);
    let mut of_monitor = monitor.subscribe();

    assert_eq!(shop.send(&to_bitnovo).await.status, 200);
    assert_eq!(shop.send(&to_monitor(&scheme().body("tx1", "0"))).await.status, 201);
    // Each has its own answer to a request that it has seen.
    assert_eq!(shop.send(&to_bitnovo).await.status, 401);
    assert_eq!(shop.send(&to_monitor(&scheme().body("tx1", "0"))).await.status, 200);
    // Neither accepts what is signed for the other, and each counts for itself.
    let swapped = String::from_utf8(to_bitnovo).unwrap().replacen("/webhook/bitnovo", "/hooks/monitor", 1);
    assert_eq!(shop.send(swapped.as_bytes()).await.status, 403);
    assert_eq!(shop.send(&post(&[], scheme().body("tx2", "0"))).await.status, 401);
    assert_eq!((shop.rejected("replayed"), shop.rejected("missing_header")), (1, 1));
    assert_eq!((rejected(&monitor, "replayed"), rejected(&monitor, "malformed_signature")), (0, 1));

    let of = async |provider| {
        let query = EventQuery { provider: Some(provider), limit: usize::MAX, ..EventQuery::default() };
        shop.receiver.store().query(query, at(NOW)).await.unwrap()
    };
    for (provider, other) in [(bitnovo::PROVIDER, MONITOR), (MONITOR, bitnovo::PROVIDER)] {
        let page = of(provider).await;
        assert_eq!((page.total, page.events.len()), (1, 1), "{provider}");
        assert!(page.events.iter().all(|event| event.provider() == provider && event.provider() != other));
    }
    assert_eq!(shop.events().await.total, 2);
    assert_eq!(of_monitor.recv().await.unwrap().provider(), MONITOR);
    assert!(of_monitor.try_recv().is_err(), "a subscriber hears of its receiver's provider only");

    let stats = shop.send(&get("/stats", "Authorization: Bearer open-sesame\r\n")).await;
    let stats: Value = serde_json::from_str(&stats.body).unwrap();
    assert_eq!((&stats["events"], &stats["validated"]), (&2.into(), &2.into()), "a shared store counts once");
    assert_eq!(stats["rejected"]["replayed"]["count"], 1);
    assert_eq!(stats["providers"]["monitor"]["events"], 1);
    assert_eq!(stats["providers"]["bitnovo"]["rejected"]["missing_header"]["count"], 1);
    assert!(stats["providers"]["monitor"]["rejected"]["replayed"].is_null());
    assert_eq!(shop.send(&get("/health", "")).await.body, r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn two_receivers_cannot_have_one_path() {
    let shop = Fixture::start().await;
    let receivers = vec![Arc::clone(&shop.receiver), Arc::clone(&shop.receiver)];
    let settings = ServerSettings::new(SystemTime::now);
    let error = Server::host(([127, 0, 0, 1], 0).into(), receivers, settings).await.err().unwrap();
    assert!(matches!(error, ServerStartError::DuplicatePath { .. }), "{error}");
}

#[test]
fn what_two_providers_name_alike_is_not_the_same() {
    let parts: [&[u8]; 2] = [b"payment", b"body"];
    assert_ne!(Identity::of(MONITOR, &parts), Identity::of(bitnovo::PROVIDER, &parts));
}

#[tokio::test]
async fn a_request_that_one_provider_has_seen_is_no_replay_of_another_s() {
    let (shop, monitor) = Fixture::beside(Monitor { token: "shared" }, |settings| settings).await;
    let description = |provider| Description {
        identifier: Some("1".to_owned()),
        status: None,
        event_id: "1:read".to_owned(),
        identity: Identity::of(provider, &[b"1"]),
    };
    for (receiver, provider) in [(&shop.receiver, bitnovo::PROVIDER), (&monitor, MONITOR)] {
        let event = WebhookEvent::reconciled(provider, description(provider), b"{}", at(NOW));
        assert!(matches!(receiver.record(event).await.unwrap(), Inserted::New(_)), "{provider}");
    }
    let ids: Vec<_> = shop.events().await.events.iter().map(|event| event.event_id().to_owned()).collect();
    assert!(ids[0].starts_with("1:read-") && ids[1] == "1:read", "an id is one event's: {ids:?}");
}

#[tokio::test]
async fn several_presented_signatures_may_hold_one_that_is_genuine() {
    struct Several(Monitor);
    impl Scheme for Several {
        fn provider(&self) -> Provider {
            MONITOR
        }
        fn path(&self) -> &str {
            "/"
        }
        fn window(&self) -> Option<Duration> {
            None
        }
        fn claim(&self, request: &Unverified<'_>) -> Result<Claim, Rejection> {
            let mut claim = self.0.claim(request)?;
            claim.presented.insert(0, [0; 32].into());
            claim.presented.push([1; 32].into());
            Ok(claim)
        }
        fn describe(&self, verified: &Verified<'_>) -> Description {
            self.0.describe(verified)
        }
        fn answer(&self, outcome: &ReceiveOutcome) -> WebhookResponse {
            self.0.answer(outcome)
        }
    }
    let scheme = Several(Monitor { token: "shared" });
    let body = scheme.0.body("tx1", "0");
    let good = scheme.verify(Unverified { headers: &[], body: body.as_bytes() }).unwrap();
    assert_eq!(good.signed_at(), None);
    let forged = body.replace("tx1", "tx2");
    let outcome = scheme.verify(Unverified { headers: &[], body: forged.as_bytes() });
    assert_eq!(outcome.unwrap_err(), Rejection::BadSignature);
}
