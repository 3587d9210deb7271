//! The fields of a JSON request, checked one by one with every fault collected.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::{bitnovo::decimal, bitnovo::fiat, bitnovo::python_json::Json};

/// Longest number that is taken, in digits: beyond it sums could lose some.
const MOST_DIGITS: u32 = 15;

/// The body of a 400.
#[derive(Debug, PartialEq)]
pub(crate) struct Malformed(pub(crate) Json);

/// The fields of a request, and what was found wrong with them.
#[derive(Default)]
pub(super) struct Fields {
    values: BTreeMap<String, Box<RawValue>>,
    wrong: Vec<(&'static str, Json)>,
}

impl Fields {
    pub(super) fn read(body: &[u8]) -> Result<Self, Malformed> {
        let values = serde_json::from_slice(body).map_err(|error| {
            let message = match error.classify() {
                serde_json::error::Category::Data => "Invalid data. Expected a JSON object.".to_owned(),
                _ => format!("JSON parse error - {error}"),
            };
            Malformed(Json::detail(message))
        })?;
        Ok(Self { values, wrong: Vec::new() })
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, Malformed> {
        if self.wrong.is_empty() { Ok(value) } else { Err(Malformed(Json::Object(self.wrong))) }
    }

    pub(super) fn wrong(&mut self, field: &'static str, message: impl Into<String>) {
        self.wrong.push((field, Json::Array(vec![Json::Text(message.into())])));
    }

    pub(super) fn given(&self, field: &str) -> bool {
        self.values.contains_key(field)
    }

    /// The JSON of a field that was given and is not null.
    pub(super) fn value(&mut self, field: &'static str) -> Option<String> {
        let value = self.values.get(field)?.get().to_owned();
        if value == "null" {
            self.wrong(field, "This field may not be null.");
            return None;
        }
        Some(value)
    }

    pub(super) fn text(
        &mut self,
        field: &'static str,
        characters: std::ops::RangeInclusive<usize>,
    ) -> Option<String> {
        let Ok(text) = serde_json::from_str::<String>(&self.value(field)?) else {
            self.wrong(field, "Not a valid string.");
            return None;
        };
        let length = text.chars().count();
        if length < *characters.start() {
            self.wrong(field, "This field may not be blank.");
        } else if length > *characters.end() {
            self.wrong(field, format!("Ensure this field has no more than {} characters.", characters.end()));
        } else {
            return Some(text);
        }
        None
    }

    pub(super) fn url(&mut self, field: &'static str) -> Option<String> {
        let text = self.text(field, 1..=2048)?;
        let valid = url::Url::parse(&text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !valid {
            self.wrong(field, "Enter a valid URL.");
        }
        valid.then_some(text)
    }

    pub(super) fn fiat(&mut self, field: &'static str) -> String {
        let code = if self.given(field) { self.text(field, 1..=16) } else { Some("EUR".to_owned()) };
        match code {
            Some(code) if fiat::eur_per_unit(&code).is_some() => code,
            Some(code) => {
                self.wrong(field, format!("\"{code}\" is not a valid choice."));
                String::new()
            }
            None => String::new(),
        }
    }

    pub(super) fn amount(&mut self, field: &'static str) -> Decimal {
        if !self.given(field) {
            self.wrong(field, "This field is required.");
            return Decimal::ZERO;
        }
        let Some(json) = self.value(field) else {
            return Decimal::ZERO;
        };
        match decimal::parse(&json) {
            None => self.wrong(field, "A valid number is required."),
            Some(amount) if amount <= Decimal::ZERO => {
                self.wrong(field, "Ensure this value is greater than 0.");
            }
            Some(amount) if digits(amount) > MOST_DIGITS => {
                self.wrong(
                    field,
                    format!("Ensure that there are no more than {MOST_DIGITS} digits in total."),
                );
            }
            Some(amount) => return amount,
        }
        Decimal::ZERO
    }
}

/// Digits of a number when it is written out.
fn digits(amount: Decimal) -> u32 {
    let significant = amount.mantissa().unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
    significant.max(amount.scale())
}
