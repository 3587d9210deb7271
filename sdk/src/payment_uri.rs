//! What a wallet reads from a payment's QR code.
//!
//! The rules here keep money from being sent to another address, in another coin, or without its tag.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::form_urlencoded;

use crate::{Coin, CurrencyFacts, Money};

/// What is known of a payment, from which its URI is made.
///
/// ```
/// use bitnovo_pay::payment_uri::PaymentUri;
///
/// let payment = PaymentUri {
///     told: None,
///     currency: "XRP_TEST",
///     address: "rrrrrrrrrrrrrrrrrrrrrhoLvTp",
///     amount: "4.534059".parse().ok(),
///     tag: Some("1234567890"),
/// };
/// let uri = "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890";
/// assert_eq!(payment.resolve()?.as_deref(), Some(uri));
/// # Ok::<(), bitnovo_pay::payment_uri::UriError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PaymentUri<'a> {
    /// The URI that the API told at creation, if it is at hand.
    pub told: Option<&'a str>,
    /// Symbol of the currency.
    pub currency: &'a str,
    /// Where the funds go.
    pub address: &'a str,
    /// The crypto amount.
    pub amount: Option<Money>,
    /// The destination tag or memo.
    pub tag: Option<&'a str>,
}

/// Why a payment must not be offered for scanning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UriError {
    /// Funds sent without the tag would be lost.
    #[error(
        "{currency} needs a destination tag or memo and this payment has none; funds sent without it are lost"
    )]
    TagRequired {
        /// Symbol of the currency.
        currency: String,
    },
    /// The URI that the API told and the payment's own fields are not about the same payment.
    #[error("the payment URI that the API told has another {field} than the payment itself")]
    Contradiction {
        /// What differs: `address`, `amount` or `tag`.
        field: &'static str,
    },
}

/// What an address or a tag may hold in a URI as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl PaymentUri<'_> {
    /// The URI to be scanned: the API's own where it is sound, otherwise one of ours.
    ///
    /// `None` when no URI would be safe: a token's contract and network are not known for certain, and a wallet would
    /// read a URI without them as an amount of the network's own coin. The address can still be shown.
    ///
    /// # Errors
    /// When a tag that the currency needs is missing, and when the API contradicts itself.
    pub fn resolve(&self) -> Result<Option<String>, UriError> {
        let facts = CurrencyFacts::of(self.currency);
        let tag = self.tag.filter(|tag| !tag.is_empty());
        if facts.requires_tag && tag.is_none() {
            return Err(UriError::TagRequired { currency: self.currency.to_owned() });
        }
        let scheme = facts.coin.and_then(|coin| scheme(coin, self.currency));
        match self.told.and_then(Told::parse) {
            Some(told) if told.serves(self, tag, scheme, facts.is_token)? => Ok(Some(told.text.to_owned())),
            _ => Ok(scheme.and_then(|scheme| self.build(scheme, tag))),
        }
    }

    fn build(&self, scheme: &str, tag: Option<&str>) -> Option<String> {
        let bare =
            self.address.strip_prefix(scheme).and_then(|rest| rest.strip_prefix(':')).unwrap_or(self.address);
        let amount = self.amount.map(|amount| format!("amount={amount}"));
        let tag = match (tag, scheme) {
            (Some(tag), "ripple") => Some(format!("dt={}", utf8_percent_encode(tag, PLAIN))),
            (None, _) => None,
            // A tag that the scheme has no place for: without it the URI would be half the truth.
            (Some(_), _) => return None,
        };
        let query: Vec<String> = amount.into_iter().chain(tag).collect();
        let separator = if query.is_empty() { "" } else { "?" };
        Some(format!("{scheme}:{}{separator}{}", utf8_percent_encode(bare, PLAIN), query.join("&")))
    }
}

/// The scheme under which wallets take a plain amount of the coin; `None` where there is none that they agree on.
fn scheme(coin: Coin, symbol: &str) -> Option<&'static str> {
    match coin {
        Coin::Bitcoin => Some("bitcoin"),
        Coin::BitcoinCash if symbol == "BCH" => Some("bitcoincash"),
        Coin::BitcoinCash => Some("bchtest"),
        Coin::Dash => Some("dash"),
        Coin::Ethereum => Some("ethereum"),
        Coin::Litecoin => Some("litecoin"),
        Coin::Ripple => Some("ripple"),
        _ => None,
    }
}

