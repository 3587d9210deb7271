//! The shapes in which a number keeps its digits, and those in which it silently would not.
//!
//! The generator makes a float of every number, unless its schema is exactly the one that the money type was
//! registered for, or a component that the money type replaces.

use serde_yaml_ng::Value;

use super::{
    Spec, one_line,
    refusal::{Finding, Refusal},
};
use crate::workspace::Api;

/// Keys that the generator only makes documentation of.
const TEXTS: [&str; 7] =
    ["title", "description", "example", "deprecated", "readOnly", "writeOnly", "externalDocs"];

const WRAPPERS: [&str; 3] = ["allOf", "oneOf", "anyOf"];

const LIMITS: [&str; 5] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/// How many references and wrappers are followed before a schema counts as going in circles.
const DEPTH: u8 = 16;

pub(super) struct Money<'a> {
    spec: &'a Spec,
    api: &'a Api,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Money<'a> {
    pub(super) fn new(spec: &'a Spec, api: &'a Api, findings: &'a mut Vec<Finding>) -> Self {
        Self { spec, api, findings }
    }

    pub(super) fn check(mut self) {
        for (path, item) in self.spec.paths() {
            self.search(item, &under("#/paths", path));
        }
        for (kind, components) in entries(self.spec.root.get("components")) {
            let pointer = under("#/components", kind);
            for (name, component) in entries(Some(components)) {
                match kind {
                    "schemas" => self.component(name, component, &under(&pointer, name)),
                    _ => self.search(component, &under(&pointer, name)),
                }
            }
        }
    }

    /// Finds the schemas in anything that is not a schema itself.
    fn search(&mut self, node: &'a Value, pointer: &str) {
        if let Some(target) = reference(node) {
            if self.spec.resolve(target).is_none() {
                self.report(pointer, Refusal::DanglingRef { target: target.to_owned() });
            }
            return;
        }
        for (key, value) in entries(Some(node)) {
            match key {
                "schema" => self.schema(value, &under(pointer, key)),
                "example" | "examples" => {}
                _ if key.starts_with("x-") => {}
                _ => self.search(value, &under(pointer, key)),
            }
        }
        for (index, value) in node.as_sequence().into_iter().flatten().enumerate() {
            self.search(value, &under(pointer, &index.to_string()));
        }
    }

    fn component(&mut self, name: &str, schema: &'a Value, pointer: &str) {
        if self.api.replacements.contains_key(name) {
            return;
        }
        if !self.is_money(schema, DEPTH) {
            return self.schema(schema, pointer);
        }
        let name = name.to_owned();
        let refusal = if schema.get("nullable").and_then(Value::as_bool) == Some(true) {
            Refusal::NamedNullable { name }
        } else if is_number(schema) {
            Refusal::NamedNumber { schema: one_line(schema), name, money: self.api.money.clone() }
        } else {
            Refusal::MoneyAlias { name }
        };
        self.report(pointer, refusal);
    }

    fn schema(&mut self, schema: &'a Value, pointer: &str) {
        if let Some(target) = reference(schema) {
            let keys: Vec<&str> =
                entries(Some(schema)).map(|(key, _)| key).filter(|key| *key != "$ref").collect();
            if self.spec.component(target).is_none() {
                self.report(pointer, Refusal::DanglingRef { target: target.to_owned() });
            } else if !keys.is_empty() {
                self.report(
                    pointer,
                    Refusal::RefSiblings { target: target.to_owned(), keys: keys.join(", ") },
                );
            }
        } else if is_number(schema) {
            self.number(schema, pointer);
        } else if self.wrapped(schema, pointer) {
            self.children(schema, pointer);
        }
    }

    fn number(&mut self, schema: &Value, pointer: &str) {
        let keys = keys_beside(schema, &["type", "format", "nullable"]);
        let is_decimal = word(schema, "format") == Some("decimal") && word(schema, "type") == Some("number");
        if !is_decimal {
            self.report(pointer, Refusal::PlainNumber { schema: one_line(schema) });
        } else if !keys.is_empty() {
            self.report(
                pointer,
                Refusal::ConstrainedNumber { schema: one_line(schema), keys: keys.join(", ") },
            );
        }
    }

    /// Looks at money inside `allOf`, `oneOf` and `anyOf`; says whether that was in order.
    fn wrapped(&mut self, schema: &'a Value, pointer: &str) -> bool {
        let before = self.findings.len();
        for keyword in WRAPPERS {
            let members = members(schema, keyword);
            if !members.iter().any(|member| self.is_money(member, DEPTH)) {
                continue;
            }
            let mut beside = keys_beside(schema, &[keyword, "nullable"]);
            if members.len() > 1 && keyword == "allOf" {
                beside.push("another schema");
            }
            if members.len() > 1 && keyword != "allOf" {
                self.report(pointer, Refusal::MoneyInUnion { keyword });
            } else if !beside.is_empty() {
                self.report(pointer, Refusal::MergedMoney { keyword, found: beside.join(", ") });
            }
        }
        self.findings.len() == before
    }

    fn children(&mut self, schema: &'a Value, pointer: &str) {
        for (name, property) in entries(schema.get("properties")) {
            self.schema(property, &under(&under(pointer, "properties"), name));
        }
        for key in ["items", "additionalProperties", "not"] {
            if let Some(child) = schema.get(key) {
                self.schema(child, &under(pointer, key));
            }
        }
        for keyword in WRAPPERS {
            for (index, member) in members(schema, keyword).iter().enumerate() {
                self.schema(member, &under(&under(pointer, keyword), &index.to_string()));
            }
        }
    }

    /// Whether a value of the schema is a number, or text that the money type reads.
    fn is_money(&self, schema: &Value, depth: u8) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        if let Some((name, component)) = reference(schema).and_then(|target| self.spec.component(target)) {
            return match self.api.replacements.get(name) {
                Some(replacement) => replacement.path == self.api.money,
                None => self.is_money(component, depth),
            };
        }
        let all_of = members(schema, "allOf").iter().any(|member| self.is_money(member, depth));
        let only = |keyword| match members(schema, keyword) {
            [member] => self.is_money(member, depth),
            _ => false,
        };
        is_number(schema) || all_of || only("oneOf") || only("anyOf")
    }

    fn report(&mut self, pointer: &str, refusal: Refusal) {
        self.findings.push(Finding { place: pointer.to_owned(), refusal });
    }
}

/// Whether the schema describes a number, by its type or, without one, by what only numbers have.
fn is_number(schema: &Value) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| schema.get(key).is_some());
    match word(schema, "type") {
        Some(name) => name == "number",
        None if has(&WRAPPERS) => false,
        None => has(&LIMITS) || matches!(word(schema, "format"), Some("decimal" | "double" | "float")),
    }
}

fn reference(node: &Value) -> Option<&str> {
    word(node, "$ref")
}

fn word<'v>(node: &'v Value, key: &str) -> Option<&'v str> {
    node.get(key).and_then(Value::as_str)
}

fn members<'v>(schema: &'v Value, keyword: &str) -> &'v [Value] {
    schema.get(keyword).and_then(Value::as_sequence).map(Vec::as_slice).unwrap_or_default()
}

fn entries(node: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let entries = node.and_then(Value::as_mapping).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.as_str()?, value)))
}

/// The keys that are neither expected nor mere text.
fn keys_beside<'v>(schema: &'v Value, expected: &[&str]) -> Vec<&'v str> {
    let keys = entries(Some(schema)).map(|(key, _)| key);
    keys.filter(|key| !expected.contains(key) && !TEXTS.contains(key)).collect()
}

/// The JSON pointer of a child.
fn under(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests;
