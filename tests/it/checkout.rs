//! The hosted checkout page in a real browser.

use payments_test_support::{
    picture::Picture,
    process::{command, finish},
    real_part::{clients, is_there, program},
    sandbox::Sandbox,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_customer_chooses_a_currency_pays_and_sees_that_it_arrived() {
    let (node, browser) = (program("node"), program("chromium"));
    if !is_there(&[node.clone(), clients().join("node_modules/playwright-core"), browser.clone()]) {
        return;
    }
    let sandbox = Sandbox::start();
    let link = json!({ "expected_output_amount": 25.0, "language": "EN", "notes": "Two tickets <b>& a programme</b>" });
    let (_, created) = sandbox.api("POST", "/orders/", Some(link)).await;
    let folder = tempfile::tempdir().unwrap();
    let url = created["web_url"].as_str().unwrap();
    let done =
        finish(command(node).arg(clients().join("checkout.mjs")).arg(url).arg(browser).arg(folder.path()));
    assert_eq!(done.code, Some(0), "{done:?}");
    let seen: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));

    let payment = sandbox.payment(created["identifier"].as_str().unwrap()).await;
    assert_eq!((&payment["status"], &payment["currency_id"]), (&json!("CO"), &json!("XRP")));
    assert!(seen["heading"].as_str().unwrap().contains("25.00 EUR"), "{seen}");
    let told = seen["codes"].to_string();
    for field in ["address", "tag_memo"] {
        assert!(told.contains(payment[field].as_str().unwrap()), "{field} is not on the page: {seen}");
    }
    let code = Picture::of_png(std::fs::read(folder.path().join("qr.png")).unwrap()).text();
    for part in
        [payment["address"].as_str().unwrap(), &format!("dt={}", payment["tag_memo"].as_str().unwrap())]
    {
        assert!(code.contains(part), "the code says {code}");
    }
    let seconds = |name: &str| -> u32 {
        let (minutes, seconds) = seen[name].as_str().unwrap().split_once(':').unwrap();
        minutes.parse::<u32>().unwrap() * 60 + seconds.parse::<u32>().unwrap()
    };
    assert!(seconds("countdown") <= 900 && seconds("later") < seconds("countdown"), "the clock runs: {seen}");
    let statuses: Vec<&str> =
        seen["steps"].as_array().unwrap().iter().map(|step| &step["status"].as_str().unwrap()[..2]).collect();
    assert_eq!(statuses, ["NR", "PE", "AC", "CO"]);
    assert!(
        seen["steps"].as_array().unwrap().iter().all(|step| step["overflow"] == 0),
        "no sideways scrolling: {seen}"
    );
    assert_eq!(seen["errors"], json!([]), "the browser complained");
    assert_eq!(seen["origins"], json!([sandbox.base_url]), "the page asks nobody else");
}
