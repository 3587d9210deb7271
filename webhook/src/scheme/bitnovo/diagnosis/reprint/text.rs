/// A string of JSON as Python writes its content: `ascii` or with letters as they are. `None` when it cannot be decoded,
/// such as one with half a surrogate pair.
pub(super) fn as_python(json: &str, ascii: bool) -> Option<String> {
    let content: String = serde_json::from_str(json).ok()?;
    let mut out = String::with_capacity(json.len());
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
    Some(out)
}

fn escape(character: char) -> String {
    character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// The first character that two spellings of a string write differently: as sent, and as at hand.
pub(super) fn first_difference(sent: &str, at_hand: &str) -> Option<(String, String)> {
    let (mut left, mut right) = (units(sent), units(at_hand));
    loop {
        match (left.next(), right.next()) {
            (Some(left), Some(right)) if left == right => {}
            (Some(left), Some(right)) => return Some((left.to_owned(), right.to_owned())),
            _ => return None,
        }
    }
}

/// The characters and escapes of a string of JSON; a pair of surrogates is two.
fn units(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match (first, rest.as_bytes().get(1)) {
            ('\\', Some(b'u')) => 6,
            ('\\', Some(_)) => 2,
            _ => first.len_utf8(),
        };
        let (unit, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_python_writes_them() {
        let compare = |json: &str, ascii: &str, letters: &str| {
            assert_eq!(as_python(json, true).as_deref(), Some(ascii), "{json}");
            assert_eq!(as_python(json, false).as_deref(), Some(letters), "{json}");
        };
        compare(r#""a\/b""#, r#""a/b""#, r#""a/b""#);
        compare(r#""\u003ca\u003e \u0026""#, r#""<a> &""#, r#""<a> &""#);
        compare(r#""caf\u00E9""#, r#""caf\u00e9""#, "\"caf\u{e9}\"");
        compare("\"\u{1f600}\u{7f}\"", r#""\ud83d\ude00\u007f""#, "\"\u{1f600}\u{7f}\"");
        compare(r#""\u000a\u0001\b\f\"\\""#, r#""\n\u0001\b\f\"\\""#, r#""\n\u0001\b\f\"\\""#);
        assert_eq!(as_python(r#""\ud800""#, true), None);
    }

    #[test]
    fn the_first_difference_is_shown_as_it_is_written() {
        let difference = first_difference(r#""a/b\u00e9""#, r#""a\/b\u00e9""#);
        assert_eq!(difference, Some(("/".to_owned(), "\\/".to_owned())));
        let difference = first_difference(r#""caf\u00e9""#, "\"caf\u{e9}\"");
        assert_eq!(difference, Some(("\\u00e9".to_owned(), "\u{e9}".to_owned())));
        assert_eq!(first_difference("\"a\"", "\"a\""), None);
    }
}