/// A URI that the API told, taken apart.
struct Told<'a> {
    text: &'a str,
    scheme: &'a str,
    /// What stands between the scheme and the query, decoded.
    path: Cow<'a, str>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Told<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let visible = text.chars().all(|c| c.is_ascii_graphic());
        if !visible || scheme.is_empty() {
            return None;
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = percent_decode_str(path.trim_start_matches('/')).decode_utf8().ok()?;
        Some(Self { text, scheme, path, query: form_urlencoded::parse(query.as_bytes()).collect() })
    }

    /// Whether a wallet that reads this URI makes exactly the payment.
    fn serves(
        &self,
        payment: &PaymentUri<'_>,
        tag: Option<&str>,
        scheme: Option<&str>,
        is_token: bool,
    ) -> Result<bool, UriError> {
        let in_path = self.pays_in_path(payment.address);
        let in_query = self.query.iter().any(|(_, value)| same_address(value, payment.address));
        if !in_path && !in_query {
            return Err(UriError::Contradiction { field: "address" });
        }
        if is_token {
            // With the address in the path a wallet pays the network's own coin, unless the token is named beside it.
            let names_token = !in_path || self.parameter("spl-token").is_some();
            return Ok(names_token && self.holds_tag(tag)?);
        }
        match scheme {
            None => self.holds_tag(tag),
            Some(scheme) if scheme.eq_ignore_ascii_case(self.scheme) => {
                Ok(in_path && self.holds_tag(tag)? && self.holds_amount(payment.amount)?)
            }
            Some(_) => Ok(false),
        }
    }

    fn pays_in_path(&self, address: &str) -> bool {
        // `ethereum:0x…@1` names the chain beside the address; an address of Bitcoin Cash may bring its own prefix.
        let path = self.path.split(['@', '/']).next().unwrap_or_default();
        let bare =
            address.strip_prefix(self.scheme).and_then(|rest| rest.strip_prefix(':')).unwrap_or(address);
        same_address(path, bare)
    }

    fn holds_tag(&self, tag: Option<&str>) -> Result<bool, UriError> {
        let told = ["dt", "memo", "tag"].iter().find_map(|name| self.parameter(name));
        match (told, tag) {
            (Some(told), Some(tag)) if told == tag => Ok(true),
            (Some(_), _) => Err(UriError::Contradiction { field: "tag" }),
            (None, Some(tag)) => Ok(self.query.iter().any(|(_, value)| value == tag)),
            (None, None) => Ok(true),
        }
    }

    /// An exponent is correct and yet unreadable to wallets: it serves only written out.
    fn holds_amount(&self, amount: Option<Money>) -> Result<bool, UriError> {
        let Some(amount) = amount else { return Ok(true) };
        match self.parameter("amount").map(|told| (told, told.parse::<Money>())) {
            Some((told, Ok(value))) if value == amount => Ok(!told.contains(['e', 'E'])),
            Some((_, Ok(_))) => Err(UriError::Contradiction { field: "amount" }),
            Some((_, Err(_))) | None => Ok(false),
        }
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }
}

/// Case carries a checksum in hex addresses and means nothing in bech32, but distinguishes addresses in base 58.
fn same_address(a: &str, b: &str) -> bool {
    let one_case = |text: &str| {
        !text.contains(|c: char| c.is_ascii_uppercase()) || !text.contains(|c: char| c.is_ascii_lowercase())
    };
    let case_is_free = (a.starts_with("0x") && b.starts_with("0x")) || (one_case(a) && one_case(b));
    a == b || (case_is_free && a.eq_ignore_ascii_case(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BTC: &str = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";
    const ETH: &str = "0x000000000000000000000000000000000000dEaD";
    const XRP: &str = "rrrrrrrrrrrrrrrrrrrrrhoLvTp";

    fn resolve(
        told: impl Into<Option<&'static str>>,
        currency: &str,
        address: &str,
        amount: &str,
        tag: &str,
    ) -> Result<Option<String>, UriError> {
        PaymentUri { told: told.into(), currency, address, amount: amount.parse().ok(), tag: Some(tag) }
            .resolve()
    }

    fn contradiction(field: &'static str) -> Result<Option<String>, UriError> {
        Err(UriError::Contradiction { field })
    }

    #[test]
    fn the_apis_own_uri_wins_when_it_is_sound() {
        for (told, currency, address, amount, tag) in [
            (
                "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254&rbf=false",
                "BTC_TEST",
                BTC,
                "0.0005254",
                "",
            ),
            (
                "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0000309&rbf=false",
                "BTC_TEST",
                BTC,
                "3.09e-05",
                "",
            ),
            ("BITCOIN:TB1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KXPJZSX?amount=1.50", "BTC", BTC, "1.5", ""),
            (
                "ethereum:0x000000000000000000000000000000000000dEaD?amount=0.0034022",
                "ETH_TEST5",
                ETH,
                "0.0034022",
                "",
            ),
            ("ethereum:0x000000000000000000000000000000000000dead?amount=1", "ETH", ETH, "1", ""),
            (
                "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890",
                "XRP_TEST",
                XRP,
                "4.534059",
                "1234567890",
            ),
            ("bchtest:qqqq?amount=2", "BCH_TEST", "qqqq", "2", ""),
            ("bitcoincash:qqqq?amount=2", "BCH", "bitcoincash:qqqq", "2", ""),
            // Coins for which we build none, and a token that is named beside the address.
            ("web+stellar:pay?destination=GABC&amount=5&memo=77", "XLM", "GABC", "5", "77"),
            ("solana:5Yx?amount=5", "SOL", "5Yx", "5", ""),
            (
                "ethereum:0xA0b8@1/transfer?address=0x000000000000000000000000000000000000dEaD&uint256=5",
                "USDC_ERC20",
                ETH,
                "5",
                "",
            ),
            ("solana:5Yx?amount=5&spl-token=EPj", "SOL_USDC_PTHX", "5Yx", "5", ""),
        ] {
            assert_eq!(resolve(told, currency, address, amount, tag), Ok(Some(told.to_owned())), "{told}");
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
                "ethereum:0x000000000000000000000000000000000000dEaD?amount=0.0034022",
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
        let uri = resolve(None, "XRP", "r1?dt=9&x=#/", "1", "7&dt=8").unwrap().unwrap();
        assert_eq!(uri, "ripple:r1%3Fdt%3D9%26x%3D%23%2F?amount=1&dt=7%26dt%3D8");
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
                let payment = PaymentUri { told, currency, address: XRP, amount: None, tag: None };
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
        assert_eq!(resolve("cosmos:abc?amount=5", "ATOM", "abc", "5", "77"), Ok(None));
    }
}
