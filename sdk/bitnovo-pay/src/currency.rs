//! Facts of coins that the API does not return: decimals, tags, and which ones are tokens.

use crate::{
    Currency,
    network::{Network, TagRule, chain_id, is_test, without_test_suffix},
};

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
/// A symbol alone does not name a currency: `ETH` on Arbitrum is another coin than `ETH` on Ethereum. The facts come from
/// the entry of the catalogue, which has the network too. What is not certain is left open.
///
/// ```no_run
/// use bitnovo_pay::{Client, CurrencyFacts};
///
/// # async fn example() -> Result<(), bitnovo_pay::Error> {
/// let client = Client::from_env()?;
/// // The short way, with one request for each currency that is not known yet:
/// let facts = client.currency_facts("XRP").await?;
/// // The same when the catalogue has been read already:
/// let catalogue = client.currencies_list().await?;
/// assert_eq!(CurrencyFacts::in_catalogue(catalogue.rows(), "XRP"), facts);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CurrencyFacts {
    /// The coin, when the entry certainly names a network's own coin.
    pub coin: Option<Coin>,
    /// The network, when its code is known.
    pub network: Option<Network>,
    /// The chain of EIP-155, when the network is one of Ethereum's and it is certain which.
    pub chain_id: Option<u64>,
    /// Whether no money is real on the network.
    pub is_test: bool,
    /// Decimals of its amounts.
    pub decimals: Option<u32>,
    /// What its destination tags or memos look like.
    pub tag: TagRule,
    /// Whether it is certainly a token and not the network's own coin.
    pub is_token: bool,
}

/// Why the tag of a payment cannot be shown to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagError {
    /// Funds sent without a tag are lost.
    #[error("the currency needs a destination tag or memo and there is none")]
    Missing,
    /// No wallet of the network can send it.
    #[error("the destination tag or memo has a form that the network does not know")]
    Malformed,
    /// The network has no tags: no wallet asks for one.
    #[error("there is a destination tag or memo on a network that has none")]
    Unexpected,
}

/// Words in symbols that mean a token: what it is, or the standard it follows.
const TOKEN_WORDS: [&str; 9] = ["USDC", "USDT", "DAI", "EURC", "EUROC", "ERC20", "BEP20", "TRC20", "SPL"];

impl CurrencyFacts {
    /// What is known of a currency of the catalogue.
    #[must_use]
    pub fn of_currency(currency: &Currency) -> Self {
        let Currency { symbol, blockchain, name, .. } = currency;
        let network =
            if is_lightning(symbol, name) { Some(Network::Lightning) } else { Network::of_code(blockchain) };
        let is_test = is_test(blockchain);
        let bare = without_test_suffix(symbol).unwrap_or(symbol);
        let named = Coin::named(bare);
        // The name of a coin on a network that is not its own is bridged, wrapped, or something new.
        let coin = named.filter(|coin| Some(coin.network()) == network && is_test == self::is_test(symbol));
        let tag = match (network.map(Network::tag_rule), inferred_tag_rule(symbol)) {
            // A symbol begins with its network: here the two contradict each other.
            (Some(TagRule::None), inferred) if inferred.is_required() => TagRule::Unknown,
            (Some(rule), _) => rule,
            (None, inferred) => inferred,
        };
        Self {
            coin,
            network,
            chain_id: chain_id(blockchain),
            is_test,
            decimals: coin.map(Coin::decimals).or_else(|| token_decimals(symbol, network)),
            tag,
            is_token: named.is_none() && has_token_word(bare),
        }
    }

    /// What is known of the currency with this symbol, by its entry in the catalogue; [`unlisted`](Self::unlisted) when
    /// it has none.
    #[must_use]
    pub fn in_catalogue(catalogue: &[Currency], symbol: &str) -> Self {
        let entry = catalogue.iter().find(|currency| currency.symbol == symbol);
        entry.map_or_else(|| Self::unlisted(symbol), Self::of_currency)
    }

    /// What may be assumed of a currency without its entry in the catalogue, because that could not be read or the
    /// currency is not active any more. Only what guards is inferred from the symbol: no coin, no decimals, no payment URI.
    #[must_use]
    pub fn unlisted(symbol: &str) -> Self {
        let bare = without_test_suffix(symbol).unwrap_or(symbol);
        Self { tag: inferred_tag_rule(symbol), is_token: has_token_word(bare), ..Self::default() }
    }

    /// Whether funds sent without a destination tag or memo are lost.
    #[must_use]
    pub const fn requires_tag(&self) -> bool {
        self.tag.is_required()
    }

