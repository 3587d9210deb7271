//! Repairs half an emoji in JSON: text that was cut between the two escapes of one character.

use std::borrow::Cow;

/// What stands for a character that cannot be known.
const UNKNOWN: &str = "\\ufffd";

/// One escape, `\u` and four digits.
const LENGTH: usize = UNKNOWN.len();

/// Replaces each escaped surrogate without its other half by U+FFFD: a lone surrogate is not a character, and parsers
/// reject the text. Nothing else changes.
pub(crate) fn without_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = json;
    let mut kept = 0_usize;
    while let Some((escape, length)) = next_escape(rest.get(kept..).unwrap_or_default()) {
        let end = kept.saturating_add(escape);
        let after = rest.get(end..).unwrap_or_default();
        if is_alone(after) {
            out.push_str(rest.get(..end).unwrap_or_default());
            out.push_str(UNKNOWN);
            rest = after.get(LENGTH..).unwrap_or_default();
            kept = 0;
        } else {
            kept = end.saturating_add(length);
        }
    }
    if out.is_empty() && rest.len() == json.len() {
        return json.into();
    }
    out.push_str(rest);
    out.into()
}

/// Where the next escape begins, and how long it is with what belongs to it.
fn next_escape(json: &str) -> Option<(usize, usize)> {
    let at = json.find('\\')?;
    let escape = json.get(at..)?;
    let length = match surrogate(escape) {
        Some(Surrogate::First) if !is_alone(escape) => LENGTH.saturating_mul(2),
        // The backslash and what it protects, which may be another backslash.
        _ => escape.chars().take(2).map(char::len_utf8).sum(),
    };
    Some((at, length))
}

#[derive(PartialEq)]
enum Surrogate {
    First,
    Second,
}

fn is_alone(escape: &str) -> bool {
    match surrogate(escape) {
        Some(Surrogate::First) => {
            escape.get(LENGTH..).and_then(surrogate).is_none_or(|next| next == Surrogate::First)
        }
        Some(Surrogate::Second) => true,
        None => false,
    }
}

/// The half that is escaped at the beginning of `json`, if one is.
fn surrogate(json: &str) -> Option<Surrogate> {
    let digits = json.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Surrogate::First),
        0xdc00..=0xdfff => Some(Surrogate::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_becomes_the_unknown_one() {
        for (json, read) in [
            (r#""ok \ud83d""#, "ok \u{fffd}"),
            (r#""\uDE00 ok""#, "\u{fffd} ok"),
            (r#""\ud83d\ud83d\ude00\ude00""#, "\u{fffd}\u{1f600}\u{fffd}"),
            (r#""\ud83d\n\ude00""#, "\u{fffd}\n\u{fffd}"),
            (r#""\ud83dde00 \\\ud83d""#, "\u{fffd}de00 \\\u{fffd}"),
            (r#""say \"5e3\" \\ \ud83d \\""#, "say \"5e3\" \\ \u{fffd} \\"),
        ] {
            let repaired = without_lone_surrogates(json);
            assert_eq!(serde_json::from_str::<String>(&repaired).unwrap(), read, "{json}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for json in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            r#""\\\\ud83d \u00e9 \u000""#,
            r#""caf\u00e9 1e5 \" \\""#,
            "\"ñ \\ñ\"",
            "\\",
            "\\u",
            "\\ud8",
            "\\ud83ñ",
            "\\u+d83",
            "",
        ] {
            assert!(matches!(without_lone_surrogates(json), Cow::Borrowed(same) if same == json), "{json}");
        }
    }
}
