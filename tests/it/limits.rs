//! The merchant's limits: they hold whoever asks, however many ask at once, and after a restart.

use payments_test_support::{
    answer::Answer,
    process::run,
    sandbox::Sandbox,
    session::{Revision, Session},
    stub::{CREATE, Stub, exports, json_answer, refusal},
};
use serde_json::{Value, json};

fn limited(sandbox: &Sandbox, limits: &[(&str, &str)]) -> Session {
    let exports = sandbox.exports();
    let environment = [&exports[..], limits].concat();
    Session::start(Revision::Handshake, &[], &environment)
}

/// The two ways to create a payment.
fn creates(amount: &str, fiat: &str) -> [(&'static str, Value); 2] {
    [
        ("create_payment_link", json!({ "amount_eur": amount, "fiat": fiat })),
        ("create_payment_onchain", json!({ "amount_eur": amount, "fiat": fiat, "input_currency": "BTC" })),
    ]
}

/// The form of every refusal by a limit.
fn is_exceeded(error: &Value, variable: &str) {
    assert_eq!((&error["code"], &error["retryable"]), (&json!("LIMIT_EXCEEDED"), &json!(false)), "{error}");
    assert!(error["message"].as_str().unwrap().contains(variable), "{error}");
    assert_eq!(error["details"]["variable"], variable, "{error}");
}

#[tokio::test]
async fn no_payment_is_larger_than_the_largest() {
    let sandbox = Sandbox::start();
    let mut session = limited(&sandbox, &[("BITNOVO_MAX_AMOUNT", "500 EUR,550.50 USD")]);
    for (amount, fiat) in [("500.01", "EUR"), ("550.51", "USD"), ("1", "GBP"), ("1", "JPY")] {
        for (tool, arguments) in creates(amount, fiat) {
            let error = session.refused(tool, arguments);
            is_exceeded(&error, "BITNOVO_MAX_AMOUNT");
            assert_eq!(error["outcome"], "not_created", "{error}");
            assert_eq!(error["details"]["fiat"], fiat, "{error}");
        }
    }
    assert_eq!(sandbox.count().await, 0);
    for (amount, fiat) in [("500", "EUR"), ("550.50", "USD")] {
        for (tool, arguments) in creates(amount, fiat) {
            session.done(tool, arguments);
        }
    }
    let error = session.refused("create_payment_link", json!({ "amount_eur": 750 }));
    let details =
        json!({ "variable": "BITNOVO_MAX_AMOUNT", "limit": "500.00", "requested": "750.00", "fiat": "EUR" });
    assert_eq!(error["details"], details);
    assert!(error["next_action"].as_str().unwrap().contains("merchant"), "{error}");
}

#[tokio::test]
async fn the_largest_amount_holds_under_a_hundred_creates_at_once() {
    let sandbox = Sandbox::start();
    let mut session = limited(&sandbox, &[("BITNOVO_MAX_AMOUNT", "10 EUR")]);
    for call in 0..100 {
        // Every second one is a cent too much.
        let amount = ["10", "10.01"][call % 2];
        let arguments = json!({ "amount_eur": amount, "reference": format!("ORD-{call}") });
        session.begin_call("create_payment_link", &arguments);
    }
    let answers = (0..100).map(|_| Answer::of(&session.receive()));
    assert_eq!(answers.filter(Answer::is_error).count(), 50);
    assert_eq!((sandbox.count().await, sold(&sandbox).await), (50, 500));
}

/// What the sandbox's own list comes to. All amounts are whole here.
async fn sold(sandbox: &Sandbox) -> u64 {
    let orders = sandbox.look("orders").await;
    let amount = |order: &Value| -> u64 {
        let text = order["fiat_amount"].to_string();
        text.trim_end_matches(".0").parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    orders.as_array().unwrap().iter().map(amount).sum()
}

#[tokio::test]
async fn the_limit_of_a_day_holds_under_a_hundred_creates_at_once() {
    let sandbox = Sandbox::start();
    let mut session = limited(&sandbox, &[("BITNOVO_DAILY_LIMIT", "333 EUR")]);
    for round in 0..2 {
        let mut waiting: Vec<u64> = (0..50)
            .flat_map(|_| creates("10.00", "EUR"))
            .map(|(tool, arguments)| {
                session.begin("tools/call", json!({ "name": tool, "arguments": arguments }))
            })
            .collect();
        let (mut created, mut refused) = (0, 0);
        while !waiting.is_empty() {
            let answer = session.receive();
            waiting.retain(|id| answer["id"] != *id);
            if answer["result"]["isError"] == true {
                let text = answer["result"]["content"][0]["text"].as_str().unwrap();
                let error: Value = serde_json::from_str(text).unwrap();
                is_exceeded(&error["error"], "BITNOVO_DAILY_LIMIT");
                refused += 1;
            } else {
                created += 1;
            }
        }
        assert_eq!((created, refused), if round == 0 { (33, 67) } else { (0, 100) });
        assert_eq!(sold(&sandbox).await, 330);
    }
    let journal = sandbox.look("journal").await;
    let lists =
        journal.as_array().unwrap().iter().filter(|entry| entry["path"].as_str().unwrap().contains("start="));
    assert!(lists.count() <= 2, "the list is not read for every create: {journal}");
    session.done("create_payment_link", json!({ "amount_eur": "3.00" }));
    session.refused("create_payment_link", json!({ "amount_eur": "0.01" }));
}

#[tokio::test]
async fn a_restart_does_not_give_the_day_back() {
    let sandbox = Sandbox::start();
    let limit = [("BITNOVO_DAILY_LIMIT", "100 EUR,100 USD")];
    let mut first = limited(&sandbox, &limit);
    first.done("create_payment_link", json!({ "amount_eur": 60 }));
    first.done("create_payment_onchain", json!({ "amount_eur": 30, "input_currency": "BTC" }));
    drop(first);

    let mut second = limited(&sandbox, &limit);
    let error = second.refused("create_payment_link", json!({ "amount_eur": "10.01" }));
    is_exceeded(&error, "BITNOVO_DAILY_LIMIT");
    assert_eq!((&error["details"]["used"], &error["details"]["limit"]), (&json!("90.00"), &json!("100.00")));
    second.done("create_payment_link", json!({ "amount_eur": 100, "fiat": "USD" }));
    second.done("create_payment_link", json!({ "amount_eur": 10 }));
    second.refused("create_payment_link", json!({ "amount_eur": "0.01" }));
}

#[tokio::test]
async fn the_day_is_the_one_of_the_api_and_not_of_this_machine() {
    let sandbox = Sandbox::start();
    let mut session = limited(&sandbox, &[("BITNOVO_DAILY_LIMIT", "100 EUR")]);
    // To the API, this machine's clock is days behind.
    sandbox.steer("clock/advance", json!({ "seconds": 3 * 86_400 })).await;
    session.done("create_payment_link", json!({ "amount_eur": 60 }));
    // So it is for a server that has just been started.
    for session in [&mut session, &mut limited(&sandbox, &[("BITNOVO_DAILY_LIMIT", "100 EUR")])] {
        let error = session.refused("create_payment_link", json!({ "amount_eur": "40.01" }));
        is_exceeded(&error, "BITNOVO_DAILY_LIMIT");
        assert_eq!(error["details"]["used"], "60.00", "{error}");
    }
    let log = session.close().stderr;
    assert_eq!(log.matches("minutes behind the API's").count(), 1, "{log}");
}

#[tokio::test]
async fn an_order_that_ended_without_money_leaves_its_room_after_a_restart() {
    let sandbox = Sandbox::start();
    for end in ["expire", "cancel", "pay"] {
        let order = sandbox.order("BTC", 40).await;
        sandbox.steer(&format!("orders/{}/{end}", order["identifier"].as_str().unwrap()), json!({})).await;
    }
    let mut session = limited(&sandbox, &[("BITNOVO_DAILY_LIMIT", "100 EUR")]);
    session.refused("create_payment_link", json!({ "amount_eur": "60.01" }));
    session.done("create_payment_link", json!({ "amount_eur": 60 }));
}

#[tokio::test]
async fn nothing_is_created_while_the_sum_of_the_day_cannot_be_read() {
    let cases = [
        (refusal(503, "Busy."), "API_UNAVAILABLE", true),
        (refusal(429, "Slow down.").insert_header("Retry-After", "7"), "RATE_LIMITED", true),
        (refusal(403, "Who are you?"), "INVALID_DEVICE_ID", false),
        (refusal(404, "Not found."), "API_ERROR", false),
        (json_answer(&json!({ "orders": [] })), "API_ERROR", false),
    ];
    for (answer, code, retryable) in cases {
        let stub = Stub::start().await;
        stub.on("GET", CREATE, answer).await;
        stub.works().await;
        let base_url = stub.base_url();
        let mut environment = exports(&base_url).to_vec();
        environment.extend([("BITNOVO_DAILY_LIMIT", "1000 EUR"), ("MAX_RETRIES", "0"), ("RETRY_DELAY", "1")]);
        let mut session = Session::start(Revision::Handshake, &[], &environment);
        for tool in ["create_payment_link", "create_payment_onchain"] {
            let mut arguments = json!({ "amount_eur": 22 });
            if tool == "create_payment_onchain" {
                arguments["input_currency"] = json!("BTC_TEST");
            }
            let error = session.refused(tool, arguments);
            assert_eq!((&error["code"], &error["outcome"]), (&json!(code), &json!("not_created")), "{error}");
            assert_eq!(error["retryable"], retryable, "{error}");
            assert!(error["message"].as_str().unwrap().contains("BITNOVO_DAILY_LIMIT"), "{error}");
        }
        assert_eq!(stub.count("POST").await, 0, "{code}");
    }
}

#[tokio::test]
async fn a_checkout_page_leads_only_to_the_hosts_of_the_shop() {
    let sandbox = Sandbox::start();
    let mut session =
        limited(&sandbox, &[("BITNOVO_REDIRECT_HOSTS", "shop.example,*.pay.example,münchen.example")]);
    for url in [
        "https://evil.example/",
        "https://shop.example.evil.com/",
        "https://www.shop.example/",
        "https://pay.example/",
        "https://evilpay.example/",
        "https://evil.com/?to=https://shop.example/",
    ] {
        for field in ["url_ok", "url_ko"] {
            let error = session.refused("create_payment_link", json!({ "amount_eur": 5, field: url }));
            assert_eq!(
                (&error["code"], &error["outcome"]),
                (&json!("INVALID_REDIRECT_URL"), &json!("not_created"))
            );
            assert_eq!(error["details"]["field"], field, "{error}");
            let hosts = json!(["shop.example", "*.pay.example", "xn--mnchen-3ya.example"]);
            assert_eq!(error["details"]["allowed_hosts"], hosts);
            assert!(error["message"].as_str().unwrap().contains("shop.example, *.pay.example"), "{error}");
        }
    }
    assert_eq!(sandbox.count().await, 0);
    for url in
        ["https://shop.example/ok?order=7", "https://eu.pay.example/", "https://xn--mnchen-3ya.example/"]
    {
        session.done("create_payment_link", json!({ "amount_eur": 5, "url_ok": url, "url_ko": url }));
    }
    session.done("create_payment_link", json!({ "amount_eur": 5 }));
}

#[tokio::test]
async fn a_server_that_only_reads_hides_and_refuses_the_rest() {
    let sandbox = Sandbox::start();
    let order = sandbox.order("BTC", 5).await;
    let limits = [("BITNOVO_READ_ONLY", "true"), ("BITNOVO_TOOLSETS", "default,sandbox")];
    let mut session = limited(&sandbox, &limits);
    let names: Vec<Value> = session.tools().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(
        names,
        [
            "get_payment_status",
            "wait_for_payment",
            "list_payments",
            "list_currencies_catalog",
            "generate_payment_qr",
        ]
    );
    let writes = creates("5", "EUR")
        .into_iter()
        .chain([("simulate_payment", json!({ "identifier": order["identifier"] }))]);
    for (tool, arguments) in writes {
        let error = session.refused(tool, arguments);
        is_exceeded(&error, "BITNOVO_READ_ONLY");
        let outcome = if tool.starts_with("create_") { json!("not_created") } else { Value::Null };
        assert_eq!(error["outcome"], outcome, "{error}");
    }
    session.done("get_payment_status", json!({ "identifier": order["identifier"] }));
    assert_eq!(sandbox.count().await, 1);
    assert_eq!(sandbox.payment(order["identifier"].as_str().unwrap()).await["status"], "PE");
}

#[test]
fn a_tool_that_is_hidden_is_refused_although_it_is_called() {
    for revision in Revision::ALL {
        let environment = [("BITNOVO_TOOLSETS", "catalog,get_payment_status,-generate_payment_qr")];
        let mut session = Session::start(revision, &["--sandbox"], &environment);
        for (tool, arguments) in [
            ("create_payment_link", json!({ "amount_eur": 5 })),
            ("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC" })),
            ("generate_payment_qr", json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01" })),
            ("simulate_payment", json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01" })),
            ("get_webhook_events", json!({})),
            ("create_payment_link", json!({})),
        ] {
            is_exceeded(&session.refused(tool, arguments), "BITNOVO_TOOLSETS");
        }
        session.done("list_currencies_catalog", json!({}));
        session
            .refused("get_payment_status", json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01" }));
    }
}

#[test]
fn every_limit_is_a_flag_too_and_the_flag_wins() {
    let create = |flags: &[&str], environment: &[(&str, &str)]| {
        let call = [
            "call",
            "create_payment_link",
            r#"{"amount_eur": 50, "url_ok": "https://shop.example/"}"#,
            "--sandbox",
        ];
        let done = run(&[&call, flags].concat(), environment);
        let answer: Value =
            serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        (done.code, answer["error"]["code"].as_str().unwrap_or("created").to_owned())
    };
    for (flag, value, variable, code) in [
        ("--max-amount", "49.99 EUR", "BITNOVO_MAX_AMOUNT", "LIMIT_EXCEEDED"),
        ("--daily-limit", "49.99 EUR", "BITNOVO_DAILY_LIMIT", "LIMIT_EXCEEDED"),
        ("--confirm-over", "49.99 EUR", "BITNOVO_CONFIRM_OVER", "LIMIT_EXCEEDED"),
        ("--redirect-hosts", "other.example", "BITNOVO_REDIRECT_HOSTS", "INVALID_REDIRECT_URL"),
        ("--toolsets", "catalog", "BITNOVO_TOOLSETS", "LIMIT_EXCEEDED"),
    ] {
        let wide = if variable.contains("HOSTS") {
            "shop.example"
        } else if variable.contains("TOOLSETS") {
            "default"
        } else {
            "50 EUR"
        };
        let refused = (Some(1), code.to_owned());
        assert_eq!(create(&[flag, value], &[]), refused, "{flag}");
        assert_eq!(create(&[], &[(variable, value)]), refused, "{variable}");
        assert_eq!(create(&[flag, value], &[(variable, wide)]), refused, "{flag} over {variable}");
        assert_eq!(
            create(&[flag, wide], &[(variable, value)]),
            (Some(0), "created".into()),
            "{flag} over {variable}"
        );
    }
    assert_eq!(create(&["--read-only"], &[]), (Some(1), "LIMIT_EXCEEDED".into()));
    assert_eq!(
        create(&["--read-only"], &[("BITNOVO_READ_ONLY", "false")]),
        (Some(1), "LIMIT_EXCEEDED".into())
    );
    let empty = run(&["tools", "--max-amount", ""], &[]);
    assert_eq!(empty.code, Some(2), "an empty flag must not lift a limit: {empty:?}");
}

#[test]
fn the_limits_in_force_are_shown_at_the_start() {
    let environment = [
        ("BITNOVO_MAX_AMOUNT", "500 EUR,550 USD"),
        ("BITNOVO_DAILY_LIMIT", "2000 EUR"),
        ("BITNOVO_CONFIRM_OVER", "100 EUR"),
        ("BITNOVO_REDIRECT_HOSTS", "shop.example"),
        ("BITNOVO_TOOLSETS", "default,-simulate_payment"),
    ];
    let arguments = ["--sandbox", "--read-only"];
    let log = Session::start(Revision::Handshake, &arguments, &environment).close().stderr;
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("limits: ")).collect();
    let [line] = lines.as_slice() else { panic!("one line was expected: {log}") };
    let shown = "limits: read only; max amount 500.00 EUR, 550.00 USD; daily limit 2000.00 EUR; confirmation above \
                 100.00 EUR; redirects only to shop.example; tools default,-simulate_payment";
    assert!(line.ends_with(shown), "{line}");
    let log = Session::start(Revision::Handshake, &["--sandbox"], &[]).close().stderr;
    assert!(!log.contains("limits: "), "{log}");
}

#[test]
fn a_limit_that_cannot_be_read_creates_nothing_and_says_why() {
    for (variable, value) in [
        ("BITNOVO_MAX_AMOUNT", "500"),
        ("BITNOVO_DAILY_LIMIT", "500 EUR,500 EUR"),
        ("BITNOVO_CONFIRM_OVER", "0 EUR"),
        ("BITNOVO_REDIRECT_HOSTS", "https://shop.example"),
        ("BITNOVO_TOOLSETS", "paymnets"),
    ] {
        let mut session = Session::start(Revision::Handshake, &["--sandbox"], &[(variable, value)]);
        for (tool, arguments) in creates("5", "EUR") {
            let error = session.refused(tool, arguments);
            assert_eq!(
                (&error["code"], &error["outcome"]),
                (&json!("NOT_CONFIGURED"), &json!("not_created"))
            );
            assert!(error["message"].as_str().unwrap().contains(variable), "{error}");
        }
        session.done("list_currencies_catalog", json!({}));
        let done = run(&["call", "list_currencies_catalog", "--sandbox"], &[(variable, value)]);
        assert_eq!(done.code, Some(78), "{done:?}");
        assert!(done.stderr.contains(variable), "{done:?}");
    }
    let mut session = Session::start(Revision::Handshake, &["--sandbox"], &[("BITNOVO_READ_ONLY", "maybe")]);
    let error = session.refused("create_payment_link", json!({ "amount_eur": 5 }));
    is_exceeded(&error, "BITNOVO_READ_ONLY");
}

#[test]
fn the_demo_does_not_stumble_over_limits_meant_for_real_money() {
    let limits =
        [("BITNOVO_MAX_AMOUNT", "1 EUR"), ("BITNOVO_READ_ONLY", "true"), ("BITNOVO_TOOLSETS", "catalog")];
    let done = run(&["demo"], &limits);
    assert_eq!(done.code, Some(0), "{done:?}");
}
