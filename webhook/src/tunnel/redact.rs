//! The gate through which everything goes that a tunnel's provider says, before it is logged or shown.

use secrecy::{ExposeSecret as _, SecretString};

/// Longest message that is passed on, in characters.
const LONGEST: usize = 400;

/// Takes secrets, terminal colours and control characters out of what other programs say. A provider's error may hold
/// the token that it refuses, in clear.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Vec<SecretString>);

impl Redactor {
    /// Takes out these secrets.
    #[must_use]
    pub fn new(secrets: Vec<SecretString>) -> Self {
        Self(secrets.into_iter().filter(|secret| !secret.expose_secret().is_empty()).collect())
    }

    /// The text as it may be logged and shown: one line, at most 400 characters.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        // Colours first: an escape in the middle of a secret would hide it from the search.
        let mut plain = plain(text);
        for secret in &self.0 {
            plain = plain.replace(secret.expose_secret(), "[hidden]");
        }
        plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
    }
}

/// Without escape sequences and control characters; line breaks and tabs become spaces.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => match rest.next() {
                // A control sequence ends with a letter or one of a few signs.
                Some('[') => while rest.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {},
                // A title ends with a bell or another escape.
                Some(']') => while rest.next().is_some_and(|c| c != '\u{7}' && c != '\u{1b}') {},
                _ => {}
            },
            c if c.is_whitespace() => plain.push(' '),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_colours_are_taken_out() {
        let redactor = Redactor::new(vec!["2abc_TOKEN".into(), String::new().into()]);
        for (said, shown) in [
            ("The token 2abc_TOKEN is bad.", "The token [hidden] is bad."),
            ("\u{1b}[31merror\u{1b}[0m: 2abc\u{1b}[1m_TOKEN", "error: [hidden]"),
            ("\u{1b}]0;title\u{7}one\ntwo\tthree\r\n", "one two three"),
            ("a\u{7}b", "ab"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
        ] {
            assert_eq!(redactor.clean(said), shown, "{said:?}");
        }
        assert_eq!(redactor.clean(&"x".repeat(10_000)).len(), LONGEST);
    }
}
