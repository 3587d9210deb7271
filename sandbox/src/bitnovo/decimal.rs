//! Exact decimals: read from JSON text without a float in between, printed as Python prints its floats.

use payments_webhook::scheme::bitnovo::python;
use rust_decimal::Decimal;

/// Reads a JSON number, exponent included. `None` when it is not one, or would not fit exactly.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) || unsigned.contains('_') {
        return None;
    }
    let mantissa = Decimal::from_str_exact(mantissa).ok()?.normalize();
    let scale = i32::try_from(mantissa.scale()).ok()?.checked_sub(exponent)?;
    match u32::try_from(scale) {
        Ok(scale) => Decimal::try_from_i128_with_scale(mantissa.mantissa(), scale).ok(),
        Err(_) => {
            let factor = 10_i128.checked_pow(scale.unsigned_abs())?;
            Decimal::try_from_i128_with_scale(mantissa.mantissa().checked_mul(factor)?, 0).ok()
        }
    }
}

/// Prints without an exponent and without trailing zeros, as payment URIs need it.
pub(crate) fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// Prints as Python's `repr(float)`: `100.0`, `0.0005254`, `3.09e-05`. No digit is lost, where a float has only 17.
pub(crate) fn python(value: Decimal) -> String {
    let plain = plain(value);
    python::float(&plain).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_numbers_are_read_exactly_and_printed_as_python_does() {
        for (json, printed) in [
            ("22.0", "22.0"),
            ("22", "22.0"),
            ("0", "0.0"),
            ("-0.50", "-0.5"),
            ("0.0005254", "0.0005254"),
            ("0.0001", "0.0001"),
            ("0.0000309", "3.09e-05"),
            ("3.09e-05", "3.09e-05"),
            ("3.09E+2", "309.0"),
            ("0.00000001", "1e-08"),
            ("1e3", "1000.0"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "1e+16"),
            ("12345678901234567890", "1.234567890123456789e+19"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(python(parse(json).unwrap()), printed, "{json}");
        }
    }

    #[test]
    fn what_is_not_an_exact_number_is_not_read() {
        for text in [
            "",
            "1e400",
            "1e-400",
            "NaN",
            "12,50",
            "1_000",
            "+1",
            ".5",
            "0.12345678901234567890123456789",
            "1e",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn plain_numbers_never_have_an_exponent() {
        assert_eq!(plain(parse("3.09e-05").unwrap()), "0.0000309");
        assert_eq!(plain(parse("100.00").unwrap()), "100");
    }
}
