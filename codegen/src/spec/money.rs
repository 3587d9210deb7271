//! The shapes in which a number keeps its digits, and those in which it silently would not.
//!
//! The generator makes a float of every number, unless its schema is exactly the one that the money type was
//! registered for, or a component that the money type replaces. And even an exact number loses digits where serde
//! first keeps a value that it cannot place yet: among alternatives, and in a map beside named properties.

use serde_yaml_ng::Value;

use super::{
    Spec, one_line,
    refusal::{Finding, Refusal},
    tree::{COMBINATIONS, entries, members, reference, under, word},
};
use crate::workspace::Api;

/// Keys that the generator only makes documentation of.
const TEXTS: [&str; 7] =
    ["title", "description", "example", "deprecated", "readOnly", "writeOnly", "externalDocs"];

const LIMITS: [&str; 5] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/// A schema and where it stands.
type Place<'a> = (String, &'a Value);

#[derive(Clone, Copy)]
pub(super) struct Money<'a> {
    spec: &'a Spec,
    api: &'a Api,
}

impl<'a> Money<'a> {
    pub(super) fn new(spec: &'a Spec, api: &'a Api) -> Self {
        Self { spec, api }
    }

    /// Whether a value of the schema is a number, or text that the money type reads.
    pub(super) fn is(&self, schema: &'a Value) -> bool {
        self.composition("", schema).iter().any(|(_, part)| match reference(part) {
            Some(target) => self.is_money_type(target),
            None => is_number(part),
        })
    }

    /// Money directly inside `allOf`, `oneOf` and `anyOf`, in another shape than the one that is exact.
    pub(super) fn wrapped(&self, schema: &'a Value, pointer: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        for keyword in COMBINATIONS {
            let members = members(schema, keyword);
            let Some(index) = members.iter().position(|member| self.is(member)) else { continue };
            let mut beside = keys_beside(schema, &[keyword, "nullable"]);
            let refusal = if members.len() > 1 && keyword != "allOf" {
                let money = under(&under(pointer, keyword), &index.to_string());
                Refusal::MoneyInUnion { keyword, money }
            } else {
                beside.extend((members.len() > 1).then_some("another schema"));
                if beside.is_empty() {
                    continue;
                }
                Refusal::MergedMoney { keyword, found: beside.join(", ") }
            };
            findings.push(Finding { place: pointer.to_owned(), refusal });
        }
        findings
    }

    /// Money that is read only after serde has kept it in a form of its own, in which digits are lost.
    pub(super) fn buffered(&self, schema: &'a Value, pointer: &str) -> Option<Finding> {
        let parts = self.composition(pointer, schema);
        let union =
            |part: &Value| ["oneOf", "anyOf"].into_iter().find(|keyword| members(part, keyword).len() > 1);
        let is_named =
            |part: &Value| ["properties", "required"].iter().any(|key| part.get(key).is_some_and(is_filled));
        let maps = || {
            let maps = parts.iter().filter_map(|(at, part)| {
                Some((under(at, "additionalProperties"), part.get("additionalProperties")?))
            });
            maps.collect::<Vec<_>>()
        };
        let refusal = if let Some(keyword) = parts.iter().find_map(|(_, part)| union(part)) {
            Refusal::MoneyInUnion { keyword, money: self.first(parts)? }
        } else if parts.iter().any(|(_, part)| is_named(part)) {
            Refusal::MoneyInMap { money: self.first(maps())? }
        } else {
            return None;
        };
        Some(Finding { place: pointer.to_owned(), refusal })
    }

    /// Where the first money is, in these schemas and everything that they refer to.
    pub(super) fn first(&self, start: Vec<Place<'a>>) -> Option<String> {
        let mut places = start;
        let mut seen = Vec::new();
        while let Some((at, schema)) = places.pop() {
            if let Some(target) = reference(schema) {
                if self.is_money_type(target) {
                    return Some(at);
                }
                if !seen.contains(&target) {
                    seen.push(target);
                    places.extend(self.spec.component(target).map(|(_, schema)| (target.to_owned(), schema)));
                }
                continue;
            }
            if is_number(schema) {
                return Some(at);
            }
            for (name, property) in entries(schema.get("properties")) {
                places.push((under(&under(&at, "properties"), name), property));
            }
            for key in ["items", "additionalProperties", "not"] {
                places.extend(schema.get(key).map(|child| (under(&at, key), child)));
            }
            for keyword in COMBINATIONS {
                for (index, member) in members(schema, keyword).iter().enumerate() {
                    places.push((under(&under(&at, keyword), &index.to_string()), member));
                }
            }
        }
        None
    }

    /// The schemas that a value of this one fits at once: itself, what it refers to, and what `allOf`, or one of the
    /// others with a single member, adds. A reference to a hand-written type stays a reference.
    fn composition(&self, pointer: &str, schema: &'a Value) -> Vec<Place<'a>> {
        let mut parts: Vec<Place<'a>> = vec![(pointer.to_owned(), schema)];
        let mut seen = Vec::new();
        let mut index = 0;
        while let Some((at, part)) = parts.get(index).cloned() {
            index += 1;
            if let Some(target) = reference(part) {
                let component = self.spec.component(target);
                let component = component.filter(|(name, _)| !self.api.replacements.contains_key(*name));
                if let Some((_, schema)) = component.filter(|_| !seen.contains(&target)) {
                    seen.push(target);
                    parts.push((target.to_owned(), schema));
                }
                continue;
            }
            for keyword in COMBINATIONS {
                let members = members(part, keyword);
                if keyword == "allOf" || members.len() == 1 {
                    for (index, member) in members.iter().enumerate() {
                        parts.push((under(&under(&at, keyword), &index.to_string()), member));
                    }
                }
            }
        }
        parts
    }

    fn is_money_type(&self, target: &str) -> bool {
        let name = self.spec.component(target).map(|(name, _)| name);
        name.and_then(|name| self.api.replacements.get(name))
            .is_some_and(|hand| Some(&hand.path) == self.api.money.as_ref())
    }
}

/// The finding about a number that is not of the exact shape.
pub(super) fn number(schema: &Value, pointer: &str) -> Option<Finding> {
    let keys = keys_beside(schema, &["type", "format", "nullable"]);
    let is_decimal = word(schema, "format") == Some("decimal") && word(schema, "type") == Some("number");
    let refusal = match (is_decimal, keys.is_empty()) {
        (true, true) => return None,
        (true, false) => Refusal::ConstrainedNumber { schema: one_line(schema), keys: keys.join(", ") },
        (false, _) => Refusal::PlainNumber { schema: one_line(schema) },
    };
    Some(Finding { place: pointer.to_owned(), refusal })
}

/// Whether the schema describes a number, by its type or, without one, by what only numbers have.
pub(super) fn is_number(schema: &Value) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| schema.get(key).is_some());
    match word(schema, "type") {
        Some(name) => name == "number",
        None if has(&COMBINATIONS) => false,
        None => has(&LIMITS) || matches!(word(schema, "format"), Some("decimal" | "double" | "float")),
    }
}

fn is_filled(node: &Value) -> bool {
    node.as_mapping().is_some_and(|entries| !entries.is_empty())
        || node.as_sequence().is_some_and(|items| !items.is_empty())
}

/// The keys that are neither expected nor mere text.
fn keys_beside<'v>(schema: &'v Value, expected: &[&str]) -> Vec<&'v str> {
    let keys = entries(Some(schema)).map(|(key, _)| key);
    keys.filter(|key| !expected.contains(key) && !TEXTS.contains(key)).collect()
}
