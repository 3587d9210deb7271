use super::*;

const BTC: &str = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";
const ETH: &str = "0x000000000000000000000000000000000000dEaD";
const XRP: &str = "rrrrrrrrrrrrrrrrrrrrrhoLvTp";

fn resolve<'a>(
    told: impl Into<Option<&'a str>>,
    currency: &str,
    address: &str,
    amount: &str,
    tag: &str,
) -> Result<Option<String>, UriError> {
    let (told, facts) = (told.into().and_then(ToldUri::new), listed(currency));
    let amount = amount.parse().ok();
    PaymentUri { told: told.as_ref(), currency, facts, address, amount, tag: Some(tag) }.resolve()
}

/// The facts of a currency on the network that its symbol names.
fn listed(symbol: &str) -> CurrencyFacts {
    let network = match symbol {
        "USDC_ERC20" | "DAI" => "ETH",
        "USDC_POLYGON_NXTB" => "MATIC_POLYGON",
        "XLM_USDC_5F3T" => "XLM",
        symbol => symbol,
    };
    on_network(symbol, network)
}

fn on_network(symbol: &str, network: &str) -> CurrencyFacts {
    let json = format!(r#"{{"symbol":"{symbol}","name":"x","min_amount":"1","blockchain":"{network}"}}"#);
    CurrencyFacts::of_currency(&serde_json::from_str(&json).unwrap())
}

fn contradiction(field: &'static str) -> Result<Option<String>, UriError> {
    Err(UriError::Contradiction { field })
}

const ETHER: &str = "ethereum:0x000000000000000000000000000000000000dEaD@1?value=3402200000000000";

#[test]
fn a_uri_is_put_together_from_what_was_compared_and_keeps_harmless_parameters_only() {
    let btc = "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254&rbf=false";
    let bare = "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254";
    let xrp = "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890";
    let xlm = "web+stellar:pay?destination=GABC&amount=5&memo=77&memo_type=MEMO_ID";
    for (told, currency, address, amount, tag, uri) in [
        (btc, "BTC_TEST", BTC, "0.0005254", "", btc),
        // Wallets fetch what `r` names, and show what `label` and `message` say.
        (format!("{btc}&r=https://evil.example/").as_str(), "BTC_TEST", BTC, "0.0005254", "", btc),
        (
            format!("{bare}&label=x&message=y&req-z=1&rbf=true").as_str(),
            "BTC_TEST",
            BTC,
            "0.0005254",
            "",
            bare,
        ),
        (format!("{bare}&rbf=FALSE&amount=9").as_str(), "BTC_TEST", BTC, "0.0005254", "", bare),
        (format!("{bare}#fragment").as_str(), "BTC_TEST", BTC, "0.0005254", "", bare),
        (
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=5.254e-04",
            "BTC_TEST",
            BTC,
            "0.0005254",
            "",
            bare,
        ),
        (
            "BITCOIN:TB1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KXPJZSX?amount=0.00052540",
            "BTC",
            BTC,
            "0.0005254",
            "",
            bare,
        ),
        // Less than the smallest unit is nothing.
        (
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.00052540000000000004",
            "BTC",
            BTC,
            "0.0005254",
            "",
            bare,
        ),
        (
            "ethereum:0x000000000000000000000000000000000000dead?amount=0.0034022",
            "ETH",
            ETH,
            "0.0034022",
            "",
            ETHER,
        ),
        (
            "ethereum:0x000000000000000000000000000000000000dEaD@1?value=3.4022e15&gas=1",
            "ETH",
            ETH,
            "0.0034022",
            "",
            ETHER,
        ),
        (
            format!("{xrp}&r=https%3A%2F%2Fevil.example").as_str(),
            "XRP_TEST",
            XRP,
            "4.534059",
            "1234567890",
            xrp,
        ),
        ("bchtest:qqqq?amount=2&x=1", "BCH_TEST", "qqqq", "2", "", "bchtest:qqqq?amount=2"),
        ("bitcoincash:qqqq?amount=2", "BCH", "bitcoincash:qqqq", "2", "", "bitcoincash:qqqq?amount=2"),
        // Coins for which there is a URI only where the API has told one.
        (
            format!("{xlm}&callback=url%3Ahttps%3A%2F%2Fevil.example&msg=x").as_str(),
            "XLM",
            "GABC",
            "5",
            "77",
            xlm,
        ),
        ("solana:5Yx?amount=5&label=x", "SOL", "5Yx", "5", "", "solana:5Yx?amount=5"),
    ] {
        assert_eq!(resolve(told, currency, address, amount, tag), Ok(Some(uri.to_owned())), "{told}");
    }
}

#[test]
fn no_uri_is_made_of_one_that_pays_a_token_or_leaves_the_kind_of_a_memo_open() {
    for (told, currency, address, tag) in [
        (
            "ethereum:0xA0b8@1/transfer?address=0x000000000000000000000000000000000000dEaD&uint256=5",
            "USDC_ERC20",
            ETH,
            "",
        ),
        ("solana:5Yx?amount=5&spl-token=EPj", "SOL_USDC_PTHX", "5Yx", ""),
        ("web+stellar:pay?destination=GABC&amount=5&memo=77", "XLM", "GABC", "77"),
        ("web+stellar:pay?destination=GABC&amount=5&memo=a&memo_type=MEMO_ID", "XLM", "GABC", "a"),
        ("web+stellar:pay?destination=GABC&amount=5&memo=7&memo_type=MEMO_HASH", "XLM", "GABC", "7"),
        (
            "web+stellar:pay?destination=GABC&amount=5&memo=7&memo_type=MEMO_ID&asset_code=USDC",
            "XLM",
            "GABC",
            "7",
        ),
        ("cosmos:abc?amount=5", "ATOM", "abc", ""),
    ] {
        assert_eq!(resolve(told, currency, address, "5", tag), Ok(None), "{told}");
    }
}

#[test]
fn ether_is_asked_for_in_wei_on_the_chain_of_the_entry() {
    for (currency, network, amount, uri) in [
        ("ETH", "ETH", "0.0034022", Some("@1?value=3402200000000000")),
        ("ETH", "ETH", "1", Some("@1?value=1000000000000000000")),
        ("ETH", "ETH", "0.000000000000000001", Some("@1?value=1")),
        ("ETH", "ETH", "12345.678901234567890123", Some("@1?value=12345678901234567890123")),
        ("ETH_TEST5", "ETH_TEST5", "0.5", Some("@11155111?value=500000000000000000")),
        ("ETH", "ETH", "null", Some("@1")),
        // A part of a wei cannot be sent: the next whole one is enough.
        ("ETH", "ETH", "0.0000000000000000001", Some("@1?value=1")),
        // Which chain it is does not follow from the code.
        ("ETH_TEST3", "ETH_TEST3", "1", None),
        ("ETH_TEST", "ETH_TEST", "1", None),
    ] {
        let payment = PaymentUri {
            told: None,
            currency,
            facts: on_network(currency, network),
            address: ETH,
            amount: amount.parse().ok(),
            tag: None,
        };
        let uri = uri.map(|rest| format!("ethereum:{ETH}{rest}"));
        assert_eq!(payment.resolve(), Ok(uri), "{currency} {network} {amount}");
    }
    assert_eq!(resolve(None, "ETH", "vitalik.eth", "1", ""), Ok(None));
}

#[test]
fn a_tag_that_no_wallet_can_send_is_refused() {
    for (currency, tag) in [("XRP", "abc"), ("XRP", "4294967296"), ("XRP", "-1"), ("XRP_TEST", "7&dt=8")] {
        let refused = Err(UriError::MalformedTag { currency: currency.to_owned() });
        assert_eq!(resolve(None, currency, XRP, "1", tag), refused, "{tag}");
    }
}

#[test]
fn without_the_apis_uri_one_is_built_for_coins_that_have_a_scheme() {
    for (currency, address, amount, tag, uri) in [
        (
            "BTC_TEST",
            BTC,
            "3.09e-05",
            "",
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0000309",
        ),
        ("LTC", "ltc1q", "1", "", "litecoin:ltc1q?amount=1"),
        ("DASH", "Xabc", "0.10", "", "dash:Xabc?amount=0.1"),
        ("BCH", "qqqq", "2", "", "bitcoincash:qqqq?amount=2"),
        ("BCH", "bitcoincash:qqqq", "2", "", "bitcoincash:qqqq?amount=2"),
        ("BCH_TEST", "qqqq", "2", "", "bchtest:qqqq?amount=2"),
        (
            "ETH_TEST5",
            ETH,
            "0.0034022",
            "",
            "ethereum:0x000000000000000000000000000000000000dEaD@11155111?value=3402200000000000",
        ),
        ("XRP", XRP, "4.534059", "7", "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=7"),
        ("XRP", XRP, "null", "7", "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?dt=7"),
        ("BTC", BTC, "null", "", "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
    ] {
        assert_eq!(resolve(None, currency, address, amount, tag), Ok(Some(uri.to_owned())), "{currency}");
    }
}

#[test]
fn what_could_change_the_meaning_of_a_uri_is_encoded() {
    let uri = resolve(None, "XRP", "r1?dt=9&x=#/", "1", "7").unwrap().unwrap();
    assert_eq!(uri, "ripple:r1%3Fdt%3D9%26x%3D%23%2F?amount=1&dt=7");
    let told = "web+stellar:pay?destination=G%26x&memo=7%26dt%3D8&memo_type=MEMO_TEXT";
    let uri = resolve(told, "XLM", "G&x", "null", "7&dt=8").unwrap().unwrap();
    assert_eq!(uri, "web+stellar:pay?destination=G%26x&memo=7%26dt%3D8&memo_type=MEMO_TEXT");
}

#[test]
fn no_uri_is_built_where_it_could_pay_another_coin() {
    for currency in [
        "USDC_ERC20",
        "USDC",
        "USDC_POLYGON_NXTB",
        "TRX_USDC_6NU3",
        "DAI",
        "USDT_T2",
        "AMOY_POLYGON_TEST",
        "AVAX",
        "SOL",
        "TRX",
        "ETH_BASE",
        "BTCL",
        "WBTC",
        "",
        "NEW",
    ] {
        assert_eq!(resolve(None, currency, ETH, "5", ""), Ok(None), "{currency}");
    }
    // A tag that the scheme has no place for.
    assert_eq!(resolve(None, "BTC", BTC, "1", "77"), Ok(None));
}

#[test]
fn a_uri_that_would_pay_ether_instead_of_a_token_is_not_used() {
    for told in [
        "ethereum:0x000000000000000000000000000000000000dEaD?amount=10",
        "ethereum:0x000000000000000000000000000000000000dEaD@1?value=10",
    ] {
        assert_eq!(resolve(told, "USDC_ERC20", ETH, "10", ""), Ok(None), "{told}");
    }
}

#[test]
fn a_currency_that_needs_a_tag_and_has_none_is_refused_whatever_the_api_told() {
    for currency in ["XRP", "XRP_TEST", "XLM", "ALGO", "XLM_USDC_5F3T"] {
        for told in [None, Some("ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=1&dt=5")] {
            let refused = Err(UriError::TagRequired { currency: currency.to_owned() });
            assert_eq!(resolve(told, currency, XRP, "1", ""), refused, "{currency}");
            let (told, facts) = (told.and_then(ToldUri::new), CurrencyFacts::unlisted(currency));
            let payment =
                PaymentUri { told: told.as_ref(), currency, facts, address: XRP, amount: None, tag: None };
            assert_eq!(payment.resolve(), refused, "{currency}");
        }
    }
}

#[test]
fn a_uri_that_contradicts_the_payment_is_an_error() {
    for (told, currency, address, amount, tag, field) in [
        ("bitcoin:tb1qsomebodyelse?amount=1", "BTC", BTC, "1", "", "address"),
        ("bitcoin:?amount=1", "BTC", BTC, "1", "", "address"),
        ("ripple:rrrrrrrrrrrrrrrrrrrrrHOlVtP?amount=1&dt=7", "XRP", XRP, "1", "7", "address"),
        ("unknown:elsewhere", "NEW", "here", "1", "", "address"),
        ("bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=10", "BTC", BTC, "1", "", "amount"),
        (
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=1.00000001",
            "BTC",
            BTC,
            "1",
            "",
            "amount",
        ),
        ("ethereum:0x000000000000000000000000000000000000dEaD@137?value=1", "ETH", ETH, "1", "", "network"),
        ("ethereum:0x000000000000000000000000000000000000dEaD@1?value=1", "ETH", ETH, "1", "", "amount"),
        ("ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=1&dt=8", "XRP", XRP, "1", "7", "tag"),
        ("web+stellar:pay?destination=GABC&memo=78", "XLM", "GABC", "5", "77", "tag"),
    ] {
        assert_eq!(resolve(told, currency, address, amount, tag), contradiction(field), "{told}");
    }
}

#[test]
fn a_uri_that_wallets_would_misread_is_replaced_by_ours() {
    let btc = "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0000309";
    let xrp = "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=1&dt=7";
    for (told, currency, address, amount, tag, ours) in [
        (
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=3.09e-05",
            "BTC",
            BTC,
            "0.0000309",
            "",
            btc,
        ),
        (
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0,0000309",
            "BTC",
            BTC,
            "0.0000309",
            "",
            btc,
        ),
        ("bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "BTC", BTC, "0.0000309", "", btc),
        (
            "litecoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0000309",
            "BTC",
            BTC,
            "0.0000309",
            "",
            btc,
        ),
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "BTC", BTC, "0.0000309", "", btc),
        (
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0000309\n",
            "BTC",
            BTC,
            "0.0000309",
            "",
            btc,
        ),
        ("", "BTC", BTC, "0.0000309", "", btc),
        ("ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=1", "XRP", XRP, "1", "7", xrp),
    ] {
        assert_eq!(resolve(told, currency, address, amount, tag), Ok(Some(ours.to_owned())), "{told}");
    }
}

#[test]
fn a_uri_without_the_tag_is_not_used_for_a_coin_we_build_none_for() {
    assert_eq!(resolve("web+stellar:pay?destination=GABC&amount=5", "XLM", "GABC", "5", "77"), Ok(None));
}

#[test]
fn a_coin_on_another_network_gets_no_uri_of_its_own_network() {
    for network in ["ARBITRUM", "ETH-AETH", "BASE", "OPTIMISM", "MATIC_POLYGON", "NEWCHAIN", "ETH_TEST5"] {
        let payment = PaymentUri {
            told: None,
            currency: "ETH",
            facts: on_network("ETH", network),
            address: ETH,
            amount: "1".parse().ok(),
            tag: None,
        };
        assert_eq!(payment.resolve(), Ok(None), "{network}");
    }
    let payment = PaymentUri {
        told: None,
        currency: "BTC",
        facts: CurrencyFacts::unlisted("BTC"),
        address: BTC,
        amount: None,
        tag: None,
    };
    assert_eq!(payment.resolve(), Ok(None));
}
