//! The currencies that the sandbox takes, with limits, fixed prices and networks.
//!
//! Prices are invented and never change: 1 BTC is always 60,000 EUR, so that a test can state the amount it expects.

use std::sync::LazyLock;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{bitnovo::address::Network, bitnovo::fiat};

/// A quote has at most this many decimals, also for coins that can be divided further.
const QUOTED_DECIMALS: u32 = 8;

/// What the entries of one coin have in common.
#[derive(Debug)]
pub(crate) struct Coin {
    pub(crate) network: Network,
    /// How far the coin can be divided.
    pub(crate) decimals: u32,
    /// Minutes from the choice of the currency to the expiry of the order.
    pub(crate) expiry_minutes: i64,
    price_in_cents: i64,
}

/// A cryptocurrency on one network.
#[derive(Debug)]
pub(crate) struct Currency {
    pub(crate) symbol: &'static str,
    pub(crate) name: &'static str,
    pub(crate) blockchain: &'static str,
    pub(crate) coin: Coin,
    /// Least amount of an order, in EUR.
    pub(crate) min_amount: Decimal,
    /// Greatest amount of an order, in EUR.
    pub(crate) max_amount: Option<Decimal>,
}

const fn coin(network: Network, decimals: u32, expiry_minutes: i64, price_in_cents: i64) -> Coin {
    Coin { network, decimals, expiry_minutes, price_in_cents }
}

const BTC: Coin = coin(Network::Bitcoin, 8, 15, 6_000_000);
const ETH: Coin = coin(Network::Ethereum, 18, 15, 250_000);
const XRP: Coin = coin(Network::Ripple, 6, 15, 220);
const LTC: Coin = coin(Network::Litecoin, 8, 60, 8_000);
const BCH: Coin = coin(Network::BitcoinCash, 8, 60, 40_000);
const XLM: Coin = coin(Network::Stellar, 7, 15, 25);
/// One dollar, at the rate of the dollar.
const USDC: Coin = coin(Network::EvmToken, 6, 15, 92);
const POL: Coin = coin(Network::EvmToken, 18, 15, 40);

/// Every currency, in the order in which the API lists them.
#[rustfmt::skip]
pub(crate) static CATALOGUE: LazyLock<Vec<Currency>> = LazyLock::new(|| vec![
    listed("BTC", "Bitcoin BTC", "BTC", BTC, 100, Some(1_000_000)),
    listed("ETH", "Ethereum ETH", "ETH", ETH, 100, Some(2_000_000)),
    listed("XRP", "Ripple XRP", "XRP", XRP, 100, Some(2_000_000)),
    listed("LTC", "Litecoin LTC", "LTC", LTC, 500, Some(2_000_000)),
    listed("BCH", "Bitcoin Cash BCH", "BCH", BCH, 3_000, Some(2_000_000)),
    listed("XLM", "Stellar Lumens XLM", "XLM", XLM, 100, Some(2_000_000)),
    listed("USDC_ERC20", "USD Coin USDC", "ETH", USDC, 1_000, Some(5_000_000)),
    listed("USDC_POLYGON_NXTB", "USD Coin USDC", "MATIC_POLYGON", USDC, 100, None),
    listed("BTC_TEST", "Bitcoin Test BTC", "BTC_TEST", BTC, 1, Some(1_000_000)),
    listed("BCH_TEST", "Bitcoin Cash Test BCH", "BCH_TEST", BCH, 5, Some(2_000_000)),
    listed("ETH_TEST5", "Ethereum Sepolia ETH", "ETH_TEST5", ETH, 5, Some(2_000_000)),
    listed("XRP_TEST", "Ripple Test XRP", "XRP_TEST", XRP, 1, Some(2_000_000)),
    listed("USDC_TEST3", "USD Coin Test USDC", "ETH_TEST5", USDC, 1, None),
    listed("AMOY_POLYGON_TEST", "Polygon Amoy POL", "AMOY_POLYGON_TEST", POL, 1, Some(2_000_000)),
]);

/// An entry of the catalogue, with its limits in euro cents.
fn listed(
    symbol: &'static str,
    name: &'static str,
    blockchain: &'static str,
    coin: Coin,
    min: i64,
    max: Option<i64>,
) -> Currency {
    Currency { symbol, name, blockchain, coin, min_amount: euros(min), max_amount: max.map(euros) }
}

fn euros(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

/// The currency with exactly this symbol.
pub(crate) fn find(symbol: &str) -> Option<&'static Currency> {
    CATALOGUE.iter().find(|currency| currency.symbol == symbol)
}

impl Currency {
    /// What `amount` of the fiat currency `code` costs in this currency, rounded up so that it is never too little.
    ///
    /// # Errors
    /// A sentence for the merchant when the amount lies outside the limits.
    pub(crate) fn quote(&self, amount: Decimal, code: &str) -> Result<Decimal, String> {
        let worth =
            fiat::eur_per_unit(code).and_then(|rate| amount.checked_mul(rate)).unwrap_or(Decimal::MAX);
        let (symbol, min) = (self.symbol, self.min_amount);
        if worth < min {
            return Err(format!("The amount is below the minimum of {symbol}, {min} EUR."));
        }
        if let Some(max) = self.max_amount.filter(|max| worth > *max) {
            return Err(format!("The amount is above the maximum of {symbol}, {max} EUR."));
        }
        worth
            .checked_div(euros(self.coin.price_in_cents))
            .map(|coins| {
                let decimals = self.coin.decimals.min(QUOTED_DECIMALS);
                coins.round_dp_with_strategy(decimals, RoundingStrategy::AwayFromZero).normalize()
            })
            .ok_or_else(|| "The amount is too large.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(symbol: &str, cents: i64, fiat: &str) -> Result<String, String> {
        find(symbol).unwrap().quote(Decimal::new(cents, 2), fiat).map(|amount| amount.to_string())
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
        assert!(quote("BTC", 99, "EUR").unwrap_err().contains("minimum of BTC, 1.00 EUR"));
        assert!(quote("BTC", 1_000_001, "EUR").unwrap_err().contains("maximum of BTC, 10000.00 EUR"));
        assert!(quote("BTC", 1_000_001, "USD").is_ok());
        assert!(quote("USDC_POLYGON_NXTB", 9_999_999_999, "EUR").is_ok());
    }

    #[test]
    fn one_name_on_several_networks_is_several_symbols() {
        let usdc = CATALOGUE.iter().filter(|currency| currency.name == "USD Coin USDC");
        let networks: Vec<_> = usdc.map(|currency| currency.blockchain).collect();
        assert_eq!(networks, ["ETH", "MATIC_POLYGON"]);
    }
}
