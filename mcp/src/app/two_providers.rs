//! Bitnovo and a provider that it does not know, on one server: each keeps its own promises, and only those.

use std::time::SystemTime;

use payments_webhook::scheme::bitnovo as scheme;
use serde_json::{Map, Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path},
};

use payments_test_support::log::Log;

use super::*;
use crate::config::{Environment, KnownTool, Offer};
use crate::protocol::registry::Row;
use crate::protocol::route::Caller;
use crate::test_provider;

const KEY: &str = "till-key-0123456789abcdef";

/// The secret of Bitnovo's device.
const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";

const OFFER: Offer = Offer {
    tools: known,
    fields: &[&bitnovo::fields::FIELDS, &receiving::fields::FIELDS, &test_provider::context::FIELDS],
};

fn known() -> Vec<KnownTool> {
    (offer::OFFER.tools)().into_iter().chain(test_provider::tools::ROWS.iter().map(Row::known)).collect()
}

/// Which providers are set up.
#[derive(Clone, Copy)]
struct SetUp {
    bitnovo: bool,
    till: bool,
}

const BOTH: SetUp = SetUp { bitnovo: true, till: true };

struct House {
    app: App,
    server: Server,
    till: MockServer,
}

impl House {
    async fn with(SetUp { bitnovo, till: has_till }: SetUp) -> Self {
        let till = MockServer::start().await;
        let environment = Environment::new(|_| None, |_| Err(bitnovo_pay::SecretFileError::NotText));
        let mut config = Config::from_environment(&environment, bitnovo, OFFER);
        Arc::get_mut(&mut config.redaction).unwrap().hide_token(KEY);
        let app = App::start(config).await.unwrap();
        let uri = till.uri();
        let context = Arc::new(test_provider::context::Context::new(has_till.then_some((&uri, KEY))));
        let mut parts = app.parts();
        parts.insert(1, (context.clone(), test_provider::tools::routes(&context)));
        let server = compose(app.config(), parts);
        Self { app, server, till }
    }

    async fn answers(&self, verb: &str, place: &str, answer: ResponseTemplate) {
        Mock::given(method(verb)).and(path(place)).respond_with(answer).mount(&self.till).await;
    }

    /// What a client gets: the structured result, or the error.
    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let arguments = arguments.as_object().unwrap().clone();
        let result = self.server.call(tool, arguments, Caller::default()).await.unwrap();
        let rendered = self.server.render(tool, result);
        let shown = rendered.content.last().unwrap().as_text().unwrap().text.clone();
        rendered.structured_content.unwrap_or_else(|| serde_json::from_str(&shown).unwrap())
    }

    fn listed(&self) -> Vec<String> {
        self.server.tools().iter().map(|tool| tool.name.to_string()).collect()
    }
}

fn charge() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "id": "c1", "state": "open" }))
}

#[tokio::test]
async fn a_tool_reaches_its_own_api_with_its_own_key() {
    let house = House::with(BOTH).await;
    let bearer = format!("Bearer {KEY}");
    let create =
        Mock::given(method("POST")).and(path("/charges")).and(header("authorization", bearer.as_str()));
    let create = create.and(body_json(json!({ "cents": 1999, "currency": "EUR" })));
    create.respond_with(charge()).expect(1).mount(&house.till).await;
    let created = house.call("create_charge", json!({ "amount": "19.99", "currency": "EUR" })).await;
    assert_eq!(created, json!({ "charge": "c1", "state": "open" }));
}

#[tokio::test]
async fn only_answers_of_a_sandbox_say_that_no_money_is_real() {
    let house = House::with(BOTH).await;
    house.answers("GET", "/charges/c1", charge()).await;
    let rehearsed = house.call("create_payment_link", json!({ "amount_eur": 5 })).await;
    assert_eq!(rehearsed["sandbox"], true, "{rehearsed}");
    let real = house.call("read_charge", json!({ "charge": "c1" })).await;
    assert_eq!(real, json!({ "charge": "c1", "state": "open" }));
    let failed = house.call("read_charge", json!({ "charge": "c2" })).await;
    assert!(failed.get("sandbox").is_none(), "{failed}");
}

#[tokio::test]
async fn a_create_whose_answer_is_missing_may_have_created_something() {
    let house = House::with(BOTH).await;
    house.answers("POST", "/charges", ResponseTemplate::new(500)).await;
    let failed = house.call("create_charge", json!({ "amount": 5, "currency": "EUR" })).await;
    assert_eq!(
        (&failed["error"]["outcome"], &failed["error"]["retryable"]),
        (&json!("unknown"), &json!(false))
    );
    // What fails before anything is sent has created nothing.
    let failed = house.call("create_charge", json!({ "amount": "five", "currency": "EUR" })).await;
    assert_eq!(failed["error"]["outcome"], "not_created");
}

