use super::*;

async fn orders(shop: &Shop) -> usize {
    shop.get("/_sandbox/orders").await.as_array().unwrap().len()
}

async fn fault(shop: &Shop, rest: &str) {
    shop.post("/_sandbox/faults", &format!(r#"{{"match": "POST /api/v1/orders/", {rest}}}"#)).await;
}

async fn try_create(shop: &Shop) -> Result<reqwest::Response, reqwest::Error> {
    let request = shop.request(Method::POST, "/api/v1/orders/");
    request.json(&serde_json::json!({"expected_output_amount": 10})).send().await
}

#[tokio::test]
async fn a_status_is_answered_and_nothing_carried_out() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "status", "status": 503, "times": 2"#).await;
    for _ in 0..2 {
        assert_eq!(try_create(&shop).await.unwrap().status(), 503);
    }
    assert_eq!(orders(&shop).await, 0);
    assert_eq!(try_create(&shop).await.unwrap().status(), 200);
    let journal = shop.get("/_sandbox/journal").await;
    assert_eq!((journal[0]["status"].as_u64(), journal[0]["fault"].as_str()), (Some(503), Some("status")));
    assert!(journal[2]["fault"].is_null());
}

#[tokio::test]
async fn a_throttled_request_is_told_how_long_to_wait() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "status", "status": 429"#).await;
    let response = try_create(&shop).await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    assert!(response.text().await.unwrap().contains("available in 1 second"));
}

#[tokio::test]
async fn a_reset_cuts_the_connection_and_carries_nothing_out() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "reset""#).await;
    let error = try_create(&shop).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(orders(&shop).await, 0);
    let journal = shop.get("/_sandbox/journal").await;
    assert_eq!((journal[0]["status"].as_u64(), journal[0]["fault"].as_str()), (None, Some("reset")));
}

#[tokio::test]
async fn a_dropped_answer_leaves_an_order_behind() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "drop_after_commit""#).await;
    assert!(try_create(&shop).await.unwrap_err().status().is_none());
    assert_eq!(orders(&shop).await, 1);
}

#[tokio::test]
async fn a_create_can_be_carried_out_long_after_its_connection_was_cut() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "commit_late", "delay_ms": 60000"#).await;
    assert!(try_create(&shop).await.unwrap_err().status().is_none());
    let second = try_create(&shop).await.unwrap().json::<serde_json::Value>().await.unwrap();
    assert_eq!(orders(&shop).await, 1);
    shop.post("/_sandbox/clock/advance", r#"{"seconds": 90}"#).await;
    let listed = shop.get("/_sandbox/orders").await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["identifier"], second["identifier"], "it is the younger one");
    let moments = [0, 1].map(|place: usize| {
        listed[place]["created_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap()
    });
    let between = (moments[0] - moments[1]).num_seconds();
    assert!((1..=60).contains(&between), "created when it was due, not at the next request: {between}");
}

#[tokio::test]
async fn the_cut_is_seen_on_the_wire_without_a_byte_of_an_answer() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let shop = Shop::open().await;
    fault(&shop, r#""mode": "drop_after_commit""#).await;
    let address = shop.sandbox.base_url().trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let body = r#"{"expected_output_amount": 10}"#;
    let request = format!(
        "POST /api/v1/orders/ HTTP/1.1\r\nHost: {address}\r\nX-Device-Id: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        shop.sandbox.device_id(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer).await;
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert!(answer.is_empty());
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_brings() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "truncate""#).await;
    let mut response = try_create(&shop).await.unwrap();
    assert_eq!(response.status(), 200);
    let promised = response.content_length().unwrap();
    let half = response.chunk().await.unwrap().unwrap();
    assert_eq!(u64::try_from(half.len()).unwrap(), promised / 2);
    assert!(response.chunk().await.is_err());
    assert_eq!(orders(&shop).await, 1);
}

#[tokio::test]
async fn a_page_instead_of_json_carries_nothing_out() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "not_json""#).await;
    let response = try_create(&shop).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(orders(&shop).await, 0);
}

#[tokio::test]
async fn a_delayed_create_is_carried_out_even_when_the_client_has_given_up() {
    let shop = Shop::open().await;
    fault(&shop, r#""mode": "delay", "delay_ms": 600000"#).await;
    let request = shop.request(Method::POST, "/api/v1/orders/").timeout(Duration::from_millis(200));
    let outcome = request.json(&serde_json::json!({"expected_output_amount": 10})).send().await;
    assert!(outcome.unwrap_err().is_timeout());
    assert_eq!(orders(&shop).await, 1);
    shop.sandbox.stop().await;
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let shop = Shop::open().await;
    let detail = shop.refused(400, "/_sandbox/faults", r#"{"match": "POST /api/v1/orders/"}"#).await;
    assert!(detail.contains("missing field `mode`") && detail.contains("drop_after_commit"), "{detail}");
}
