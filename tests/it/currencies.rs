//! What a customer is shown follows the entry of the catalogue: the network, the tag, the payment URI.

use payments_test_support::{
    sample,
    session::{Revision, Session},
    stub::{CREATE, CURRENCIES, IDENTIFIER, Stub, created, exports, json_answer, payment, refusal},
};
use serde_json::{Value, json};

fn entry(symbol: &str, name: &str, blockchain: &str) -> Value {
    json!({ "symbol": symbol, "name": name, "blockchain": blockchain, "min_amount": "1.00", "max_amount": "1000.00" })
}

/// An API with one currency, whose order and payment are those of `like` with some fields replaced.
async fn api(currency: &Value, like: &str, changes: &Value) -> Stub {
    let stub = Stub::start().await;
    let symbol = &currency["symbol"];
    let (mut order, mut read) = (created(like), payment(like));
    (order["input_currency"], read["currency_id"]) = (symbol.clone(), symbol.clone());
    for (field, value) in changes.as_object().unwrap() {
        order[field] = value.clone();
        if read.get(field).is_some() {
            read[field] = value.clone();
        }
    }
    stub.on("GET", CURRENCIES, json_answer(&json!([currency]))).await;
    stub.on("POST", CREATE, json_answer(&order)).await;
    stub.read(json_answer(&json!([read]))).await;
    stub
}

fn session(stub: &Stub) -> Session {
    Session::start(Revision::Handshake, &[], &exports(&stub.base_url()))
}

fn order_in(symbol: &str) -> Value {
    json!({ "amount_eur": 22, "input_currency": symbol, "include_qr": true })
}

#[tokio::test]
async fn ether_on_another_network_has_no_payment_uri_and_names_its_network() {
    for (network, name) in [("ARBITRUM", "Arbitrum"), ("BASECHAIN_ETH", "Base"), ("NEWCHAIN", "NEWCHAIN")] {
        let stub = api(&entry("ETH", "Ethereum ETH", network), "ETH_TEST5", &json!({})).await;
        let mut here = session(&stub);
        let answer = here.call("create_payment_onchain", order_in("ETH"));
        let order = answer.done("an order");
        assert_eq!((&order["network"], order.get("payment_uri")), (&json!(name), None), "{order}");
        assert!(order["warnings"].to_string().contains(name), "{order}");
        let text = answer.texts().concat();
        assert!(text.contains(&format!("Network: {name}")) && text.contains("the amount"), "{text}");
        // A process that has not created it knows it from the catalogue as well.
        for session in [&mut here, &mut session(&stub)] {
            let arguments = json!({ "identifier": IDENTIFIER, "qr_type": "payment_uri" });
            assert_eq!(session.refused("generate_payment_qr", arguments)["code"], "QR_NOT_AVAILABLE");
            let codes = session.done("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
            assert_eq!((codes.get("payment_uri"), codes["address"].is_string()), (None, true), "{codes}");
        }
    }
}

#[tokio::test]
async fn ether_on_its_own_network_is_asked_for_in_wei_whatever_the_api_wrote() {
    let address = "0x000000000000000000000000000000000000dEaD";
    let uri = format!("ethereum:{address}?amount=0.0034022&r=https%3A%2F%2Fevil.example%2F");
    let currency = entry("ETH", "Ethereum ETH", "ETH");
    let stub = api(&currency, "ETH_TEST5", &json!({ "payment_uri": uri })).await;
    let order = session(&stub).done("create_payment_onchain", order_in("ETH"));
    assert_eq!(order["payment_uri"], format!("ethereum:{address}@1?value=3402200000000000"), "{order}");
    assert_eq!(order["network"], "Ethereum");
    let codes = session(&stub).done("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
    assert_eq!(codes["payment_uri"], order["payment_uri"]);
}

#[tokio::test]
async fn a_token_needs_the_tag_of_its_network_though_its_symbol_does_not_say_so() {
    for network in ["XLM", "ALGO", "XRP", "XLM_TEST"] {
        let stub = api(&entry("USDC_5F3T", "USD Coin USDC", network), "BTC_TEST", &json!({})).await;
        let error = session(&stub).refused("create_payment_onchain", order_in("USDC_5F3T"));
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("TAG_REQUIRED"), &json!("created")),
            "{error}"
        );
        let error = session(&stub).refused("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
        assert_eq!(error["code"], "TAG_REQUIRED", "{error}");
        let status = session(&stub).done("get_payment_status", json!({ "identifier": IDENTIFIER }));
        assert!(!status["customer_message"].to_string().contains("tb1q"), "{status}");
    }
}

#[tokio::test]
async fn a_tag_that_no_wallet_can_send_is_not_shown() {
    let currency = entry("XRP_TEST", "Ripple Test XRP", "XRP_TEST");
    for tag in ["abc", "4294967296", "-1", "1.5"] {
        let stub = api(&currency, "XRP_TEST", &json!({ "tag_memo": tag, "payment_uri": "" })).await;
        let mut session = session(&stub);
        let error = session.refused("create_payment_onchain", order_in("XRP_TEST"));
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("API_ERROR"), &json!("created")),
            "{tag}: {error}"
        );
        let error = session.refused("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
        assert_eq!(error["code"], "API_ERROR", "{tag}: {error}");
        let status = session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
        assert!(!status["customer_message"].to_string().contains("rrrrrr"), "{tag}: {status}");
    }
}

