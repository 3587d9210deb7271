//! QR codes as a customer's telephone reads them, and as a client fetches them.

use payments_test_support::{
    picture::Picture,
    process::run,
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::{Value, json};

fn read(session: &mut Session, uri: &str) -> Picture {
    let answer = session.request("resources/read", json!({ "uri": uri }));
    let contents = &answer["result"]["contents"];
    assert_eq!(contents.as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!((&contents[0]["uri"], &contents[0]["mimeType"]), (&json!(uri), &json!("image/png")));
    Picture::of_base64(contents[0]["blob"].as_str().unwrap())
}

#[test]
fn the_codes_of_a_create_say_what_the_result_says() {
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &["--sandbox"], &[]);
        let arguments = json!({ "amount_eur": 50, "input_currency": "BTC", "include_qr": true });
        let answer = session.call("create_payment_onchain", arguments);
        let result = answer.done("an on-chain payment");
        let shown: Vec<String> =
            answer.images().into_iter().map(|data| Picture::of_base64(data).text()).collect();
        assert_eq!(shown, [result["address"].as_str().unwrap(), result["payment_uri"].as_str().unwrap()]);
        for (field, text) in [("qr_address", "address"), ("qr_payment_uri", "payment_uri")] {
            let uri = result[field].as_str().unwrap();
            assert!(uri.starts_with("bitnovo-pay://"), "a resource, not ten thousand tokens: {uri:.60}");
            assert_eq!(read(&mut session, uri).text(), result[text].as_str().unwrap());
        }

        let answer = session.call("create_payment_link", json!({ "amount_eur": 50, "include_qr": true }));
        let link = answer.done("a link");
        let page = link["web_url"].as_str().unwrap();
        assert_eq!(Picture::of_base64(answer.images()[0]).text(), page);
        assert_eq!(read(&mut session, link["qr_web_url"].as_str().unwrap()).text(), page);
    }
}

#[test]
fn every_kind_size_and_style_can_be_scanned() {
    let mut session = Session::on_sandbox();
    let order = session.done("create_payment_onchain", json!({ "amount_eur": 50, "input_currency": "BTC" }));
    let kinds =
        [("address", "qr_address"), ("payment_uri", "qr_payment_uri"), ("gateway_url", "qr_gateway_url")];
    let said = [&order["address"], &order["payment_uri"], &order["web_url"]];
    for ((kind, field), said) in kinds.into_iter().zip(said) {
        for (size, style) in [(100, "basic"), (512, "basic"), (512, "branded"), (2000, "branded")] {
            let arguments =
                json!({ "identifier": order["identifier"], "qr_type": kind, "size": size, "style": style });
            let answer = session.call("generate_payment_qr", arguments);
            let result = answer.done(kind);
            let picture = Picture::of_base64(answer.images()[0]);
            assert_eq!(picture.side(), size);
            assert_eq!(&Value::from(picture.text()), said, "{kind} {size} {style}");
            assert!(picture.is_opaque() && picture.has_white_border(size / 100), "{kind} {size} {style}");
            let resource = read(&mut session, result[field].as_str().unwrap());
            assert!(resource.png == picture.png, "the resource is the same picture: {kind} {size} {style}");
        }
    }
}

#[test]
fn branding_false_wins_over_the_style() {
    let mut session = Session::on_sandbox();
    let order = session.done("create_payment_link", json!({ "amount_eur": 50 }));
    let mut draw = |style: &str, branding: bool| {
        let arguments = json!({
            "identifier": order["identifier"], "qr_type": "gateway_url", "style": style, "branding": branding,
        });
        Picture::of_base64(session.call("generate_payment_qr", arguments).images()[0]).png
    };
    let plain = draw("basic", true);
    assert!(draw("branded", false) == plain);
    assert!(draw("branded", true) != plain);
}

