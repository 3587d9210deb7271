//! Each tool that asks the API × each way in which an API can fail × the documented code: two hundred cases and more, in
//! a few processes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use payments_test_support::{
    answer::Answer,
    sample,
    session::{Revision, Session},
    stub::{DEVICE_ID, IDENTIFIER, RawApi, bytes, created, nobody_listens, payment},
};
use serde_json::{Value, json};

const LEAK: &str = "UPSTREAM-PAGE at backend-7 token=hunter2";

/// What answers a request that meets the fault; `None` closes the connection without a word.
type Wire = Vec<u8>;

/// Codes, in this order: of a create, with its outcome; of a read of one payment; of a list.
type Expected = (&'static str, &'static str, &'static str, &'static str);

const REFUSED: Expected = ("API_ERROR", "not_created", "API_ERROR", "API_ERROR");
const FAILED: Expected = ("API_UNAVAILABLE", "unknown", "API_UNAVAILABLE", "API_UNAVAILABLE");
const STRANGE: Expected = ("API_ERROR", "unknown", "API_ERROR", "API_ERROR");
const LIMITED: Expected = ("RATE_LIMITED", "not_created", "RATE_LIMITED", "RATE_LIMITED");

fn http(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Wire {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn says(status: u16, detail: &str) -> Wire {
    http(status, "content-type: application/json\r\n", json!({ "detail": detail }).to_string())
}

fn page(status: u16) -> Wire {
    http(status, "content-type: text/html\r\n", format!("<!doctype html><html><body>{LEAK}</body></html>"))
}

fn json_text(text: impl AsRef<[u8]>) -> Wire {
    http(200, "content-type: application/json\r\n", text)
}

/// The faults that an answer can have, whatever was asked.
fn faults() -> Vec<(&'static str, Wire, Expected)> {
    let json = "content-type: application/json\r\n";
    let mut faults = vec![
        ("a refusal", says(400, "No."), REFUSED),
        ("a refusal for each field", http(400, json, json!({ "notes": ["Too long."] }).to_string()), REFUSED),
        ("a refusal without a reason", http(400, json, "{}"), REFUSED),
        ("a refusal with a page", page(400), REFUSED),
        (
            "an unknown device",
            says(403, "Who?"),
            ("INVALID_DEVICE_ID", "not_created", "INVALID_DEVICE_ID", "INVALID_DEVICE_ID"),
        ),
        (
            "an unknown device by another status",
            says(401, "Who?"),
            ("INVALID_DEVICE_ID", "not_created", "INVALID_DEVICE_ID", "INVALID_DEVICE_ID"),
        ),
        (
            "an unknown device with a page",
            page(403),
            ("INVALID_DEVICE_ID", "not_created", "INVALID_DEVICE_ID", "INVALID_DEVICE_ID"),
        ),
        (
            "nothing there",
            says(404, "Not found."),
            ("API_ERROR", "not_created", "PAYMENT_NOT_FOUND", "API_ERROR"),
        ),
        ("a rate limit", http(429, "retry-after: 42\r\n", "{}"), LIMITED),
        ("a rate limit without a time", says(429, "Slow down."), LIMITED),
        ("a rate limit with a page", page(429), LIMITED),
        ("a page", page(200), STRANGE),
        ("plain text", http(200, "content-type: text/plain\r\n", LEAK), STRANGE),
        ("an empty body", json_text(""), STRANGE),
        ("no content", http(204, "", ""), STRANGE),
        ("half of a JSON text", json_text("[{\"identifier\": \"0b9d6f0e"), STRANGE),
        ("bytes that are no text", json_text(b"\xff\xfe[{\x80"), STRANGE),
        ("JSON of another shape", json_text(json!({ "surprise": LEAK }).to_string()), STRANGE),
        ("JSON null", json_text("null"), STRANGE),
        ("a JSON string", json_text(json!(LEAK).to_string()), STRANGE),
        ("a JSON number", json_text("1e999"), STRANGE),
        ("an array of numbers", json_text("[1, 2]"), STRANGE),
        ("a hundred thousand brackets", json_text("[".repeat(100_000)), STRANGE),
        (
            "a body shorter than it was announced",
            b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n[{\"id".to_vec(),
            FAILED,
        ),
        (
            "a chunk that ends early",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n[{".to_vec(),
            FAILED,
        ),
        ("a head that ends early", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(), FAILED),
        ("no answer at all", Vec::new(), FAILED),
    ];
    for status in [402, 405, 409, 415, 422, 451] {
        faults.push(("another refusal", says(status, "No."), REFUSED));
    }
    for status in [500, 501, 502, 503, 504, 520] {
        faults.push(("a failure", says(status, LEAK), FAILED));
        faults.push(("a failure with a page", page(status), FAILED));
    }
    for status in [301, 302, 303, 307, 308] {
        let away = format!("location: https://example.com/?device={DEVICE_ID}\r\n");
        faults.push(("a redirect", http(status, &away, ""), STRANGE));
    }
    faults
}

/// The tools, and what of the expectation counts for them: `create`, `payment` or `list`.
fn tools(number: usize) -> Vec<(&'static str, Value, &'static str)> {
    let payment = json!({ "identifier": IDENTIFIER });
    let code = |kind: &str| json!({ "identifier": IDENTIFIER, "qr_type": kind });
    // No two creates are alike: what happens to a repeated one is another story.
    let reference = format!("CASE-{number}");
    vec![
        ("create_payment_link", json!({ "amount_eur": 22, "reference": reference }), "create"),
        (
            "create_payment_onchain",
            json!({ "amount_eur": 22, "input_currency": "BTC_TEST", "reference": reference }),
            "create",
        ),
        ("get_payment_status", payment.clone(), "payment"),
        ("generate_payment_qr", code("address"), "payment"),
        ("generate_payment_qr", code("both"), "payment"),
        ("list_currencies_catalog", json!({}), "list"),
        ("list_payments", json!({}), "list"),
    ]
}

/// A server against an API whose answers can be exchanged, and what has gone wrong so far.
struct Matrix {
    session: Session,
    fault: Arc<Mutex<Wire>>,
    api: RawApi,
    cases: BTreeMap<&'static str, usize>,
}

impl Matrix {
    /// `creates`: only creates meet the fault, and otherwise everything else does.
    fn new(creates: bool, timeout: &str, patience: Duration) -> Self {
        let fault = Arc::new(Mutex::new(Vec::new()));
        let wire = Arc::clone(&fault);
        let api = RawApi::start(move |line| {
            if line.starts_with("POST") == creates {
                thread::sleep(patience);
                wire.lock().unwrap().clone()
            } else if line.contains("currencies") {
                bytes(&sample("currencies_list_200"))
            } else if line.contains("info") {
                bytes(&json!([payment("BTC_TEST")]))
            } else if line.starts_with("POST") {
                bytes(&created("BTC_TEST"))
            } else {
                bytes(&json!([]))
            }
        });
        let session = Self::server(&api.base_url, timeout);
        Self { session, fault, api, cases: BTreeMap::new() }
    }

    fn server(base_url: &str, timeout: &str) -> Session {
        let environment = [
            ("BITNOVO_BASE_URL", base_url),
            ("BITNOVO_ALLOW_HTTP_LOOPBACK", "true"),
            ("BITNOVO_DEVICE_ID", DEVICE_ID),
            ("MAX_RETRIES", "0"),
            ("RETRY_DELAY", "1"),
            ("API_TIMEOUT", timeout),
        ];
        Session::start(Revision::Handshake, &[], &environment)
    }

    /// Has every tool of one half meet the fault.
    fn meet(&mut self, what: &str, wire: &Wire, expected: Expected, creates: bool) {
        wire.clone_into(&mut self.fault.lock().unwrap());
        let number = self.cases.values().sum();
        for (tool, arguments, half) in tools(number) {
            if (half == "create") != creates {
                continue;
            }
            let before = self.api.count("POST");
            let answer = self.session.request("tools/call", json!({ "name": tool, "arguments": arguments }));
            check(&format!("{tool}, {what}"), &answer, half, expected);
            assert_eq!(
                self.api.count("POST") - before,
                usize::from(creates),
                "{tool}, {what}: one create at most"
            );
            *self.cases.entry(tool).or_default() += 1;
        }
    }

    /// Looks for what must not be told in the log; gives the number of cases.
    fn end(self) -> BTreeMap<&'static str, usize> {
        quiet("the log", &self.session.close().stderr);
        self.cases
    }
}

fn check(what: &str, answer: &Value, half: &str, (create, outcome, payment, list): Expected) {
    let error = Answer::of(answer).refused(what);
    let (code, outcome) = match half {
        "create" => (create, json!(outcome)),
        "payment" => (payment, Value::Null),
        _ => (list, Value::Null),
    };
    assert_eq!((&error["code"], &error["outcome"]), (&json!(code), &outcome), "{what}: {error}");
    let transient = ["RATE_LIMITED", "API_TIMEOUT", "API_UNAVAILABLE"].contains(&code);
    assert_eq!(error["retryable"], transient && outcome != "unknown", "{what}: {error}");
    if outcome == "unknown" {
        let action = error["next_action"].as_str().unwrap().to_lowercase();
        assert!(action.contains("do not create"), "{what}: {error}");
    }
    quiet(what, &answer.to_string());
}

/// No page, no address, no device id.
fn quiet(what: &str, text: &str) {
    for secret in ["UPSTREAM", "hunter2", "backend-7", "example.com", "127.0.0.1", DEVICE_ID] {
        assert!(!text.contains(secret), "{what} tells {secret}: {text:.2000}");
    }
}

#[test]
fn every_tool_answers_every_fault_with_the_documented_code() {
    let mut total = 0;
    for creates in [true, false] {
        let mut matrix = Matrix::new(creates, "15000", Duration::ZERO);
        for (what, wire, expected) in faults() {
            matrix.meet(what, &wire, expected, creates);
        }
        let cases = matrix.end();
        assert!(cases.values().all(|count| *count >= 40), "{cases:?}");
        total += cases.values().sum::<usize>();
    }
    println!("{total} cases");
    assert!(total >= 200, "{total} cases were played");
}

/// A wait outlives what can pass, until its time is up. Each has a server of its own, because waits share what they know;
/// a few at once, because a machine that starts them all together has no second left for the wait.
#[test]
fn a_wait_that_never_read_its_payment_answers_every_fault_with_the_documented_code() {
    let faults = Mutex::new(faults().into_iter());
    let next = || faults.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((what, wire, expected)) = next() {
                    let api = RawApi::start(move |_| wire.clone());
                    let mut session = Matrix::server(&api.base_url, "15000");
                    let arguments = json!({ "identifier": IDENTIFIER, "timeout_seconds": 1 });
                    let call = json!({ "name": "wait_for_payment", "arguments": arguments });
                    let answer = session.request("tools/call", call);
                    check(&format!("wait_for_payment, {what}"), &answer, "payment", expected);
                    quiet("the log", &session.close().stderr);
                }
            });
        }
    });
}

