use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn currency(symbol: &str, name: &str, blockchain: &str) -> Currency {
    let json = json!({
        "symbol": symbol, "name": name, "blockchain": blockchain, "min_amount": "1.00", "max_amount": "100.00"
    });
    serde_json::from_str(&json.to_string()).unwrap()
}

fn catalogue() -> Vec<Currency> {
    vec![
        currency("BTC", "Bitcoin BTC", "BTC"),
        currency("BCH", "Bitcoin Cash BCH", "BCH"),
        currency("USDC_ERC20", "USD Coin USDC", "ETH"),
        currency("USDC_POLYGON_NXTB", "USD Coin USDC", "MATIC_POLYGON"),
    ]
}

fn details(wanted: &str) -> Value {
    let failure = find(&catalogue(), wanted).unwrap_err();
    assert_eq!(failure.code, Code::CurrencyNotSupported);
    failure.to_json()["error"]["details"].clone()
}

#[test]
fn only_an_exact_symbol_chooses_a_currency() {
    assert_eq!(find(&catalogue(), "BTC").unwrap().symbol, "BTC");
    for (wanted, meant) in
        [("btc", "BTC"), ("Bitcoin", "BTC"), (" bitcoin cash ", "BCH"), ("USDC_ERC2O", "USDC_ERC20")]
    {
        assert_eq!(details(wanted)["did_you_mean"], meant, "{wanted}");
    }
}

#[test]
fn a_coin_on_several_networks_is_never_chosen_silently() {
    for wanted in ["USDC", "usd coin"] {
        let details = details(wanted);
        assert_eq!(details.get("did_you_mean"), None);
        assert_eq!(
            details["candidates"],
            json!([
                { "symbol": "USDC_ERC20", "network": "Ethereum" },
                { "symbol": "USDC_POLYGON_NXTB", "network": "Polygon" },
            ])
        );
    }
}

#[test]
fn nonsense_is_not_guessed_at() {
    for wanted in ["", "X", "Dogecoin", "\u{202e}CTB"] {
        let details = details(wanted);
        assert_eq!((details.get("did_you_mean"), details.get("candidates")), (None, None), "{wanted:?}");
        assert_eq!(details["supported_currencies"].as_array().unwrap().len(), 4);
    }
}

#[test]
fn limits_hold_in_euro_and_are_left_to_the_api_in_other_currencies() {
    let catalogue = catalogue();
    let check = |amount: &str, fiat| check_limits(&catalogue[0], amount.parse().unwrap(), fiat);
    assert!(check("1", Fiat::Eur).is_ok() && check("100", Fiat::Eur).is_ok());
    assert_eq!(check("0.99", Fiat::Eur).unwrap_err().code, Code::AmountTooLow);
    assert_eq!(check("100.01", Fiat::Eur).unwrap_err().code, Code::AmountTooHigh);
    assert!(check("100.01", Fiat::Usd).is_ok());
}