#[tokio::test]
async fn a_tag_on_a_network_without_tags_is_warned_about_and_not_asked_for() {
    let currency = entry("BTC_TEST", "Bitcoin Test BTC", "BTC_TEST");
    let stub = api(&currency, "BTC_TEST", &json!({ "tag_memo": "77" })).await;
    let mut session = session(&stub);
    let answer = session.call("create_payment_onchain", order_in("BTC_TEST"));
    let order = answer.done("an order");
    assert_eq!((order.get("tag_memo"), order.get("payment_uri")), (None, None), "{order}");
    assert!(order["warnings"].to_string().contains("77"), "{order}");
    assert!(!answer.texts().concat().contains("Tag / memo"), "{}", answer.texts().concat());
    let codes = session.done("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
    assert_eq!(codes.get("tag_memo"), None, "{codes}");
    let status = session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
    assert!(!status["customer_message"].to_string().contains("77"), "{status}");
}

#[tokio::test]
async fn lightning_is_refused_before_anything_is_created() {
    for (symbol, name, network) in
        [("BTCL", "Bitcoin BTCL", "BTC"), ("BTC_LN", "Bitcoin Lightning", "BTC"), ("LN", "x", "LIGHTNING")]
    {
        let stub = api(&entry(symbol, name, network), "BTC_TEST", &json!({ "address": null })).await;
        let error = session(&stub).refused("create_payment_onchain", order_in(symbol));
        assert_eq!(error["code"], "CURRENCY_NOT_SUPPORTED", "{error}");
        assert!(error["message"].to_string().contains("Lightning, which is not supported"), "{error}");
        assert_eq!((&error["outcome"], stub.count("POST").await), (&json!("not_created"), 0), "{error}");
    }
}

#[tokio::test]
async fn a_checkout_page_follows_the_rules_of_a_redirect() {
    let currency = entry("BTC_TEST", "Bitcoin Test BTC", "BTC_TEST");
    for page in [
        "http://pay.bitnovo.com/1a2b3c4d/",
        "https://pay.bitnovo.com@evil.example/1a2b3c4d/",
        "https://pay.bitnovo.com:443/1a2b3c4d/",
        "https://pay.b\u{456}tnovo.com/1a2b3c4d/",
        "https://127.1/1a2b3c4d/",
        "https://*.bitnovo.com/1a2b3c4d/",
        "http://user@127.0.0.1/1a2b3c4d/",
        "http://evil.example/1a2b3c4d/",
        "javascript:alert(1)",
    ] {
        let stub = api(&currency, "BTC_TEST", &json!({ "web_url": page })).await;
        let error = session(&stub).refused("create_payment_onchain", order_in("BTC_TEST"));
        assert_eq!(
            (&error["code"], &error["outcome"]),
            (&json!("API_ERROR"), &json!("created")),
            "{page}: {error}"
        );
        assert!(!error.to_string().contains("1a2b3c4d"), "{page}: {error}");
    }
    for (page, is_own) in [
        ("https://pay.bitnovo.com/1a2b3c4d/", true),
        ("https://paytest.bitnovo.com/1a2b3c4d/", true),
        ("https://paybitnovo.com/1a2b3c4d/", false),
        ("https://bitnovo.com.evil.example/1a2b3c4d/", false),
    ] {
        let stub = api(&currency, "BTC_TEST", &json!({ "web_url": page })).await;
        let order = session(&stub).done("create_payment_onchain", order_in("BTC_TEST"));
        assert_eq!(order["web_url"], page);
        assert_eq!(!order["warnings"].to_string().contains("not on a host of Bitnovo"), is_own, "{order}");
    }
}

#[tokio::test]
async fn a_currency_that_was_just_activated_can_be_used_and_is_listed() {
    let all = sample("currencies_list_200");
    let mut without = all.clone();
    without.as_array_mut().unwrap().retain(|entry| entry["symbol"] != "BTC_TEST");
    let stub = Stub::start().await;
    stub.once("GET", CURRENCIES, json_answer(&without)).await;
    stub.works().await;
    let mut first = session(&stub);
    let listed = first.done("list_currencies_catalog", json!({}));
    assert!(!listed.to_string().contains("BTC_TEST"), "{listed}");
    let order = first.done("create_payment_onchain", order_in("BTC_TEST"));
    assert_eq!(order["network"], "Bitcoin (test network)", "{order}");
    // It is asked anew once, and not for ever.
    let before = stub.count("GET").await;
    let error = first.refused("create_payment_onchain", order_in("DOGE_TEST"));
    assert_eq!((&error["code"], stub.count("GET").await), (&json!("CURRENCY_NOT_SUPPORTED"), before + 1));

    let stub = Stub::start().await;
    stub.once("GET", CURRENCIES, json_answer(&without)).await;
    stub.works().await;
    let mut second = session(&stub);
    for (is_active, network) in [(false, ""), (true, "network Bitcoin (test network) (BTC_TEST)")] {
        let answer = second.call("list_currencies_catalog", json!({}));
        assert_eq!(answer.done("a list").to_string().contains("\"BTC_TEST\""), is_active);
        assert!(answer.texts().concat().contains(network), "{}", answer.texts().concat());
    }
}

#[tokio::test]
async fn a_limit_in_another_fiat_is_told_with_its_own() {
    let currency = entry("USDC_ERC20", "USD Coin USDC", "ETH");
    for (detail, code) in [
        ("The amount is below the minimum of USDC_ERC20, 1.00 EUR.", "AMOUNT_TOO_LOW"),
        ("The amount is above the maximum of USDC_ERC20, 1000.00 EUR.", "AMOUNT_TOO_HIGH"),
        ("Not found.", "API_ERROR"),
    ] {
        let stub = Stub::start().await;
        stub.on("GET", CURRENCIES, json_answer(&json!([currency]))).await;
        stub.on("POST", CREATE, refusal(404, detail)).await;
        let arguments = json!({ "amount_eur": "0.50", "fiat": "USD", "input_currency": "USDC_ERC20" });
        let error = session(&stub).refused("create_payment_onchain", arguments);
        assert_eq!((&error["code"], &error["outcome"]), (&json!(code), &json!("not_created")), "{error}");
        let limits = ["min_amount", "max_amount", "fiat"].map(|field| error["details"][field].clone());
        assert_eq!(limits, ["1.00", "1000.00", "EUR"], "{error}");
    }
}

#[tokio::test]
async fn a_payment_is_read_without_the_catalogue_and_permits_less() {
    let stub = Stub::start().await;
    stub.on("GET", CURRENCIES, refusal(403, "no")).await;
    stub.works().await;
    let mut session = session(&stub);
    let status = session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
    assert_eq!(status["verdict"], "unpaid", "{status}");
    let codes = session.done("generate_payment_qr", json!({ "identifier": IDENTIFIER }));
    assert_eq!((codes["address"].is_string(), codes.get("payment_uri")), (true, None), "{codes}");
    // It is not asked for again at each reading.
    let reads = stub.count("GET").await;
    session.done("get_payment_status", json!({ "identifier": IDENTIFIER }));
    assert_eq!(stub.count("GET").await, reads + 1);
}