#[test]
fn every_tool_gives_up_on_an_api_that_is_silent() {
    let late: Expected = ("API_TIMEOUT", "unknown", "API_TIMEOUT", "API_TIMEOUT");
    for creates in [true, false] {
        let mut matrix = Matrix::new(creates, "500", Duration::from_secs(5));
        matrix.meet("silence", &json_text("[]"), late, creates);
        matrix.end();
    }
}

#[test]
fn every_tool_says_that_nobody_is_there() {
    let absent: Expected = ("API_UNAVAILABLE", "not_created", "API_UNAVAILABLE", "API_UNAVAILABLE");
    let base_url = nobody_listens();
    let mut session = Matrix::server(&base_url, "15000");
    for (number, (tool, arguments, half)) in tools(0).into_iter().enumerate() {
        let answer = session.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        check(&format!("{tool} ({number}), nobody"), &answer, half, absent);
    }
    quiet("the log", &session.close().stderr);
}

/// Answers that are sound in themselves, and wrong for what was asked.
#[test]
fn a_payment_that_cannot_be_right_is_not_reported() {
    let mut matrix = Matrix::new(false, "15000", Duration::ZERO);
    let changed = |field: &str, value: Value| {
        let mut payment = payment("BTC_TEST");
        payment[field] = value;
        json!([payment])
    };
    let twice = json!([payment("BTC_TEST"), payment("BTC_TEST")]);
    for (what, body) in [
        ("no payment", json!([])),
        ("two payments", twice),
        ("another payment", changed("identifier", json!("1c8e7a1f-7d6f-4b64-8a5f-3e2a6c8d9b02"))),
        ("an identifier that is none", changed("identifier", json!("1001"))),
        ("an amount in words", changed("fiat_amount", json!("twenty-two"))),
        ("no amount", changed("fiat_amount", Value::Null)),
        ("a status that is a number", changed("status", json!(7))),
        ("an expiry that is none", changed("expired_time", json!("yesterday"))),
    ] {
        *matrix.fault.lock().unwrap() = bytes(&body);
        for (tool, arguments, half) in tools(0).into_iter().filter(|(.., half)| *half == "payment") {
            let answer =
                matrix.session.request("tools/call", json!({ "name": tool, "arguments": arguments }));
            check(&format!("{tool}, {what}"), &answer, half, STRANGE);
        }
    }
    matrix.end();
}
