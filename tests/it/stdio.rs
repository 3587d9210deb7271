//! The MCP server over its stdin and stdout, in both families of protocol revisions.

use payments_test_support::{
    process::run,
    session::{Revision, Session},
};
use serde_json::{Value, json};

const TOOLS: [&str; 7] = [
    "create_payment_onchain",
    "create_payment_link",
    "get_payment_status",
    "wait_for_payment",
    "list_payments",
    "list_currencies_catalog",
    "generate_payment_qr",
];

#[test]
fn initialize_says_who_answers_and_what_it_can_do() {
    let mut session = Session::spawn(Revision::Handshake, &["--sandbox"], &[]);
    let hello = session.initialize();
    assert_eq!(hello["protocolVersion"], Revision::Handshake.date());
    assert_eq!(hello["serverInfo"]["name"], "bitnovo-pay-mcp");
    assert!(hello["capabilities"]["tools"].is_object() && hello["capabilities"]["resources"].is_object());
    assert!(hello["instructions"].as_str().unwrap().contains("paid"));
}

#[test]
fn a_client_of_the_newest_revision_needs_no_handshake() {
    let mut session = Session::start(Revision::Stateless, &["--sandbox"], &[]);
    let found = session.request("server/discover", json!({}));
    let versions = &found["result"]["supportedVersions"];
    assert!(versions.as_array().unwrap().contains(&json!(Revision::Stateless.date())), "{found}");
    let link = session.done("create_payment_link", json!({ "amount_eur": 5 }));
    let read = session.done("get_payment_status", json!({ "identifier": link["identifier"] }));
    assert_eq!(read["status"], "NR");
}

#[test]
fn the_tools_are_listed_in_the_order_of_the_table_with_annotations_and_schemas() {
    for revision in Revision::ALL {
        let tools = Session::start(revision, &["--sandbox"], &[]).tools();
        let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(names, TOOLS, "{revision:?}");
        for tool in &tools {
            let reads = !tool["name"].as_str().unwrap().starts_with("create_");
            let annotations = &tool["annotations"];
            assert_eq!(annotations["readOnlyHint"], reads, "{tool}");
            assert_eq!(annotations["idempotentHint"], reads, "{tool}");
            assert_eq!(
                (&annotations["destructiveHint"], &annotations["openWorldHint"]),
                (&json!(false), &json!(true))
            );
            assert!(tool["title"].is_string() && tool["description"].as_str().unwrap().len() > 100, "{tool}");
            for schema in ["inputSchema", "outputSchema"] {
                assert_eq!(tool[schema]["type"], "object", "{tool}");
            }
        }
    }
}

#[test]
fn the_arguments_of_every_tool_are_described_in_words_that_every_client_knows() {
    let mut session =
        Session::start(Revision::Handshake, &["--sandbox"], &[("BITNOVO_TOOLSETS", "default,sandbox")]);
    let tools = session.tools();
    assert_eq!(tools.len(), TOOLS.len() + 1);
    for tool in tools {
        let schema = tool["inputSchema"].to_string();
        for word in ["$ref", "$defs", "oneOf", "anyOf", "allOf", "\"type\":[", "\"format\":\"u"] {
            assert!(!schema.contains(word), "{word} in {schema}");
        }
        assert!(tool["inputSchema"]["properties"].is_object(), "{schema}");
    }
}

#[test]
fn the_sandbox_toolset_is_listed_only_when_it_is_asked_for() {
    let names = |toolsets: &str| -> Vec<String> {
        let environment = [("BITNOVO_TOOLSETS", toolsets)];
        let tools = Session::start(Revision::Handshake, &["--sandbox"], &environment).tools();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("default"), TOOLS);
    assert_eq!(names("sandbox"), ["simulate_payment"]);
    assert!(names("default,sandbox").contains(&"simulate_payment".to_owned()));
}

#[test]
fn tools_json_is_exactly_what_tools_list_answers() {
    let listed = Session::start(Revision::Handshake, &["--sandbox"], &[]).request("tools/list", json!({}));
    let printed: Value = serde_json::from_str(&run(&["tools", "--json"], &[]).stdout).unwrap();
    assert_eq!(printed["tools"], listed["result"]["tools"]);
}

#[test]
fn stdout_holds_nothing_but_json_rpc_however_much_is_logged() {
    let mut session = Session::start(Revision::Handshake, &["--sandbox"], &[("LOG_LEVEL", "debug")]);
    session.send("not JSON at all");
    session.done("create_payment_link", json!({ "amount_eur": 5, "include_qr": true }));
    session.refused("create_payment_link", json!({ "amount_eur": "five" }));
    // Every line that was received has been read as JSON-RPC.
    let ended = session.close();
    assert_eq!(ended.unread, Vec::<Value>::new());
    assert!(ended.stderr.lines().count() >= 4, "{}", ended.stderr);
}

#[test]
fn an_unknown_tool_is_a_protocol_error_and_the_session_goes_on() {
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &["--sandbox"], &[]);
        let answer = session.request("tools/call", json!({ "name": "print_money", "arguments": {} }));
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("print_money"));
        session.done("list_currencies_catalog", json!({}));
    }
}

