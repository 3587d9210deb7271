//! Checks every schema of a document, wherever one can stand.

use serde_yaml_ng::Value;

use super::{
    Spec, enums,
    money::Money,
    one_line, references,
    refusal::{Finding, Refusal},
    tree::{COMBINATIONS, entries, flag, members, reference, under, word},
};
use crate::workspace::Api;

const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "array", "object"];

pub(super) struct Schemas<'a> {
    spec: &'a Spec,
    api: &'a Api,
    money: Money<'a>,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(spec: &'a Spec, api: &'a Api, findings: &'a mut Vec<Finding>) -> Self {
        Self { spec, api, money: Money::new(spec, api), findings }
    }

    pub(super) fn check(mut self) {
        for (path, item) in self.spec.paths().filter(|(_, item)| reference(item).is_none()) {
            self.search(item, None, &under("#/paths", path));
        }
        for (kind, components) in entries(self.spec.root.get("components")) {
            let pointer = under("#/components", kind);
            for (name, component) in entries(Some(components)) {
                match kind {
                    "schemas" => self.component(name, component, &under(&pointer, name)),
                    "examples" => {}
                    _ if kind.starts_with("x-") => {}
                    _ => self.search(component, kind_of(kind), &under(&pointer, name)),
                }
            }
        }
    }

    /// Finds the schemas in anything that is not a schema itself; `kind` is what a reference here must lead to.
    fn search(&mut self, node: &'a Value, kind: Option<&'static str>, pointer: &str) {
        if let Some(target) = reference(node) {
            self.findings.extend(references::check(self.spec, target, kind, pointer));
            return;
        }
        for (key, value) in entries(Some(node)) {
            match key {
                "schema" => self.schema(value, &under(pointer, key)),
                "example" | "examples" => {}
                _ if key.starts_with("x-") => {}
                _ => self.search(value, kind.or_else(|| kind_of(key)), &under(pointer, key)),
            }
        }
        for (index, value) in node.as_sequence().into_iter().flatten().enumerate() {
            self.search(value, kind, &under(pointer, &index.to_string()));
        }
    }

    fn component(&mut self, name: &str, schema: &'a Value, pointer: &str) {
        if self.api.replacements.contains_key(name) {
            return;
        }
        if let Some(names) = references::schema_circle(self.spec, self.api, pointer) {
            return self.report(pointer, Refusal::CircularRef { names });
        }
        if !self.money.is(schema) {
            return self.schema(schema, pointer);
        }
        let name = name.to_owned();
        let refusal = if flag(schema, "nullable") {
            Refusal::NamedNullable { name }
        } else if super::money::is_number(schema) {
            let money = self.api.money.clone().unwrap_or_else(|| "a hand-written type".to_owned());
            Refusal::NamedNumber { schema: one_line(schema), name, money }
        } else {
            Refusal::MoneyAlias { name }
        };
        self.report(pointer, refusal);
    }

    fn schema(&mut self, schema: &'a Value, pointer: &str) {
        if let Some(target) = reference(schema) {
            return self.reference(schema, target, pointer);
        }
        self.shape(schema, pointer);
        if super::money::is_number(schema) {
            return self.findings.extend(super::money::number(schema, pointer));
        }
        let before = self.findings.len();
        self.findings.extend(self.money.wrapped(schema, pointer));
        if self.findings.len() == before {
            self.findings.extend(self.money.buffered(schema, pointer));
            self.children(schema, pointer);
        }
    }

    fn reference(&mut self, schema: &Value, target: &str, pointer: &str) {
        let keys: Vec<&str> =
            entries(Some(schema)).map(|(key, _)| key).filter(|key| *key != "$ref").collect();
        if self.spec.component(target).is_none() {
            self.report(pointer, Refusal::DanglingRef { target: target.to_owned() });
        } else if !keys.is_empty() {
            self.report(pointer, Refusal::RefSiblings { target: target.to_owned(), keys: keys.join(", ") });
        }
    }

    /// What the generator panics over, in any schema.
    fn shape(&mut self, schema: &Value, pointer: &str) {
        if let Some(found) = word(schema, "type").filter(|name| !TYPES.contains(name)) {
            self.report(pointer, Refusal::UnknownType { found: found.to_owned() });
        }
        if schema.get("not").is_some() {
            self.report(pointer, Refusal::Negation);
        }
        if schema.get("discriminator").is_some() {
            self.report(pointer, Refusal::Discriminator);
        }
        for (key, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if flag(schema, key) && schema.get(limit).is_none() {
                self.report(pointer, Refusal::LoneExclusive { key });
            }
        }
        if let Some(values) = enums::clash(schema) {
            self.report(pointer, Refusal::EnumNames { values });
        }
    }

    fn children(&mut self, schema: &'a Value, pointer: &str) {
        for (name, property) in entries(schema.get("properties")) {
            self.schema(property, &under(&under(pointer, "properties"), name));
        }
        for key in ["items", "additionalProperties"] {
            if let Some(child) = schema.get(key) {
                self.schema(child, &under(pointer, key));
            }
        }
        for keyword in COMBINATIONS {
            for (index, member) in members(schema, keyword).iter().enumerate() {
                self.schema(member, &under(&under(pointer, keyword), &index.to_string()));
            }
        }
    }

    fn report(&mut self, pointer: &str, refusal: Refusal) {
        self.findings.push(Finding { place: pointer.to_owned(), refusal });
    }
}

/// The kind of component that a reference below this key must lead to. The generator looks at no other kind.
fn kind_of(key: &str) -> Option<&'static str> {
    match key {
        "parameters" => Some("parameters"),
        "responses" => Some("responses"),
        "requestBody" | "requestBodies" => Some("requestBodies"),
        "headers" => Some("headers"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
