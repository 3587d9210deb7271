//! The server that this one replaces had faults. One test for each that concerns this part, to show that it is gone.

use std::{
    net::TcpListener,
    time::{Duration, Instant, SystemTime},
};

use payments_test_support::{
    on_this_machine,
    picture::Picture,
    process::run,
    sample,
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{CREATE, DEVICE_ID, IDENTIFIER, Stub, created, exports, json_answer, payment},
};
use payments_webhook::{
    Rejection, Scheme as _, Unverified,
    scheme::bitnovo::{Bitnovo, NONCE_HEADER, SIGNATURE_HEADER, Secret, sign},
};
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

#[test]
fn fault_1_started_as_documented_it_ended_without_a_word() {
    let secret = "ab".repeat(32);
    let environment = [
        ("BITNOVO_DEVICE_ID", DEVICE_ID),
        ("BITNOVO_DEVICE_SECRET", secret.as_str()),
        ("BITNOVO_BASE_URL", "https://pos.bitnovo.com"),
        ("API_TIMEOUT", "5000"),
        ("MAX_RETRIES", "2"),
        ("WEBHOOK_ENABLED", "true"),
        ("WEBHOOK_PORT", "3000"),
        ("TUNNEL_ENABLED", "true"),
        ("TUNNEL_PROVIDER", "ngrok"),
        ("NGROK_AUTHTOKEN", "token"),
        ("NGROK_DOMAIN", "your-domain.ngrok-free.app"),
    ];
    for environment in [&environment[..2], &environment[..]] {
        let mut session = Session::start(Revision::Handshake, &[], &on_this_machine(environment));
        assert!(session.tools().len() >= 5);
    }
}

#[tokio::test]
async fn fault_2_an_order_was_created_once_the_api_recovered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let base_url = format!("http://{address}");
    let mut environment = exports(&base_url).to_vec();
    environment.extend([("MAX_RETRIES", "5"), ("RETRY_DELAY", "200")]);
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    let call = json!({ "name": "create_payment_link", "arguments": { "amount_eur": 22 } });
    let id = session.begin("tools/call", call);
    session.cancel(id);
    // Answered in order of arrival, so the cancellation has been read when this is answered.
    session.begin("ping", json!({}));
    while session.receive()["id"] != id + 1 {}

    let listener = TcpListener::bind(address).unwrap();
    let stub = Stub { server: MockServer::builder().listener(listener).start().await };
    stub.works().await;
    // The retries would have taken 200 + 400 + 800 + … ms; reads show meanwhile that the API is back.
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(2) {
        session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
    }
    assert_eq!(stub.count("POST").await, 0, "an order was created after the caller had given up");
}

#[tokio::test]
async fn fault_2_lost_answers_made_more_orders_than_calls() {
    let sandbox = Sandbox::start();
    let fault = json!({ "match": "POST /api/v1/orders/", "mode": "drop_after_commit", "times": 9 });
    sandbox.steer("faults", fault).await;
    let mut environment = sandbox.exports().to_vec();
    environment.extend([("MAX_RETRIES", "5"), ("RETRY_DELAY", "1")]);
    let mut session = Session::start(Revision::Handshake, &[], &environment);
    // An order on chain is found again. A link is replaced once: when its page is lost again, that is the end.
    let order = session.done("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC" }));
    let orders = sandbox.look("orders").await;
    assert_eq!((orders.as_array().unwrap().len(), &orders[0]["identifier"]), (1, &order["identifier"]));
    let error = session.refused("create_payment_link", json!({ "amount_eur": 5 }));
    assert_eq!((&error["outcome"], &error["retryable"]), (&json!("created"), &json!(false)), "{error}");
    assert_eq!(sandbox.count().await, 3, "nobody has a page of the other two");
}