    /// The tag that the customer has to send; `None` when there is none to be sent. An empty one is none.
    ///
    /// # Errors
    /// When a tag is missing, when no wallet can send it, and when the network has none.
    pub fn checked_tag<'t>(&self, tag: Option<&'t str>) -> Result<Option<&'t str>, TagError> {
        match tag.filter(|tag| !tag.is_empty()) {
            None if self.requires_tag() => Err(TagError::Missing),
            None => Ok(None),
            Some(_) if self.tag == TagRule::None => Err(TagError::Unexpected),
            Some(tag) if self.tag.accepts(tag) => Ok(Some(tag)),
            Some(_) => Err(TagError::Malformed),
        }
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

    const fn network(self) -> Network {
        match self {
            Self::Algorand => Network::Algorand,
            Self::Avalanche => Network::Avalanche,
            Self::Bitcoin => Network::Bitcoin,
            Self::BitcoinCash => Network::BitcoinCash,
            Self::Dash => Network::Dash,
            Self::Ethereum => Network::Ethereum,
            Self::Litecoin => Network::Litecoin,
            Self::Polygon => Network::Polygon,
            Self::Ripple => Network::XrpLedger,
            Self::Solana => Network::Solana,
            Self::Stellar => Network::Stellar,
            Self::Tron => Network::Tron,
        }
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
fn token_decimals(symbol: &str, network: Option<Network>) -> Option<u32> {
    match (symbol, network?) {
        ("USDC_ERC20" | "USDT_ERC20", Network::Ethereum)
        | ("USDC_POLYGON_NXTB", Network::Polygon)
        | ("TRX_USDC_6NU3", Network::Tron) => Some(6),
        ("DAI", Network::Ethereum) => Some(18),
        _ => None,
    }
}

fn has_token_word(symbol: &str) -> bool {
    Coin::named(symbol).is_none() && symbol.split('_').any(|word| TOKEN_WORDS.contains(&word))
}

/// A token's symbol begins with its network, as in `XLM_USDC_5F3T`: there the tag matters just as much.
fn inferred_tag_rule(symbol: &str) -> TagRule {
    let network = symbol.split('_').next().and_then(Network::of_code);
    network.map(Network::tag_rule).filter(|rule| rule.is_required()).unwrap_or_default()
}

/// Lightning goes under the network of Bitcoin too.
fn is_lightning(symbol: &str, name: &str) -> bool {
    Network::of_code(symbol) == Some(Network::Lightning) || name.to_lowercase().contains("lightning")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(symbol: &str, blockchain: &str) -> CurrencyFacts {
        named(symbol, "x", blockchain)
    }

    fn named(symbol: &str, name: &str, blockchain: &str) -> CurrencyFacts {
        let json = format!(
            r#"{{"symbol":"{symbol}","name":"{name}","min_amount":"1","blockchain":"{blockchain}"}}"#
        );
        CurrencyFacts::of_currency(&serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn the_coins_are_known_with_their_decimals_and_so_are_their_test_forms() {
        for (symbol, coin, decimals, tag) in [
            ("BTC", Coin::Bitcoin, 8, TagRule::None),
            ("BTC_TEST", Coin::Bitcoin, 8, TagRule::None),
            ("BCH_TEST", Coin::BitcoinCash, 8, TagRule::None),
            ("LTC", Coin::Litecoin, 8, TagRule::None),
            ("DASH", Coin::Dash, 8, TagRule::None),
            ("ETH", Coin::Ethereum, 18, TagRule::None),
            ("ETH_TEST5", Coin::Ethereum, 18, TagRule::None),
            ("AMOY_POLYGON_TEST", Coin::Polygon, 18, TagRule::None),
            ("SOL_TEST", Coin::Solana, 9, TagRule::None),
            ("XRP", Coin::Ripple, 6, TagRule::XrpTag),
            ("XRP_TEST", Coin::Ripple, 6, TagRule::XrpTag),
            ("XLM_TEST", Coin::Stellar, 7, TagRule::StellarMemo),
            ("ALGO", Coin::Algorand, 6, TagRule::AlgorandNote),
        ] {
            let facts = listed(symbol, symbol);
            assert_eq!((facts.coin, facts.decimals), (Some(coin), Some(decimals)), "{symbol}");
            assert_eq!((facts.tag, facts.is_token), (tag, false), "{symbol}");
            assert_eq!(facts.is_test, symbol.contains("TEST"), "{symbol}");
        }
    }

    #[test]
    fn tokens_are_no_coins_and_need_a_tag_where_their_network_does() {
        for (symbol, network, decimals, tag) in [
            ("USDC_ERC20", "ETH", Some(6), TagRule::None),
            ("USDC_ERC20", "NEWCHAIN", None, TagRule::Unknown),
            ("USDC_POLYGON_NXTB", "MATIC_POLYGON", Some(6), TagRule::None),
            ("TRX_USDC_6NU3", "TRX", Some(6), TagRule::None),
            ("DAI", "ETH", Some(18), TagRule::None),
            ("USDC_TEST3", "ETH_TEST5", None, TagRule::None),
            ("USDC", "NEWCHAIN", None, TagRule::Unknown),
            ("USDC_5F3T", "XLM", None, TagRule::StellarMemo),
            ("USDC_XRPL", "XRP", None, TagRule::XrpTag),
            ("EURC_TEST", "XLM_TEST", None, TagRule::StellarMemo),
            ("USDC_UV4I", "ALGO", None, TagRule::AlgorandNote),
            ("XLM_USDC_5F3T", "XLM", None, TagRule::StellarMemo),
            ("XLM_USDC_5F3T", "NEWCHAIN", None, TagRule::StellarMemo),
            ("XRP_BEP20", "BNB_BSC", None, TagRule::Unknown),
            ("ETH_ERC20", "ETH", None, TagRule::None),
        ] {
            let facts = listed(symbol, network);
            assert_eq!((facts.coin, facts.decimals, facts.tag), (None, decimals, tag), "{symbol} {network}");
            assert!(facts.is_token, "{symbol} {network}");
        }
    }

    #[test]
    fn what_merely_looks_like_a_coin_stays_open() {
        for symbol in
            ["", "btc", "BTCL", "WBTC", "ETH-AETH", "ETH_BASE", "_TEST", "TEST5", "BTC_TESTNET", "XRPL"]
        {
            for network in ["BTC", "ETH", symbol] {
                let CurrencyFacts { coin, decimals, is_token, .. } = listed(symbol, network);
                assert_eq!((coin, decimals, is_token), (None, None, false), "{symbol} {network}");
            }
        }
    }

    #[test]
    fn a_coin_on_a_network_that_is_not_its_own_is_not_that_coin() {
        for (symbol, network) in [
            ("ETH", "ARBITRUM"),
            ("ETH", "ETH-AETH"),
            ("ETH", "BASE"),
            ("ETH", "BASECHAIN_ETH"),
            ("ETH", "OPTIMISM"),
            ("ETH", "MATIC_POLYGON"),
            ("ETH", "NEWCHAIN"),
            ("ETH", ""),
            ("ETH", "ETH_TEST5"),
            ("ETH_TEST5", "ETH"),
            ("BTC", "ETH"),
            ("BTC", "BTC_TEST"),
            ("BTC", "BNB_BSC"),
            ("SOL", "ETH"),
        ] {
            let facts = listed(symbol, network);
            assert_eq!((facts.coin, facts.decimals), (None, None), "{symbol} {network}");
        }
        assert_eq!(listed("ETH", "ETH").chain_id, Some(1));
        assert_eq!(listed("ETH_TEST5", "ETH_TEST5").chain_id, Some(11_155_111));
        assert_eq!(listed("ETH_TEST3", "ETH_TEST3").chain_id, None);
        // A coin in a list of its own kind, on another network, needs that network's tag.
        assert_eq!(listed("BTC", "XLM").tag, TagRule::StellarMemo);
        assert_eq!(listed("XRP", "BNB_BSC").tag, TagRule::Unknown);
    }

    #[test]
    fn without_an_entry_only_what_guards_is_inferred() {
        for symbol in ["BTC", "ETH", "LTC", "NEW", ""] {
            assert_eq!(CurrencyFacts::unlisted(symbol), CurrencyFacts::default(), "{symbol}");
        }
        for (symbol, tag) in [
            ("XRP", TagRule::XrpTag),
            ("XRP_TEST", TagRule::XrpTag),
            ("XLM_USDC_5F3T", TagRule::StellarMemo),
            ("ALGO", TagRule::AlgorandNote),
            ("USDC_ERC20", TagRule::Unknown),
        ] {
            let facts = CurrencyFacts::unlisted(symbol);
            assert_eq!((facts.tag, facts.coin, facts.decimals), (tag, None, None), "{symbol}");
            assert_eq!(CurrencyFacts::in_catalogue(&[], symbol), facts, "{symbol}");
        }
    }

    #[test]
    fn lightning_is_recognised_under_the_network_of_bitcoin_too() {
        for (symbol, name, network) in [
            ("BTCL", "Bitcoin BTCL", "BTC"),
            ("BTCL", "Bitcoin BTCL", "NEWCHAIN"),
            ("BTC_LN", "Bitcoin Lightning", "BTC"),
            ("BTC", "Bitcoin", "LIGHTNING"),
            ("BTCL_TEST", "Bitcoin", "BTC_TEST"),
        ] {
            let facts = named(symbol, name, network);
            assert_eq!((facts.network, facts.coin), (Some(Network::Lightning), None), "{symbol}");
        }
    }

    #[test]
    fn a_tag_is_shown_where_the_network_has_tags_and_the_tag_has_its_form() {
        let (xrp, btc, new) = (listed("XRP", "XRP"), listed("BTC", "BTC"), listed("NEW", "NEW"));
        for none in [None, Some("")] {
            assert_eq!(xrp.checked_tag(none), Err(TagError::Missing));
            assert_eq!(btc.checked_tag(none), Ok(None));
            assert_eq!(new.checked_tag(none), Ok(None));
        }
        assert_eq!(xrp.checked_tag(Some("7")), Ok(Some("7")));
        assert_eq!(xrp.checked_tag(Some("abc")), Err(TagError::Malformed));
        assert_eq!(xrp.checked_tag(Some("4294967296")), Err(TagError::Malformed));
        assert_eq!(btc.checked_tag(Some("7")), Err(TagError::Unexpected));
        assert_eq!(new.checked_tag(Some("7")), Ok(Some("7")));
    }
}
