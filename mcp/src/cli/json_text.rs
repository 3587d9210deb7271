//! The spelling of JSON: the same values in other bytes. Nothing is parsed, so that no digit can change.

/// How JSON is spelled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    pub(super) after_item: &'static str,
    pub(super) after_name: &'static str,
    /// Whole numbers end in `.0`, as those do that a program holds as floats.
    pub(super) point_zero: bool,
    /// Other characters than those of ASCII are written as `\u` and four digits.
    pub(super) ascii: bool,
}

/// Spells `json`, which must be JSON, in another way.
pub(super) fn respell(json: &str, spelling: Spelling) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '"' => {
                out.push('"');
                let mut escaped = false;
                for character in rest.by_ref() {
                    push(character, spelling.ascii, &mut out);
                    match character {
                        '"' if !escaped => break,
                        '\\' => escaped = !escaped,
                        _ => escaped = false,
                    }
                }
            }
            ',' => out.push_str(spelling.after_item),
            ':' => out.push_str(spelling.after_name),
            '-' | '0'..='9' => {
                let start = out.len();
                out.push(first);
                while let Some(next) =
                    rest.next_if(|next| next.is_ascii_alphanumeric() || "+-.".contains(*next))
                {
                    out.push(next);
                }
                let whole = out.get(start..).is_some_and(|number| !number.contains(['.', 'e', 'E']));
                if spelling.point_zero && whole {
                    out.push_str(".0");
                }
            }
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

/// Spells `json` on one line and in ASCII.
pub(super) fn one_line(json: &str) -> String {
    // Outside of strings a line break is space, and inside there is none.
    ascii(&json.replace(['\n', '\r', '\t'], " "))
}

/// Spells `json` in ASCII, so that nothing in it can steer a terminal. Other characters are in strings only.
pub(super) fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        push(character, true, &mut out);
    }
    out
}

fn push(character: char, ascii: bool, out: &mut String) {
    if !ascii || character.is_ascii() {
        out.push(character);
        return;
    }
    for unit in character.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: Spelling = Spelling { after_item: ", ", after_name: ": ", point_zero: false, ascii: false };
    const COMPACT: Spelling = Spelling { after_item: ",", after_name: ":", ..PYTHON };

    #[test]
    fn spaces_change_and_values_do_not() {
        let pretty = "{\n  \"a\" : 1.50,\r\n\t\"b, c: \\\" d\\\\\":[ true,null , -3.09e-05 ]\n}\n";
        assert_eq!(respell(pretty, PYTHON), r#"{"a": 1.50, "b, c: \" d\\": [true, null, -3.09e-05]}"#);
        assert_eq!(respell(pretty, COMPACT), r#"{"a":1.50,"b, c: \" d\\":[true,null,-3.09e-05]}"#);
    }

    #[test]
    fn whole_numbers_get_their_point_zero_back() {
        let spelling = Spelling { point_zero: true, ..COMPACT };
        assert_eq!(
            respell(r#"{"a":100,"b":-0,"c":"7","d":1e3,"e":0.5}"#, spelling),
            r#"{"a":100.0,"b":-0.0,"c":"7","d":1e3,"e":0.5}"#
        );
    }

    #[test]
    fn other_characters_become_escapes() {
        let spelling = Spelling { ascii: true, ..COMPACT };
        assert_eq!(respell("[\"caf\u{e9} \u{1f600}\"]", spelling), r#"["caf\u00e9 \ud83d\ude00"]"#);
        assert_eq!(one_line("{\"a\":\n \"\u{9b}31m\u{202e}\"}"), r#"{"a":  "\u009b31m\u202e"}"#);
    }
}
