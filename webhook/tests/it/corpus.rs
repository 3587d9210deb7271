//! Inputs that have shown, or could show, a weakness; add one whenever something surprising is found.

use std::{fs, path::Path};

use serde_json::Value;

use payments_test_support::receiving::{Fixture, NOW, impatient, payment, read_reply, webhook};

fn seeds(kind: &str) -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/corpus").join(kind);
    let seeds: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    assert!(!seeds.is_empty());
    seeds
}

#[tokio::test]
async fn a_signed_body_of_any_content_is_kept_byte_for_byte() {
    let shop = Fixture::start().await;
    for (name, body) in seeds("body") {
        assert_eq!(shop.send(&webhook(&body, NOW)).await.status, 200, "{name}");
        let stored = &shop.events().await.events[0];
        assert_eq!(stored.body(), body, "{name}");
        assert!(serde_json::from_str::<Value>(stored.payload().get()).is_ok(), "{name}");
    }
}

#[tokio::test]
async fn no_unsigned_request_is_ever_stored_or_stops_the_server() {
    use tokio::io::AsyncWriteExt as _;

    let shop = Fixture::with(impatient(), |settings| settings).await;
    for (name, request) in seeds("request") {
        let mut stream = shop.connect().await;
        stream.write_all(&request).await.unwrap();
        let status = read_reply(&mut stream).await.map_or(0, |reply| reply.status);
        assert!([0, 400, 401, 404, 405, 408, 413, 431].contains(&status), "{name}: {status}");
        assert_eq!(shop.events().await.total, 0, "{name}");
    }
    assert_eq!(shop.send(&webhook(payment(1), NOW)).await.status, 200);
}
