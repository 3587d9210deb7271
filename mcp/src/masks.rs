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

    /// Masks every string inside `value`, names of fields excepted: those are ours.
    pub(crate) fn apply(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.masked(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.apply(field)),
            _ => {}
        }
    }

    /// The text without secrets; `None` when there are none in it.
    pub(crate) fn masked(&self, text: &str) -> Option<String> {
        let mut masked: Option<String> = None;
        for (secret, shown) in &self.0 {
            let current = masked.as_deref().unwrap_or(text);
            // Hex digits mean the same in either case.
            let (secret, lower) = (secret.expose_secret().to_ascii_lowercase(), current.to_ascii_lowercase());
            if !lower.contains(&secret) {
                continue;
            }
            let mut kept = String::with_capacity(current.len());
            let mut rest = 0;
            for (start, found) in lower.match_indices(&secret) {
                kept.push_str(current.get(rest..start).unwrap_or_default());
                kept.push_str(shown);
                rest = start + found.len();
            }
            kept.push_str(current.get(rest..).unwrap_or_default());
            masked = Some(kept);
        }
        masked
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands_and_in_either_case() {
        let mut masks = Masks::default();
        masks.hide("abcdef0123".to_owned(), "[hidden]");
        let mut value =
            json!({ "a": ["x ABCDEF0123 y abcdef0123", 1], "b": "é abcdef0123é", "c": "abcdef012" });
        masks.apply(&mut value);
        assert_eq!(value, json!({ "a": ["x [hidden] y [hidden]", 1], "b": "é [hidden]é", "c": "abcdef012" }));
    }
}
