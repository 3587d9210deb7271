//! Parses the URI that the API returned and compares it with the payment.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::{Form, PaymentUri, UriError, smallest_units};
use crate::Money;

/// A parsed URI of the API.
pub(super) struct Told<'a> {
    scheme: &'a str,
    /// The part between the scheme and the query, decoded.
    path: Cow<'a, str>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Told<'a> {
    /// `None` for a text that is no URI: there is nothing to compare.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let visible = text.chars().all(|c| c.is_ascii_graphic());
        if !visible || scheme.is_empty() {
            return None;
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = percent_decode_str(path.trim_start_matches('/')).decode_utf8().ok()?;
        Some(Self { scheme, path, query: form_urlencoded::parse(query.as_bytes()).collect() })
    }

    /// Whether the URI is about the payment, as far as it can be read.
    pub(super) fn compare(
        &self,
        payment: &PaymentUri<'_>,
        form: Option<Form>,
        tag: Option<&str>,
    ) -> Result<(), UriError> {
        let contradiction = |field| Err(UriError::Contradiction { field });
        let in_query = self.query.iter().any(|(_, value)| same_address(value, payment.address));
        if !self.pays_in_path(payment.address) && !in_query {
            return contradiction("address");
        }
        let told_tag = ["dt", "memo", "tag"].iter().find_map(|name| self.parameter(name));
        if told_tag.is_some_and(|told| !told.is_empty() && Some(told) != tag) {
            return contradiction("tag");
        }
        // Of a token, or under another scheme, an amount may be in any unit.
        let Some(form) = form.filter(|form| self.is(form.scheme())) else { return Ok(()) };
        if let Form::Ethereum(chain) = form
            && self.chain().is_some_and(|told| told != chain.to_string())
        {
            return contradiction("network");
        }
        if self.has_another_amount(payment, form) { contradiction("amount") } else { Ok(()) }
    }

    pub(super) fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    fn pays_in_path(&self, address: &str) -> bool {
        // `ethereum:0x…@1` names the chain beside the address; an address of Bitcoin Cash may bring its own prefix.
        let path = self.path.split(['@', '/']).next().unwrap_or_default();
        let bare =
            address.strip_prefix(self.scheme).and_then(|rest| rest.strip_prefix(':')).unwrap_or(address);
        same_address(path, bare)
    }

    fn chain(&self) -> Option<&str> {
        self.path.split_once('@').map(|(_, rest)| rest.split('/').next().unwrap_or_default())
    }

    /// An amount that differs by less than the coin's smallest unit is the same: it went through a binary fraction.
    fn has_another_amount(&self, payment: &PaymentUri<'_>, form: Form) -> bool {
        let Some(amount) = payment.amount else { return false };
        let told: Option<Money> = self.parameter("amount").and_then(|told| told.parse().ok());
        let unit = payment.facts.decimals.and_then(|decimals| format!("1e-{decimals}").parse::<Money>().ok());
        let differs = told.is_some_and(|told| {
            let (more, less) = if told > amount { (told, amount) } else { (amount, told) };
            match (more.checked_sub(less), unit) {
                (Some(difference), Some(unit)) => difference >= unit,
                (Some(difference), None) => difference.is_positive(),
                (None, _) => true,
            }
        });
        let money = |text: &str| text.parse::<Money>().ok();
        let value = self.parameter("value").filter(|_| matches!(form, Form::Ethereum(_))).and_then(money);
        let wei = payment.facts.decimals.and_then(|decimals| money(&smallest_units(amount, decimals)?));
        differs || value.zip(wei).is_some_and(|(value, wei)| value != wei)
    }
}

impl Form {
    fn scheme(self) -> &'static str {
        match self {
            Self::Plain(scheme) => scheme,
            Self::Ripple => "ripple",
            Self::Ethereum(_) => "ethereum",
            Self::Stellar => "web+stellar",
            Self::Solana => "solana",
        }
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
