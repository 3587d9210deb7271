//! The currencies that the sandbox takes, with limits, fixed prices and networks.
//!
//! Prices are invented and never change: 1 BTC is always 60,000 EUR, so that a test can state the amount it expects.

use std::sync::LazyLock;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::address::Network;

/// A quote has at most this many decimals, also for coins that can be divided further.
const QUOTED_DECIMALS: u32 = 8;

/// A cryptocurrency on one network.
#[derive(Debug)]
pub(crate) struct Currency {
    pub(crate) symbol: &'static str,
    pub(crate) name: &'static str,
    pub(crate) blockchain: &'static str,
    pub(crate) network: Network,
    /// How far the coin can be divided.
    pub(crate) decimals: u32,
    /// Least amount of an order, in EUR.
    pub(crate) min_amount: Decimal,
    /// Greatest amount of an order, in EUR.
    pub(crate) max_amount: Option<Decimal>,
    /// Minutes from the choice of the currency to the expiry of the order.
    pub(crate) expiry_minutes: i64,
    price_in_eur: Decimal,
}

/// Every currency, in the order in which the API lists them.
pub(crate) static CATALOGUE: LazyLock<Vec<Currency>> = LazyLock::new(|| {
    use Network::{Bitcoin, BitcoinCash, Ethereum, EvmToken, Litecoin, Ripple, Stellar};
    let usdc = "USD Coin USDC";
    vec![
        row(
            "BTC",
            "Bitcoin BTC",
            "BTC",
            Bitcoin,
            8,
            (100, Some(1_000_000)),
            6_000_000,
            15,
        ),
        row(
            "ETH",
            "Ethereum ETH",
            "ETH",
            Ethereum,
            18,
            (100, Some(2_000_000)),
            250_000,
            15,
        ),
        row(
            "XRP",
            "Ripple XRP",
            "XRP",
            Ripple,
            6,
            (100, Some(2_000_000)),
            220,
            15,
        ),
        row(
            "LTC",
            "Litecoin LTC",
            "LTC",
            Litecoin,
            8,
            (500, Some(2_000_000)),
            8_000,
            60,
        ),
        row(
            "BCH",
            "Bitcoin Cash BCH",
            "BCH",
            BitcoinCash,
            8,
            (3_000, Some(2_000_000)),
            40_000,
            60,
        ),
        row(
            "XLM",
            "Stellar Lumens XLM",
            "XLM",
            Stellar,
            7,
            (100, Some(2_000_000)),
            25,
            15,
        ),
        row(
            "USDC_ERC20",
            usdc,
            "ETH",
            EvmToken,
            6,
            (1_000, Some(5_000_000)),
            92,
            15,
        ),
        row(
            "USDC_POLYGON_NXTB",
            usdc,
            "MATIC_POLYGON",
            EvmToken,
            6,
            (100, None),
            92,
            15,
        ),
        row(
            "BTC_TEST",
            "Bitcoin Test BTC",
            "BTC_TEST",
            Bitcoin,
            8,
            (1, Some(1_000_000)),
            6_000_000,
            15,
        ),
        row(
            "BCH_TEST",
            "Bitcoin Cash Test BCH",
            "BCH_TEST",
            BitcoinCash,
            8,
            (5, Some(2_000_000)),
            40_000,
            60,
        ),
        row(
            "ETH_TEST5",
            "Ethereum Sepolia ETH",
            "ETH_TEST5",
            Ethereum,
            18,
            (5, Some(2_000_000)),
            250_000,
            15,
        ),
        row(
            "XRP_TEST",
            "Ripple Test XRP",
            "XRP_TEST",
            Ripple,
            6,
            (1, Some(2_000_000)),
            220,
            15,
        ),
        row(
            "USDC_TEST3",
            "USD Coin Test USDC",
            "ETH_TEST5",
            EvmToken,
            6,
            (1, None),
            92,
            15,
        ),
        row(
            "AMOY_POLYGON_TEST",
            "Polygon Amoy POL",
            "AMOY_POLYGON_TEST",
            EvmToken,
            18,
            (1, Some(2_000_000)),
            40,
            15,
        ),
    ]
});

/// One row of the table. Limits and price in euro cents.
#[expect(
    clippy::too_many_arguments,
    reason = "a row of a table reads best on one line"
)]
fn row(
    symbol: &'static str,
    name: &'static str,
    blockchain: &'static str,
    network: Network,
    decimals: u32,
    (min, max): (i64, Option<i64>),
    price: i64,
    expiry_minutes: i64,
) -> Currency {
    let euro = |cents| Decimal::new(cents, 2);
    Currency {
        symbol,
        name,
        blockchain,
        network,
        decimals,
        min_amount: euro(min),
        max_amount: max.map(euro),
        expiry_minutes,
        price_in_eur: euro(price),
    }
}

