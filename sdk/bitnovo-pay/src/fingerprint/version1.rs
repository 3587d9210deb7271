//! Version 1: the request as the JSON that was sent then, with its fields in alphabetical order.
//!
//! Nothing is written in it any more. It is computed so that orders that carry it can be compared.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{Fiat, InvalidRequest, Money, generated::types::OrderRequest};

/// The fields that version 1 knew, in its order, apart from the generated request: that one may change.
#[derive(Serialize)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address_additional: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_client: Option<&'a str>,
    expected_output_amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    fiat: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_url_standby: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_urlko: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_urlok: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nif: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    province: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip_code: Option<&'a str>,
}

pub(super) fn digest(request: &OrderRequest) -> Result<[u8; 32], InvalidRequest> {
    Ok(Sha256::digest(text(request)?).into())
}

pub(super) fn text(request: &OrderRequest) -> Result<String, InvalidRequest> {
    let request = Request {
        address_additional: request.address_additional.as_deref().map(String::as_str),
        address_number: request.address_number.as_deref().map(String::as_str),
        city: request.city.as_deref().map(String::as_str),
        country: request.country.as_deref().map(String::as_str),
        email_client: request.email_client.as_deref().map(String::as_str),
        expected_output_amount: request.expected_output_amount,
        fiat: request.fiat.map(Fiat::code),
        full_name: request.full_name.as_deref().map(String::as_str),
        home_address: request.home_address.as_deref().map(String::as_str),
        input_currency: request.input_currency.as_deref(),
        internal_data: request.internal_data.as_deref().map(String::as_str),
        language: request.language.as_deref(),
        merchant_url_standby: request.merchant_url_standby.as_deref(),
        merchant_urlko: request.merchant_urlko.as_deref(),
        merchant_urlok: request.merchant_urlok.as_deref(),
        nif: request.nif.as_deref().map(String::as_str),
        notes: request.notes.as_deref().map(String::as_str),
        phone_number: request.phone_number.as_deref().map(String::as_str),
        province: request.province.as_deref().map(String::as_str),
        reference: request.reference.as_deref().map(String::as_str),
        zip_code: request.zip_code.as_deref().map(String::as_str),
    };
    serde_json::to_string(&request).map_err(|_| InvalidRequest::Unwritable)
}
