//! An API that cannot be reached: the message and the log name the kind of cause, and nothing secret.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
};

use payments_test_support::{
    process::{Finished, run},
    stub::{DEVICE_ID, nobody_listens},
};
use serde_json::Value;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

fn asked(environment: &[(&str, &str)]) -> (Finished, Value) {
    let base = [
        ("BITNOVO_DEVICE_ID", DEVICE_ID),
        ("LOG_LEVEL", "debug"),
        ("MAX_RETRIES", "1"),
        ("RETRY_DELAY", "1"),
    ];
    let done = run(&["call", "list_currencies_catalog"], &[&base[..], environment].concat());
    let error =
        serde_json::from_str::<Value>(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    assert_eq!(done.code, Some(69), "{done:?}");
    assert_eq!(error["error"]["code"], "API_UNAVAILABLE");
    (done, error["error"].clone())
}

/// The message and the log tell this cause.
fn tells(environment: &[(&str, &str)], words: &str, kind: &str, passes: bool) {
    let (done, error) = asked(environment);
    assert!(error["message"].as_str().unwrap().contains(words), "{words}: {error}");
    assert_eq!(error["retryable"], passes, "{error}");
    assert!(done.stderr.contains(&format!("cause=\"{kind}\"")), "{kind}: {}", done.stderr);
    let retried = done.stderr.contains("the API is asked again");
    assert_eq!(retried, passes, "{}", done.stderr);
    assert!(!format!("{done:?}").contains("hunter2"), "{done:?}");
}

/// The https address of a server that speaks plain http.
fn plain_http() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            // Closed at once with the greeting unread, it would be reset.
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    base_url
}

/// An https API with a certificate of an authority of its own; gives its address and the authority.
fn private_api(name: &str) -> (String, String) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let ca = authority.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(authority, key);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let (chain, key) = (
        vec![CertificateDer::from(certificate.der().to_vec())],
        PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    );
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let _ = stream.read(&mut [0; 4096]).await;
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]";
                    let _ = stream.write_all(answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
    });
    (base_url, ca)
}

#[test]
fn the_cause_is_named_and_only_what_may_pass_is_tried_again() {
    let nobody = nobody_listens();
    let (refused, plain) = (nobody.replace("http:", "https:"), plain_http());
    let dead = nobody.replace("http://", "http://user:hunter2@");
    for (base_url, more, words, kind, passes) in [
        ("https://api.invalid", None, "DNS", "dns", true),
        (&refused, None, "refused", "refused", true),
        (&plain, None, "does not speak TLS", "not_tls", false),
        ("https://pos.example.com", Some(("HTTPS_PROXY", dead.as_str())), "HTTPS_PROXY", "proxy", true),
    ] {
        let environment: Vec<_> = std::iter::once(("BITNOVO_BASE_URL", base_url)).chain(more).collect();
        tells(&environment, words, kind, passes);
    }
}

#[test]
fn a_private_authority_is_named_and_trusted_when_it_is_given() {
    let (base_url, ca) = private_api("127.0.0.1");
    let api = ("BITNOVO_BASE_URL", base_url.as_str());
    tells(&[api], "SSL_CERT_FILE", "untrusted_certificate", false);

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ca).unwrap();
    let trusted = ("SSL_CERT_FILE", file.path().to_str().unwrap());
    let environment = [("BITNOVO_DEVICE_ID", DEVICE_ID), api, trusted];
    let done = run(&["call", "list_currencies_catalog"], &environment);
    assert_eq!(done.code, Some(0), "{done:?}");

    // For another name it is no use.
    let (base_url, ca) = private_api("shop.example");
    std::fs::write(file.path(), ca).unwrap();
    tells(&[("BITNOVO_BASE_URL", &base_url), trusted], "another name", "wrong_certificate", false);
    tells(&[api, ("SSL_CERT_FILE", "/nowhere")], "trusts no certificate authority", "no_authorities", false);
}