#[test]
fn fault_3_a_secret_that_is_not_hex_became_an_empty_key() {
    for secret in ["", "not-hex", "zz", &"a".repeat(63), &"g".repeat(64), &format!(" {}", "a".repeat(64))] {
        assert!(secret.parse::<Secret>().is_err(), "{secret:?}");
        if !secret.is_empty() {
            let done =
                run(&["call", "list_currencies_catalog", "--sandbox"], &[("BITNOVO_DEVICE_SECRET", secret)]);
            assert_eq!(done.code, Some(78), "{done:?}");
            assert!(done.stderr.contains("BITNOVO_DEVICE_SECRET"), "{}", done.stderr);
        }
    }
    assert!(Bitnovo::new(vec![]).is_err(), "without a secret there is nothing to verify with");
}

#[test]
fn fault_4_a_captured_webhook_was_accepted_later() {
    let vector = &sample("webhook_vectors")[0];
    let text = |name: &str| vector[name].as_str().unwrap();
    let headers: [(&str, &[u8]); 2] =
        [(NONCE_HEADER, text("nonce").as_bytes()), (SIGNATURE_HEADER, text("signature").as_bytes())];
    let scheme = Bitnovo::new(vec![text("secret_hex").parse().unwrap()]).unwrap();
    let verified = scheme.verify(Unverified { headers: &headers, body: text("body").as_bytes() }).unwrap();
    let signed = SystemTime::UNIX_EPOCH + Duration::from_secs(text("nonce").parse().unwrap());
    assert!(verified.fresh(scheme.window(), signed + Duration::from_secs(19)).is_ok());
    let later = verified.fresh(scheme.window(), signed + Duration::from_secs(300));
    assert!(matches!(later, Err(Rejection::Stale { .. })), "{later:?}");
}

#[test]
fn fault_4_of_two_events_in_one_second_one_was_lost() {
    let secret: Secret = "ab".repeat(32).parse().unwrap();
    let signature = |body: &[u8]| *sign(&secret, "1645634942", body).as_bytes();
    assert_ne!(
        signature(b"{\"identifier\": 1}"),
        signature(b"{\"identifier\": 2}"),
        "same nonce, two events"
    );
}

#[tokio::test]
async fn fault_5_nulls_strings_and_unknown_statuses_were_refused() {
    let mut nulls = payment("BTC_TEST");
    let fields: Vec<String> = nulls.as_object().unwrap().keys().cloned().collect();
    for field in fields {
        if !["identifier", "status", "fiat_amount", "created_at", "edited_at"].contains(&field.as_str()) {
            nulls[field.as_str()] = Value::Null;
        }
    }
    let mut strings = payment("BTC_TEST");
    for field in ["fiat_amount", "crypto_amount", "confirmed_amount", "unconfirmed_amount", "received_amount"]
    {
        strings[field] = json!(strings[field].to_string());
    }
    let mut unknown = payment("BTC_TEST");
    unknown["status"] = json!("ZZ");
    let minimal = json!({
        "identifier": IDENTIFIER, "status": "PE", "fiat_amount": 22,
        "created_at": "2025-02-03T10:00:00+01:00", "edited_at": "2025-02-03T10:00:00Z",
    });
    for (read, status, verdict) in [
        (nulls, "PE", "unpaid"),
        (strings, "PE", "unpaid"),
        (unknown, "ZZ", "needs_review"),
        (minimal, "PE", "unpaid"),
    ] {
        // The API answers an array; a bare object is tolerated.
        for body in [json!([read]), read] {
            let stub = Stub::start().await;
            stub.read(json_answer(&body)).await;
            let base_url = stub.base_url();
            let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
            let result = session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
            assert_eq!((&result["status"], &result["verdict"]), (&json!(status), &json!(verdict)), "{body}");
            assert_eq!(result["fiat_amount"], "22.00", "{body}");
        }
    }
}

