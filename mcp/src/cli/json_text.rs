//! JSON for terminals: the same values in other bytes. Nothing is parsed, so that no digit can change.

/// Spells `json` on one line and in ASCII.
pub(super) fn one_line(json: &str) -> String {
    // Outside of strings a line break is space, and inside there is none.
    ascii(&json.replace(['\n', '\r', '\t'], " "))
}

/// Spells `json` in ASCII, so that nothing in it can steer a terminal. Other characters are in strings only.
pub(super) fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_characters_become_escapes() {
        assert_eq!(ascii("[\"caf\u{e9} \u{1f600}\"]"), r#"["caf\u00e9 \ud83d\ude00"]"#);
        assert_eq!(one_line("{\"a\":\n \"\u{9b}31m\u{202e}\"}"), r#"{"a":  "\u009b31m\u202e"}"#);
    }
}
