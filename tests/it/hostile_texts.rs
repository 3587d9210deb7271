//! What customers, other systems and attackers write comes back as data: it deceives nobody, hides nothing, breaks no
//! line, tells no secret, and never becomes part of what the server says of itself.

use std::{
    str::FromStr as _,
    sync::{Arc, LazyLock, Mutex},
    time::SystemTime,
};

use payments_test_support::{
    sample,
    sandbox::{Sandbox, client},
    session::{Revision, Session},
    stub::{IDENTIFIER, RawApi, bytes, payment},
};
use payments_webhook::scheme::bitnovo::{NONCE_HEADER, SIGNATURE_HEADER, Secret, nonce, sign};
use serde_json::{Value, json};

const DEVICE: &str = "d3c0ded1-7e57-4bad-9bee-f00dfeed1e55";
const SECRET: &str = "5ec2e7b16b00b5ca11ab1eca5cade5c0ffee1eaf7a57e0ddba11fa11ed5ea1ed";
/// What is shown of a text at most, in characters.
const LONGEST: usize = 512;

struct Hostile {
    name: String,
    text: String,
}

static CORPUS: LazyLock<Vec<Hostile>> = LazyLock::new(|| {
    let path = format!("{}/vectors/hostile_texts.json", env!("CARGO_MANIFEST_DIR"));
    let entries: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let entries = entries.as_array().unwrap().iter();
    entries
        .map(|entry| {
            let times = usize::try_from(entry["times"].as_u64().unwrap_or(1)).unwrap();
            let apart = |text: &str, by: &str| format!("{}{by}{}", &text[..20], &text[20..]);
            let text = entry["text"].as_str().unwrap().repeat(times);
            let text = text.replace("{device}", DEVICE).replace("{secret}", SECRET);
            let text = text.replace("{device:apart}", &apart(DEVICE, "\u{200b}"));
            let text = text.replace("{secret:apart}", &apart(SECRET, "\u{e0041}"));
            let text = text.replace("{secret:capitals}", &SECRET.to_uppercase());
            Hostile { name: entry["name"].as_str().unwrap().to_owned(), text }
        })
        .collect()
});

/// What no reader sees, and no reader expects. Written down here once more, so that the product cannot excuse itself.
fn is_deceptive(c: char) -> bool {
    let ranges = [
        0x00..=0x1f,
        0x7f..=0x9f,
        0xad..=0xad,
        0x34f..=0x34f,
        0x61c..=0x61c,
        0x115f..=0x1160,
        0x17b4..=0x17b5,
        0x180b..=0x180f,
        0x200b..=0x200f,
        0x2028..=0x202e,
        0x2060..=0x206f,
        0x3164..=0x3164,
        0xfe00..=0xfe0f,
        0xfeff..=0xfeff,
        0xffa0..=0xffa0,
        0xfff9..=0xfffb,
        0xfffe..=0xffff,
        0xfdd0..=0xfdef,
        0x13430..=0x1343f,
        0x1bca0..=0x1bca3,
        0x1d173..=0x1d17a,
        0x1fffe..=0x1ffff,
        0xe0000..=0xe0fff,
    ];
    ranges.iter().any(|range| range.contains(&u32::from(c)))
}

fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            found.push(name);
            strings(field, found);
        }),
        _ => {}
    }
}

fn deceives(text: &str) -> Option<char> {
    text.chars().find(|c| *c != '\n' && is_deceptive(*c))
}

fn tells_no_secret(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for secret in [SECRET, DEVICE, &SECRET[..32], &SECRET[32..], "7e57-4bad-9bee"] {
        assert!(!lower.contains(secret), "{what}: {secret} is told: {text:.2000}");
    }
}

