//! JSON as the provider's Python writes it, because signatures depend on the bytes.

/// A number of JSON as Python writes a float of its value: `100` is `100.0`, and `0.0000309` is `3.09e-05`. Its digits
/// stay as they are, because every language writes the fewest that are enough. `None` when it is out of all range.
#[must_use]
pub fn float(json: &str) -> Option<String> {
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

/// A string of JSON as Python writes `content`: with `ascii` as `json.dumps` does by default, every letter beyond ASCII as
/// `\u` and four digits; without it, letters as they are.
#[must_use]
pub fn string(content: &str, ascii: bool) -> String {
    let mut out = String::with_capacity(content.len() + 2);
    out.push('"');
    for character in content.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => out.push_str(&escape(control)),
            other if ascii && !(' '..='\u{7e}').contains(&other) => out.push_str(&escape(other)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn escape(character: char) -> String {
    character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
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
            assert_eq!(float(json).as_deref(), Some(python), "{json}");
        }
        assert_eq!(float("1e999999999999"), None);
        assert_eq!(float("1e99999999999999999999"), None);
    }

    #[test]
    fn strings_are_written_as_python_writes_them() {
        let compare = |json: &str, ascii: &str, letters: &str| {
            let content: String = serde_json::from_str(json).unwrap();
            assert_eq!(string(&content, true), ascii, "{json}");
            assert_eq!(string(&content, false), letters, "{json}");
        };
        compare(r#""a\/b""#, r#""a/b""#, r#""a/b""#);
        compare(r#""\u003ca\u003e \u0026""#, r#""<a> &""#, r#""<a> &""#);
        compare(r#""caf\u00E9""#, r#""caf\u00e9""#, "\"caf\u{e9}\"");
        compare("\"\u{1f600}\u{7f}\"", r#""\ud83d\ude00\u007f""#, "\"\u{1f600}\u{7f}\"");
        compare(r#""\u000a\u0001\b\f\"\\""#, r#""\n\u0001\b\f\"\\""#, r#""\n\u0001\b\f\"\\""#);
    }
}
