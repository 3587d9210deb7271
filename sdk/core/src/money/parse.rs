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

impl Money {
    /// No coin has more decimals than this.
    const FINEST: u32 = 18;

    /// Reads an amount that a provider reports. A printed float, or a decimal made from one, can have more digits than an
    /// amount holds: of the digits behind the 18th decimal, which are below the smallest unit of every coin, those that do not
    /// fit are left out. Everything else is as exact as [`from_str`](Self::from_str), or an error.
    ///
    /// # Errors
    /// Those of `from_str`.
    pub fn parse_reported(text: &str) -> Result<Self, MoneyError> {
        match text.parse() {
            Err(MoneyError::TooManyDigits) => Self::without_dust(text).ok_or(MoneyError::TooManyDigits),
            read => read,
        }
    }

    fn without_dust(text: &str) -> Option<Self> {
        let Number { negative, whole, decimals, exponent } = Number::parse(text)?;
        let digits = [whole, decimals].concat();
        let significant = digits.trim_start_matches('0');
        let Some(exponent) = exponent else {
            // Beyond any amount, or below any unit.
            return text.to_ascii_lowercase().contains("e-").then_some(Self::ZERO);
        };
        let scale = i64::try_from(decimals.len()).ok()?.checked_sub(exponent)?;
        let most = i64::from(Self::MAX_DIGITS);
        let excess =
            i64::try_from(significant.len()).ok()?.checked_sub(most)?.max(scale.checked_sub(most)?).max(0);
        let kept_scale = scale.checked_sub(excess)?;
        if kept_scale < i64::from(Self::FINEST) {
            return None;
        }
        let kept = significant.len().saturating_sub(usize::try_from(excess).ok()?);
        let units: i128 = if kept == 0 { 0 } else { significant.get(..kept)?.parse().ok()? };
        Self::from_units(if negative { -units } else { units }, u32::try_from(kept_scale).ok()?)
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

    #[test]
    fn what_the_api_tells_may_have_dust_below_the_smallest_unit_and_nothing_else_is_left_out() {
        for (text, plain) in [
            ("0.1", "0.1"),
            ("5.551115123125783e-17", "0.0000000000000000555111512312"),
            ("-5.551115123125783e-17", "-0.0000000000000000555111512312"),
            ("0.1000000000000000055511151231257827021181583404541015625", "0.1000000000000000055511151231"),
            ("123.40000000000000568434188608080148696899414062", "123.400000000000005684341886"),
            ("9999999999.9999999999999999999999", "9999999999.999999999999999999"),
            ("1e-400", "0"),
            ("1e-99999999999999999999", "0"),
            ("1e-29", "0"),
        ] {
            assert_eq!(Money::parse_reported(text).unwrap().to_string(), plain, "{text}");
        }
        for text in
            ["1e28", "1e400", "99999999999.999999999999999999", "1e99999999999999999999", &"9".repeat(40)]
        {
            assert_eq!(Money::parse_reported(text), Err(MoneyError::TooManyDigits), "{text}");
        }
        for text in ["", "NaN", "12,50", "1e"] {
            assert_eq!(Money::parse_reported(text), Err(MoneyError::NotANumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_out_is_below_the_smallest_unit(whole in 0_u64..9_999_999_999, decimals in "[0-9]{1,60}") {
            let read = Money::parse_reported(&format!("{whole}.{decimals}")).unwrap().to_string_with_scale(18);
            let padded = format!("{decimals:0<18}");
            prop_assert!(read.starts_with(&format!("{whole}.{}", &padded[..18])), "{}", read);
        }

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