#[tokio::test]
async fn fault_6_the_tag_was_dropped() {
    let sandbox = Sandbox::start();
    for currency in ["XRP", "XRP_TEST", "XLM"] {
        let order = sandbox.order(currency, 10).await;
        let tag = order["tag_memo"].as_str().unwrap();
        assert!(!tag.is_empty(), "{order}");
        let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
        let drawn = session.call("generate_payment_qr", json!({ "identifier": order["identifier"] }));
        assert_eq!(drawn.done(currency)["tag_memo"], tag);
        assert!(drawn.texts()[0].contains(tag), "{}", drawn.texts()[0]);
        let created =
            session.call("create_payment_onchain", json!({ "amount_eur": 10, "input_currency": currency }));
        let result = created.done(currency);
        assert!(created.texts()[0].contains(result["tag_memo"].as_str().unwrap()), "{}", created.texts()[0]);
    }
}

#[tokio::test]
async fn fault_6_redirects_were_sent_under_names_that_the_api_does_not_know() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let (ok, ko) = ("https://mystore.com/success", "https://mystore.com/cancelled");
    let link = session.done("create_payment_link", json!({ "amount_eur": 50, "url_ok": ok, "url_ko": ko }));
    let payment = sandbox.payment(link["identifier"].as_str().unwrap()).await;
    assert_eq!((&payment["url_ok"], &payment["url_ko"]), (&json!(ok), &json!(ko)), "{payment}");
}

#[tokio::test]
async fn fault_6_the_code_of_a_link_pointed_to_another_host() {
    let stub = Stub::start().await;
    let mut order = sample("orders_create_200_redirect");
    order["identifier"] = json!(IDENTIFIER);
    let mut read = payment("BTC_TEST");
    for field in ["currency_id", "address", "crypto_amount", "expired_time"] {
        read[field] = Value::Null;
    }
    read["status"] = json!("NR");
    stub.on("POST", CREATE, json_answer(&order)).await;
    stub.read(json_answer(&json!([read]))).await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let answer = session.call("create_payment_link", json!({ "amount_eur": 22, "include_qr": true }));
    let page = order["web_url"].as_str().unwrap();
    assert_eq!(answer.done("a link")["web_url"], page);
    assert_eq!(Picture::of_base64(answer.images()[0]).text(), page);
    let drawn =
        session.call("generate_payment_qr", json!({ "identifier": IDENTIFIER, "qr_type": "gateway_url" }));
    assert_eq!(Picture::of_base64(drawn.images()[0]).text(), page);
}

#[test]
fn fault_7_codes_did_not_scan_on_a_dark_chat() {
    let mut session = Session::on_sandbox();
    let arguments = json!({ "amount_eur": 50, "input_currency": "BTC", "include_qr": true });
    let answer = session.call("create_payment_onchain", arguments);
    for data in answer.images() {
        let picture = Picture::of_base64(data);
        assert!(picture.is_opaque());
        let module = picture.module();
        assert!(picture.has_white_border(4 * module), "a quiet zone of four modules of {module} pixels");
        assert!(picture.modules_are_seamless(module), "no seams between modules");
        picture.text();
    }
}

