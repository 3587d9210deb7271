use super::*;

#[tokio::test]
async fn without_a_known_device_every_operation_is_403() {
    let shop = Shop::open().await;
    for path in ["/api/v1/currencies", "/api/v1/orders/", "/api/v1/orders/info/x"] {
        let url = format!("{}{path}", shop.sandbox.base_url());
        for device in [None, Some("not-a-uuid"), Some("5f0e5c1a-8a55-4d0e-9a3b-1c7f3f6f0a11")] {
            let request = shop.http.get(&url);
            let request = device.into_iter().fold(request, |request, id| request.header("X-Device-Id", id));
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 403, "{path} {device:?}");
            assert!(response.json::<Value>().await.unwrap()["detail"].is_string());
        }
    }
}

#[tokio::test]
async fn trailing_slashes_are_part_of_the_paths() {
    let shop = Shop::open().await;
    let id = shop.link().await;
    for path in
        ["/currencies/", "/orders", "/device", &format!("/orders/info/{id}/"), "/orders/info/", "/nothing"]
    {
        let (status, body) = shop.call(Method::GET, &format!("/api/v1{path}"), "").await;
        assert_eq!(status, 404, "{path}");
        assert!(body["detail"].as_str().unwrap().contains("trailing slashes"), "{path}");
    }
}

