//! Cleans every message of a tunnel's provider before it is logged or shown.

use secrecy::{ExposeSecret as _, SecretString};

mod shapes;

/// Longest message that is passed on, in characters.
const LONGEST: usize = 600;

/// How much of the beginning of a longer message is kept: its subject. The cause is at the end.
const BEGINNING: usize = 150;

/// The shortest secret that is looked for by its value. A shorter one would be found in ordinary words.
const SHORTEST: usize = 6;

/// Removes secrets, terminal colours and control characters from the output of other programs. A provider's error may
/// hold the token that it rejects, in clear. Values in the places of secrets, such as behind `token=`, are removed too,
/// known or not.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Vec<SecretString>);

impl Redactor {
    /// Removes these secrets.
    #[must_use]
    pub fn new(secrets: Vec<SecretString>) -> Self {
        let mut secrets = secrets;
        secrets.retain(|secret| secret.expose_secret().chars().count() >= SHORTEST);
        // A secret that is part of another one must not spoil it.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self(secrets)
    }

    /// Removes what may be secret among the arguments of a program, which may repeat them in an error.
    #[must_use]
    pub fn of_arguments(arguments: &[String]) -> Self {
        Self::new(shapes::secrets_of(arguments).into_iter().map(SecretString::from).collect())
    }

    /// The text as it may be logged and shown: one line, at most 600 characters, the first 150 and the last.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        // Colours first: an escape in the middle of a secret would hide it from the search. And the secrets before the
        // text is cut: half of one is one still.
        let mut plain = plain(text);
        for secret in &self.0 {
            plain = plain.replace(secret.expose_secret(), shapes::HIDDEN);
        }
        shorten(&shapes::hide(&plain.split_whitespace().collect::<Vec<_>>().join(" ")))
    }
}

fn shorten(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let end = length - (LONGEST - BEGINNING - " … ".chars().count());
    let (mut shown, rest): (String, String) =
        (text.chars().take(BEGINNING).collect(), text.chars().skip(end).collect());
    shown.push_str(" … ");
    shown.push_str(&rest);
    shown
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
        assert_eq!(redactor.clean(&"x".repeat(10_000)).chars().count(), LONGEST);
    }

    #[test]
    fn of_a_long_message_the_end_is_kept_where_the_cause_stands() {
        let said = format!("lt has opened no tunnel: {} no route to host", "banner ".repeat(500));
        let shown = Redactor::default().clean(&said);
        assert!(
            shown.starts_with("lt has opened no tunnel: banner")
                && shown.ends_with("banner no route to host")
        );
        assert_eq!(shown.chars().count(), LONGEST);
        let secret = "2abc_TOKEN-of-the-account";
        for length in 0..LONGEST + 100 {
            let said = format!("{}{secret}{}", "x ".repeat(length / 2), "y ".repeat(LONGEST / 2));
            let shown = Redactor::new(vec![secret.into()]).clean(&said);
            assert!(!shown.contains("2abc") && !shown.contains("account"), "{shown}");
        }
    }
}
