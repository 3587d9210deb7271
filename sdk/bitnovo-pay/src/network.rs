//! The networks that funds travel on, by the codes under which the API's catalogue lists them.

use std::borrow::Cow;

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum Network {
    Algorand,
    Arbitrum,
    Avalanche,
    Base,
    Bitcoin,
    BitcoinCash,
    BnbSmartChain,
    Dash,
    Ethereum,
    /// Payments are invoices: there is no address that could be shown.
    Lightning,
    Litecoin,
    Optimism,
    Polygon,
    Solana,
    Stellar,
    Tron,
    XrpLedger,
}

/// What a destination tag or memo looks like, where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TagRule {
    /// Nothing is known of the network: a tag that the API returns counts as required.
    #[default]
    Unknown,
    /// The network has no tags.
    None,
    /// Required: a number below 2^32.
    XrpTag,
    /// Required: a text of up to 28 bytes, a number below 2^64, or a hash of 64 hex digits.
    StellarMemo,
    /// Required: a text of up to 1000 bytes.
    AlgorandNote,
}

impl Network {
    /// The network with this code of the catalogue, such as `ETH`, `MATIC_POLYGON` or `BTC_TEST`, which is a test
    /// network of Bitcoin. `None` when the code is not known.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Some(match without_test_suffix(code).unwrap_or(code) {
            "ALGO" | "ALGORAND" => Self::Algorand,
            "ARBITRUM" | "ARB" | "ETH-AETH" => Self::Arbitrum,
            "AVAX" | "AVALANCHE" => Self::Avalanche,
            "BASE" | "BASECHAIN" | "BASECHAIN_ETH" => Self::Base,
            "BTC" | "BITCOIN" => Self::Bitcoin,
            "BCH" => Self::BitcoinCash,
            "BSC" | "BNB" | "BNB_BSC" => Self::BnbSmartChain,
            "DASH" => Self::Dash,
            "ETH" | "ETHEREUM" => Self::Ethereum,
            "BTCL" | "LN" | "LIGHTNING" => Self::Lightning,
            "LTC" | "LITECOIN" => Self::Litecoin,
            "OPTIMISM" | "ETH-OPT" => Self::Optimism,
            "POLYGON" | "MATIC_POLYGON" | "AMOY_POLYGON" => Self::Polygon,
            "SOL" | "SOLANA" => Self::Solana,
            "XLM" | "STELLAR" => Self::Stellar,
            "TRX" | "TRON" => Self::Tron,
            "XRP" | "RIPPLE" => Self::XrpLedger,
            _ => return None,
        })
    }

    /// The name that wallets use for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Algorand => "Algorand",
            Self::Arbitrum => "Arbitrum",
            Self::Avalanche => "Avalanche",
            Self::Base => "Base",
            Self::Bitcoin => "Bitcoin",
            Self::BitcoinCash => "Bitcoin Cash",
            Self::BnbSmartChain => "BNB Smart Chain",
            Self::Dash => "Dash",
            Self::Ethereum => "Ethereum",
            Self::Lightning => "Lightning",
            Self::Litecoin => "Litecoin",
            Self::Optimism => "Optimism",
            Self::Polygon => "Polygon",
            Self::Solana => "Solana",
            Self::Stellar => "Stellar",
            Self::Tron => "Tron",
            Self::XrpLedger => "XRP Ledger",
        }
    }

    pub(crate) const fn tag_rule(self) -> TagRule {
        match self {
            Self::XrpLedger => TagRule::XrpTag,
            Self::Stellar => TagRule::StellarMemo,
            Self::Algorand => TagRule::AlgorandNote,
            _ => TagRule::None,
        }
    }
}

/// The name of a network for people; a code that is not known is returned as it is.
///
/// ```
/// use bitnovo_pay::network_name;
///
/// assert_eq!(network_name("MATIC_POLYGON"), "Polygon");
/// assert_eq!(network_name("BTC_TEST"), "Bitcoin (test network)");
/// assert_eq!(network_name("NEWCHAIN"), "NEWCHAIN");
/// ```
#[must_use]
pub fn network_name(code: &str) -> Cow<'_, str> {
    match (code, Network::of_code(code)) {
        ("ETH_TEST5", _) => "Ethereum Sepolia (test network)".into(),
        ("AMOY_POLYGON_TEST", _) => "Polygon Amoy (test network)".into(),
        (_, Some(network)) if is_test(code) => format!("{} (test network)", network.name()).into(),
        (_, Some(network)) => network.name().into(),
        (_, None) => code.into(),
    }
}

/// The chain of EIP-155 that a code of Ethereum's networks certainly means.
pub(crate) fn chain_id(code: &str) -> Option<u64> {
    match code {
        "ETH" | "ETHEREUM" => Some(1),
        "ETH_TEST5" => Some(11_155_111),
        _ => None,
    }
}

pub(crate) fn is_test(code: &str) -> bool {
    without_test_suffix(code).is_some()
}

/// `ETH_TEST5` is `ETH` on a test network.
pub(crate) fn without_test_suffix(code: &str) -> Option<&str> {
    code.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix("_TEST")
}

impl TagRule {
    /// Whether funds sent without a tag are lost.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::XrpTag | Self::StellarMemo | Self::AlgorandNote)
    }

    /// Whether a wallet of the network can send this tag.
    #[must_use]
    pub fn accepts(self, tag: &str) -> bool {
        let digits = || tag.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Unknown => true,
            Self::None => false,
            Self::XrpTag => digits() && tag.parse::<u32>().is_ok(),
            Self::StellarMemo => {
                tag.len() <= 28 || (tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_hexdigit()))
            }
            Self::AlgorandNote => tag.len() <= 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_a_name_for_people_and_an_unknown_one_keeps_its_code() {
        for (code, name) in [
            ("BTC", "Bitcoin"),
            ("ETH", "Ethereum"),
            ("MATIC_POLYGON", "Polygon"),
            ("XRP", "XRP Ledger"),
            ("XLM", "Stellar"),
            ("TRX", "Tron"),
            ("BNB_BSC", "BNB Smart Chain"),
            ("ETH_TEST5", "Ethereum Sepolia (test network)"),
            ("AMOY_POLYGON_TEST", "Polygon Amoy (test network)"),
            ("XRP_TEST", "XRP Ledger (test network)"),
            ("NEWCHAIN", "NEWCHAIN"),
            ("NEWCHAIN_TEST", "NEWCHAIN_TEST"),
            ("btc", "btc"),
            ("", ""),
        ] {
            assert_eq!(network_name(code), name, "{code}");
        }
    }

    #[test]
    fn a_tag_is_plausible_on_its_network_or_not() {
        let hash = "a".repeat(64);
        for (rule, good, bad) in [
            (
                TagRule::XrpTag,
                vec!["0", "7", "1234567890", "4294967295"],
                vec!["", "abc", "4294967296", "-1", "+1", "1.0", " 1", "1e5", "١"],
            ),
            (
                TagRule::StellarMemo,
                vec!["77", "18446744073709551616", "order 7", &hash],
                vec!["twenty-nine bytes are too many", "ñññññññññññññññ"],
            ),
            (TagRule::AlgorandNote, vec!["77", "any text"], vec![]),
            (TagRule::None, vec![], vec!["77"]),
            (TagRule::Unknown, vec!["77", "anything at all"], vec![]),
        ] {
            assert!(good.iter().all(|tag| rule.accepts(tag)), "{rule:?} {good:?}");
            assert!(!bad.iter().any(|tag| rule.accepts(tag)), "{rule:?} {bad:?}");
        }
    }
}
