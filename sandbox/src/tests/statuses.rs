use super::*;

#[tokio::test]
async fn a_payment_in_full_is_seen_then_safe_then_mined() {
    let shop = Shop::open().await;
    let id = shop.order("XRP").await;
    assert_eq!(shop.status(&id).await, "PE");
    let paid = shop.act(&id, "pay", "").await;
    assert_eq!((paid["status"].as_str(), paid["safe"].as_bool()), (Some("AC"), Some(false)));
    shop.advance(MINUTE).await;
    let safe = shop.info(&id).await;
    assert_eq!((safe["status"].as_str(), safe["safe"].as_bool()), (Some("AC"), Some(true)));
    shop.advance(9 * MINUTE - 1).await;
    assert_eq!(shop.status(&id).await, "AC");
    shop.advance(1).await;
    let mined = shop.info(&id).await;
    assert_eq!((mined["status"].as_str(), mined["safe"].as_bool()), (Some("CO"), Some(true)));
    assert_eq!(mined["edited_at"], "2025-02-03T10:10:00.000000+01:00");
    assert!(mined["transactions"][0]["block"].is_i64());
}

#[tokio::test]
async fn mining_completes_a_payment_at_once() {
    let shop = Shop::open().await;
    let id = shop.order("BTC").await;
    shop.act(&id, "pay", "{}").await;
    assert_eq!(shop.act(&id, "mine", "{}").await["status"], "CO");
}

#[tokio::test]
async fn an_unpaid_order_expires_and_is_cancelled_a_day_later() {
    let shop = Shop::open().await;
    let id = shop.order("BTC").await;
    assert_eq!(shop.info(&id).await["expired_time"], "2025-02-03T10:15:00.000000+01:00");
    shop.advance(15 * MINUTE - 1).await;
    assert_eq!(shop.status(&id).await, "PE");
    shop.advance(1).await;
    assert_eq!(shop.status(&id).await, "EX");
    shop.advance(24 * 60 * MINUTE).await;
    let cancelled = shop.info(&id).await;
    assert_eq!(cancelled["status"], "CA");
    assert_eq!(cancelled["edited_at"], "2025-02-04T10:15:00.000000+01:00");
}

#[tokio::test]
async fn one_long_advance_passes_every_timer_in_turn() {
    let shop = Shop::open().await;
    let id = shop.order("BTC").await;
    shop.advance(48 * 60 * MINUTE).await;
    assert_eq!(shop.info(&id).await["edited_at"], "2025-02-04T10:15:00.000000+01:00");
}

#[tokio::test]
async fn slow_networks_wait_an_hour() {
    let shop = Shop::open().await;
    let id = shop.order("LTC").await;
    shop.advance(60 * MINUTE - 1).await;
    assert_eq!(shop.status(&id).await, "PE");
    shop.advance(1).await;
    assert_eq!(shop.status(&id).await, "EX");
}

