//! The rules that the API has for requests, written from its description and not from any client.
//!
//! A malformed request is answered as the API's web framework does: 400 with an array of messages for each field.

mod fields;

use chrono::{Days, NaiveDate};

pub(crate) use fields::Malformed;

use crate::bitnovo::order::OrderRequest;
use fields::Fields;

/// Customer data: checked, and then of no use to a simulation.
const CUSTOMER_FIELDS: [(&str, usize); 11] = [
    ("full_name", 48),
    ("email_client", 128),
    ("phone_number", 15),
    ("nif", 12),
    ("home_address", 256),
    ("address_number", 56),
    ("address_additional", 64),
    ("city", 28),
    ("province", 28),
    ("zip_code", 12),
    ("country", 2),
];

/// Checks the body of a create.
///
/// # Errors
/// [`Malformed`] with every field that is wrong.
pub(crate) fn order(body: &[u8]) -> Result<OrderRequest, Malformed> {
    let mut fields = Fields::read(body)?;
    let fiat_amount = fields.amount("expected_output_amount");
    let fiat = fields.fiat("fiat");
    let order = OrderRequest {
        fiat_amount,
        fiat,
        input_currency: fields.text("input_currency", 1..=64),
        language: fields.text("language", 1..=16).unwrap_or_else(|| "ES".to_owned()).to_lowercase(),
        notes: fields.text("notes", 0..=512),
        reference: fields.text("reference", 1..=256),
        internal_data: fields.text("internal_data", 1..=1024),
        url_ok: fields.url("merchant_urlok"),
        url_ko: fields.url("merchant_urlko"),
        url_standby: fields.url("merchant_url_standby"),
    };
    for (name, most) in CUSTOMER_FIELDS {
        fields.text(name, 0..=most);
    }
    fields.finish(order)
}

/// Checks the body that registers a device, and returns its name.
///
/// # Errors
/// [`Malformed`] with what is wrong with the name.
pub(crate) fn device(body: &[u8]) -> Result<String, Malformed> {
    let mut fields = Fields::read(body)?;
    let name = fields.text("name", 1..=128);
    if name.is_none() && !fields.given("name") {
        fields.wrong("name", "This field is required.");
    }
    fields.finish(name.unwrap_or_default())
}

/// The days that a list asks for, both inclusive; without a range the last seven days.
///
/// # Errors
/// [`Malformed`] for a day that is not written `YYYY/MM/DD`.
pub(crate) fn range(query: &str, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Malformed> {
    let mut fields = Fields::default();
    let mut day = |name: &'static str| {
        let (_, value) = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name)?;
        let shape = value.len() == 10;
        let parsed = NaiveDate::parse_from_str(&value, "%Y/%m/%d").ok().filter(|_| shape);
        if parsed.is_none() {
            fields.wrong(name, "This is not a day: write YYYY/MM/DD.");
        }
        parsed
    };
    let (start, end) = (day("start"), day("end"));
    let end = end.unwrap_or(today);
    let week_before = end.checked_sub_days(Days::new(7)).unwrap_or(NaiveDate::MIN);
    fields.finish((start.unwrap_or(week_before), end))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn refused(body: &str) -> String {
        order(body.as_bytes()).unwrap_err().0.compact()
    }

    #[test]
    fn only_the_amount_is_required() {
        let order = order(br#"{"expected_output_amount": 22.0}"#).unwrap();
        assert_eq!((order.fiat_amount, order.fiat.as_str()), (Decimal::new(22, 0), "EUR"));
        assert_eq!((order.language.as_str(), order.input_currency), ("es", None));
        assert_eq!(refused("{}"), r#"{"expected_output_amount":["This field is required."]}"#);
    }

    #[test]
    fn every_wrong_field_is_named_with_an_array() {
        let body = r#"{"expected_output_amount": "22", "fiat": "XXX", "reference": "", "merchant_urlok": "javascript:x",
                       "notes": null, "country": "ESP", "city": 5}"#;
        let expected = concat!(
            r#"{"expected_output_amount":["A valid number is required."],"fiat":["\"XXX\" is not a valid choice."],"#,
            r#""notes":["This field may not be null."],"reference":["This field may not be blank."],"#,
            r#""merchant_urlok":["Enter a valid URL."],"city":["Not a valid string."],"#,
            r#""country":["Ensure this field has no more than 2 characters."]}"#
        );
        assert_eq!(refused(body), expected);
    }

    #[test]
    fn amounts_are_positive_numbers_of_bounded_length() {
        let amount = |number: &str| refused(&format!(r#"{{"expected_output_amount": {number}}}"#));
        for number in ["0", "-1", "0.0", "-0.01"] {
            assert!(amount(number).contains("greater than 0"), "{number}");
        }
        for number in ["true", "\"1\"", "[]", "{}", "1e400"] {
            assert!(amount(number).contains("valid number"), "{number}");
        }
        assert!(amount("1234567890123456").contains("15 digits"));
        assert!(amount("NaN").contains("JSON parse error"));
    }

    #[test]
    fn lengths_count_characters_up_to_the_documented_limits() {
        let with = |field: &str, length: usize| {
            order(
                format!(r#"{{"expected_output_amount": 1, "{field}": "{}"}}"#, "é".repeat(length)).as_bytes(),
            )
        };
        for (field, most) in [("notes", 512), ("reference", 256), ("internal_data", 1024), ("nif", 12)] {
            assert!(with(field, most).is_ok(), "{field}");
            assert!(with(field, most + 1).is_err(), "{field}");
        }
    }

    #[test]
    fn a_body_that_is_not_an_object_is_refused() {
        assert!(refused("[]").contains("Expected a JSON object"));
        assert!(refused("").contains("JSON parse error"));
    }

    #[test]
    fn a_list_covers_the_last_week_unless_told_otherwise() {
        let day = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
        let today = day("2025-02-10");
        assert_eq!(range("", today), Ok((day("2025-02-03"), today)));
        let both = range("start=2025%2F01%2F01&end=2025/01/31", today);
        assert_eq!(both, Ok((day("2025-01-01"), day("2025-01-31"))));
        assert!(range("start=2025-01-01", today).is_err());
        assert!(range("end=2025/1/1", today).is_err());
        assert!(range("end=2025/02/30", today).is_err());
    }

    #[test]
    fn a_device_needs_a_name() {
        assert_eq!(device(br#"{"name": "till-3"}"#), Ok("till-3".to_owned()));
        assert_eq!(device(b"{}").unwrap_err().0.compact(), r#"{"name":["This field is required."]}"#);
        assert!(device(br#"{"name": ""}"#).is_err());
    }
}
