//! The URI that the API told, and whether a wallet can be trusted with it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::{PaymentUri, UriError};
use crate::Money;

/// A URI that the API told, taken apart.
pub(super) struct Told<'a> {
    pub(super) text: &'a str,
    scheme: &'a str,
    /// What stands between the scheme and the query, decoded.
    path: Cow<'a, str>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Told<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
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
    pub(super) fn serves(
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