#[tokio::test]
async fn a_link_waits_for_its_currency_and_expires_from_then_on() {
    let shop = Shop::open().await;
    let id = shop.link().await;
    shop.advance(60 * MINUTE).await;
    assert_eq!(shop.status(&id).await, "NR");
    let paid = shop.act(&id, "pay", r#"{"percent": 10, "currency": "XRP"}"#).await;
    assert_eq!((paid["status"].as_str(), paid["currency_id"].as_str()), (Some("IA"), Some("XRP")));
    assert_eq!(paid["expired_time"], "2025-02-03T11:15:00.000000+01:00");
    let id = shop.link().await;
    assert_eq!(shop.act(&id, "pay", "").await["currency_id"], "BTC");
}

#[tokio::test]
async fn too_little_waits_for_the_rest_until_it_is_too_late() {
    let shop = Shop::open().await;
    let id = shop.order("BTC").await;
    assert_eq!(shop.act(&id, "pay", r#"{"percent": 60}"#).await["status"], "IA");
    assert_eq!(shop.act(&id, "pay", "").await["status"], "AC");

    let id = shop.order("BTC").await;
    shop.act(&id, "pay", r#"{"percent": 60}"#).await;
    assert_eq!(shop.act(&id, "mine", "").await["status"], "IA");
    shop.advance(15 * MINUTE).await;
    let late = shop.info(&id).await;
    assert_eq!((late["status"].as_str(), late["received_amount"].as_f64()), (Some("OC"), Some(5.99)));
}

#[tokio::test]
async fn a_late_payment_needs_a_decision() {
    let shop = Shop::open().await;
    let id = shop.order("BTC").await;
    assert_eq!(shop.act(&id, "expire", "").await["status"], "EX");
    let late = shop.act(&id, "pay", "").await;
    assert_eq!((late["status"].as_str(), late["received_amount"].as_f64()), (Some("OC"), Some(0.0)));
    let mined = shop.act(&id, "mine", "").await;
    assert_eq!((mined["status"].as_str(), mined["received_amount"].as_f64()), (Some("OC"), Some(10.0)));
    assert_eq!(shop.act(&id, "refund", "").await["status"], "RF");
}

#[tokio::test]
async fn payments_fail_and_are_cancelled_and_refunded() {
    let shop = Shop::open().await;
    let failing = shop.order("BTC").await;
    shop.act(&failing, "pay", "").await;
    let failed = shop.act(&failing, "fail", "").await;
    assert_eq!((failed["status"].as_str(), failed["unconfirmed_amount"].as_f64()), (Some("FA"), Some(0.0)));
    shop.advance(60 * MINUTE).await;
    assert_eq!(shop.status(&failing).await, "FA", "a dropped transaction is never mined");

    for id in [shop.link().await, shop.order("BTC").await] {
        assert_eq!(shop.act(&id, "cancel", "").await["status"], "CA");
    }
    let paid = shop.order("BTC").await;
    shop.act(&paid, "pay", "").await;
    shop.act(&paid, "mine", "").await;
    assert_eq!(shop.act(&paid, "refund", "").await["status"], "RF");
}

#[tokio::test]
async fn what_is_impossible_is_refused_with_what_would_be_possible_and_changes_nothing() {
    let shop = Shop::open().await;
    let id = shop.order("BTC").await;
    let before = shop.info(&id).await;
    let refused = async |action: &str, body: &str| {
        shop.refused(400, &format!("/_sandbox/orders/{id}/{action}"), body).await
    };
    assert_eq!(
        refused("mine", "").await,
        "This payment is PE; `mine` is possible while it is AC, IA, CO, OC."
    );
    assert!(refused("refund", "").await.contains("CO, OC"));
    assert!(refused("pay", r#"{"amount": "0.000000001"}"#).await.contains("8 decimals"));
    assert!(refused("pay", r#"{"amount": "1", "percent": 5}"#).await.contains("either"));
    assert!(refused("pay", r#"{"amount": -1}"#).await.contains("above 0"));
    assert!(refused("pay", r#"{"percent": "lots"}"#).await.contains("above 0"));
    assert!(refused("pay", r#"{"percentage": 5}"#).await.contains("unknown field `percentage`"));
    assert!(refused("pay", r#"{"currency": "ETH"}"#).await.contains("in BTC, not in ETH"));
    assert_eq!(shop.info(&id).await, before);

    let link = shop.link().await;
    let pay = format!("/_sandbox/orders/{link}/pay");
    assert!(shop.refused(400, &pay, r#"{"currency": "DOGE"}"#).await.contains("DOGE is not available"));
    assert!(shop.refused(400, &pay, r#"{"amount": "0.000000001"}"#).await.contains("decimals"));
    assert_eq!(shop.status(&link).await, "NR", "no currency is left chosen");

    let missing = "/_sandbox/orders/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01";
    assert!(shop.refused(404, &format!("{missing}/pay"), "").await.contains("no such order"));
    assert!(shop.refused(404, &format!("{missing}/explode"), "").await.contains("pay, mine, expire"));
    assert!(
        shop.refused(400, "/_sandbox/clock/advance", r#"{"seconds": -1}"#)
            .await
            .contains("{\"seconds\": 900}")
    );
}