/// A catalogue whose requests are counted and fail as often as asked.
async fn load(requests: &AtomicUsize, failures: usize) -> Result<Catalogue, Arc<Error>> {
    // The clock stands still and jumps when all wait, so that all have asked before the first answer.
    tokio::time::sleep(Duration::from_millis(1)).await;
    if requests.fetch_add(1, Ordering::SeqCst) < failures {
        Err(Arc::new(Error::ServerError { status: 503 }))
    } else {
        Ok(Arc::new(Listed::from(catalogue()).into()))
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_misses_make_one_request_and_five_minutes_make_another() {
    let (cache, requests) = (Cache::default(), AtomicUsize::new(0));
    let all = futures::future::join_all((0..20).map(|_| cache.get(None, load(&requests, 0)))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(requests.load(Ordering::SeqCst), 1);

    tokio::time::advance(FRESH - Duration::from_secs(1)).await;
    cache.get(None, load(&requests, 0)).await.unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 1);

    tokio::time::advance(Duration::from_secs(1)).await;
    cache.get(None, load(&requests, 0)).await.unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_and_not_kept() {
    let (cache, requests) = (Cache::default(), AtomicUsize::new(0));
    let all = futures::future::join_all((0..20).map(|_| cache.get(None, load(&requests, 1)))).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(requests.load(Ordering::SeqCst), 1);
    assert!(cache.get(None, load(&requests, 1)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_request_ends_with_the_last_who_waits_and_the_next_begins_anew() {
    let (cache, requests) = (Cache::default(), AtomicUsize::new(0));
    let ended = Arc::new(());
    let hangs = || {
        let held = Arc::clone(&ended);
        async move {
            let _held = held;
            std::future::pending().await
        }
    };
    let given_up = |patience| tokio::time::timeout(Duration::from_secs(patience), cache.get(None, hangs()));
    let (first, second) = tokio::join!(given_up(1), async {
        let second = given_up(2).await;
        assert_eq!(Arc::strong_count(&ended), 1, "nothing of it is left");
        second
    });
    assert!(first.is_err() && second.is_err());
    assert!(cache.get(None, load(&requests, 0)).await.is_ok());
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[test]
fn lightning_is_refused_whatever_network_it_is_listed_under() {
    for (symbol, name, network) in
        [("BTCL", "Bitcoin BTCL", "BTC"), ("BTC_LN", "Bitcoin Lightning", "BTC"), ("X", "X", "LIGHTNING")]
    {
        let failure = check_address(&currency(symbol, name, network)).unwrap_err();
        assert_eq!(failure.code, Code::CurrencyNotSupported, "{symbol}");
        assert!(failure.message.contains("Lightning, which is not supported"), "{}", failure.message);
    }
    assert!(catalogue().iter().all(|currency| check_address(currency).is_ok()));
    for symbol in ["BTCL", "btcl", "Lightning", "LN"] {
        let failure = find(&catalogue(), symbol).unwrap_err();
        assert!(failure.message.contains("Lightning, which is not supported"), "{}", failure.message);
        assert!(
            failure.to_json()["error"]["details"].get("did_you_mean").is_none(),
            "another coin is no substitute"
        );
    }
}

#[test]
fn a_refusal_in_another_fiat_is_explained_by_its_own_words() {
    let dollars = |amount: &str, detail: &str| {
        let refused = Failure::new(Code::ApiError, format!("The API refused the request (404): {detail:?}."));
        let usdc = currency("USDC_ERC20", "USD Coin USDC", "ETH");
        explain_limits(&usdc, amount.parse().unwrap(), Fiat::Usd, refused).to_json()["error"].clone()
    };
    for (amount, detail, code) in [
        ("0.50", "The amount is below the minimum of USDC_ERC20, 1.00 EUR.", "AMOUNT_TOO_LOW"),
        ("0.50", "Amount too low", "AMOUNT_TOO_LOW"),
        ("0.50", "Ensure this value is at least 1.", "AMOUNT_TOO_LOW"),
        ("0.50", "El importe es inferior al permitido", "AMOUNT_TOO_LOW"),
        ("500", "The amount is above the maximum of USDC_ERC20.", "AMOUNT_TOO_HIGH"),
        ("500", "amount exceeds the limit", "AMOUNT_TOO_HIGH"),
        ("0.50", "Amount must be greater than 1.00 EUR", "AMOUNT_TOO_LOW"),
        ("0.50", "The amount must not be less than 1 EUR", "AMOUNT_TOO_LOW"),
        ("0.50", "El importe debe ser mayor que 1", "AMOUNT_TOO_LOW"),
        ("0.50", "must be above the minimum", "AMOUNT_TOO_LOW"),
        ("500", "Amount must be less than 100.00 EUR", "AMOUNT_TOO_HIGH"),
        ("500", "The amount must be at most 100", "AMOUNT_TOO_HIGH"),
        ("500", "must be between 1 and 100", "API_ERROR"),
        ("500", "Not found.", "API_ERROR"),
        ("500", "outside: minimum 1, maximum 100", "API_ERROR"),
    ] {
        let error = dollars(amount, detail);
        assert_eq!(error["code"], code, "{detail}: {error}");
        let limits = ["min_amount", "max_amount", "fiat"].map(|field| error["details"][field].clone());
        assert_eq!(limits, ["1.00", "100.00", "EUR"], "{error}");
        assert_eq!(error["details"]["amount_fiat"], "USD", "it is not in the fiat of the limits: {error}");
        let next = error["next_action"].as_str().unwrap();
        assert!(!next.contains("dashboard"), "there is no order to look up: {next}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("EUR") && message.contains(" USD"), "{message}");
    }
    let refused = Failure::new(Code::ApiError, "below the minimum");
    let euros = explain_limits(&currency("BTC", "x", "BTC"), "5".parse().unwrap(), Fiat::Eur, refused);
    assert_eq!(euros.code, Code::ApiError, "the limits in EUR were checked before");
}

#[tokio::test(start_paused = true)]
async fn a_catalogue_that_is_older_than_the_question_is_read_anew() {
    let (cache, requests) = (Cache::default(), AtomicUsize::new(0));
    let asked = Instant::now();
    cache.get(None, load(&requests, 0)).await.unwrap();
    cache.get(Some(asked), load(&requests, 0)).await.unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 1, "it was read since");
    cache.get(Some(Instant::now()), load(&requests, 0)).await.unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 2);
    cache.get(None, load(&requests, 0)).await.unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}
