//! Cleans text that others wrote before an answer contains it: such text is data, and must neither deceive its readers
//! nor hide anything from them.

use payments_core::{clean_text, is_deceptive};
use serde_json::{Map, Value};

/// The beginning of a text that others wrote, for a message that repeats it.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    clean_text(text).chars().take(most).collect()
}

/// What a notification holds, with every text in it cleaned and at most 512 characters long.
pub(crate) fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => clean_text(&text).into(),
        Value::Array(items) => items.into_iter().map(cleaned).collect(),
        Value::Object(fields) => {
            let (honest, disguised): (Vec<_>, Vec<_>) = fields
                .into_iter()
                .map(|(name, field)| (clean_text(&name) == name, name, cleaned(field)))
                .partition(|(honest, ..)| *honest);
            let mut all: Map<String, Value> =
                honest.into_iter().map(|(_, name, field)| (name, field)).collect();
            for (_, name, field) in disguised {
                // A name in disguise must not take the place of the one that it imitates.
                all.entry(clean_text(&name)).or_insert(field);
            }
            all.into()
        }
        other => other,
    }
}

/// Removes invisible characters from an answer that is about to leave, also where they were not cleaned before.
pub(crate) fn reveal(value: &mut Value) {
    match value {
        Value::String(text) => *text = visible(text),
        Value::Array(items) => items.iter_mut().for_each(reveal),
        Value::Object(fields) => fields.values_mut().for_each(reveal),
        _ => {}
    }
}

/// The same for a text of ours, whose line feeds are meant.
pub(crate) fn visible(text: &str) -> String {
    let spaced = text.chars().map(|c| if c != '\n' && breaks_the_line(c) { ' ' } else { c });
    spaced.filter(|c| *c == '\n' || !is_deceptive(*c)).collect()
}

fn breaks_the_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_of_a_notification_is_cleaned_and_cut_and_nothing_else_changes() {
        let long = "x".repeat(100_000);
        let payload = json!({ "a": ["\u{202e}b", { "c\u{200b}": "d\ne" }], "n": 100.0, "t": true, "z": null, "l": long });
        let expected =
            json!({ "a": ["b", { "c": "d e" }], "n": 100.0, "t": true, "z": null, "l": "x".repeat(512) });
        assert_eq!(cleaned(payload), expected);
    }

    #[test]
    fn a_name_in_disguise_does_not_take_the_place_of_the_real_one() {
        for disguised in ["sta\u{200b}tus", "\u{feff}status", "status\u{2060}"] {
            let payload = json!({ disguised: "CO", "status": "PE" });
            assert_eq!(cleaned(payload), json!({ "status": "PE" }));
        }
    }

    #[test]
    fn the_last_gate_leaves_long_and_ordinary_texts_alone() {
        let picture = format!("data:image/png;base64,{}", "A".repeat(50_000));
        let mut value = json!({ "a": picture, "b": ["ñ 漢字 😀", "x\u{202e}\u{2028}y"] });
        reveal(&mut value);
        assert_eq!(value, json!({ "a": picture, "b": ["ñ 漢字 😀", "x y"] }));
        assert_eq!(visible("one\ntwo\u{200b}\r\nthree"), "one\ntwo \nthree");
    }
}
