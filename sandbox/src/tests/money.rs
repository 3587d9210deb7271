use super::*;

#[tokio::test]
async fn sixty_percent_and_the_rest_make_exactly_the_whole() {
    let shop = Shop::open().await;
    let id = shop.order("XRP").await;
    let part = shop.act(&id, "pay", r#"{"percent": 60}"#).await;
    assert_eq!(part["unconfirmed_amount"].as_f64(), Some(2.727273));
    assert_eq!(part["percentage"].as_f64(), Some(60.0));
    let whole = shop.act(&id, "pay", "").await;
    assert_eq!(whole["unconfirmed_amount"].as_f64(), Some(4.545455));
    assert_eq!(whole["transactions"].as_array().unwrap().len(), 2);
    let mined = shop.act(&id, "mine", "").await;
    assert_eq!(
        (mined["confirmed_amount"].as_f64(), mined["received_amount"].as_f64()),
        (Some(4.545455), Some(10.0))
    );
    assert_eq!(
        (mined["percentage"].as_f64(), mined["unconfirmed_amount"].as_f64()),
        (Some(100.0), Some(0.0))
    );
}

#[tokio::test]
async fn an_overpayment_completes_and_shows_what_came() {
    let shop = Shop::open().await;
    let id = shop.order("XRP").await;
    assert_eq!(shop.act(&id, "pay", r#"{"percent": 120}"#).await["status"], "AC");
    let mined = shop.act(&id, "mine", "").await;
    assert_eq!((mined["status"].as_str(), mined["confirmed_amount"].as_f64()), (Some("CO"), Some(5.454546)));
    assert_eq!((mined["percentage"].as_f64(), mined["received_amount"].as_f64()), (Some(100.0), Some(12.0)));
}

#[tokio::test]
async fn one_smallest_unit_less_is_not_enough() {
    let shop = Shop::open().await;
    let id = shop.order("XRP").await;
    let paid = shop.act(&id, "pay", r#"{"amount": "4.545454"}"#).await;
    assert_eq!((paid["status"].as_str(), paid["percentage"].as_f64()), (Some("IA"), Some(99.99)));
    assert_eq!(shop.act(&id, "pay", r#"{"amount": 0.000001}"#).await["status"], "AC");
}

#[tokio::test]
async fn every_fiat_currency_has_a_fixed_rate() {
    let shop = Shop::open().await;
    let body = r#"{"expected_output_amount": 500.0, "input_currency": "USDC_ERC20", "fiat": "USD"}"#;
    let created = shop.create(body).await;
    assert_eq!(
        (created["expected_input_amount"].as_f64(), created["rate"].as_f64()),
        (Some(500.0), Some(1.0))
    );
    let payment = shop.info(created["identifier"].as_str().unwrap()).await;
    assert_eq!((payment["fiat"].as_str(), payment["fiat_amount"].as_f64()), (Some("USD"), Some(500.0)));
}
