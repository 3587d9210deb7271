/// A number of JSON as Python writes a float of its value: `100` is `100.0`, and `0.0000309` is `3.09e-05`. Its digits
/// are taken as they are, because every language writes the fewest that are enough. `None` when it is out of all range.
pub(super) fn as_python_float(json: &str) -> Option<String> {
    let (sign, number) = match json.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", json),
    };
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading_zeros = digits.len().saturating_sub(digits.trim_start_matches('0').len());
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some(format!("{sign}0.0"));
    }
    // The place of the point, counted from the first significant digit: 1.5 has 1, 0.015 has -1.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let point = point.checked_sub(i64::try_from(leading_zeros).ok()?)?;
    if !(-400..=400).contains(&point) {
        return None;
    }
    let count = i64::try_from(significant.len()).ok()?;
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(match point {
        // Python writes an exponent below 1e-4 and from 1e16 on.
        -3..=0 => format!("{sign}0.{}{significant}", zeros(point.saturating_neg())),
        1..=16 if point >= count => format!("{sign}{significant}{}.0", zeros(point.saturating_sub(count))),
        1..=16 => {
            let (whole, fraction) = significant.split_at_checked(usize::try_from(point).ok()?)?;
            format!("{sign}{whole}.{fraction}")
        }
        _ => {
            let exponent = point.saturating_sub(1);
            let (first, rest) = significant.split_at_checked(1)?;
            let rest = if rest.is_empty() { String::new() } else { format!(".{rest}") };
            let direction = if exponent < 0 { '-' } else { '+' };
            format!("{sign}{first}{rest}e{direction}{:02}", exponent.unsigned_abs())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_python_writes_floats() {
        for (json, python) in [
            ("100", "100.0"),
            ("100.0", "100.0"),
            ("0", "0.0"),
            ("-0", "-0.0"),
            ("0.0000309", "3.09e-05"),
            ("3.09e-5", "3.09e-05"),
            ("1e-7", "1e-07"),
            ("0.00012", "0.00012"),
            ("0.0001", "0.0001"),
            ("0.5", "0.5"),
            ("10.50", "10.5"),
            ("4.534059", "4.534059"),
            ("123e2", "12300.0"),
            ("1234567890123456", "1234567890123456.0"),
            ("10000000000000000", "1e+16"),
            ("12345678901234567890", "1.234567890123456789e+19"),
            ("1e21", "1e+21"),
            ("-1.5E-100", "-1.5e-100"),
        ] {
            assert_eq!(as_python_float(json).as_deref(), Some(python), "{json}");
        }
        assert_eq!(as_python_float("1e999999999999"), None);
        assert_eq!(as_python_float("1e99999999999999999999"), None);
    }
}
