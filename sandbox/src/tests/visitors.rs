use reqwest::{Method, header::ORIGIN};

use super::Shop;

const SITE: &str = "Sec-Fetch-Site";
const MODE: &str = "Sec-Fetch-Mode";

/// An order and the path of its checkout page.
async fn order(shop: &Shop) -> (String, String) {
    let created = shop.create(r#"{"expected_output_amount": 10}"#).await;
    let page = created["web_url"].as_str().unwrap().strip_prefix(shop.sandbox.base_url()).unwrap();
    (created["identifier"].as_str().unwrap().to_owned(), page.to_owned())
}

/// The status of a request with these headers; `{own}` is the sandbox's own origin.
async fn status(shop: &Shop, method: Method, path: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = shop.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, value.replace("{own}", shop.sandbox.base_url()));
    }
    request.send().await.unwrap().status().as_u16()
}

const FOREIGN: [&[(&str, &str)]; 12] = [
    &[("Origin", "https://evil.example")],
    &[("Origin", "http://127.0.0.1:1")],
    &[("Origin", "http://127.0.0.1")],
    &[("Origin", "http://localhost")],
    &[("Origin", "null")],
    &[("Origin", "")],
    &[("Origin", "{own}.evil.example")],
    &[("Origin", "{own}"), ("Origin", "https://evil.example")],
    &[("Sec-Fetch-Site", "cross-site")],
    &[("Sec-Fetch-Site", "same-site")],
    &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")],
    &[("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.example")],
];

#[tokio::test]
async fn pages_of_other_sites_change_nothing_and_read_nothing() {
    let shop = Shop::open().await;
    let (order, _) = order(&shop).await;
    for headers in FOREIGN {
        for (method, path) in [
            (Method::POST, "/_sandbox/reset".to_owned()),
            (Method::POST, "/_sandbox/clock/advance".to_owned()),
            (Method::POST, "/_sandbox/faults".to_owned()),
            (Method::POST, format!("/_sandbox/orders/{order}/pay")),
            (Method::PUT, "/_sandbox/webhook".to_owned()),
            (Method::GET, "/_sandbox/journal".to_owned()),
            (Method::GET, "/_sandbox/orders".to_owned()),
            (Method::GET, format!("/ws/{order}")),
            (Method::POST, "/api/v1/orders/".to_owned()),
        ] {
            assert_eq!(status(&shop, method, &path, headers).await, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(shop.get("/_sandbox/orders").await.as_array().unwrap().len(), 1, "nothing was reset");
}

#[tokio::test]
async fn the_refusal_says_why() {
    let shop = Shop::open().await;
    let request = shop.request(Method::POST, "/_sandbox/reset").header(ORIGIN, "https://evil.example");
    let body: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert!(body["detail"].as_str().unwrap().contains("pages of other sites"), "{body}");
}

#[tokio::test]
async fn programs_the_address_bar_and_the_own_page_are_served() {
    let shop = Shop::open().await;
    let served: [&[(&str, &str)]; 4] = [
        &[],
        &[(SITE, "none"), (MODE, "navigate")],
        &[(SITE, "same-origin"), ("Origin", "{own}")],
        &[("Origin", "{own}")],
    ];
    for headers in served {
        assert_eq!(status(&shop, Method::GET, "/_sandbox/journal", headers).await, 200, "{headers:?}");
        assert_eq!(status(&shop, Method::POST, "/_sandbox/reset", headers).await, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn a_checkout_page_opens_from_a_shop_but_its_buttons_do_not() {
    let shop = Shop::open().await;
    let (_, page) = order(&shop).await;
    let from_shop = [(SITE, "cross-site"), (MODE, "navigate")];
    assert_eq!(status(&shop, Method::GET, &page, &from_shop).await, 200);
    assert_eq!(status(&shop, Method::GET, &page, &[(SITE, "cross-site"), (MODE, "no-cors")]).await, 403);
    assert_eq!(status(&shop, Method::GET, "/media/BTC.svg", &[(SITE, "cross-site")]).await, 200);
    assert_eq!(status(&shop, Method::GET, &format!("{page}state"), &from_shop).await, 403);
    assert_eq!(status(&shop, Method::POST, &format!("{page}simulate"), &from_shop).await, 403);
    // What a browser sends for the page's own form.
    let own = [(SITE, "same-origin"), (MODE, "navigate"), ("Origin", "{own}")];
    assert_ne!(status(&shop, Method::POST, &format!("{page}simulate"), &own).await, 403);
}