#[tokio::test]
async fn fault_8_amounts_went_through_floating_point() {
    let stub = Stub::start().await;
    stub.on("POST", CREATE, ResponseTemplate::new(404)).await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let amounts =
        ["0.3", "0.30", "0.29", "1.1", "4.35", "19.99", "8589934.57", "123456789012.34", "999999999999.99"];
    for amount in amounts {
        session.refused("create_payment_link", json!({ "amount_eur": amount }));
    }
    for amount in [0.3, 0.29, 1.1, 4.35, 1_234_567.89] {
        session.refused("create_payment_link", json!({ "amount_eur": amount }));
    }
    let sent = stub.orders().await;
    let expected = amounts.into_iter().chain(["0.3", "0.29", "1.1", "4.35", "1234567.89"]);
    for (body, amount) in sent.iter().zip(expected) {
        let start = body.find("\"expected_output_amount\":").unwrap() + "\"expected_output_amount\":".len();
        let written: String = body[start..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let plain = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_owned();
        assert_eq!(plain(&written), plain(amount), "{body}");
    }
    assert_eq!(sent.len(), amounts.len() + 5);
}

#[tokio::test]
async fn fault_8_the_order_returned_was_not_compared_with_the_one_asked_for() {
    let stub = Stub::start().await;
    stub.on("POST", CREATE, json_answer(&created("ETH_TEST5"))).await;
    stub.works().await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let arguments = json!({ "amount_eur": 22, "input_currency": "BTC_TEST", "include_qr": true });
    let error = session.refused("create_payment_onchain", arguments);
    assert_eq!(error["outcome"], "created");
    // Nor does the customer see it by its identifier.
    let asked = json!({ "identifier": error["details"]["identifier"] });
    let status = session.done("get_payment_status", asked.clone());
    let message = status["customer_message"].as_str().unwrap();
    assert!(message.starts_with("Please send nothing to this payment"), "{status}");
    assert_eq!(session.refused("generate_payment_qr", asked)["code"], "PAYMENT_NOT_PAYABLE");
}

#[tokio::test]
async fn fault_9_redirects_carried_the_device_id_to_another_origin() {
    let (stub, elsewhere) = (Stub::start().await, Stub::that_works().await);
    let away =
        ResponseTemplate::new(307).insert_header("Location", format!("{}{CREATE}", elsewhere.base_url()));
    stub.on("POST", CREATE, away).await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    session.refused("create_payment_link", json!({ "amount_eur": 22 }));
    assert!(elsewhere.server.received_requests().await.unwrap().is_empty());
}

#[test]
fn fault_9_plain_http_was_accepted() {
    for base_url in [
        "http://pos.bitnovo.com",
        "http://payments.pre-bnvo.com",
        "http://127.0.0.1:1",
        "ftp://pos.bitnovo.com",
    ] {
        let environment = [("BITNOVO_BASE_URL", base_url), ("BITNOVO_DEVICE_ID", DEVICE_ID)];
        let done = run(&["call", "list_currencies_catalog"], &environment);
        assert_eq!(done.code, Some(78), "{base_url}: {done:?}");
        assert!(done.stderr.contains("BITNOVO_BASE_URL"), "{}", done.stderr);
    }
}

#[test]
fn fault_10_it_did_not_end_when_its_client_went_away() {
    let mut session = Session::on_sandbox();
    // In the middle of work, too.
    session.begin("tools/call", json!({ "name": "create_payment_link", "arguments": { "amount_eur": 5 } }));
    let ended = session.close();
    assert!(ended.took < Duration::from_secs(2), "{:?}", ended.took);
}

#[test]
fn fault_11_error_details_never_reached_the_model() {
    let mut session = Session::on_sandbox();
    let error =
        session.refused("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "btc" }));
    assert_eq!(error["details"]["did_you_mean"], "BTC");
    let url = json!({ "amount_eur": 5, "url_ok": "javascript:alert(1)" });
    assert_eq!(session.refused("create_payment_link", url)["code"], "INVALID_REDIRECT_URL");
    let answer = session.request("tools/call", json!({ "name": "list_currencies_catalog" }));
    assert_ne!(answer["result"]["isError"], true, "omitted arguments mean the defaults: {answer}");
}

#[test]
fn fault_12_the_log_left_the_secret_unmasked() {
    let secret = "c0ffee11".repeat(8);
    let environment = [("BITNOVO_DEVICE_SECRET", secret.as_str()), ("LOG_LEVEL", "debug")];
    let mut session = Session::start(Revision::Handshake, &["--sandbox"], &environment);
    session.done("create_payment_link", json!({ "amount_eur": 5 }));
    let log = session.close().stderr;
    assert!(!log.is_empty() && !log.contains("c0ffee11"), "{log}");
}
