//! The secret is looked for in everything that leaves the crate.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use payments_webhook::{
    Scheme,
    scheme::bitnovo::{Bitnovo, Secret},
    server::ServerSettings,
};

use payments_test_support::{
    log::Log,
    receiving::{Fixture, NOW, SECRET, get, payment, post, secret, webhook},
};

const STATS_TOKEN: &str = "canary-of-the-statistics";

/// The forms in which a secret could leak: as bytes, as hex, in base64, percent-encoded, as a list of numbers.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let percent: String = secret.iter().map(|byte| format!("%{byte:02X}")).collect();
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let hex = hex::encode(secret);
    // Part of a secret is a leak, too.
    let halves = [hex[..hex.len() / 2].to_owned(), hex[hex.len() / 2..].to_owned()];
    [hex.to_uppercase(), STANDARD.encode(secret), percent, numbers.join(", ")]
        .into_iter()
        .chain(halves)
        .map(String::into_bytes)
        .chain([secret.to_vec()])
        .collect()
}

fn assert_clean(place: &str, output: &[u8]) {
    let secrets = [hex::decode(SECRET).unwrap(), STATS_TOKEN.as_bytes().to_vec()];
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        let found = output.windows(form.len()).any(|window| window == form);
        assert!(!found, "a secret in {place}: {}", String::from_utf8_lossy(output));
    }
}

#[test]
fn the_forms_are_found_where_they_are() {
    for form in forms(&hex::decode(SECRET).unwrap()) {
        let leak = [b"x".as_slice(), &form, b"y"].concat();
        assert!(std::panic::catch_unwind(|| assert_clean("a leak", &leak)).is_err());
    }
}

#[tokio::test]
async fn no_secret_is_in_any_answer_or_log() {
    let log = Log::default();
    let _guard = log.listen("trace");

    let shop = Fixture::with(Default::default(), |settings: ServerSettings| {
        settings.stats_token(STATS_TOKEN.into())
    })
    .await;
    let nonce = NOW.to_string();
    let zeros = "0".repeat(64);
    let requests = [
        webhook(payment(1), NOW),
        webhook(payment(1), NOW),
        webhook(payment(1), NOW + 1),
        webhook(payment(2), NOW + 21),
        webhook("not json", NOW),
        post(&[("X-NONCE", &nonce), ("X-SIGNATURE", &zeros)], "{}"),
        post(&[], "{}"),
        post(&[("Content-Encoding", "gzip")], "{}"),
        get("/stats", ""),
        get("/health", ""),
        get("/stats", &format!("Authorization: Bearer {STATS_TOKEN}\r\n")),
        b"nonsense\r\n\r\n".to_vec(),
    ];
    for request in requests {
        let reply = shop.send(&request).await;
        assert_clean("an answer", format!("{}\r\n{}", reply.head, reply.body).as_bytes());
    }
    let events = shop.events().await.events;
    assert_clean("the events", format!("{events:?}").as_bytes());
    shop.server.stop().await;

    let text = log.text();
    assert!(text.contains("webhook refused: no configured secret gives this signature"), "{text}");
    assert!(text.contains("webhook turned away"), "{text}");
    assert_clean("the log", text.as_bytes());
}

#[test]
fn no_secret_is_in_any_debug_output_or_error() {
    assert_clean("a secret", format!("{:?}", secret()).as_bytes());
    let scheme = Bitnovo::new(vec![secret(), secret()]).unwrap();
    assert_clean("a scheme", format!("{scheme:?}, {:#?}", scheme.window()).as_bytes());
    let nearly =
        [format!("{SECRET} "), format!("{SECRET}0"), format!("{}x", &SECRET[..63]), SECRET[..63].to_owned()];
    for text in nearly {
        let error = text.parse::<Secret>().unwrap_err();
        assert_clean("an error", format!("{error} {error:?}").as_bytes());
    }
}