#[tokio::test]
async fn each_has_limits_of_its_own() {
    let house = House::with(BOTH).await;
    for (amount, variable) in [(1001, "TILL_MAX_AMOUNT"), (501, "TILL_CONFIRM_OVER")] {
        let refused = house.call("create_charge", json!({ "amount": amount, "currency": "EUR" })).await;
        let error = &refused["error"];
        assert_eq!(
            (&error["code"], &error["outcome"], &error["details"]["variable"]),
            (&json!("LIMIT_EXCEEDED"), &json!("not_created"), &json!(variable)),
            "{refused}"
        );
        let created = house.call("create_payment_link", json!({ "amount_eur": amount })).await;
        assert!(created["identifier"].is_string(), "{created}");
    }
    assert!(house.till.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn errors_are_in_the_words_of_their_provider() {
    let house = House::with(BOTH).await;
    house
        .answers("GET", "/charges/c1", ResponseTemplate::new(404).set_body_json(json!({ "error": "none" })))
        .await;
    let failed = house.call("read_charge", json!({ "charge": "c1" })).await;
    assert_eq!(failed["error"]["code"], "PAYMENT_NOT_FOUND");
    assert_eq!(failed["error"]["next_action"], "Look for the charge at the till.");
    let shown = failed.to_string().to_lowercase();
    assert!(!shown.contains("bitnovo") && !shown.contains("device"), "{shown}");
}

#[tokio::test]
async fn each_works_while_the_other_is_not_set_up() {
    let house = House::with(SetUp { bitnovo: false, till: true }).await;
    house.answers("GET", "/charges/c1", charge()).await;
    assert_eq!(house.call("read_charge", json!({ "charge": "c1" })).await["state"], "open");
    let failed = house.call("list_payments", json!({})).await;
    assert_eq!(failed["error"]["code"], "NOT_CONFIGURED");
    assert!(failed.to_string().contains("BITNOVO_DEVICE_ID"), "{failed}");

    let house = House::with(SetUp { bitnovo: true, till: false }).await;
    assert_eq!(house.call("list_payments", json!({})).await["total_count"], 0);
    let failed = house.call("read_charge", json!({ "charge": "c1" })).await;
    assert_eq!(
        (&failed["error"]["code"], &failed["error"]["next_action"]),
        (&json!("NOT_CONFIGURED"), &json!("Set TILL_KEY."))
    );
    assert!(!failed.to_string().contains("BITNOVO"), "{failed}");
}

#[tokio::test]
async fn the_tools_of_a_provider_are_listed_while_it_is_set_up() {
    let listed = |bitnovo, till| async move { House::with(SetUp { bitnovo, till }).await.listed() };
    let (both, till) = (listed(true, true).await, listed(false, true).await);
    assert_eq!(both.last().unwrap(), "read_charge");
    assert!(both.contains(&"create_payment_link".to_owned()));
    assert_eq!(till, ["create_charge", "read_charge"]);
    assert!(!listed(true, false).await.contains(&"read_charge".to_owned()));
    // A server that is not set up at all shows everything, so that an agent can say what is missing.
    assert_eq!(listed(false, false).await, both);
}

#[tokio::test]
async fn a_secret_that_the_api_repeats_is_not_shown() {
    let house = House::with(BOTH).await;
    let repeats = json!({ "error": format!("the key {KEY} is blocked") });
    house.answers("GET", "/charges/c1", ResponseTemplate::new(403).set_body_json(repeats)).await;
    let failed = house.call("read_charge", json!({ "charge": "c1" })).await.to_string();
    assert!(failed.contains("is blocked") && !failed.contains(KEY), "{failed}");
}

#[tokio::test]
async fn the_log_names_the_provider_and_its_account() {
    let house = House::with(BOTH).await;
    house.answers("GET", "/charges/c1", charge()).await;
    let log = Log::default();
    let listening = log.listen("bitnovo_pay_mcp=info");
    house.call("read_charge", json!({ "charge": "c1" })).await;
    house.call("list_payments", json!({})).await;
    drop(listening);
    let lines = log.text();
    let line =
        |tool: &str| lines.lines().find(|line| line.contains(tool)).unwrap_or_else(|| panic!("{lines}"));
    let till = line("read_charge");
    assert!(till.contains("provider=\"till\"") && till.contains("key …ef"), "{till}");
    assert!(till.contains("api_requests=1"), "{till}");
    let account = house.app.bitnovo().account().unwrap();
    assert!(line("list_payments").contains(&account) && !till.contains(&account), "{lines}");
}

#[tokio::test]
async fn one_server_receives_the_webhooks_of_both() {
    let variables = |name: &str| match name {
        "WEBHOOK_ENABLED" => Some("true".into()),
        "WEBHOOK_PORT" => Some("0".into()),
        "BITNOVO_DEVICE_SECRET" => Some(SECRET.into()),
        "WEBHOOK_PUBLIC_URL" => Some("https://till.example".into()),
        _ => None,
    };
    let environment = Environment::new(variables, |_| Err(bitnovo_pay::SecretFileError::NotText));
    let config = Arc::new(Config::from_environment(&environment, true, OFFER));
    let mut receivers = bitnovo::webhook_provider::receivers(&config.webhooks, None).unwrap();
    receivers.push(test_provider::webhook::receiver());
    let errors = &bitnovo::errors::ERRORS;
    let context = receiving::context::Context::start(Arc::clone(&config), Ok(receivers), false, errors).await;
    let context = Arc::new(context);
    let webhooks = Arc::clone(context.webhooks().unwrap());
    webhooks.trusting().await;

    let base = webhooks.local_base().unwrap();
    let post = |path: &str, headers: &[(&'static str, String)], body: String| {
        let request =
            payments_core::http::client_builder().no_proxy().build().unwrap().post(base.join(path).unwrap());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        async move { request.body(body).send().await.unwrap().status().as_u16() }
    };
    let of_till = test_provider::webhook::signed("c1", "paid");
    assert_eq!(post(test_provider::webhook::PATH, &[], of_till.replace("paid", "void")).await, 403);
    assert_eq!(post(test_provider::webhook::PATH, &[], of_till).await, 200);
    let body = r#"{"identifier": "1040095a-737d-41a2-a2e1-d031d19ec8cd", "status": "CO"}"#;
    let nonce = scheme::nonce(SystemTime::now());
    let signature = scheme::sign(&SECRET.parse().unwrap(), &nonce, body.as_bytes()).to_string();
    let headers = [(scheme::NONCE_HEADER, nonce), (scheme::SIGNATURE_HEADER, signature)];
    assert_eq!(post("/webhook/bitnovo", &headers, body.to_owned()).await, 200);
    // Neither passes at the other's door.
    assert_ne!(post(test_provider::webhook::PATH, &headers, body.to_owned()).await, 200);

    let server = compose(&config, vec![(context.clone(), receiving::tools::routes(&context))]);
    let shown = server.call("get_webhook_events", Map::new(), Caller::default()).await.unwrap().unwrap();
    let events = shown.structured["events"].as_array().unwrap();
    let seen: Vec<_> = events.iter().map(|event| (&event["payment_provider"], &event["status"])).collect();
    assert_eq!(seen, [(&json!("bitnovo"), &json!("CO")), (&json!("till"), &json!("paid"))]);
    let of = |id: &str| Map::from_iter([("payment_provider".to_owned(), json!(id))]);
    let shown = server.call("get_webhook_events", of("till"), Caller::default()).await.unwrap().unwrap();
    assert_eq!(
        (&shown.structured["total_count"], &shown.structured["events"][0]["status"]),
        (&json!(1), &json!("paid"))
    );
    let mut unchecked = of("till");
    unchecked.insert("validate".into(), json!(false));
    let url = server.call("get_webhook_url", unchecked, Caller::default()).await.unwrap().unwrap();
    assert!(
        url.structured["webhook_url"].as_str().unwrap().ends_with(test_provider::webhook::PATH),
        "{:?}",
        url.structured
    );
    for tool in ["get_webhook_events", "get_webhook_url"] {
        let failure = server.call(tool, of("nobody"), Caller::default()).await.unwrap().unwrap_err();
        assert_eq!(failure.to_json()["error"]["details"]["candidates"], json!(["bitnovo", "till"]), "{tool}");
    }
    let failure = server.call("get_webhook_url", Map::new(), Caller::default()).await.unwrap().unwrap_err();
    assert_eq!(failure.to_json()["error"]["details"]["candidates"], json!(["bitnovo", "till"]));
    webhooks.stop().await;
}

#[tokio::test]
async fn a_model_reads_how_to_use_each() {
    let house = House::with(BOTH).await;
    let instructions = rmcp::ServerHandler::get_info(&house.server).instructions.unwrap();
    assert!(
        instructions.contains("create_payment_link")
            && instructions.ends_with("\n\nCharge with create_charge."),
        "{instructions}"
    );
}
