//! What is known of the coins, because the API does not tell: decimals, tags, and what is a token.

use crate::Currency;

/// A coin that is its network's own, not a token on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coin {
    /// ALGO.
    Algorand,
    /// AVAX.
    Avalanche,
    /// BTC.
    Bitcoin,
    /// BCH.
    BitcoinCash,
    /// DASH.
    Dash,
    /// ETH.
    Ethereum,
    /// LTC.
    Litecoin,
    /// POL, formerly MATIC.
    Polygon,
    /// XRP.
    Ripple,
    /// SOL.
    Solana,
    /// XLM.
    Stellar,
    /// TRX.
    Tron,
}

/// What is known of a currency.
///
/// A symbol names a currency and its network together, and there are always more of them than anybody has listed: what
/// is not certain is left open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CurrencyFacts {
    /// The coin, when the symbol certainly names a network's own coin.
    pub coin: Option<Coin>,
    /// Decimals of its amounts.
    pub decimals: Option<u32>,
    /// Whether funds sent without a destination tag or memo are lost.
    pub requires_tag: bool,
    /// Whether it is certainly a token on somebody else's network.
    pub is_token: bool,
}

/// Words in symbols that mean a token: what it is, or the standard it follows.
const TOKEN_WORDS: [&str; 9] = ["USDC", "USDT", "DAI", "EURC", "EUROC", "ERC20", "BEP20", "TRC20", "SPL"];

/// Networks on which many customers share one address and the tag tells them apart.
const TAGGED_NETWORKS: [&str; 3] = ["XRP", "XLM", "ALGO"];

impl CurrencyFacts {
    /// What is known of the currency with this symbol, such as `BTC`, `XRP_TEST` or `USDC_ERC20`.
    #[must_use]
    pub fn of(symbol: &str) -> Self {
        let symbol = without_test_suffix(symbol);
        let coin = Coin::named(symbol);
        let is_token = coin.is_none() && symbol.split('_').any(|word| TOKEN_WORDS.contains(&word));
        let decimals = coin.map(Coin::decimals).or_else(|| token_decimals(symbol));
        // A token's symbol begins with its network, as in XLM_USDC_5F3T: there the tag matters just as much.
        let requires_tag = is_on_tagged_network(symbol);
        Self { coin, decimals, requires_tag, is_token }
    }

    /// What is known of a currency of the catalogue, whose network is told too.
    #[must_use]
    pub fn of_currency(currency: &Currency) -> Self {
        let facts = Self::of(&currency.symbol);
        let network = without_test_suffix(&currency.blockchain);
        let requires_tag = facts.requires_tag || is_on_tagged_network(network);
        if facts.coin.is_some() && facts.coin != Coin::named(network) {
            // The name of a coin on a network that is not its own: bridged, wrapped, or something new.
            return Self { requires_tag, ..Self::default() };
        }
        Self { requires_tag, ..facts }
    }
}

impl Coin {
    fn named(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "ALGO" => Self::Algorand,
            "AVAX" => Self::Avalanche,
            "BTC" => Self::Bitcoin,
            "BCH" => Self::BitcoinCash,
            "DASH" => Self::Dash,
            "ETH" => Self::Ethereum,
            "LTC" => Self::Litecoin,
            "MATIC_POLYGON" | "AMOY_POLYGON" => Self::Polygon,
            "XRP" => Self::Ripple,
            "SOL" => Self::Solana,
            "XLM" => Self::Stellar,
            "TRX" => Self::Tron,
            _ => return None,
        })
    }

    const fn decimals(self) -> u32 {
        match self {
            Self::Bitcoin | Self::BitcoinCash | Self::Dash | Self::Litecoin => 8,
            Self::Avalanche | Self::Ethereum | Self::Polygon => 18,
            Self::Algorand | Self::Ripple | Self::Tron => 6,
            Self::Stellar => 7,
            Self::Solana => 9,
        }
    }
}

