//! The same JSON as the provider writes it. Texts and numbers are compared by value, and written anew without ever being
//! converted to a floating-point number.

use std::fmt;

use serde_json::value::RawValue;

mod text;

use crate::{json_fields::JsonFields, scheme::bitnovo::python};

/// How deep arrays and objects are followed; what is deeper is copied unchanged.
const DEEPEST: usize = 32;

/// A longer number is not repeated in a text for people.
const LONGEST_SHOWN: usize = 40;

/// The order in which the provider writes the fields of a webhook.
const ORDER: [&str; 12] = [
    "fiat_amount",
    "fiat_currency",
    "status",
    "crypto_amount",
    "unconfirmed_amount",
    "confirmed_amount",
    "currency",
    "identifier",
    "safe",
    "received_amount",
    "reference",
    "edited_at",
];

/// How a body was written by the provider, where the one at hand is written differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reprint {
    separators: (&'static str, &'static str),
    number: Option<(String, String)>,
    text: Option<(String, String)>,
    reordered: bool,
}

impl fmt::Display for Reprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (item, name) = self.separators;
        write!(formatter, "with {item:?} and {name:?} between its parts")?;
        for (sent, at_hand) in self.number.iter().chain(&self.text) {
            write!(formatter, ", with {sent} where this one has {at_hand}")?;
        }
        if self.reordered {
            formatter.write_str(", with its fields in another order")?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    AsTheyAre,
    /// Those with a fraction or an exponent are written as Python's floats.
    FloatsAsPython,
    /// All are: a program without integers drops the `.0` of whole ones.
    AllAsPython,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    AsTheyAre,
    /// Letters beyond ASCII as `\u` and four digits.
    Ascii,
    /// Letters as they are.
    Letters,
}

#[derive(Clone, Copy)]
struct Style {
    separators: (&'static str, &'static str),
    numbers: Numbers,
    texts: Texts,
    provider_order: bool,
}

/// `json` in every style that the provider may have written it in, the least change first; none when it is no JSON.
pub(super) fn reprints(json: &str) -> impl Iterator<Item = (Reprint, String)> {
    let json = json.trim_ascii();
    let is_json = serde_json::from_str::<&RawValue>(json).is_ok();
    styles().filter(move |_| is_json).map(move |style| {
        let mut writer = Writer {
            out: String::with_capacity(json.len()),
            style,
            number: None,
            text: None,
            reordered: false,
        };
        writer.value(json, 0);
        let Writer { out, number, text, reordered, .. } = writer;
        (Reprint { separators: style.separators, number, text, reordered }, out)
    })
}

fn styles() -> impl Iterator<Item = Style> {
    let numbers = [Numbers::AsTheyAre, Numbers::FloatsAsPython, Numbers::AllAsPython];
    let texts = [Texts::AsTheyAre, Texts::Ascii, Texts::Letters];
    [false, true].into_iter().flat_map(move |provider_order| {
        texts.into_iter().flat_map(move |texts| {
            numbers.into_iter().flat_map(move |numbers| {
                [(", ", ": "), (",", ":")].into_iter().map(move |separators| Style {
                    separators,
                    numbers,
                    texts,
                    provider_order,
                })
            })
        })
    })
}

struct Writer {
    out: String,
    style: Style,
    /// The first number, text and order that changed: as sent, and as at hand.
    number: Option<(String, String)>,
    text: Option<(String, String)>,
    reordered: bool,
}

impl Writer {
    fn value(&mut self, json: &str, depth: usize) {
        let json = json.trim_ascii();
        match json.as_bytes().first() {
            Some(b'{') if depth < DEEPEST => self.object(json, depth),
            Some(b'[') if depth < DEEPEST => self.array(json, depth),
            Some(b'"') => self.string(json),
            Some(b'-' | b'0'..=b'9') => {
                let written = match self.style.numbers {
                    Numbers::AsTheyAre => None,
                    Numbers::FloatsAsPython if !json.contains(['.', 'e', 'E']) => None,
                    Numbers::FloatsAsPython | Numbers::AllAsPython => python::float(json),
                };
                let written = written.unwrap_or_else(|| json.to_owned());
                note(&mut self.number, &written, json);
                self.out.push_str(&written);
            }
            _ => self.out.push_str(json),
        }
    }

    fn object(&mut self, json: &str, depth: usize) {
        let Some(fields) = JsonFields::parse(json.as_bytes()) else { return self.out.push_str(json) };
        let mut fields: Vec<_> = fields.iter().map(|(name, field)| (name, field.json())).collect();
        if self.style.provider_order && depth == 0 {
            let place = |name: &str| ORDER.iter().position(|other| *other == name).unwrap_or(ORDER.len());
            let before: Vec<_> = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
            fields.sort_by_key(|(name, _)| place(name));
            self.reordered |= !fields.iter().map(|(name, _)| *name).eq(before.iter().map(String::as_str));
        }
        let (between, after_name) = self.style.separators;
        self.out.push('{');
        for (number, (name, value)) in fields.into_iter().enumerate() {
            if number > 0 {
                self.out.push_str(between);
            }
            let name = serde_json::Value::from(name).to_string();
            self.string(&name);
            self.out.push_str(after_name);
            self.value(value, depth.saturating_add(1));
        }
        self.out.push('}');
    }

    fn array(&mut self, json: &str, depth: usize) {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) else { return self.out.push_str(json) };
        self.out.push('[');
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                self.out.push_str(self.style.separators.0);
            }
            self.value(item.get(), depth.saturating_add(1));
        }
        self.out.push(']');
    }

    fn string(&mut self, json: &str) {
        // A string that cannot be decoded, such as one with half a surrogate pair, stays as it is.
        let content =
            (self.style.texts != Texts::AsTheyAre).then(|| serde_json::from_str::<String>(json).ok());
        let written =
            content.flatten().map(|content| python::string(&content, self.style.texts == Texts::Ascii));
        let written = written.unwrap_or_else(|| json.to_owned());
        if written != json && self.text.is_none() {
            self.text = text::first_difference(&written, json);
        }
        self.out.push_str(&written);
    }
}

fn note(noted: &mut Option<(String, String)>, written: &str, at_hand: &str) {
    if written != at_hand && noted.is_none() && written.len().max(at_hand.len()) <= LONGEST_SHOWN {
        *noted = Some((written.to_owned(), at_hand.to_owned()));
    }
}
