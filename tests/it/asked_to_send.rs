//! What a customer may be asked to send, as seen from outside: nothing when nobody knows whether it is paid, nothing when it
//! is, and the exact amount in the decimals of the coin otherwise. The table of all cases is a unit test of the server.

use std::sync::atomic::{AtomicUsize, Ordering};

use payments_test_support::{
    answer::Answer,
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{CREATE, IDENTIFIER, RawApi, Stub, bytes, created, cut, exports, json_answer, payment},
};
use serde_json::{Value, json};

fn status_line(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// An API whose payment is read well once, and not again.
fn failing_later(fail: Fail) -> RawApi {
    let reads = AtomicUsize::new(0);
    RawApi::start(move |line| {
        let open = payment("BTC_TEST");
        match (line.contains("/orders/info/"), reads.load(Ordering::SeqCst)) {
            (false, _) => status_line("404 Not Found", "", ""),
            (true, 0) => {
                reads.fetch_add(1, Ordering::SeqCst);
                bytes(&json!([open]))
            }
            (true, _) => fail(&open),
        }
    })
}

/// The bytes of a failed read, made from the payment that it would have shown.
type Fail = fn(&Value) -> Vec<u8>;

/// How reads fail.
const WAYS: [(&str, Fail); 7] = [
    ("500", |_| status_line("500 Internal Server Error", "", "")),
    ("429", |_| status_line("429 Too Many Requests", "retry-after: 60\r\n", "")),
    ("a connection that breaks", |_| Vec::new()),
    ("half an answer", |open| cut(&json!([open]))),
    ("a page", |_| status_line("200 OK", "content-type: text/html\r\n", "<html>Bad gateway</html>")),
    ("an amount in words", |open| {
        let mut open = open.clone();
        open["fiat_amount"] = json!("twenty-two");
        bytes(&json!([open]))
    }),
    ("another payment", |open| {
        let mut open = open.clone();
        open["identifier"] = json!("1c8e7a1f-7d6f-4b64-8a5f-3e2a6c8d9b02");
        bytes(&json!([open]))
    }),
];

#[test]
fn a_wait_that_could_not_read_again_asks_for_nothing_and_says_why() {
    let open = payment("BTC_TEST");
    // A process for each, because they share what they may ask of the API.
    let waits = WAYS.map(|(way, fail)| {
        let api = failing_later(fail);
        let mut session = Session::start(Revision::Handshake, &[], &exports(&api.base_url));
        session.begin_call("wait_for_payment", &json!({ "identifier": IDENTIFIER, "timeout_seconds": 4 }));
        (way, api, session)
    });
    for (way, _api, mut session) in waits {
        let answer = Answer::of(&session.receive());
        let read = answer.done(way);
        assert_eq!((&read["verdict"], &read["done"]), (&json!("unpaid"), &json!(false)), "{way}: {read}");
        assert!(read["warnings"].to_string().contains("could not be read again"), "{way}: {read}");
        for action in [&read["next_action"], &read["advice"]] {
            assert!(action.as_str().unwrap().starts_with("Call get_payment_status first"), "{way}: {read}");
        }
        assert!(read["read_at"].is_string(), "{way}: {read}");
        let shown = answer.0.to_string();
        let (address, amount) = (open["address"].as_str().unwrap(), open["crypto_amount"].to_string());
        for to_send in [address, &amount, "please send exactly"] {
            assert!(!shown.contains(to_send), "{way}: {to_send} in {shown}");
        }
    }
}

#[tokio::test]
async fn what_is_paid_or_ended_with_funds_is_drawn_by_no_tool_and_no_resource() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let order = session.done(
        "create_payment_onchain",
        json!({ "amount_eur": 50, "input_currency": "BTC", "include_qr": true }),
    );
    let identifier = order["identifier"].as_str().unwrap();
    for (step, verdict) in [("pay", "detected"), ("mine", "paid"), ("refund", "refunded")] {
        sandbox.steer(&format!("orders/{identifier}/{step}"), json!({})).await;
        let mut errors = vec![
            session.request("resources/read", json!({ "uri": order["qr_address"] }))["error"].clone(),
            session.request("resources/read", json!({ "uri": order["qr_payment_uri"] }))["error"].clone(),
        ];
        for error in &mut errors {
            assert_eq!(error["code"], -32602, "{error}");
            *error = error["data"].clone();
        }
        for kind in ["address", "payment_uri", "both", "gateway_url"] {
            let arguments = json!({ "identifier": identifier, "qr_type": kind });
            errors.push(session.refused("generate_payment_qr", arguments));
        }
        for error in errors {
            assert_eq!(
                (&error["code"], &error["details"]["verdict"]),
                (&json!("PAYMENT_NOT_PAYABLE"), &json!(verdict)),
                "{step}: {error}"
            );
            let next = error["next_action"].as_str().unwrap();
            assert!(next.contains("get_payment_status") && !next.contains("reate"), "{step}: {next}");
        }
    }
}