/// A token's decimals are its contract's choice, and differ between networks: only contracts that are certain.
fn token_decimals(symbol: &str) -> Option<u32> {
    match symbol {
        "USDC_ERC20" | "USDT_ERC20" | "USDC_POLYGON_NXTB" | "TRX_USDC_6NU3" => Some(6),
        "DAI" => Some(18),
        _ => None,
    }
}

fn is_on_tagged_network(symbol: &str) -> bool {
    symbol.split('_').next().is_some_and(|network| TAGGED_NETWORKS.contains(&network))
}

/// `ETH_TEST5` is ETH on a test network.
fn without_test_suffix(symbol: &str) -> &str {
    let name = symbol.trim_end_matches(|c: char| c.is_ascii_digit());
    name.strip_suffix("_TEST").unwrap_or(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(symbol: &str, blockchain: &str) -> CurrencyFacts {
        let json =
            format!(r#"{{"symbol":"{symbol}","name":"x","min_amount":"1","blockchain":"{blockchain}"}}"#);
        CurrencyFacts::of_currency(&serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn the_coins_are_known_with_their_decimals_and_so_are_their_test_forms() {
        for (symbol, coin, decimals, requires_tag) in [
            ("BTC", Coin::Bitcoin, 8, false),
            ("BTC_TEST", Coin::Bitcoin, 8, false),
            ("BCH_TEST", Coin::BitcoinCash, 8, false),
            ("LTC", Coin::Litecoin, 8, false),
            ("DASH", Coin::Dash, 8, false),
            ("ETH", Coin::Ethereum, 18, false),
            ("ETH_TEST5", Coin::Ethereum, 18, false),
            ("AMOY_POLYGON_TEST", Coin::Polygon, 18, false),
            ("SOL_TEST", Coin::Solana, 9, false),
            ("XRP", Coin::Ripple, 6, true),
            ("XRP_TEST", Coin::Ripple, 6, true),
            ("XLM_TEST", Coin::Stellar, 7, true),
            ("ALGO", Coin::Algorand, 6, true),
        ] {
            let expected =
                CurrencyFacts { coin: Some(coin), decimals: Some(decimals), requires_tag, is_token: false };
            assert_eq!(CurrencyFacts::of(symbol), expected, "{symbol}");
        }
    }

    #[test]
    fn tokens_are_no_coins_and_need_a_tag_where_their_network_does() {
        for (symbol, decimals, requires_tag) in [
            ("USDC_ERC20", Some(6), false),
            ("USDC_POLYGON_NXTB", Some(6), false),
            ("TRX_USDC_6NU3", Some(6), false),
            ("DAI", Some(18), false),
            ("USDT_T2", None, false),
            ("USDC_TEST3", None, false),
            ("USDC", None, false),
            ("XLM_USDC_5F3T", None, true),
            ("ALGO_USDC_UV4I", None, true),
            ("ETH_ERC20", None, false),
        ] {
            let expected = CurrencyFacts { coin: None, decimals, requires_tag, is_token: true };
            assert_eq!(CurrencyFacts::of(symbol), expected, "{symbol}");
        }
    }

    #[test]
    fn what_merely_looks_like_a_coin_stays_open() {
        for symbol in
            ["", "btc", "BTCL", "WBTC", "ETH-AETH", "ETH_BASE", "_TEST", "TEST5", "BTC_TESTNET", "XRPL"]
        {
            assert_eq!(CurrencyFacts::of(symbol), CurrencyFacts::default(), "{symbol}");
        }
    }

    #[test]
    fn a_coin_on_a_network_that_is_not_its_own_is_not_that_coin() {
        assert_eq!(listed("ETH_TEST5", "ETH_TEST5").coin, Some(Coin::Ethereum));
        assert_eq!(listed("ETH", "ARBITRUM"), CurrencyFacts::default());
        assert!(listed("USDC_5F3T", "XLM").requires_tag);
        assert!(listed("USDC_POLYGON_NXTB", "MATIC_POLYGON").is_token);
    }
}