#[test]
fn an_unparsable_line_gets_no_answer_and_the_next_call_works() {
    for line in [
        "hello",
        "{\"jsonrpc\": \"2.0\", \"id\": 7",
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"create_payment_link","arguments":{"amount_eur":NaN}}}"#,
    ] {
        for revision in Revision::ALL {
            let mut session = Session::start(revision, &["--sandbox"], &[]);
            session.send(line);
            // `request` fails when anything but its own answer comes first.
            session.request("tools/call", json!({ "name": "list_currencies_catalog", "arguments": {} }));
            assert_eq!(session.close().unread, Vec::<Value>::new(), "{line}");
        }
    }
}

#[test]
fn arguments_may_be_left_out() {
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &["--sandbox"], &[]);
        let answer = session.request("tools/call", json!({ "name": "list_currencies_catalog" }));
        assert!(answer["result"]["structuredContent"]["total_count"].as_u64().unwrap() >= 8, "{answer}");
        let answer = session.request("tools/call", json!({ "name": "create_payment_link" }));
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        let error = session.refused("create_payment_link", json!({}));
        assert_eq!(
            (&error["code"], &error["details"]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!("amount_eur"))
        );
    }
}

#[test]
fn an_argument_that_nobody_knows_is_named() {
    let mut session = Session::on_sandbox();
    let error = session.refused("create_payment_link", json!({ "amount_eur": 5, "colour": "red" }));
    assert_eq!((&error["code"], &error["details"]["field"]), (&json!("INVALID_ARGUMENT"), &json!("colour")));
    assert_eq!(error["outcome"], "not_created");
}

#[test]
fn a_misconfigured_server_starts_and_names_every_problem() {
    let environment = [
        ("BITNOVO_DEVICE_ID", " 12345678-9abc-4def-8123-4567890a90ab"),
        ("BITNOVO_BASE_URL", "https://pos.bitnovo.com.com"),
        ("API_TIMEOUT", "soon"),
        ("BITNOVO_LANGUAGE", "fr"),
    ];
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &[], &environment);
        assert_eq!(session.tools().len(), TOOLS.len());
        for (tool, arguments) in [
            ("create_payment_link", json!({ "amount_eur": 5 })),
            ("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "BTC" })),
            ("get_payment_status", json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01" })),
            ("list_currencies_catalog", json!({})),
            ("generate_payment_qr", json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01" })),
        ] {
            let error = session.refused(tool, arguments);
            assert_eq!(error["code"], "NOT_CONFIGURED", "{tool}");
            let message = error["message"].as_str().unwrap();
            for (variable, _) in environment {
                assert!(message.contains(variable), "{tool}: {variable} is not named in {message}");
            }
            assert!(message.contains("https://pos.bitnovo.com"), "the right URL is named: {message}");
        }
    }
}

#[test]
fn a_server_without_any_configuration_starts_and_says_what_it_needs() {
    let mut session = Session::start(Revision::Handshake, &[], &[]);
    let error = session.refused("create_payment_link", json!({ "amount_eur": 5 }));
    assert_eq!((&error["code"], &error["outcome"]), (&json!("NOT_CONFIGURED"), &json!("not_created")));
    assert!(error["message"].as_str().unwrap().contains("BITNOVO_DEVICE_ID"), "{error}");
}

#[test]
fn the_server_ends_within_two_seconds_of_stdin_closing_and_of_sigterm() {
    for revision in Revision::ALL {
        let ways: [fn(Session) -> payments_test_support::session::Ended; 2] =
            [Session::close, Session::terminate];
        for end in ways {
            let mut session = Session::start(revision, &["--sandbox"], &[]);
            session.done("list_currencies_catalog", json!({}));
            let ended = end(session);
            assert!(ended.took.as_secs() < 2, "it took {:?}", ended.took);
            assert_eq!(ended.code, Some(0));
            assert_eq!(ended.unread, Vec::<Value>::new());
        }
    }
}

#[test]
fn the_server_ends_although_nobody_ever_spoke_to_it() {
    let ways: [fn(Session) -> payments_test_support::session::Ended; 2] =
        [Session::close, Session::terminate];
    for end in ways {
        let ended = end(Session::spawn(Revision::Handshake, &["--sandbox"], &[]));
        assert!(ended.took.as_secs() < 2, "it took {:?}", ended.took);
    }
}

#[test]
fn the_log_goes_to_stderr_with_one_masked_line_for_each_call() {
    let device = "12345678-9abc-4def-8123-4567890a90ab";
    let environment = [("BITNOVO_DEVICE_ID", device), ("LOG_LEVEL", "debug")];
    let mut session = Session::start(Revision::Handshake, &["--sandbox"], &environment);
    let link = session.done("create_payment_link", json!({ "amount_eur": 5 }));
    let identifier = link["identifier"].as_str().unwrap().to_owned();
    session.refused("get_payment_status", json!({ "identifier": "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a99" }));
    let log = session.close().stderr;
    let line =
        |words: &[&str]| log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count();
    let words = ["INFO", "create_payment_link", "ok", &identifier, "api_requests=2", "api_milliseconds="];
    assert_eq!(line(&words), 1, "{log}");
    assert_eq!(line(&["get_payment_status", "PAYMENT_NOT_FOUND"]), 1, "{log}");
    for operation in ["orders_create", "orders_info"] {
        let words = ["DEBUG", operation, "12345678-****-****-****-********90ab"];
        assert!(line(&words) >= 1, "{operation} in {log}");
    }
    assert!(!log.contains(device));
}