#[tokio::test]
async fn a_status_that_lags_behind_its_time_or_its_funds_is_not_asked_for() {
    for (status, expiry, confirmed, code, verdict, message) in [
        (
            "PE",
            "2025-02-03T10:15:01+01:00",
            "0",
            "PAYMENT_EXPIRED",
            "unpaid",
            "The time for this payment is over",
        ),
        (
            "IA",
            "2025-02-03T10:15:01+01:00",
            "0.0001",
            "PAYMENT_NOT_PAYABLE",
            "underpaid",
            "The time for this payment is over",
        ),
        (
            "PE",
            "2099-02-03T10:15:01+01:00",
            "0.0001",
            "PAYMENT_NOT_PAYABLE",
            "unpaid",
            "Something has arrived",
        ),
        (
            "EX",
            "2025-02-03T10:15:01+01:00",
            "1",
            "PAYMENT_NOT_PAYABLE",
            "needs_review",
            "arrived in full, but after",
        ),
    ] {
        let stub = Stub::start().await;
        let mut read = payment("BTC_TEST");
        (read["status"], read["expired_time"]) = (json!(status), json!(expiry));
        read["confirmed_amount"] = serde_json::from_str(confirmed).unwrap();
        stub.read(json_answer(&json!([read]))).await;
        stub.works().await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        let error = session.refused("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
        assert_eq!(
            (&error["code"], &error["details"]["verdict"]),
            (&json!(code), &json!(verdict)),
            "{error}"
        );
        let answer = session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
        assert_eq!(answer["verdict"], verdict, "{answer}");
        let said = answer["customer_message"].as_str().unwrap();
        assert!(said.contains(message) && said.contains("send nothing"), "{status}: {said}");
        assert_eq!(answer.get("remaining_amount"), None, "{answer}");
    }
}

#[tokio::test]
async fn a_payment_that_is_paid_with_less_than_its_amount_comes_with_a_warning() {
    for (status, safe) in [("CO", false), ("AC", true)] {
        let stub = Stub::start().await;
        let mut read = payment("BTC_TEST");
        read["status"] = json!(status);
        read["safe"] = json!(safe);
        read["crypto_amount"] = json!(0.5);
        read["confirmed_amount"] = json!(0.2);
        stub.read(json_answer(&json!([read]))).await;
        stub.works().await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        for tool in ["get_payment_status", "wait_for_payment"] {
            let read = session.done(tool, json!({ "identifier": IDENTIFIER }));
            assert_eq!(read["verdict"], "paid", "the provider's word counts: {read}");
            assert!(read["warnings"].to_string().contains("0.2 of 0.5 BTC_TEST"), "{tool}: {read}");
        }
    }
}

#[tokio::test]
async fn a_create_asks_for_no_more_decimals_than_the_coin_has() {
    let stub = Stub::start().await;
    let (mut order, mut read) = (created("BTC_TEST"), payment("BTC_TEST"));
    order["expected_input_amount"] = json!(0.30000000000000004);
    order["payment_uri"] =
        json!(format!("bitcoin:{}?amount=0.30000000000000004", order["address"].as_str().unwrap()));
    read["crypto_amount"] = json!(0.3);
    stub.on("POST", CREATE, json_answer(&order)).await;
    stub.read(json_answer(&json!([read]))).await;
    stub.works().await;
    let base_url = stub.base_url();
    let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
    let answer =
        session.call("create_payment_onchain", json!({ "amount_eur": 22, "input_currency": "BTC_TEST" }));
    let result = answer.done("an order with a binary fraction");
    assert_eq!(result["expected_output_amount"], "0.3", "{result}");
    assert!(result["payment_uri"].as_str().unwrap().ends_with("amount=0.3"), "{result}");
    assert!(answer.texts()[0].contains("exactly 0.3 BTC_TEST"), "{}", answer.texts()[0]);
}

#[test]
fn text_alone_and_fields_alone_say_all_that_a_customer_needs() {
    let mut session = Session::on_sandbox();
    let order = session.call("create_payment_onchain", json!({ "amount_eur": 10, "input_currency": "XRP" }));
    let created = order.done("an order in XRP");
    let needed: Vec<String> = ["network", "expected_output_amount", "address", "tag_memo"]
        .iter()
        .map(|field| created[field].as_str().unwrap_or_else(|| panic!("{field}: {created}")).to_owned())
        .collect();
    let expiry = created["expires_at"].as_str().unwrap()[..16].to_owned();
    let drawn = session.call("generate_payment_qr", json!({ "identifier": created["identifier"] }));
    let codes = drawn.done("its codes");
    assert_eq!(codes["network"], created["network"]);
    let next = created["next_action"].as_str().unwrap();
    assert!(next.contains("generate_payment_qr") && next.contains("wait_for_payment"), "{next}");
    for (text, fields) in [(order.texts()[0], &created), (drawn.texts()[0], &codes)] {
        for channel in [text, fields["customer_message"].as_str().unwrap()] {
            for part in needed.iter().chain([&expiry]) {
                assert!(channel.contains(part), "{part} is missing in {channel}");
            }
            assert!(channel.contains("lost"), "what happens without the tag: {channel}");
        }
    }

    let link = session.call("create_payment_link", json!({ "amount_eur": 10 }));
    let created = link.done("a link");
    for channel in [link.texts()[0], created["customer_message"].as_str().unwrap()] {
        for part in ["10.00 EUR", created["web_url"].as_str().unwrap()] {
            assert!(channel.contains(part), "{part} is missing in {channel}");
        }
    }
    assert!(created["next_action"].as_str().unwrap().contains("generate_payment_qr"), "{created}");
    let drawn = session.done("create_payment_link", json!({ "amount_eur": 11, "include_qr": true }));
    assert!(!drawn["next_action"].as_str().unwrap().contains("generate_payment_qr"), "{drawn}");
}

#[tokio::test]
async fn the_residue_of_a_binary_fraction_is_neither_funds_nor_a_surplus() {
    for (status, safe, confirmed, verdict) in [("AC", true, 0.5, "paid"), ("PE", false, 0.0, "unpaid")] {
        let stub = Stub::start().await;
        let mut read = payment("BTC_TEST");
        (read["status"], read["safe"]) = (json!(status), json!(safe));
        (read["crypto_amount"], read["confirmed_amount"]) = (json!(0.5), json!(confirmed));
        read["unconfirmed_amount"] = json!(5.551115123125783e-17);
        stub.read(json_answer(&json!([read]))).await;
        stub.works().await;
        let base_url = stub.base_url();
        let mut session = Session::start(Revision::Handshake, &[], &exports(&base_url));
        let detected = json!({ "identifier": IDENTIFIER, "until": "detected", "timeout_seconds": 1 });
        let waited = session.done("wait_for_payment", detected);
        assert_eq!(waited["reached"], status == "AC", "{waited}");
        let read = session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
        assert_eq!((&read["verdict"], read.get("warnings")), (&json!(verdict), None), "{read}");
        assert_eq!((&read["unconfirmed_amount"], read.get("surplus_amount")), (&json!("0"), None), "{read}");
        if status == "PE" {
            let codes = session.done("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
            assert!(codes["payment_uri"].as_str().unwrap().contains("amount=0.5"), "{codes}");
        }
    }
}

/// The clock of a till is set by its users. A payment ends by the API's.
#[tokio::test]
async fn a_payment_ends_by_the_clock_of_the_api() {
    for (date, end, open) in [
        // To the API, this machine's clock is ahead, and then behind.
        ("Mon, 03 Feb 2025 09:10:00 GMT", "2025-02-03T10:15:01+01:00", true),
        ("Mon, 03 Feb 2025 09:15:02 GMT", "2025-02-03T10:15:01+01:00", false),
        ("Tue, 03 Feb 2099 09:10:00 GMT", "2099-02-03T10:15:01+01:00", true),
        ("Tue, 03 Feb 2099 09:15:02 GMT", "2099-02-03T10:15:01+01:00", false),
    ] {
        let api = RawApi::start(move |line| {
            let mut payment = payment("BTC_TEST");
            payment["expired_time"] = json!(end);
            let (status, body) = if line.contains("/orders/info/") {
                ("200 OK", json!([payment]))
            } else {
                ("404 Not Found", json!({}))
            };
            status_line(status, &format!("date: {date}\r\n"), &body.to_string())
        });
        let mut session = Session::start(Revision::Handshake, &[], &exports(&api.base_url));
        for (tool, arguments) in [
            ("get_payment_status", json!({ "identifier": IDENTIFIER })),
            ("wait_for_payment", json!({ "identifier": IDENTIFIER, "timeout_seconds": 1 })),
        ] {
            let read = session.done(tool, arguments);
            let message = read["customer_message"].as_str().unwrap();
            assert_eq!(message.contains("please send exactly"), open, "{tool} at {date}: {message}");
            assert_eq!(message.contains(" min left"), open, "{tool} at {date}: {message}");
        }
    }
}
