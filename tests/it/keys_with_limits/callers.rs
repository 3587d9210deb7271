//! Many callers with one key, in one server and in several, some of whom give up.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn of_thirty_calls_under_one_key_some_give_up_and_the_others_get_one_order() {
    // Where the call at work is when it gives up.
    for stage in ["GET /api/v1/currencies", LOOK, CREATE] {
        let sandbox = Sandbox::start();
        // Whoever waits for the catalogue waits for one request together, and that one is held up.
        let mut session = session(&sandbox, &[("API_TIMEOUT", "2000")]);
        hold_up(&sandbox, stage).await;
        let mut calls = vec![session.begin_call(ONCHAIN, &sale("K", 5))];
        arrived(&sandbox, stage, 1).await;
        calls.extend(
            (1..30).map(|call| session.begin_call(ONCHAIN, &sale("K", if call % 5 == 4 { 6 } else { 5 }))),
        );
        let (gone, waiting): (Vec<u64>, Vec<u64>) =
            calls.iter().partition(|call| (*call - calls[0]).is_multiple_of(3));
        gone.iter().for_each(|call| session.cancel(*call));
        let mut orders = HashSet::new();
        for answer in answers(&mut session, &waiting).values() {
            if answer.is_error() {
                is_conflict(&answer.refused(stage));
            } else {
                orders.insert(json!(told(&answer.done(stage))).to_string());
            }
        }
        let listed = sandbox.look("orders").await;
        assert_eq!((orders.len(), listed.as_array().unwrap().len()), (1, 1), "{stage}: {orders:?}");
        assert!(
            orders.iter().all(|told| told.contains(listed[0]["identifier"].as_str().unwrap())),
            "{orders:?}"
        );
        let unread = session.close().unread;
        let answered = |message: &Value| message["id"].as_u64().is_some_and(|call| waiting.contains(&call));
        assert!(!unread.iter().any(answered), "{stage}: answered twice: {unread:?}");
    }
}

#[tokio::test]
async fn wherever_the_call_at_work_gives_up_the_next_in_line_is_told_the_truth() {
    let sandbox = Sandbox::start();
    let mut session = session(&sandbox, &[]);
    let mut told = HashSet::new();
    for round in 0..100 {
        let arguments = sale(&format!("K-{round}"), 5);
        let [gone, waiting] = [(); 2].map(|()| session.begin_call(ONCHAIN, &arguments));
        // They take a little time each, so that the call is met at another place every time.
        for _ in 0..round % 20 {
            session.begin("ping", json!({}));
        }
        session.cancel(gone);
        let answer = &answers(&mut session, &[waiting])[&waiting];
        if answer.is_error() {
            // The request was on its way, perhaps, and never arrived.
            assert_eq!(answer.refused("the next in line")["outcome"], "unknown");
        } else {
            told.insert(answer.done("the next in line")["identifier"].clone());
        }
    }
    let orders = sandbox.look("orders").await;
    let orders = orders.as_array().unwrap();
    let key = |order: &Value| {
        let imprint: Value = serde_json::from_str(order["internal_data"].as_str().unwrap()).unwrap();
        imprint["key"].to_string()
    };
    let keys: HashSet<String> = orders.iter().map(key).collect();
    assert_eq!(keys.len(), orders.len(), "two orders under one key: {orders:#?}");
    let listed: HashSet<Value> = orders.iter().map(|order| order["identifier"].clone()).collect();
    assert!(!told.is_empty() && told.is_subset(&listed), "{told:?} {listed:?}");
}

#[tokio::test]
async fn two_servers_and_the_one_after_them_name_the_same_order_under_a_key() {
    for step in [1, 19, 7] {
        let sandbox = Sandbox::start();
        let mut servers = [(); 2].map(|()| session(&sandbox, &[]));
        let key = |number: usize| format!("K-{}", number % 20);
        let mut calls = [HashMap::new(), HashMap::new()];
        for number in 0..20 {
            for (server, key) in [key(number), key(number * step)].into_iter().enumerate() {
                calls[server].insert(servers[server].begin_call(ONCHAIN, &sale(&key, 5)), key);
            }
        }
        let mut orders: HashMap<String, HashSet<String>> = HashMap::new();
        let mut note = |key: &str, order: &Value| {
            orders.entry(key.to_owned()).or_default().insert(json!(told(order)).to_string());
        };
        for (server, calls) in servers.iter_mut().zip(&calls) {
            let waiting: Vec<u64> = calls.keys().copied().collect();
            for (call, answer) in answers(server, &waiting) {
                note(&calls[&call], &answer.done("both"));
            }
        }
        let mut third = session(&sandbox, &[]);
        for number in 0..20 {
            note(&key(number), &third.done(ONCHAIN, sale(&key(number), 5)));
        }
        assert!(orders.values().all(|told| told.len() == 1), "{step}: {orders:#?}");
    }
}

#[tokio::test]
async fn in_every_coin_a_sale_that_is_recovered_after_a_kill_is_told_whole() {
    let sandbox = Sandbox::start();
    let mut first = session(&sandbox, &[]);
    let coins = first.done("list_currencies_catalog", json!({ "filter_by_amount": 50 }));
    let coins = coins["currencies"].as_array().unwrap().iter().map(|coin| coin["symbol"].as_str().unwrap());
    let sales = coins.map(
        |coin| json!({ "amount_eur": 50, "input_currency": coin, "idempotency_key": format!("K-{coin}") }),
    );
    let orders: Vec<(Value, Value)> = sales.map(|sale| (sale.clone(), first.done(ONCHAIN, sale))).collect();
    let mut second = session(&sandbox, &[]);
    for (sale, order) in orders {
        let again = second.done(ONCHAIN, sale);
        // Of the URI that the API told, what a wallet pays by is made anew; for XLM there is no form that wallets
        // agree on, and the warning says to copy address and memo.
        let uri = order["payment_uri"].as_str().map(|uri| uri.replace("&rbf=false", ""));
        let uri = uri.filter(|_| order["currency_id"] != "XLM");
        assert_eq!(again["payment_uri"].as_str(), uri.as_deref(), "{again}");
        let whole = |order: &Value| {
            ["identifier", "address", "tag_memo", "expected_output_amount"].map(|field| order[field].clone())
        };
        assert_eq!(whole(&again), whole(&order));
        let warnings = again["warnings"].as_array().unwrap().len();
        assert_eq!(warnings, if uri.is_some() { 1 } else { 2 }, "{again}");
    }
}
