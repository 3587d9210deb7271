use super::*;
use crate::config::variables::bitnovo::LIMITS;

fn amounts(text: &str) -> Amounts {
    Amounts::parse(text, LIMITS.currency).unwrap()
}

#[test]
fn amounts_are_read_exactly_for_each_fiat() {
    for (text, shown) in [
        ("500 EUR", "500.00 EUR"),
        ("500 EUR,550 USD", "500.00 EUR, 550.00 USD"),
        (" 0.01 EUR ,\t1500 JPY ", "0.01 EUR, 1500 JPY"),
        ("1234.5  EUR", "1234.50 EUR"),
        ("5e2 EUR", "500.00 EUR"),
        ("9999999999999999999999999999 EUR", "9999999999999999999999999999.00 EUR"),
    ] {
        assert_eq!(amounts(text).to_string(), shown, "{text}");
    }
    let both = amounts("500 EUR,550 USD");
    assert_eq!(both.of(FiatCurrency::EUR), Some(500.into()));
    assert_eq!(both.of(FiatCurrency::USD), Some(550.into()));
    assert_eq!(both.of(FiatCurrency::GBP), None);
}

#[test]
fn an_impossible_amount_is_rejected_with_the_entry_and_a_fix() {
    for (text, entry, why) in [
        ("500", "\"500\"", "an amount and a currency"),
        ("EUR", "\"EUR\"", "an amount and a currency"),
        ("EUR 500", "\"EUR 500\"", "names no currency"),
        ("500EUR", "\"500EUR\"", "an amount and a currency"),
        ("500 eur", "\"500 eur\"", "names no currency"),
        ("500 XYZ", "\"500 XYZ\"", "names no currency"),
        ("500 EUR,", "\"\"", "an amount and a currency"),
        (",", "\"\"", "an amount and a currency"),
        ("500 EUR USD", "\"500 EUR USD\"", "an amount and a currency"),
        ("12,50 EUR", "\"12\"", "an amount and a currency"),
        ("0 EUR", "\"0 EUR\"", "greater than zero"),
        ("0.00 EUR", "\"0.00 EUR\"", "greater than zero"),
        ("-5 EUR", "\"-5 EUR\"", "greater than zero"),
        ("NaN EUR", "\"NaN EUR\"", "holds no amount"),
        ("1_000 EUR", "\"1_000 EUR\"", "holds no amount"),
        ("500.001 EUR", "\"500.001 EUR\"", "2 decimals of EUR"),
        ("1500.5 JPY", "\"1500.5 JPY\"", "0 decimals of JPY"),
        ("500 EUR,600 EUR", "\"600 EUR\"", "second entry for EUR"),
        ("500 EUR;600 USD", "\"500 EUR;600 USD\"", "an amount and a currency"),
    ] {
        let message = Amounts::parse(text, LIMITS.currency).expect_err(text);
        assert!(message.starts_with(entry) && message.contains(why), "{text}: {message}");
        assert!(message.contains("500 EUR,550 USD"), "the message contains a fix: {message}");
    }
}

#[test]
fn hosts_are_exact_or_below_a_star_and_normal() {
    let hosts = RedirectHosts::parse("shop.example, *.pay.example,MÜNCHEN.example").unwrap();
    assert_eq!(hosts.to_string(), "shop.example, *.pay.example, xn--mnchen-3ya.example");
    let allowed = |url: &str| hosts.allow(&url.parse().expect(url));
    for url in [
        "https://shop.example/ok",
        "https://shop.example:8443/ok",
        "https://eu.pay.example/",
        "https://a.b.pay.example/",
        "https://xn--mnchen-3ya.example/",
    ] {
        assert!(allowed(url), "{url}");
    }
    for url in [
        "https://www.shop.example/",
        "https://evilshop.example/",
        "https://shop.example.evil.com/",
        "https://pay.example/",
        "https://evilpay.example/",
        "https://evil.com/?next=https://shop.example/",
        "https://evil.com/shop.example",
    ] {
        assert!(!allowed(url), "{url}");
    }
}

#[test]
fn a_host_that_is_not_public_is_rejected_with_a_fix() {
    for text in [
        "https://shop.example",
        "shop.example/ok",
        "shop.example:443",
        "user@shop.example",
        "shop.example.",
        "localhost",
        "*",
        "*.",
        "*.*.example",
        "shop.*",
        ".shop.example",
        "*..shop.example",
        "*.*.shop.example",
        "shop..example",
        "-shop.example",
        "shop_example",
        "sh*p.example",
        "shop.example;pay.example",
        "till.local",
        "127.0.0.1",
        "[::1]",
        "shop example",
        "",
        "shop.example,",
    ] {
        let message = RedirectHosts::parse(text).expect_err(text);
        assert!(message.contains("shop.example,*.pay.shop.example"), "{text}: {message}");
    }
}
