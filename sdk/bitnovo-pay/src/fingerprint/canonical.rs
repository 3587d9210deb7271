//! Version 2: every argument that is set, in one order, each with its length.
//!
//! Pinned: what is written here stands in the API's list and in key stores. A change needs a new version.

use sha2::{Digest as _, Sha256};

use super::Fingerprint;
use crate::{Money, generated::types::OrderRequest};

/// What the encoding begins with.
const HEAD: &str = "bitnovo-pay order 2\n";

/// What can differ between two orders, in the order of the digests. The names are those of [`NewOrder`](crate::NewOrder).
const ARGUMENTS: [&str; 11] = [
    "amount",
    "fiat",
    "currency",
    "notes",
    "reference",
    "language",
    "internal_data",
    "url_ok",
    "url_ko",
    "url_standby",
    "customer",
];

/// Two bytes for each argument: enough to tell which of them differ, too little to learn anything from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ArgumentDigests([[u8; 2]; ARGUMENTS.len()]);

impl ArgumentDigests {
    pub(crate) fn to_hex(self) -> String {
        hex::encode(self.0.as_flattened())
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut digests = [[0; 2]; ARGUMENTS.len()];
        hex::decode_to_slice(text, digests.as_flattened_mut()).ok()?;
        Some(Self(digests))
    }

    pub(super) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let pairs = self.0.iter().zip(&other.0).zip(ARGUMENTS);
        pairs.filter(|((one, other), _)| one != other).map(|(_, name)| name).collect()
    }
}

pub(super) fn fingerprint(request: &OrderRequest) -> Fingerprint {
    let arguments = encoded(request);
    let mut whole = Sha256::new();
    whole.update(HEAD);
    // Whose order it is. The marker holds the account; there are no scopes yet.
    whole.update([line("provider", "bitnovo"), line("account", ""), line("scope", "")].concat());
    whole.update(arguments.concat());
    let digests = arguments.map(|text| match Sha256::digest(&text).0 {
        _ if text.is_empty() => [0, 0],
        [first, second, ..] => [first, second],
    });
    Fingerprint::version2(whole.finalize().into(), ArgumentDigests(digests))
}

/// One text for each of [`ARGUMENTS`], empty for one that is not set.
fn encoded(request: &OrderRequest) -> [String; ARGUMENTS.len()] {
    // Without `..`: a new field of the API must not be left out of what makes two orders differ.
    let OrderRequest {
        expected_output_amount,
        fiat,
        input_currency,
        notes,
        reference,
        language,
        internal_data,
        merchant_urlok,
        merchant_urlko,
        merchant_url_standby,
        full_name,
        email_client,
        phone_number,
        nif,
        home_address,
        address_number,
        address_additional,
        city,
        province,
        zip_code,
        country,
    } = request;
    let set = |name: &str, value: Option<&str>| value.map(|value| line(name, value)).unwrap_or_default();
    let customer = [
        set("full_name", full_name.as_deref().map(String::as_str)),
        set("email", email_client.as_deref().map(String::as_str)),
        set("phone_number", phone_number.as_deref().map(String::as_str)),
        set("tax_number", nif.as_deref().map(String::as_str)),
        set("street", home_address.as_deref().map(String::as_str)),
        set("house_number", address_number.as_deref().map(String::as_str)),
        set("address_additional", address_additional.as_deref().map(String::as_str)),
        set("city", city.as_deref().map(String::as_str)),
        set("province", province.as_deref().map(String::as_str)),
        set("postal_code", zip_code.as_deref().map(String::as_str)),
        set("country", country.as_deref().map(String::as_str)),
    ];
    [
        line("amount", &plain(*expected_output_amount)),
        set("fiat", fiat.map(crate::Fiat::code)),
        set("currency", input_currency.as_deref()),
        set("notes", notes.as_deref().map(String::as_str)),
        set("reference", reference.as_deref().map(String::as_str)),
        set("language", language.as_deref()),
        set("internal_data", internal_data.as_deref().map(String::as_str)),
        set("url_ok", merchant_urlok.as_deref()),
        set("url_ko", merchant_urlko.as_deref()),
        set("url_standby", merchant_url_standby.as_deref()),
        customer.concat(),
    ]
}

/// Plain decimals without trailing zeros, so that 22 and 22.00 are one amount.
fn plain(amount: Money) -> String {
    let text = amount.to_string();
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The length, in bytes, keeps one value from being read as two.
fn line(name: &str, value: &str) -> String {
    format!("{name}:{}:{value}\n", value.len())
}

#[cfg(test)]
pub(super) fn text(request: &OrderRequest) -> String {
    encoded(request).concat()
}
