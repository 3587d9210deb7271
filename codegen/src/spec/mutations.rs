//! The real document, changed at random: the result is accepted or refused, and never a panic.

use std::path::Path;

use serde_yaml_ng::{Mapping, Value};

use super::Spec;
use crate::workspace::Workspace;

const DOCUMENTS: u64 = 60;

/// A small generator of numbers: the same seed always changes the document in the same way.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from(z ^ (z >> 31)).unwrap() % bound
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// Replaces some nodes by others of the same document, by words that mean something in OpenAPI, or by nothing.
fn mutate(node: &mut Value, random: &mut Random, parts: &[Value], rate: usize) {
    if random.below(rate) == 0 {
        *node = match random.below(4) {
            0 => random.of(parts).clone(),
            1 => yaml(FRAGMENTS[random.below(FRAGMENTS.len())]),
            2 => Value::Null,
            _ => Value::Sequence(vec![node.clone(), random.of(parts).clone()]),
        };
        return;
    }
    match node {
        Value::Mapping(entries) => {
            let mut changed = Mapping::new();
            for (key, mut value) in std::mem::take(entries) {
                mutate(&mut value, random, parts, rate);
                match random.below(rate) {
                    0 => {}
                    1 => drop(changed.insert(Value::from(KEYS[random.below(KEYS.len())]), value)),
                    2 => {
                        changed.insert(key, value);
                        changed.insert(
                            Value::from(KEYS[random.below(KEYS.len())]),
                            yaml(FRAGMENTS[random.below(FRAGMENTS.len())]),
                        );
                    }
                    _ => drop(changed.insert(key, value)),
                }
            }
            *entries = changed;
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| mutate(item, random, parts, rate)),
        _ => {}
    }
}

const KEYS: [&str; 16] = [
    "$ref",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "required",
    "enum",
    "type",
    "schema",
    "additionalProperties",
    "parameters",
    "content",
    "nullable",
    "/orders/{id}",
];

const FRAGMENTS: [&str; 16] = [
    "{ $ref: '#/components/schemas/Payment' }",
    "{ $ref: '#/components/responses/Refused' }",
    "'#/components/schemas/Payment'",
    "{ oneOf: [{ $ref: '#/components/schemas/Payment' }, { type: string }] }",
    "{ allOf: [{ $ref: '#/components/schemas/CreatedOrder' }] }",
    "{ type: number, format: decimal }",
    "{ type: string, enum: [a, A] }",
    "{ type: object, additionalProperties: { $ref: '#/components/schemas/Decimal' } }",
    "[a, b]",
    "[]",
    "{}",
    "true",
    "-1",
    ".inf",
    "text",
    "{ name: identifier, in: query, schema: { type: string } }",
];

fn yaml(text: &str) -> Value {
    serde_yaml_ng::from_str(text).unwrap()
}

fn parts(node: &Value, into: &mut Vec<Value>) {
    into.push(node.clone());
    match node {
        Value::Mapping(entries) => entries.values().for_each(|node| parts(node, into)),
        Value::Sequence(items) => items.iter().for_each(|node| parts(node, into)),
        _ => {}
    }
}

#[test]
fn a_document_that_was_changed_at_random_never_panics() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let api = &workspace.apis[0];
    let document = Spec::load(&workspace.root, &api.spec).unwrap();
    let mut all = Vec::new();
    parts(document.root(), &mut all);
    // The document itself and other large parts would make documents that only grow.
    all.retain(|part| serde_yaml_ng::to_string(part).unwrap().len() < 500);
    let mut accepted = 0;
    for seed in 0..DOCUMENTS {
        let mut random = Random(seed);
        let mut root = document.root().clone();
        let rate = *random.of(&[40, 200, 1000]);
        mutate(&mut root, &mut random, &all, rate);
        let text = serde_yaml_ng::to_string(&root).unwrap();
        // A mapping that lost its shape may no longer be YAML of one document; that is an answer, too.
        let Ok(spec) = Spec::parse(Path::new("changed.yaml"), text) else { continue };
        accepted += u32::from(spec.preflight(api).is_ok());
    }
    // Both ways are really taken.
    assert!(accepted > 0 && u64::from(accepted) < DOCUMENTS, "{accepted}");
}