#[tokio::test]
async fn an_onchain_create_answers_without_status_and_with_numbers_as_python_prints_them() {
    let shop = Shop::open().await;
    let body = r#"{"expected_output_amount": 5.0, "input_currency": "BTC", "notes": "Tip - Table 7"}"#;
    let response = shop.request(Method::POST, "/api/v1/orders/").header("Content-Type", "application/json");
    let text = response.body(body).send().await.unwrap().text().await.unwrap();
    assert!(
        text.contains(r#""expected_input_amount":8.334e-05,"rate":59995.2,"notes":"Tip - Table 7""#),
        "{text}"
    );
    assert!(text.contains(r#""tag_memo":"","#) && text.contains("?amount=0.00008334&rbf=false"), "{text}");
    let created: Value = serde_json::from_str(&text).unwrap();
    let fields: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "address",
        "expected_input_amount",
        "fiat",
        "identifier",
        "input_currency",
        "language",
        "notes",
        "payment_uri",
        "rate",
        "reference",
        "tag_memo",
        "web_url",
    ];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn a_link_answers_without_any_crypto_field_and_starts_as_nr() {
    let shop = Shop::open().await;
    let created = shop.create(r#"{"expected_output_amount": 22, "reference": "R", "language": "ES"}"#).await;
    let fields: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["fiat", "identifier", "language", "need_dni", "reference", "web_url"]);
    assert_eq!((created["language"].as_str(), created["need_dni"].as_bool()), (Some("es"), Some(false)));

    let payment = shop.info(created["identifier"].as_str().unwrap()).await;
    assert_eq!(payment["status"], "NR");
    for field in ["crypto_amount", "currency_id", "address", "expired_time"] {
        assert!(payment[field].is_null(), "{field}");
    }
    assert_eq!(payment["created_at"], "2025-02-03T10:00:00.000000+01:00");
    assert_eq!((payment["tag_memo"].as_str(), payment["balance_based"].as_str()), (Some(""), Some("True")));
}

#[tokio::test]
async fn tags_come_where_the_network_needs_them() {
    let shop = Shop::open().await;
    let order = |symbol: &str| format!(r#"{{"expected_output_amount": 10, "input_currency": "{symbol}"}}"#);
    let (first, second) = (shop.create(&order("XRP")).await, shop.create(&order("XRP")).await);
    let tag = first["tag_memo"].as_str().unwrap();
    assert!(first["payment_uri"].as_str().unwrap().ends_with(&format!("?amount=4.545455&dt={tag}")));
    assert_eq!(first["address"], second["address"]);
    assert_ne!(first["tag_memo"], second["tag_memo"]);
    assert_eq!(shop.create(&order("USDC_ERC20")).await["payment_uri"], "");
}

#[tokio::test]
async fn business_refusals_are_404_and_malformed_requests_400() {
    let shop = Shop::open().await;
    let refused = async |body: &str| shop.refused(404, "/api/v1/orders/", body).await;
    assert!(
        refused(r#"{"expected_output_amount": 5, "input_currency": "btc"}"#)
            .await
            .contains("btc is not available")
    );
    assert!(
        refused(r#"{"expected_output_amount": 0.5, "input_currency": "BTC"}"#)
            .await
            .contains("below the minimum")
    );
    assert!(
        refused(r#"{"expected_output_amount": 99999, "input_currency": "BTC"}"#)
            .await
            .contains("above the maximum")
    );

    let (status, body) = shop.call(Method::POST, "/api/v1/orders/", r#"{"fiat": "XXX"}"#).await;
    assert_eq!(status, 400);
    assert_eq!(body["expected_output_amount"][0], "This field is required.");
    assert!(body["fiat"].is_array());
    assert_eq!(shop.get("/_sandbox/orders").await, serde_json::json!([]));

    let plain = shop.request(Method::POST, "/api/v1/orders/").body("expected_output_amount=5");
    assert_eq!(plain.send().await.unwrap().status(), 415);
    assert_eq!(shop.call(Method::DELETE, "/api/v1/orders/", "").await.0, 405);
}

#[tokio::test]
async fn an_unknown_identifier_is_404() {
    let shop = Shop::open().await;
    for id in ["0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01", "abc"] {
        let (status, body) = shop.call(Method::GET, &format!("/api/v1/orders/info/{id}"), "").await;
        assert_eq!((status.as_u16(), body["detail"].as_str()), (404, Some("Not found.")));
    }
}

#[tokio::test]
async fn a_reference_may_be_used_twice() {
    let shop = Shop::open().await;
    let body = r#"{"expected_output_amount": 10, "reference": "ORD-1"}"#;
    assert_ne!(shop.create(body).await["identifier"], shop.create(body).await["identifier"]);
}

#[tokio::test]
async fn a_list_is_newest_first_within_its_days() {
    let shop = Shop::open().await;
    let first = shop.link().await;
    shop.advance(24 * 60 * MINUTE).await;
    let second = shop.link().await;
    let listed = async |query: &str| -> Vec<String> {
        let list = shop.get(&format!("/api/v1/orders/{query}")).await;
        list.as_array().unwrap().iter().map(|one| one["identifier"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("").await, [second.clone(), first.clone()]);
    assert_eq!(listed("?start=2025/02/04").await, [second.as_str()]);
    assert_eq!(listed("?end=2025/02/03").await, [first.as_str()]);
    assert_eq!(listed("?start=2025/02/05&end=2025/02/06").await, Vec::<String>::new());
    shop.advance(7 * 24 * 60 * MINUTE).await;
    assert_eq!(listed("").await, [second]);
    let (status, body) = shop.call(Method::GET, "/api/v1/orders/?start=yesterday", "").await;
    assert_eq!((status.as_u16(), body["start"].is_array()), (400, true));
}

#[tokio::test]
async fn a_new_device_can_be_used_at_once() {
    let shop = Shop::open().await;
    let device = shop.post("/api/v1/device/", r#"{"name": "till-3"}"#).await;
    assert_eq!(device["name"], "till-3");
    let url = format!("{}/api/v1/orders/", shop.sandbox.base_url());
    let request = shop.http.post(url).header("X-Device-Id", device["identifier"].as_str().unwrap());
    let created: Value = request
        .json(&serde_json::json!({"expected_output_amount": 10}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let payment = shop.info(created["identifier"].as_str().unwrap()).await;
    assert_eq!(
        (payment["merchant_device"].as_str(), payment["merchant_device_id"].as_i64()),
        (Some("till-3"), Some(2))
    );
}

#[tokio::test]
async fn the_catalogue_has_fiat_strings_open_limits_and_pictures_that_exist() {
    let shop = Shop::open().await;
    let currencies = shop.get("/api/v1/currencies").await;
    let find =
        |symbol: &str| currencies.as_array().unwrap().iter().find(|one| one["symbol"] == symbol).unwrap();
    assert_eq!(
        (find("BTC")["min_amount"].as_str(), find("BTC")["max_amount"].as_str()),
        (Some("1.00"), Some("10000.00"))
    );
    assert!(find("USDC_POLYGON_NXTB")["max_amount"].is_null());
    for currency in currencies.as_array().unwrap() {
        let picture = shop.http.get(currency["image"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(picture.headers()["content-type"], "image/svg+xml");
    }
}

#[tokio::test]
async fn the_journal_shows_requests_with_the_device_masked() {
    let shop = Shop::open().await;
    shop.call(Method::POST, "/api/v1/orders/", r#"{"expected_output_amount": 0}"#).await;
    shop.get("/api/v1/orders/?start=2025/02/01").await;
    let journal = shop.get("/_sandbox/journal").await;
    assert_eq!(journal.as_array().unwrap().len(), 2, "the control API is not in the journal");
    assert_eq!(journal[0]["method"], "POST");
    assert_eq!(journal[0]["body"], r#"{"expected_output_amount": 0}"#);
    assert_eq!(journal[0]["status"], 400);
    assert_eq!(journal[1]["path"], "/api/v1/orders/?start=2025/02/01");
    assert!(journal[1]["fault"].is_null());
    let device = shop.sandbox.device_id().to_string();
    assert!(!journal.to_string().contains(&device));
    assert_eq!(journal[0]["device"], format!("{}-****-****-****-********{}", &device[..8], &device[32..]));
}
