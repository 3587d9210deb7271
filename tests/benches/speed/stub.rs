//! The API as canned answers on loopback, so that what is measured is the server and not the simulator.

use axum::{
    Router,
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::{get, post},
};

pub(crate) const IDENTIFIER: &str = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";

const ADDRESS: &str = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";

pub(crate) struct Stub {
    pub(crate) base_url: String,
}

pub(crate) async fn start() -> Stub {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/api/v1/currencies", get(|| json(catalogue())))
        .route("/api/v1/orders/", post(create).get(|| json(list())))
        .route("/api/v1/orders/info/{id}", get(info));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Stub { base_url }
}

async fn json(body: String) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], body)
}

fn catalogue() -> String {
    r#"[{"symbol":"BTC","name":"Bitcoin BTC","min_amount":"0.01","max_amount":null,"image":null,"blockchain":"BTC"}]"#
        .to_owned()
}

/// The last seven days: a hundred sales, each with a key.
fn list() -> String {
    let payment = |number: u32| {
        format!(
            r#"{{"identifier":"2d7f9b2e-8e7a-4c75-9b6f-4f3b7d9e{number:04x}","reference":"ORD-{number}","created_at":"2025-02-03T10:00:00.120450+01:00","edited_at":"2025-02-03T10:00:01.902113+01:00","status":"CO","fiat_amount":5.0,"crypto_amount":0.0001,"unconfirmed_amount":0.0001,"confirmed_amount":0.0001,"currency_id":"BTC","address":"{ADDRESS}","tag_memo":"","expired_time":"2025-02-03T10:15:01.901440+01:00","safe":true,"fiat":"EUR","internal_data":"{{\\"bitnovo-pay\\":1,\\"key\\":\\"ORD-{number}\\",\\"device\\":\\"0123456789abcdef\\",\\"request\\":\\"{zeros}\\",\\"attempt\\":\\"2d7f9b2e-8e7a-4c75-9b6f-4f3b7d9e0000\\"}}","transactions":[]}}"#,
            zeros = "0".repeat(64)
        )
    };
    format!("[{}]", (0..100).map(payment).collect::<Vec<_>>().join(","))
}

/// The identifier tells the two kinds of order apart when they are read back.
async fn create(body: String) -> impl IntoResponse {
    let page = "https://paytest.bitnovo.com/3fa9c01e/";
    let order = if body.contains("input_currency") {
        format!(
            r#"{{"payment_uri":"bitcoin:{ADDRESS}?amount=0.0001&rbf=false","identifier":"{IDENTIFIER}","web_url":"{page}","address":"{ADDRESS}","tag_memo":"","input_currency":"BTC","expected_input_amount":0.0001,"rate":50000.0,"notes":null,"reference":null,"fiat":"EUR","language":"ES"}}"#
        )
    } else {
        format!(
            r#"{{"identifier":"1c8e7a1f-7d6f-4b64-8a5f-3e2a6c8d9b02","reference":null,"web_url":"{page}","fiat":"EUR","language":"ES","need_dni":false}}"#
        )
    };
    json(order).await
}

async fn info(axum::extract::Path(identifier): axum::extract::Path<String>) -> impl IntoResponse {
    let times =
        r#""created_at":"2025-02-03T10:00:00.120450+01:00","edited_at":"2025-02-03T10:00:01.902113+01:00""#;
    let payment = if identifier == IDENTIFIER {
        format!(
            r#"[{{"identifier":"{IDENTIFIER}","reference":null,{times},"status":"PE","fiat_amount":5.0,"crypto_amount":0.0001,"unconfirmed_amount":0.0,"confirmed_amount":0.0,"currency_id":"BTC","address":"{ADDRESS}","tag_memo":"","expired_time":"2099-02-03T10:15:01.901440+01:00","safe":false,"fiat":"EUR","transactions":[]}}]"#
        )
    } else {
        format!(
            r#"[{{"identifier":"{identifier}","reference":null,{times},"status":"NR","fiat_amount":25.0,"crypto_amount":null,"unconfirmed_amount":0.0,"confirmed_amount":0.0,"currency_id":null,"address":null,"tag_memo":"","expired_time":null,"safe":false,"fiat":"EUR","transactions":[]}}]"#
        )
    };
    json(payment).await
}
