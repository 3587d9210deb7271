use super::*;

/// An order of 10 EUR with more `fields`; its identifier and checkout page.
async fn order(shop: &Shop, fields: &str) -> (String, String) {
    let created =
        shop.create(&format!(r#"{{"expected_output_amount": 10, "language": "EN"{fields}}}"#)).await;
    let web_url = created["web_url"].as_str().unwrap();
    let path = web_url.strip_prefix(shop.sandbox.base_url()).unwrap();
    (created["identifier"].as_str().unwrap().to_owned(), path.to_owned())
}

async fn page(shop: &Shop, path: &str) -> String {
    let response = shop.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    response.text().await.unwrap()
}

async fn press(shop: &Shop, path: &str, form: &str, body: &str) -> StatusCode {
    let request = shop.request(Method::POST, &format!("{path}{form}"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let response = request.body(body.to_owned()).send().await.unwrap();
    if response.status() == 303 {
        assert_eq!(response.headers()["location"], path);
    }
    response.status()
}

#[tokio::test]
async fn the_address_of_the_page_is_eight_hex_digits() {
    let shop = Shop::open().await;
    let (_, path) = order(&shop, "").await;
    let code = path.trim_matches('/');
    assert_eq!((path.len(), code.len()), (10, 8));
    assert!(u32::from_str_radix(code, 16).is_ok());
    assert_eq!(shop.request(Method::GET, "/00000000/").send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_customer_chooses_a_currency_and_pays_with_buttons_only() {
    let shop = Shop::open().await;
    let (id, path) = order(&shop, r#", "merchant_urlok": "https://shop.example/ok?a=1&b=2""#).await;
    let choices = page(&shop, &path).await;
    assert!(choices.contains("SANDBOX – no real money") && choices.contains(r#"value="XRP""#));
    assert!(!choices.contains(r#"value="BCH""#), "its minimum is 30 EUR");

    assert_eq!(press(&shop, &path, "currency", "currency=XRP").await, 303);
    let pay = page(&shop, &path).await;
    let payment = shop.info(&id).await;
    for shown in
        [payment["address"].as_str().unwrap(), payment["tag_memo"].as_str().unwrap(), "4.545455 XRP", "<svg"]
    {
        assert!(pay.contains(shown), "{shown}");
    }
    assert!(pay.contains("Without this tag the payment is lost") && pay.contains(r#"data-remaining="900""#));
    assert!(!pay.contains("<?xml") && !pay.contains("shop.example"));

    assert_eq!(press(&shop, &path, "simulate", "action=pay-60").await, 303);
    assert!(page(&shop, &path).await.contains("1.818182 XRP"), "what is missing");
    press(&shop, &path, "simulate", "action=pay").await;
    press(&shop, &path, "simulate", "action=mine").await;
    assert_eq!(shop.status(&id).await, "CO");
    let done = page(&shop, &path).await;
    assert!(done.contains(r#"href="https://shop.example/ok?a=1&amp;b=2""#));
    assert_eq!(press(&shop, &path, "simulate", "action=mine").await, 400);
    assert_eq!(press(&shop, &path, "currency", "currency=BTC").await, 400);
}

#[tokio::test]
async fn an_expired_order_leads_back_to_url_ko() {
    let shop = Shop::open().await;
    let urls = r#", "input_currency": "BTC", "merchant_urlok": "https://s.example/ok", "merchant_urlko": "https://s.example/ko""#;
    let (id, path) = order(&shop, urls).await;
    shop.act(&id, "expire", "").await;
    let page = page(&shop, &path).await;
    assert!(page.contains("https://s.example/ko") && !page.contains("https://s.example/ok"));
}

#[tokio::test]
async fn text_of_a_merchant_stays_text() {
    let shop = Shop::open().await;
    let notes = r#"<script>alert('x')</script> {{script}} \" onload=\"x"#;
    let url = "https://s.example/'\\\"><img src=x>";
    let fields = format!(r#", "notes": "{notes}", "merchant_urlko": "{url}""#);
    let (id, path) = order(&shop, &fields).await;
    shop.act(&id, "cancel", "").await;
    let page = page(&shop, &path).await;
    assert!(
        page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; {{script}} &quot; onload=&quot;x")
    );
    assert!(page.contains("https://s.example/&#39;&quot;&gt;&lt;img src=x&gt;"));
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img src=x"));
}

#[tokio::test]
async fn the_policy_allows_the_script_and_style_of_the_page_by_their_hash() {
    use base64::Engine;
    use sha2::Digest;

    let shop = Shop::open().await;
    let (_, path) = order(&shop, "").await;
    let response = shop.request(Method::GET, &path).send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let page = response.text().await.unwrap();
    for tag in ["script", "style"] {
        let (_, rest) = page.split_once(&format!("<{tag}>")).unwrap();
        let (inside, _) = rest.split_once(&format!("</{tag}>")).unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(inside));
        assert!(policy.contains(&format!("{tag}-src 'sha256-{hash}'")), "{tag}");
    }
}

#[tokio::test]
async fn the_page_learns_of_changes_and_of_an_advanced_clock() {
    let shop = Shop::open().await;
    let (id, path) = order(&shop, r#", "input_currency": "BTC""#).await;
    let state = async || shop.get(&format!("{path}state")).await;
    assert_eq!(state().await, serde_json::json!({"revision": 0, "remaining_seconds": 900}));
    shop.advance(100).await;
    assert_eq!(state().await, serde_json::json!({"revision": 0, "remaining_seconds": 800}));
    shop.act(&id, "pay", "").await;
    assert_eq!(state().await, serde_json::json!({"revision": 1, "remaining_seconds": null}));
}

#[tokio::test]
async fn the_page_speaks_the_language_of_its_order_which_is_spanish_unless_it_says_otherwise() {
    let shop = Shop::open().await;
    for (fields, spanish) in [
        ("", true),
        (r#", "language": "ES""#, true),
        (r#", "language": "EN""#, false),
        (r#", "language": "FR""#, false),
    ] {
        let body = format!(r#"{{"expected_output_amount": 10, "input_currency": "XRP"{fields}}}"#);
        let created = shop.create(&body).await;
        let path = created["web_url"].as_str().unwrap().strip_prefix(shop.sandbox.base_url()).unwrap();
        let page = page(&shop, path).await;
        let words = [
            ("lang=\"es\"", "lang=\"en\""),
            ("10,00 €", "10.00 EUR"),
            ("sin dinero real", "no real money"),
            ("Esperando su pago", "Waiting for your payment"),
            ("Sin esta etiqueta el pago se pierde", "Without this tag the payment is lost"),
            ("Envíe solo ", "Send only "),
            ("Copiar", "Copy"),
            ("Simular", "Simulate"),
            ("Pagar el 60 %", "Pay 60 %"),
        ];
        for (es, en) in words {
            let (there, missing) = if spanish { (es, en) } else { (en, es) };
            assert!(page.contains(there), "{fields}: {there}");
            assert!(!page.contains(missing), "{fields}: {missing}");
        }
        // The amount to send is for a wallet, and the same in every language.
        assert!(page.contains("4.545455 XRP"), "{fields}");
    }
}
