use super::*;

fn said(line: &str) -> Message {
    read(line.as_bytes())
}

/// The id and the error of a line that is refused.
fn refusal(line: &str) -> (String, i32, String) {
    match said(line) {
        Message::Refused { id, error } => {
            let id = id.map_or("null".to_owned(), |id| id.raw().get().to_owned());
            (id, error.code.0, error.message.into_owned())
        }
        other => panic!("{line}: {other:?}"),
    }
}

fn request(line: &str) -> Request {
    match said(line) {
        Message::Request(request) => request,
        other => panic!("{line}: {other:?}"),
    }
}

fn call(params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{params}}}"#)
}

/// The arguments of a call, as the library gets them.
fn arguments(params: &str) -> Value {
    let message = request(&call(params)).into_message(1).unwrap();
    serde_json::to_value(message).unwrap()["params"]["arguments"].clone()
}

#[test]
fn what_is_no_json_gets_no_answer() {
    for line in [
        "",
        "  ",
        "hello",
        "{\"id\": 7",
        "{\"id\": 7, \"method\": \"ping\", \"a\": NaN}",
        "{} {}",
        "\u{0}",
        "[1, }",
    ] {
        assert!(matches!(said(line), Message::Nothing), "{line}");
    }
}

#[test]
fn what_is_no_request_is_answered_with_its_id_where_it_has_one() {
    for (line, id) in [
        ("[]", "null"),
        (r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#, "null"),
        ("5", "null"),
        ("\"ping\"", "null"),
        ("null", "null"),
        ("{}", "null"),
        (r#"{"id":7}"#, "7"),
        (r#"{"jsonrpc":"2.0","id":7,"method":5}"#, "7"),
        (r#"{"jsonrpc":"2.0","id":7,"method":null}"#, "7"),
        (r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, "7"),
        (r#"{"id":"a\u0062","method":"ping"}"#, r#""a\u0062""#),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, "null"),
        (r#"{"jsonrpc":"2.0","id":[7],"method":"ping"}"#, "null"),
        (r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, "null"),
    ] {
        let (answered, code, _) = refusal(line);
        assert_eq!((answered.as_str(), code), (id, -32600), "{line}");
    }
}

#[test]
fn a_member_that_is_wrong_is_named() {
    for (method, params, place) in [
        ("tools/call", "[]", "params: "),
        ("tools/call", "\"x\"", "params: "),
        ("ping", "[]", "params: "),
        ("tools/list", "7", "params: "),
        ("tools/call", "{}", "params.name is missing"),
        ("tools/call", "null", "params.name is missing"),
        ("tools/call", r#"{"name":null}"#, "params.name is missing"),
        ("tools/call", r#"{"name":7}"#, "params.name: "),
        ("tools/call", r#"{"name":"x","arguments":"x"}"#, "params.arguments: "),
        ("tools/call", r#"{"name":"x","arguments":[]}"#, "params.arguments: "),
        ("tools/call", r#"{"name":"x","arguments":"[1]"}"#, "params.arguments: "),
        ("tools/call", r#"{"name":"x","arguments":5}"#, "params.arguments: "),
        ("tools/call", r#"{"name":"x","inputResponses":5}"#, "params.inputResponses: "),
        ("tools/call", r#"{"name":"x","requestState":5}"#, "params.requestState: "),
        ("tools/call", r#"{"name":"x","_meta":"x"}"#, "params._meta: "),
        ("tools/call", r#"{"name":"x","_meta":{"progressToken":[]}}"#, "params._meta.progressToken: "),
        ("tools/list", r#"{"_meta":[]}"#, "params._meta: "),
        ("tools/list", r#"{"cursor":5}"#, "params.cursor: "),
        ("resources/read", "{}", "params.uri is missing"),
        ("resources/read", r#"{"uri":5}"#, "params.uri: "),
        ("initialize", r#"{"protocolVersion":5}"#, "params.protocolVersion: "),
        ("initialize", r#"{"capabilities":[]}"#, "params.capabilities: "),
        ("initialize", r#"{"capabilities":{"elicitation":true}}"#, "params.capabilities.elicitation: "),
        ("initialize", r#"{"clientInfo":"me"}"#, "params.clientInfo: "),
        ("initialize", r#"{"clientInfo":{"name":"me","version":1}}"#, "params.clientInfo.version: "),
        ("initialize", r#"{"clientInfo":{"name":{}}}"#, "params.clientInfo.name: "),
    ] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{params}}}"#);
        let (id, code, message) = refusal(&line);
        assert_eq!((id.as_str(), code), ("7", -32602), "{line}: {message}");
        assert!(message.starts_with(place), "{line}: {message}");
    }
}

#[test]
fn what_initialize_leaves_out_has_a_default() {
    for params in [
        "",
        r#","params":null"#,
        r#","params":{}"#,
        r#","params":{"capabilities":null,"clientInfo":null,"protocolVersion":null,"_meta":null}"#,
        r#","params":{"capabilities":{"roots":true,"elicitation":null},"clientInfo":{"title":5}}"#,
    ] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"initialize"{params}}}"#);
        let message = serde_json::to_value(request(&line).into_message(1).unwrap()).unwrap();
        let params = &message["params"];
        assert_eq!(params["protocolVersion"], "2025-11-25", "{line}");
        assert_eq!(params["capabilities"], json!({}), "{line}");
        assert_eq!(params["clientInfo"], json!({ "name": "unknown", "version": "unknown" }), "{line}");
    }
}

#[test]
fn a_method_that_is_not_served_is_left_to_the_library() {
    for method in ["tools/fly", "logging/setLevel", "notifications/initialized", ""] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{{"level":[]}}}}"#);
        assert!(request(&line).into_message(1).is_ok(), "{line}");
    }
}

#[test]
fn arguments_may_be_missing_or_a_string_that_holds_them() {
    for sent in [r#"{"name":"x"}"#, r#"{"name":"x","arguments":null}"#, r#"{"name":"x","arguments":""}"#] {
        assert_eq!(arguments(sent), Value::Null, "{sent}");
    }
    assert_eq!(arguments(r#"{"name":"x","arguments":"{}"}"#), json!({}));
    assert_eq!(
        arguments(r#"{"name":"x","arguments":" {\"amount_eur\": 4.99999999999999999999} "}"#),
        json!({ "amount_eur": "4.99999999999999999999" })
    );
}

#[test]
fn what_stands_beside_the_method_is_not_minded() {
    for more in [r#""result":null,"#, r#""error":null,"#, r#""result":{},"error":{},"#, r#""x":1,"#] {
        let line = format!(r#"{{{more}"jsonrpc":"2.0","id":7,"method":"ping"}}"#);
        assert_eq!(request(&line).method, "ping", "{line}");
    }
}

#[test]
fn a_number_that_a_float_would_change_keeps_its_digits() {
    for (number, read) in [
        ("4.99999999999999999999", json!("4.99999999999999999999")),
        ("5.0000000000000001", json!("5.0000000000000001")),
        ("1e400", json!("1e400")),
        ("1e2", json!(100.0)),
        ("19.99", json!(19.99)),
    ] {
        let params = format!(r#"{{"name":"x","arguments":{{"a":{number}}}}}"#);
        assert_eq!(arguments(&params)["a"], read, "{number}");
    }
}

#[test]
fn half_an_emoji_changes_nothing_else_of_its_line() {
    let params = r#"{"name":"x","arguments":{"notes":"say \"5e3\" \\ \ud83d","a":1e2,"b":"caf\u00e9"}}"#;
    assert_eq!(arguments(params), json!({ "notes": "say \"5e3\" \\ \u{fffd}", "a": 100.0, "b": "café" }));
}

#[test]
fn bytes_that_are_no_text_become_the_unknown_character() {
    let mut line = call(r#"{"name":"x","arguments":{"notes":"caf?"}}"#).into_bytes();
    let place = line.iter().position(|byte| *byte == b'?').unwrap();
    line[place] = 0xe9;
    let Message::Request(request) = read(&line) else { panic!() };
    assert_eq!(request.params.unwrap()["arguments"]["notes"], "caf\u{fffd}");
}

#[test]
fn deep_nesting_is_survived_and_answered() {
    for depth in [1_000, 10_000] {
        let deep = format!("{}1e5{}", "[".repeat(depth), "]".repeat(depth));
        let read = arguments(&format!(r#"{{"name":"x","arguments":{{"notes":{deep}}}}}"#));
        assert!(read["notes"].is_array());
        assert_eq!(refusal(&call(&deep)).0, "7");
        assert_eq!(refusal(&deep).0, "null");
    }
}

#[test]
fn a_progress_token_is_kept_as_it_was_sent() {
    for token in ["7", "\"seven\"", "18446744073709551616", "1.5", "\"\\u0061\""] {
        let line = call(&format!(r#"{{"name":"x","_meta":{{"progressToken":{token}}}}}"#));
        let request = request(&line);
        assert_eq!(request.progress_token.as_ref().unwrap().raw().get(), token);
        let message = serde_json::to_value(request.into_message(3).unwrap()).unwrap();
        assert_eq!((&message["id"], &message["params"]["_meta"]["progressToken"]), (&json!(3), &json!(3)));
    }
    assert!(request(&call(r#"{"name":"x","_meta":{"progressToken":null}}"#)).progress_token.is_none());
}

#[test]
fn notifications_are_never_answered() {
    for line in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized","params":[]}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":null}}"#,
        r#"{"method":"$/cancelRequest","params":"x"}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"create_payment_link"}}"#,
    ] {
        assert!(matches!(said(line), Message::Nothing), "{line}");
    }
    let line = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":12345678901234567890123,"reason":5}}"#;
    assert!(
        matches!(said(line), Message::Cancelled { id, reason: None } if id.raw().get() == "12345678901234567890123")
    );
}

#[test]
fn an_answer_that_makes_no_sense_is_one_all_the_same() {
    for line in [
        r#"{"jsonrpc":"2.0","id":0,"result":null}"#,
        r#"{"jsonrpc":"2.0","id":0,"result":[5]}"#,
        r#"{"jsonrpc":"2.0","id":0,"error":"no"}"#,
        r#"{"jsonrpc":"2.0","id":0,"error":{"code":"x"},"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":0,"result":{"action":"accept"}}"#,
    ] {
        assert!(matches!(said(line), Message::Answer(_)), "{line}: {:?}", said(line));
    }
    // It answers no request.
    assert!(matches!(said(r#"{"jsonrpc":"2.0","result":{}}"#), Message::Nothing));
    assert!(matches!(said(r#"{"jsonrpc":"2.0","id":[],"result":{}}"#), Message::Nothing));
}

#[test]
fn the_id_of_a_line_that_is_too_long_is_found_at_its_beginning() {
    for (beginning, id) in [
        (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"no"#, Some("7")),
        (r#" { "id" : "a,b" , "params" : {"no"#, Some("\"a,b\"")),
        (r#"{"params":{"id":5},"id":7,"no"#, Some("7")),
        (r#"{"params":{"id":5,"no"#, None),
        (r#"{"id":null,"no"#, None),
        (r#"{"id":7"#, None),
        ("[[[[", None),
        ("xxxx", None),
    ] {
        let found = id_in(beginning.as_bytes());
        assert_eq!(found.as_ref().map(|id| id.raw().get()), id, "{beginning}");
    }
}
