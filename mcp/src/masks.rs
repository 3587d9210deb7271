//! The last gate before an answer leaves: a configured secret that somebody else's text repeats is taken out of it.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// What must not be shown, each with what stands in its place.
#[derive(Debug, Default)]
pub(crate) struct Masks(Vec<(SecretString, String)>);

impl Masks {
    /// Hides every trace of `secret`.
    pub(crate) fn hide(&mut self, secret: String, shown: impl Into<String>) {
        self.0.push((secret.into(), shown.into()));
    }

    /// Masks every string inside `value`, and the names of fields: in a notification those are not ours either.
    pub(crate) fn apply(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.masked(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|field| self.apply(field));
                let telling: Vec<(String, String)> =
                    fields.keys().filter_map(|name| Some((name.clone(), self.masked(name)?))).collect();
                for (name, masked) in telling {
                    if let Some(field) = fields.remove(&name) {
                        fields.insert(masked, field);
                    }
                }
            }
            _ => {}
        }
    }

    /// The text without secrets; `None` when there are none in it. A secret that was cut with the text around it is one
    /// still.
    pub(crate) fn masked(&self, text: &str) -> Option<String> {
        let mut masked: Option<String> = None;
        for (secret, shown) in &self.0 {
            let current = masked.as_deref().unwrap_or(text);
            // Hex digits mean the same in either case.
            let (secret, lower) = (secret.expose_secret().to_ascii_lowercase(), current.to_ascii_lowercase());
            let beginning = beginning(&secret);
            if !lower.contains(beginning) {
                continue;
            }
            let mut kept = String::with_capacity(current.len());
            let mut rest = 0;
            for (start, _) in lower.match_indices(beginning) {
                // Inside of what has just been taken out, when the secret repeats itself.
                if start < rest {
                    continue;
                }
                kept.push_str(current.get(rest..start).unwrap_or_default());
                kept.push_str(shown);
                let found = lower.get(start..).unwrap_or_default().chars().zip(secret.chars());
                rest = start
                    + found.take_while(|(here, told)| here == told).map(|(c, _)| c.len_utf8()).sum::<usize>();
            }
            kept.push_str(current.get(rest..).unwrap_or_default());
            masked = Some(kept);
        }
        masked
    }
}

/// So much of a secret that it cannot stand in a text by chance: a few digits where it is made of them, more where it
/// may begin with a word.
fn beginning(secret: &str) -> &str {
    let digits = secret.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    secret.get(..if digits { 10 } else { 16 }).unwrap_or(secret)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands_and_in_either_case() {
        let mut masks = Masks::default();
        masks.hide("abcdef0123".to_owned(), "[hidden]");
        let mut value = json!({ "a": ["x ABCDEF0123 y abcdef0123", 1], "b": "é abcdef0123é", "c": "abcdef012", "xABCDEF0123": [] });
        masks.apply(&mut value);
        assert_eq!(
            value,
            json!({ "a": ["x [hidden] y [hidden]", 1], "b": "é [hidden]é", "c": "abcdef012", "x[hidden]": [] })
        );
    }

    #[test]
    fn a_secret_that_was_cut_is_hidden_and_a_word_that_it_begins_with_is_not() {
        let mut masks = Masks::default();
        masks.hide("12345678-90ab-4cde-8f01-2345678990ab".to_owned(), "12345678-****");
        masks.hide("production-key-of-the-till".to_owned(), "[hidden]");
        for (text, masked) in [
            ("\"device 12345678-90AB-4c\" is odd", Some("\"device 12345678-****\" is odd")),
            ("12345678-9012345678-90", Some("12345678-****12345678-****")),
            ("12345678-**** 12345678-", None),
            ("the production-key-of-", Some("the [hidden]")),
            ("in production-key", None),
        ] {
            assert_eq!(masks.masked(text).as_deref(), masked, "{text}");
        }
    }
}