/// Holds one line of stdout to the rules; gives the message.
fn harmless(what: &str, line: &str) -> Value {
    assert_eq!(line.lines().count(), 1, "{what}: one frame is one line");
    assert_eq!(deceives(line), None, "{what}: {line:.2000}");
    tells_no_secret(what, line);
    let message: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{what}: {error}: {line:.2000}"));
    let mut found = Vec::new();
    strings(&message, &mut found);
    for block in message["result"]["content"].as_array().into_iter().flatten() {
        // Structured results and errors are repeated as JSON inside a text.
        if let Ok(inner) = serde_json::from_str::<Value>(block["text"].as_str().unwrap_or_default()) {
            let mut inside = Vec::new();
            strings(&inner, &mut inside);
            for text in inside {
                assert_eq!(text.chars().find(|c| is_deceptive(*c)), None, "{what}: {text:?}");
                // Our own sentence around what others wrote.
                assert!(text.chars().count() <= LONGEST + 256, "{what}: {} characters", text.chars().count());
            }
        }
    }
    for text in found {
        assert_eq!(deceives(text), None, "{what}: {text:?}");
        for forged in ["SYSTEM:", "2026-01-01T", "{\"jsonrpc\"", "X-Device-Id:"] {
            assert!(
                !text.lines().any(|line| line.starts_with(forged)),
                "{what}: a line of its own: {text:?}"
            );
        }
    }
    assert_eq!(message["jsonrpc"], "2.0", "{what}");
    message
}

fn call(session: &mut Session, what: &str, tool: &str, arguments: Value) -> Value {
    let id = session.begin("tools/call", json!({ "name": tool, "arguments": arguments }));
    let message = harmless(what, &session.receive_line());
    assert_eq!(message["id"], id, "{what}: {message}");
    message["result"].clone()
}

/// What the server says of itself: its tools and its instructions.
fn self_portrait(session: &mut Session) -> String {
    let tools = session.request("tools/list", json!({}))["result"].clone();
    let about = session.request("server/discover", json!({}))["result"].clone();
    assert!(tools["tools"].as_array().unwrap().len() >= 5 && about["instructions"].is_string(), "{about}");
    format!("{tools}{about}")
}