#[test]
fn a_data_uri_holds_the_picture_where_the_client_asks_for_it() {
    let environment = [("BITNOVO_QR_DELIVERY", "data_uri")];
    let mut session = Session::start(Revision::Handshake, &["--sandbox"], &environment);
    let link = session.done("create_payment_link", json!({ "amount_eur": 50, "include_qr": true }));
    let picture = Picture::of_data_uri(link["qr_web_url"].as_str().unwrap());
    assert_eq!(picture.text(), link["web_url"].as_str().unwrap());
}

#[test]
fn the_template_of_the_resources_is_listed() {
    let answer = Session::on_sandbox().request("resources/templates/list", json!({}));
    let templates = answer["result"]["resourceTemplates"].as_array().unwrap();
    assert_eq!(templates.len(), 1, "{answer}");
    assert!(
        templates[0]["uriTemplate"].as_str().unwrap().starts_with("bitnovo-pay://payments/{identifier}/qr/")
    );
    assert_eq!(templates[0]["mimeType"], "image/png");
}

#[test]
fn no_code_is_listed_because_each_is_drawn_when_it_is_read() {
    let answer = Session::on_sandbox().request("resources/list", json!({}));
    assert_eq!(answer["result"]["resources"], json!([]), "{answer}");
}

#[test]
fn an_unknown_resource_is_named_in_the_error() {
    for revision in Revision::ALL {
        let mut session = Session::start(revision, &["--sandbox"], &[]);
        for uri in [
            "https://example.com/",
            "bitnovo-pay://payments/nobody/qr/address",
            "bitnovo-pay://payments/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a99/qr/address",
        ] {
            let error = session.request("resources/read", json!({ "uri": uri }))["error"].clone();
            let code = error["code"].as_i64().unwrap();
            assert!([-32602, -32002].contains(&code), "{revision:?}: {error}");
            assert_eq!(error["data"]["uri"], uri, "{error}");
        }
    }
}

#[tokio::test]
async fn a_new_process_draws_address_and_payment_uri_but_not_the_page() {
    let sandbox = Sandbox::start();
    let order = sandbox.order("XRP", 50).await;
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let answer =
        session.call("generate_payment_qr", json!({ "identifier": order["identifier"], "qr_type": "both" }));
    let result = answer.done("both codes");
    let [address, uri] = answer.images()[..] else { panic!("two pictures were expected") };
    assert_eq!(Picture::of_base64(address).text(), order["address"].as_str().unwrap());
    let uri = Picture::of_base64(uri).text();
    assert_eq!(result["payment_uri"], uri);
    for part in [order["address"].as_str().unwrap(), &format!("dt={}", order["tag_memo"].as_str().unwrap())] {
        assert!(uri.contains(part), "{part} is missing in {uri}");
    }
    for kind in ["address", "payment_uri"] {
        session.done("generate_payment_qr", json!({ "identifier": order["identifier"], "qr_type": kind }));
    }
    let arguments = json!({ "identifier": order["identifier"], "qr_type": "gateway_url" });
    assert_eq!(session.refused("generate_payment_qr", arguments)["code"], "QR_NOT_AVAILABLE");
}

#[test]
fn a_token_has_an_address_but_never_a_payment_uri() {
    let mut session = Session::on_sandbox();
    for symbol in ["USDC_ERC20", "USDC_POLYGON_NXTB"] {
        let arguments = json!({ "amount_eur": 50, "input_currency": symbol, "include_qr": true });
        let answer = session.call("create_payment_onchain", arguments);
        let order = answer.done(symbol);
        assert_eq!(order.get("payment_uri"), None, "{order}");
        assert_eq!(answer.images().len(), 1);
        assert_eq!(Picture::of_base64(answer.images()[0]).text(), order["address"].as_str().unwrap());
        let codes = session.call("generate_payment_qr", json!({ "identifier": order["identifier"] }));
        assert_eq!(codes.images().len(), 1);
        assert!(codes.done("its code")["warnings"].to_string().contains("network"), "the network is named");
        let arguments = json!({ "identifier": order["identifier"], "qr_type": "payment_uri" });
        assert_eq!(session.refused("generate_payment_qr", arguments)["code"], "QR_NOT_AVAILABLE");
    }
}

