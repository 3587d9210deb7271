//! Removes secrets from every text that leaves: answers, logs and errors may repeat words of others that contain them.
//!
//! A secret is found by its value, and a value can also be a status, a currency or the beginning of an address. So an
//! answer has two kinds of fields. **Exact** fields hold money, addresses, codes, identifiers and times, and sentences of
//! ours that are made of them; a token never changes these, nor another text where it repeats one. Every other field is
//! **free** text. Credentials with a shape of their own, 32 or 64 hex digits that nothing else shares, are hidden in both.

use std::collections::BTreeSet;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

pub(crate) mod vocabulary;

use vocabulary::Vocabulary;

/// The shortest secret that is looked for. A shorter one would be found in ordinary words.
pub(crate) const SHORTEST: usize = 8;

/// What stands in the place of a secret that has no masked form of its own.
const HIDDEN: &str = "[hidden]";

/// What must not be shown, each with what stands in its place.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    secrets: Vec<Secret>,
    vocabulary: Vocabulary,
}

#[derive(Debug)]
struct Secret {
    /// How the secret may be written.
    forms: Vec<Form>,
    shown: String,
    /// Whether it is hidden in exact places too.
    is_credential: bool,
}

/// One way of writing a secret, in lower case.
#[derive(Debug)]
struct Form {
    text: SecretString,
    /// So many bytes of its beginning cannot stand in a text by chance.
    telling: usize,
}

/// Where a secret stands in a text.
struct Found<'a> {
    start: usize,
    end: usize,
    /// Whether all of it is there.
    is_whole: bool,
    secret: &'a Secret,
}

impl Redaction {
    /// Hides nothing yet. `vocabulary` says what must stay as it is.
    pub(crate) fn new(vocabulary: Vocabulary) -> Self {
        Self { secrets: Vec::new(), vocabulary }
    }

    /// Hides a credential that is made of hex digits, with or without its hyphens.
    pub(crate) fn hide_credential(&mut self, secret: &str, shown: impl Into<String>) {
        let mut forms = forms(secret);
        let digits = secret.replace('-', "");
        if let Ok(bytes) = hex_bytes(&digits) {
            forms.extend([base64(&bytes), base64_of_urls(&bytes), percent(&bytes)].map(Form::encoded));
        }
        forms.push(Form::plain(&digits));
        self.add(forms, shown.into(), true);
    }

    /// Hides a token in free text.
    pub(crate) fn hide_token(&mut self, secret: &str) {
        self.add(forms(secret), HIDDEN.to_owned(), false);
    }

    fn add(&mut self, forms: Vec<Form>, shown: String, is_credential: bool) {
        self.secrets.push(Secret { forms, shown, is_credential });
    }

    /// Takes the secrets out of an answer and of the texts that go with it.
    pub(crate) fn apply_to_answer(&self, answer: &mut Value, texts: &mut [&mut String]) {
        let mut exact = BTreeSet::new();
        self.exact_values(answer, None, &mut exact);
        let gate = Gate { redaction: self, exact: &exact };
        gate.value(answer, None, false);
        for text in texts {
            gate.free(text);
        }
    }

    /// The same for an answer without texts.
    pub(crate) fn apply(&self, answer: &mut Value) {
        self.apply_to_answer(answer, &mut []);
    }

    /// A free text without secrets; `None` when it contains none. The beginning of a secret at the end of a cut text counts
    /// as a secret.
    pub(crate) fn masked(&self, text: &str) -> Option<String> {
        self.masked_but(text, &BTreeSet::new())
    }

    /// The same for a text that repeats the exact values of an answer.
    pub(crate) fn masked_beside(&self, text: &str, answer: &Value) -> Option<String> {
        let mut exact = BTreeSet::new();
        self.exact_values(answer, None, &mut exact);
        self.masked_but(text, &exact)
    }

    fn masked_but(&self, text: &str, exact: &BTreeSet<String>) -> Option<String> {
        replaced(text, self.found(text), |found| {
            found.secret.is_credential || !self.is_repeated(text, found, exact)
        })
    }

    /// An exact value without credentials; `None` when it contains none.
    fn masked_exactly(&self, text: &str) -> Option<String> {
        /// Of a credential that was cut with the end of the text.
        const CUT: usize = 12;
        replaced(text, self.found(text), |found| {
            let is_cut = found.end == text.len() && found.end - found.start >= CUT;
            found.secret.is_credential && (found.is_whole || is_cut)
        })
    }