/// A server that knows the secrets, and is asked about itself before and after.
fn with_server(environment: &[(&str, &str)], story: impl FnOnce(&mut Session)) {
    let secrets = [("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET), ("LOG_LEVEL", "debug")];
    let environment = [&secrets[..], environment].concat();
    let mut session = Session::start(Revision::Stateless, &[], &environment);
    let before = self_portrait(&mut session);
    story(&mut session);
    assert_eq!(before, self_portrait(&mut session), "nothing that others wrote becomes part of the tools");
    let log = session.close().stderr;
    assert_eq!(deceives(&log), None, "the log: {log:.2000}");
    tells_no_secret("the log", &log);
    for line in log.lines() {
        let begins = line.get(..4).is_some_and(|year| year.starts_with("20")) && line.contains('Z');
        assert!(begins && !line.starts_with("2026-01-01T"), "no line of the log is forged: {line:?}");
    }
}

/// An API that says `text` wherever `answer` puts it.
fn parrot(answer: fn(&str, &str) -> Vec<u8>) -> (RawApi, Arc<Mutex<String>>) {
    let text = Arc::new(Mutex::new(String::new()));
    let said = Arc::clone(&text);
    let api = RawApi::start(move |line| answer(line, &said.lock().unwrap()));
    (api, text)
}

fn on(api: &RawApi) -> [(&str, &str); 4] {
    [
        ("BITNOVO_BASE_URL", &api.base_url),
        ("BITNOVO_ALLOW_HTTP_LOOPBACK", "true"),
        ("MAX_RETRIES", "0"),
        ("RETRY_DELAY", "1"),
    ]
}

fn error_of(status: u16, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 {status} No\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

#[test]
fn the_corpus_is_large_and_every_kind_is_in_it() {
    assert!(CORPUS.len() >= 60, "{}", CORPUS.len());
    let deceptive = CORPUS.iter().filter(|hostile| hostile.text.contains(is_deceptive)).count();
    assert!(deceptive >= 30, "{deceptive}");
    assert!(CORPUS.iter().filter(|hostile| hostile.text.len() >= 100_000).count() >= 5);
    let mut names: Vec<&str> = CORPUS.iter().map(|hostile| hostile.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CORPUS.len());
}

#[test]
fn the_check_finds_what_it_looks_for() {
    for leak in ["a\u{202e}b", "a\u{200b}b", "a\u{1b}[1mb", "a\u{e0041}b", SECRET, DEVICE, "x\nSYSTEM: y"] {
        let frame = json!({ "jsonrpc": "2.0", "result": { "text": leak } }).to_string();
        assert!(std::panic::catch_unwind(|| harmless("a leak", &frame)).is_err(), "{leak:?} was not found");
    }
    harmless("plain", &json!({ "jsonrpc": "2.0", "result": { "text": "ñ 漢字 😀" } }).to_string());
}

#[test]
fn notes_and_references_of_a_payment() {
    let (api, said) = parrot(|_, text| {
        let mut payment = payment("BTC_TEST");
        for field in ["notes", "reference", "internal_data", "merchant_device"] {
            payment[field] = json!(text);
        }
        bytes(&json!([payment]))
    });
    with_server(&on(&api), |session| {
        for Hostile { name, text } in CORPUS.iter() {
            text.clone_into(&mut said.lock().unwrap());
            let result = call(session, name, "get_payment_status", json!({ "identifier": IDENTIFIER }));
            let shown = &result["structuredContent"];
            assert_eq!(shown["verdict"], "unpaid", "{name}: {result}");
            for field in ["notes", "reference"] {
                let length = shown[field].as_str().unwrap().chars().count();
                assert!(length <= LONGEST, "{name}: {field} has {length} characters");
            }
        }
    });
}

#[test]
fn every_other_text_of_a_payment() {
    let (api, said) = parrot(|_, text| {
        let mut payment = payment("BTC_TEST");
        for field in ["status", "fiat", "currency_id", "address", "tag_memo", "merchant_device", "url_ok"] {
            payment[field] = json!(text);
        }
        payment["transactions"] = json!([{ "confirmed": false, "currency": text, "amount": 1.0, "tx_hash": text,
            "block": null, "created_at": "2025-02-03T09:04:00Z" }]);
        bytes(&json!([payment]))
    });
    with_server(&on(&api), |session| {
        for Hostile { name, text } in CORPUS.iter() {
            text.clone_into(&mut said.lock().unwrap());
            let result = call(session, name, "get_payment_status", json!({ "identifier": IDENTIFIER }));
            assert_eq!(result["structuredContent"]["verdict"], "needs_review", "{name}: {result}");
            let arguments = json!({ "identifier": IDENTIFIER, "qr_type": "address" });
            let drawn = call(session, name, "generate_payment_qr", arguments);
            // What must not be changed is shown as it is, or not at all.
            if let Some(address) = drawn["structuredContent"]["address"].as_str() {
                assert!(
                    address == text || text.contains(DEVICE) || text.to_lowercase().contains(SECRET),
                    "{name}"
                );
            }
        }
    });
}

#[test]
fn what_a_create_is_answered() {
    let (api, said) = parrot(|line, text| {
        let mut created = sample("orders_create_200_onchain_btc");
        created["identifier"] = json!(IDENTIFIER);
        if line.starts_with("POST") {
            for field in ["web_url", "address", "tag_memo", "payment_uri", "notes", "reference", "language"] {
                created[field] = json!(text);
            }
            bytes(&created)
        } else if line.contains("info") {
            let mut payment = payment("BTC_TEST");
            payment["address"] = json!(text);
            payment["tag_memo"] = json!(text);
            bytes(&json!([payment]))
        } else if line.contains("currencies") {
            bytes(&sample("currencies_list_200"))
        } else {
            bytes(&json!([]))
        }
    });
    with_server(&on(&api), |session| {
        for Hostile { name, text } in CORPUS.iter() {
            text.clone_into(&mut said.lock().unwrap());
            for (tool, arguments) in [
                ("create_payment_link", json!({ "amount_eur": 22, "include_qr": true })),
                ("create_payment_onchain", json!({ "amount_eur": 22, "input_currency": "BTC_TEST" })),
            ] {
                let result = call(session, name, tool, arguments);
                assert_eq!(result["isError"], true, "{name}: no page and no address is offered: {result}");
                let text = result["content"][0]["text"].as_str().unwrap();
                let error: Value = serde_json::from_str(text).unwrap();
                assert_eq!(error["error"]["outcome"], "created", "{name}: {error}");
            }
        }
    });
}

#[test]
fn what_the_api_says_when_it_refuses() {
    for shape in [
        (|text: &str| json!({ "detail": text })) as fn(&str) -> Value,
        |text| json!({ "notes": [text, text], text: [text] }),
    ] {
        let said = Arc::new(Mutex::new(String::new()));
        let text = Arc::clone(&said);
        let api = RawApi::start(move |line| {
            if line.starts_with("GET /api/v1/orders/?") || line.starts_with("GET /api/v1/orders/ ") {
                return bytes(&json!([]));
            }
            error_of(400, &shape(&text.lock().unwrap()))
        });
        with_server(&on(&api), |session| {
            for Hostile { name, text } in CORPUS.iter() {
                text.clone_into(&mut said.lock().unwrap());
                for (tool, arguments) in [
                    ("create_payment_link", json!({ "amount_eur": 22 })),
                    ("get_payment_status", json!({ "identifier": IDENTIFIER })),
                    ("list_currencies_catalog", json!({})),
                ] {
                    let result = call(session, name, tool, arguments);
                    assert_eq!(result["isError"], true, "{name}: {result}");
                }
            }
        });
    }
}

#[test]
fn names_of_currencies() {
    // The whole list must not be longer than an answer may be.
    let texts = CORPUS.iter().map(|hostile| hostile.text.chars().take(5000).collect::<String>());
    let mut list = sample("currencies_list_200");
    let honest = list.as_array().unwrap().len();
    for (number, text) in texts.enumerate() {
        let mut currency = list[1].clone();
        currency["symbol"] = json!(format!("COIN_{number}"));
        for field in ["name", "blockchain", "image"] {
            currency[field] = json!(text);
        }
        let mut disguised = currency.clone();
        disguised["symbol"] = json!(text);
        list.as_array_mut().unwrap().extend([currency, disguised]);
    }
    let api = RawApi::start(move |_| bytes(&list));
    with_server(&on(&api), |session| {
        let result = call(session, "the catalogue", "list_currencies_catalog", json!({}));
        let shown = result["structuredContent"]["currencies"].as_array().unwrap();
        let coins: Vec<&Value> =
            shown.iter().filter(|shown| shown["symbol"].as_str().unwrap().starts_with("COIN_")).collect();
        assert_eq!(coins.len(), CORPUS.len(), "an odd name does not hide a currency");
        assert!(shown.len() >= honest + CORPUS.len());
        for coin in coins {
            for field in ["name", "blockchain"] {
                assert!(coin[field].as_str().unwrap().chars().count() <= LONGEST, "{coin}");
            }
        }
        for Hostile { name, text } in CORPUS.iter() {
            let arguments = json!({ "amount_eur": 22, "input_currency": text });
            call(session, name, "create_payment_onchain", arguments);
        }
    });
}

#[tokio::test]
async fn what_a_sandbox_keeps_of_the_merchants_own_words() {
    let sandbox = Sandbox::start_with(&[("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET)]);
    let mut orders = Vec::new();
    for Hostile { name, text } in CORPUS.iter() {
        let cut = |length: usize| -> String { text.chars().take(length).collect() };
        let order = json!({ "amount_eur": 5, "notes": cut(512), "reference": cut(256) });
        orders.push((name, order));
    }
    let environment = [("BITNOVO_ENV", "sandbox"), ("BITNOVO_BASE_URL", &*sandbox.base_url)];
    let mut identifiers = Vec::new();
    with_server(&environment, |session| {
        for (name, order) in orders {
            let created = call(session, name, "create_payment_link", order.clone());
            let created = &created["structuredContent"]["identifier"];
            let read = call(session, name, "get_payment_status", json!({ "identifier": created }));
            assert_eq!(read["structuredContent"]["identifier"], *created, "{name}: {read}");
            identifiers.push((created.as_str().unwrap().to_owned(), order));
        }
    });
    // What the merchant's agent sent has arrived as it was.
    for (identifier, order) in identifiers {
        let path = format!("/api/v1/orders/info/{identifier}");
        let (_, kept) = sandbox.send("GET", &path, None, Some(DEVICE)).await;
        let kept = &kept[0];
        assert_eq!((&kept["notes"], &kept["reference"]), (&order["notes"], &order["reference"]));
    }
}

#[tokio::test]
async fn notifications_that_are_signed_and_still_not_to_be_trusted() {
    let environment = [
        ("BITNOVO_ENV", "sandbox"),
        ("WEBHOOK_ENABLED", "true"),
        ("WEBHOOK_PORT", "0"),
        ("WEBHOOK_HOST", "127.0.0.1"),
    ];
    let secrets = [("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET), ("LOG_LEVEL", "debug")];
    let mut session = Session::start(Revision::Stateless, &[], &[&secrets[..], &environment].concat());
    let before = self_portrait(&mut session);
    let address = session.done("get_webhook_url", json!({ "validate": false }))["webhook_url"].clone();
    let (http, secret) = (client(), Secret::from_str(SECRET).unwrap());
    let mut received = 0;
    for Hostile { name, text } in CORPUS.iter() {
        let escaped = json!({ "identifier": text, "status": text, "currency": text, "reference": text,
            text: text, "deep": [[{ "x": text }]], "fiat_amount": 100.0 })
        .to_string();
        let raw = format!("not JSON: {text}");
        for body in [escaped.as_str(), &raw] {
            let body = body.as_bytes().to_vec();
            let nonce = nonce(SystemTime::now());
            let signature = sign(&secret, &nonce, &body).to_string();
            let too_large = body.len() > 64 * 1024;
            let request = http.post(address.as_str().unwrap()).body(body);
            let answer = request.header(NONCE_HEADER, &nonce).header(SIGNATURE_HEADER, signature).send();
            let answer = answer.await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(answer.status().as_u16(), if too_large { 413 } else { 200 }, "{name}");
            received += u64::from(!too_large);
        }
        let result = call(&mut session, name, "get_webhook_events", json!({ "limit": 2 }));
        let shown = &result["structuredContent"];
        assert_eq!(shown["total_count"], received, "{name}: {shown:.2000}");
        for event in shown["events"].as_array().unwrap() {
            let mut found = Vec::new();
            strings(event, &mut found);
            assert!(found.iter().all(|text| text.chars().count() <= LONGEST), "{name}");
            let payload = &event["payload"];
            assert!(payload["raw"].is_string() || payload["fiat_amount"] == 100.0, "{name}: {payload}");
        }
    }
    assert!(received >= 150, "{received}");
    assert_eq!(before, self_portrait(&mut session));
    let log = session.close().stderr;
    assert_eq!(deceives(&log), None, "{log:.2000}");
    tells_no_secret("the log", &log);
}

#[test]
fn what_an_agent_sends_comes_back_harmless_too() {
    with_server(&[("BITNOVO_ENV", "sandbox")], |session| {
        for Hostile { name, text } in CORPUS.iter() {
            for (tool, arguments) in [
                ("create_payment_link", json!({ "amount_eur": text })),
                ("create_payment_link", json!({ "amount_eur": 5, "fiat": text })),
                ("create_payment_link", json!({ "amount_eur": 5, "url_ok": text })),
                ("create_payment_link", json!({ "amount_eur": 5, "language": text })),
                ("create_payment_link", json!({ "amount_eur": 5, text: 1 })),
                ("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": text })),
                ("get_payment_status", json!({ "identifier": text })),
                ("generate_payment_qr", json!({ "identifier": IDENTIFIER, "style": text })),
                ("list_currencies_catalog", json!({ "filter_by_amount": text })),
                (text, json!({})),
            ] {
                let id = session.begin("tools/call", json!({ "name": tool, "arguments": arguments }));
                let message = harmless(name, &session.receive_line());
                assert_eq!(message["id"], id);
                let failed = message["result"]["isError"] == true || message.get("error").is_some();
                assert!(failed, "{name}: {message}");
            }
            session.begin("resources/read", json!({ "uri": text }));
            harmless(name, &session.receive_line());
        }
    });
}