#[tokio::test]
async fn no_code_is_drawn_for_a_payment_that_is_over() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let arguments = json!({ "amount_eur": 50, "input_currency": "BTC", "include_qr": true });
    let order = session.done("create_payment_onchain", arguments);
    let identifier = order["identifier"].as_str().unwrap();
    for (step, status) in [("expire", "EX"), ("cancel", "CA")] {
        sandbox.steer(&format!("orders/{identifier}/{step}"), json!({})).await;
        for kind in ["address", "payment_uri", "both", "gateway_url"] {
            let arguments = json!({ "identifier": identifier, "qr_type": kind });
            assert_eq!(
                session.refused("generate_payment_qr", arguments)["code"],
                "PAYMENT_EXPIRED",
                "{kind}"
            );
        }
        let answer = session.request("resources/read", json!({ "uri": order["qr_address"] }));
        assert_eq!(
            (&answer["error"]["code"], &answer["error"]["data"]["code"]),
            (&json!(-32602), &json!("PAYMENT_EXPIRED")),
            "{answer}"
        );
        let read = session.done("get_payment_status", json!({ "identifier": identifier }));
        assert_eq!((&read["status"], &read["verdict"]), (&json!(status), &json!("expired")));
    }
}

#[test]
fn the_qr_command_draws_files_that_can_be_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let text = "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254";
    let (png, branded, svg) = (file("plain.png"), file("branded.png"), file("plain.svg"));
    for arguments in [
        ["qr", text, "-o", &png, "--size", "512"].as_slice(),
        &["qr", text, "-o", &branded, "--branded"],
        &["qr", text, "-o", &svg],
    ] {
        let done = run(arguments, &[]);
        assert_eq!(done.code, Some(0), "{done:?}");
    }
    let plain = Picture::of_png(std::fs::read(&png).unwrap());
    assert_eq!((plain.text().as_str(), plain.side()), (text, 512));
    assert!(plain.png.len() <= 1536, "{} bytes", plain.png.len());
    assert_eq!(Picture::of_png(std::fs::read(&branded).unwrap()).text(), text);
    assert!(std::fs::read_to_string(&svg).unwrap().contains("<svg"));
}

#[tokio::test]
async fn once_something_was_sent_a_code_asks_for_the_rest_and_says_so() {
    let sandbox = Sandbox::start();
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let order = session.done("create_payment_onchain", json!({ "amount_eur": 5, "input_currency": "XRP" }));
    let identifier = order["identifier"].as_str().unwrap();
    let codes =
        |session: &mut Session| session.done("generate_payment_qr", json!({ "identifier": identifier }));
    assert_eq!(codes(&mut session)["payment_uri"], order["payment_uri"]);
    sandbox.steer(&format!("orders/{identifier}/pay"), json!({ "percent": 40 })).await;
    let missing =
        session.done("get_payment_status", json!({ "identifier": identifier }))["remaining_amount"].clone();
    let rest = codes(&mut session);
    let uri = rest["payment_uri"].as_str().unwrap();
    assert!(uri.contains(&format!("amount={}&", missing.as_str().unwrap())), "{uri}: {missing}");
    assert!(uri.contains(order["tag_memo"].as_str().unwrap()), "{uri}");
    assert!(rest["warnings"].to_string().contains("begun to pay"), "{rest}");
    sandbox.steer(&format!("orders/{identifier}/pay"), json!({})).await;
    let error = session.refused("generate_payment_qr", json!({ "identifier": identifier }));
    assert_eq!(
        (&error["code"], &error["details"]["verdict"]),
        (&json!("PAYMENT_NOT_PAYABLE"), &json!("detected")),
        "all of it has come: {error}"
    );
}
