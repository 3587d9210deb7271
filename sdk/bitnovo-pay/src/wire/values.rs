//! The values of fields, from the JSON text that stands there. None is null.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use uuid::Uuid;

use super::FieldProblem;
use crate::{Money, MoneyError, PaymentStatus};

/// The text of a string.
fn string(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(json).ok() } else { Some(inner.into()) }
}

/// A word that means something as it is: a code, a symbol, an address, a URL. No other JSON type can be one.
pub(crate) fn word(json: &str) -> Result<String, FieldProblem> {
    string(json).map(Cow::into_owned).ok_or(FieldProblem::NotText)
}

/// A text; a whole number counts as its digits, as in a reference or a tag that some serializer took for a number.
pub(crate) fn text(json: &str) -> Result<String, FieldProblem> {
    let digits = json.strip_prefix('-').unwrap_or(json);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(json.to_owned());
    }
    word(json)
}

/// Data of the merchant: a text, or any other JSON as it stands there.
pub(crate) fn data(json: &str) -> Result<String, FieldProblem> {
    Ok(string(json).map_or_else(|| json.to_owned(), Cow::into_owned))
}

/// An amount, as a number or in a string, exact down to the smallest unit of every coin.
pub(crate) fn money(json: &str) -> Result<Money, FieldProblem> {
    let text = if json.starts_with('"') {
        string(json).ok_or(FieldProblem::NotANumber)?
    } else {
        Cow::Borrowed(json)
    };
    Money::parse_reported(text.trim()).map_err(|error| match error {
        MoneyError::TooManyDigits => FieldProblem::TooManyDigits,
        _ => FieldProblem::NotANumber,
    })
}

/// A whole number, as a number or in a string.
pub(crate) fn whole(json: &str) -> Result<i64, FieldProblem> {
    let text = string(json).unwrap_or(Cow::Borrowed(json));
    let text = text.trim();
    text.strip_suffix(".0").unwrap_or(text).parse().map_err(|_| FieldProblem::NotWhole)
}

/// True or false, as such or as the word, in any case: the API itself writes `"True"` in one place.
pub(crate) fn boolean(json: &str) -> Result<bool, FieldProblem> {
    let word = string(json).unwrap_or(Cow::Borrowed(json));
    if word.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if word.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(FieldProblem::NotABoolean)
    }
}

/// A moment. Without an offset it could be any of 26 hours, and is none.
pub(crate) fn time(json: &str) -> Result<DateTime<FixedOffset>, FieldProblem> {
    let text = string(json).ok_or(FieldProblem::NotATime)?;
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let without_offset = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .any(|form| NaiveDateTime::parse_from_str(text, form).is_ok());
    Err(if without_offset { FieldProblem::NoOffset } else { FieldProblem::NotATime })
}

pub(crate) fn uuid(json: &str) -> Result<Uuid, FieldProblem> {
    string(json).and_then(|text| Uuid::try_parse(text.trim()).ok()).ok_or(FieldProblem::NotAUuid)
}

/// A status; the set is open, the type is not.
pub(crate) fn status(json: &str) -> Result<PaymentStatus, FieldProblem> {
    string(json).map(|code| PaymentStatus::from(&*code)).ok_or(FieldProblem::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_as_numbers_and_strings_and_residues_are_what_they_are() {
        for (json, plain) in [
            ("5", "5"),
            ("\"5.50\"", "5.5"),
            ("\" 7 \"", "7"),
            ("3.09e-05", "0.0000309"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("5.551115123125783e-17", "0.0000000000000000555111512312"),
        ] {
            assert_eq!(money(json).unwrap().to_string(), plain, "{json}");
        }
        for json in ["true", "[]", "{}", "\"\"", "\"12,50\"", "\"NaN\"", "\"5", "NaN"] {
            assert_eq!(money(json), Err(FieldProblem::NotANumber), "{json}");
        }
        assert_eq!(money(&"9".repeat(40)), Err(FieldProblem::TooManyDigits));
    }

    #[test]
    fn times_need_an_offset() {
        for json in [
            "\"2025-02-03T10:00:00.12+01:00\"",
            "\"2025-02-03 09:00:00.12Z\"",
            "\"2025-02-03T09:00:00.120Z\"",
        ] {
            assert_eq!(time(json).unwrap().to_utc().to_rfc3339(), "2025-02-03T09:00:00.120+00:00", "{json}");
        }
        for json in ["\"2025-02-03T10:00:00\"", "\"2025-02-03 10:00:00.5\""] {
            assert_eq!(time(json), Err(FieldProblem::NoOffset), "{json}");
        }
        for json in ["1738573200", "\"tomorrow\"", "\"\"", "true", "[]", "\"2025-02-03\""] {
            assert_eq!(time(json), Err(FieldProblem::NotATime), "{json}");
        }
    }

    #[test]
    fn only_what_is_beyond_doubt_is_true() {
        for (json, read) in [("true", true), ("\"True\"", true), ("false", false), ("\"FALSE\"", false)] {
            assert_eq!(boolean(json), Ok(read), "{json}");
        }
        for json in ["1", "0", "\"1\"", "\"yes\"", "\"\"", "[]", "{}"] {
            assert_eq!(boolean(json), Err(FieldProblem::NotABoolean), "{json}");
        }
    }

    #[test]
    fn a_number_is_text_where_text_is_free_and_nowhere_else() {
        assert_eq!(text("1001").unwrap(), "1001");
        assert_eq!(text("\"caf\\u00e9\"").unwrap(), "café");
        for json in ["1.0", "1e5", "true", "[]", "-"] {
            assert_eq!(text(json), Err(FieldProblem::NotText), "{json}");
        }
        assert_eq!(word("1001"), Err(FieldProblem::NotText));
        assert_eq!(data("{\"a\":1}").unwrap(), "{\"a\":1}");
        assert_eq!(whole("\"12\""), Ok(12));
        assert_eq!(whole("12.0"), Ok(12));
        assert_eq!(whole("12.5"), Err(FieldProblem::NotWhole));
        assert_eq!(status("7"), Err(FieldProblem::NotText));
        assert_eq!(status("\"ZZ\"").unwrap().code(), "ZZ");
    }
}
