//! Reading an amount without rounding it.

use std::str::FromStr;

use super::{Money, MoneyError};

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads what JSON calls a number: `19.99`, `3.09e-05`, `-1`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let Number { negative, whole, decimals, exponent } =
            Number::parse(text).ok_or(MoneyError::NotANumber)?;
        let digits = [whole, decimals].concat();
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        // The value is `significant` × 10^power.
        let trailing = digits.len().saturating_sub(digits.trim_end_matches('0').len());
        let power = exponent
            .and_then(|exponent| exponent.checked_add(i64::try_from(trailing).ok()?))
            .and_then(|power| power.checked_sub(i64::try_from(decimals.len()).ok()?))
            .ok_or(MoneyError::TooManyDigits)?;
        let zeros = 10_i128.checked_pow(u32::try_from(power.max(0)).map_err(|_| MoneyError::TooManyDigits)?);
        let scale = u32::try_from(power.min(0).unsigned_abs()).map_err(|_| MoneyError::TooManyDigits)?;
        let units: i128 = significant.parse().map_err(|_| MoneyError::TooManyDigits)?;
        let units = zeros.and_then(|zeros| units.checked_mul(zeros)).ok_or(MoneyError::TooManyDigits)?;
        Self::from_units(if negative { -units } else { units }, scale).ok_or(MoneyError::TooManyDigits)
    }
}

/// A number in the grammar of JSON, taken apart.
struct Number<'a> {
    negative: bool,
    whole: &'a str,
    decimals: &'a str,
    /// `None` when it is beyond any amount.
    exponent: Option<i64>,
}

impl<'a> Number<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                are_digits(digits).then_some((mantissa, exponent.parse().ok()))?
            }
            None => (text, Some(0)),
        };
        let (whole, decimals) = match mantissa.split_once('.') {
            Some((whole, decimals)) => are_digits(decimals).then_some((whole, decimals))?,
            None => (mantissa, ""),
        };
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        (are_digits(whole) && !leading_zero).then_some(Self { negative, whole, decimals, exponent })
    }
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_form_the_api_writes_and_prints_plain_decimals() {
        for (text, plain) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("0e400", "0"),
            ("100.0", "100"),
            ("22.00", "22"),
            ("3.09e-05", "0.0000309"),
            ("3.09E-05", "0.0000309"),
            ("1.2e+3", "1200"),
            ("12e-1", "1.2"),
            ("1200e-2", "12"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("-1.50", "-1.5"),
            ("9999999999999999999999999999", "9999999999999999999999999999"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("1e27", "1000000000000000000000000000"),
            ("1e-28", "0.0000000000000000000000000001"),
        ] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), plain, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in [
            "", " ", "abc", "NaN", "Infinity", "12,50", "1 000", " 5", "5 ", "+5", ".5", "5.", "05", "1e",
            "1e+", "1.2.3", "--1", "0x10", "1_000", "½", "٣", "1e5e5", "null", "\"5\"",
        ] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError::NotANumber), "{text:?}");
        }
    }

    #[test]
    fn refuses_what_only_rounding_could_hold() {
        for text in [
            "1e28",
            "1e400",
            "1e-29",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "1e9223372036854775807",
            "1e-9223372036854775808",
            "99999999999999999999999999999",
            "1.0000000000000000000000000001",
            "0.00000000000000000000000000001",
            "170141183460469231731687303715884105728",
        ] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError::TooManyDigits), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Money>();
        }

        #[test]
        fn a_number_is_never_changed_in_silence(text in "-?(0|[1-9][0-9]{0,32})(\\.[0-9]{1,32})?") {
            if let Ok(amount) = text.parse::<Money>() {
                let trimmed = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
                let expected = if trimmed == "-0" { "0" } else { trimmed };
                prop_assert_eq!(amount.to_string(), expected);
            }
        }
    }
}