/// The currency with exactly this symbol.
pub(crate) fn find(symbol: &str) -> Option<&'static Currency> {
    CATALOGUE.iter().find(|currency| currency.symbol == symbol)
}

impl Currency {
    /// What `amount` of `fiat` costs in this currency, rounded up so that it is never too little.
    ///
    /// # Errors
    /// A sentence for the merchant when the amount lies outside the limits.
    pub(crate) fn quote(&self, amount: Decimal, fiat: &str) -> Result<Decimal, String> {
        let euros = eur_per_unit(fiat)
            .and_then(|rate| amount.checked_mul(rate))
            .unwrap_or(Decimal::MAX);
        let (symbol, min) = (self.symbol, self.min_amount);
        if euros < min {
            return Err(format!("The amount is below the minimum of {symbol}, {min} EUR."));
        }
        if let Some(max) = self.max_amount.filter(|max| euros > *max) {
            return Err(format!("The amount is above the maximum of {symbol}, {max} EUR."));
        }
        euros
            .checked_div(self.price_in_eur)
            .map(|coins| {
                let decimals = self.decimals.min(QUOTED_DECIMALS);
                coins
                    .round_dp_with_strategy(decimals, RoundingStrategy::AwayFromZero)
                    .normalize()
            })
            .ok_or_else(|| "The amount is too large.".to_owned())
    }
}

/// Fixed rates of the thirty fiat currencies, in EUR for one unit; `None` for any other code.
pub(crate) fn eur_per_unit(fiat: &str) -> Option<Decimal> {
    let (mantissa, scale) = match fiat {
        "ARS" => (85, 5),
        "AUD" => (56, 2),
        "BGN" => (51, 2),
        "BOB" => (13, 2),
        "BRL" => (16, 2),
        "CAD" => (63, 2),
        "CHF" => (106, 2),
        "CLP" => (95, 5),
        "COP" => (22, 5),
        "DKK" => (134, 3),
        "DOP" => (145, 4),
        "EUR" => (1, 0),
        "GBP" => (116, 2),
        "GEL" => (33, 2),
        "HUF" => (25, 4),
        "ISK" => (70, 4),
        "JPY" => (60, 4),
        "KRW" => (65, 5),
        "MXN" => (48, 3),
        "NOK" => (85, 3),
        "NZD" => (51, 2),
        "PEN" => (25, 2),
        "PLN" => (23, 2),
        "PYG" => (12, 5),
        "RON" => (20, 2),
        "SEK" => (89, 3),
        "SGD" => (70, 2),
        "SVC" => (105, 3),
        "USD" => (92, 2),
        "UYU" => (22, 3),
        _ => return None,
    };
    Some(Decimal::new(mantissa, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(symbol: &str, cents: i64, fiat: &str) -> Result<String, String> {
        find(symbol)
            .unwrap()
            .quote(Decimal::new(cents, 2), fiat)
            .map(|amount| amount.to_string())
    }

    #[test]
    fn quotes_are_exact_and_rounded_up() {
        assert_eq!(quote("BTC", 5_000, "EUR").unwrap(), "0.00083334");
        assert_eq!(quote("BTC", 500, "EUR").unwrap(), "0.00008334");
        assert_eq!(quote("BTC", 6_000, "EUR").unwrap(), "0.001");
        assert_eq!(quote("USDC_ERC20", 50_000, "USD").unwrap(), "500");
        assert_eq!(quote("XRP", 1_000, "EUR").unwrap(), "4.545455");
        assert_eq!(quote("ETH", 100, "EUR").unwrap(), "0.0004");
    }

    #[test]
    fn limits_are_in_euros_whatever_the_fiat_currency() {
        assert!(
            quote("BTC", 99, "EUR")
                .unwrap_err()
                .contains("minimum of BTC, 1.00 EUR")
        );
        assert!(
            quote("BTC", 1_000_001, "EUR")
                .unwrap_err()
                .contains("maximum of BTC, 10000.00 EUR")
        );
        assert!(quote("BTC", 1_000_001, "USD").is_ok());
        assert!(quote("USDC_POLYGON_NXTB", 9_999_999_999, "EUR").is_ok());
    }

    #[test]
    fn one_name_on_several_networks_is_several_symbols() {
        let usdc = CATALOGUE
            .iter()
            .filter(|currency| currency.name == "USD Coin USDC");
        let networks: Vec<_> = usdc.map(|currency| currency.blockchain).collect();
        assert_eq!(networks, ["ETH", "MATIC_POLYGON"]);
    }
}