    fn found(&self, text: &str) -> Vec<Found<'_>> {
        let lower = text.to_ascii_lowercase();
        let mut all = Vec::new();
        for secret in &self.secrets {
            for Form { text: form, telling } in &secret.forms {
                let form = form.expose_secret();
                let beginning = form.get(..*telling).unwrap_or(form);
                for (start, _) in lower.match_indices(beginning) {
                    let rest = lower.get(start..).unwrap_or_default().chars().zip(form.chars());
                    let length = rest
                        .take_while(|(here, told)| here == told)
                        .map(|(c, _)| c.len_utf8())
                        .sum::<usize>();
                    all.push(Found { start, end: start + length, is_whole: length == form.len(), secret });
                }
            }
        }
        // Of several at one place the longest.
        all.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
        all
    }

    /// Every value in an exact place, for the sentences that repeat it.
    fn exact_values(&self, value: &Value, name: Option<&str>, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text)
                if name.is_some_and(|name| self.vocabulary.is_exact(name)) && text.len() >= SHORTEST =>
            {
                found.insert(text.clone());
                // Sentences give times without their fractions.
                if let Some((time, _)) = text.split_once('.').filter(|(time, _)| time.contains("T")) {
                    found.insert(format!("{time}Z"));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.exact_values(item, name, found)),
            Value::Object(fields) => {
                fields.iter().for_each(|(name, field)| self.exact_values(field, Some(name), found));
            }
            _ => {}
        }
    }

    /// Whether what was found is part of an exact value that the text repeats, or of one of our own names.
    fn is_repeated(&self, text: &str, found: &Found<'_>, exact: &BTreeSet<String>) -> bool {
        let word = word_around(text, found.start, found.end);
        let around = |value: &String| {
            let covers = |(start, _): (usize, &str)| start <= found.start && found.end <= start + value.len();
            text.match_indices(value.as_str()).any(covers)
        };
        self.vocabulary.holds(word) || exact.iter().any(around)
    }
}

/// The gate of one answer.
struct Gate<'a> {
    redaction: &'a Redaction,
    exact: &'a BTreeSet<String>,
}

impl Gate<'_> {
    /// `foreign`: others wrote the names of the fields too.
    fn value(&self, value: &mut Value, name: Option<&str>, foreign: bool) {
        match value {
            Value::String(text) if name.is_some_and(|name| self.redaction.vocabulary.is_exact(name)) => {
                if let Some(masked) = self.redaction.masked_exactly(text) {
                    *text = masked;
                }
            }
            Value::String(text) => self.free(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, name, foreign)),
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    self.value(field, Some(name), foreign || name == "payload");
                }
                if foreign {
                    self.names(fields);
                }
            }
            _ => {}
        }
    }

    fn names(&self, fields: &mut serde_json::Map<String, Value>) {
        let telling: Vec<(String, String)> = fields
            .keys()
            .filter(|name| !self.redaction.vocabulary.holds(name))
            .filter_map(|name| Some((name.clone(), self.masked(name)?)))
            .collect();
        for (name, masked) in telling {
            if let Some(field) = fields.remove(&name) {
                fields.insert(masked, field);
            }
        }
    }

    fn free(&self, text: &mut String) {
        if let Some(masked) = self.masked(text) {
            *text = masked;
        }
    }

    fn masked(&self, text: &str) -> Option<String> {
        self.redaction.masked_but(text, self.exact)
    }
}

/// The whole name that a place in a text belongs to.
fn word_around(text: &str, start: usize, end: usize) -> &str {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let before = text.get(..start).unwrap_or_default();
    let begin = before.trim_end_matches(part_of_name).len();
    let after = text.get(end..).unwrap_or_default();
    let rest = after.trim_start_matches(part_of_name).len();
    text.get(begin..text.len() - rest).unwrap_or_default()
}

fn replaced(text: &str, found: Vec<Found<'_>>, hidden: impl Fn(&Found<'_>) -> bool) -> Option<String> {
    let mut masked = String::new();
    let mut rest = 0;
    for found in found.iter().filter(|found| hidden(found)) {
        // Part of what has just been removed, when the secret repeats itself or has several forms.
        if found.start < rest {
            continue;
        }
        masked.push_str(text.get(rest..found.start).unwrap_or_default());
        masked.push_str(&found.secret.shown);
        rest = found.end;
    }
    if rest == 0 {
        return None;
    }
    masked.push_str(text.get(rest..).unwrap_or_default());
    Some(masked)
}

impl Form {
    /// The secret itself: a few digits where it is made of them, more where it may begin with a word.
    fn plain(text: &str) -> Self {
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        Self { text: text.to_ascii_lowercase().into(), telling: if digits { 10 } else { 12 } }
    }

    fn encoded(text: String) -> Self {
        Self { text: text.to_ascii_lowercase().into(), telling: 16 }
    }
}

/// The ways of writing a secret, for a search in lower case.
fn forms(secret: &str) -> Vec<Form> {
    let bytes = secret.as_bytes();
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let encoded = [hex, base64(bytes), base64_of_urls(bytes), percent(bytes), in_url(secret)];
    std::iter::once(Form::plain(secret)).chain(encoded.map(Form::encoded)).collect()
}

fn base64(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

fn base64_of_urls(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn percent(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
}

/// As the query of a URL holds it.
fn in_url(secret: &str) -> String {
    url::form_urlencoded::byte_serialize(secret.as_bytes()).collect()
}

fn hex_bytes(digits: &str) -> Result<Vec<u8>, std::num::ParseIntError> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16)).collect()
}

#[cfg(test)]
mod tests;
