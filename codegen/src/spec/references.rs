//! References: each must lead to a component of the kind that belongs there, and never back to where it began.

use serde_yaml_ng::Value;

use super::{
    Spec,
    refusal::{Finding, Refusal},
    tree::{COMBINATIONS, members, reference, word},
};
use crate::workspace::Api;

/// The findings about a reference that stands in the place of something that is not a schema.
pub(super) fn check(spec: &Spec, target: &str, kind: Option<&'static str>, pointer: &str) -> Option<Finding> {
    let refusal = if spec.resolve(target).is_none() {
        Refusal::DanglingRef { target: target.to_owned() }
    } else if let Some(kind) = kind.filter(|kind| !is_component(target, kind)) {
        Refusal::MisplacedRef { target: target.to_owned(), kind }
    } else {
        Refusal::CircularRef { names: circle(spec, target, pointer)? }
    };
    Some(Finding { place: pointer.to_owned(), refusal })
}

fn is_component(target: &str, kind: &str) -> bool {
    let name = target.strip_prefix("#/components/").and_then(|rest| rest.strip_prefix(kind));
    name.and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| !name.contains('/'))
}

/// The names on the way from `target` back to `pointer`.
fn circle(spec: &Spec, target: &str, pointer: &str) -> Option<Vec<String>> {
    let mut names = vec![name(pointer)];
    let mut seen = vec![target];
    let mut next = target;
    while next != pointer {
        names.push(name(next));
        next = spec.resolve(next).and_then(reference)?;
        if seen.contains(&next) {
            // Another circle, which is reported where it is.
            return None;
        }
        seen.push(next);
    }
    names.push(name(pointer));
    Some(names)
}

/// The names on the way from a schema back to itself by `$ref`, `allOf`, `oneOf`, `anyOf` and `not` alone: no value
/// would ever fit it.
pub(super) fn schema_circle(spec: &Spec, api: &Api, pointer: &str) -> Option<Vec<String>> {
    // Each name with the index of the one that led to it.
    let mut found: Vec<(&str, usize)> = vec![(pointer, 0)];
    let mut at = 0;
    while let Some((target, _)) = found.get(at).copied() {
        let mut nodes: Vec<&Value> = spec.resolve(target).into_iter().collect();
        while let Some(node) = nodes.pop() {
            match reference(node) {
                Some(next) if next == pointer => return Some(way(&found, at, pointer)),
                Some(next) => {
                    let replaced =
                        spec.component(next).is_some_and(|(name, _)| api.replacements.contains_key(name));
                    if !replaced && !found.iter().any(|(known, _)| *known == next) {
                        found.push((next, at));
                    }
                }
                None => {
                    nodes.extend(COMBINATIONS.iter().flat_map(|keyword| members(node, keyword)));
                    nodes.extend(node.get("not"));
                }
            }
        }
        at += 1;
    }
    None
}

fn way(found: &[(&str, usize)], mut at: usize, pointer: &str) -> Vec<String> {
    let mut names = vec![name(pointer)];
    while let Some((target, from)) = found.get(at).filter(|_| at > 0) {
        names.push(name(target));
        at = *from;
    }
    names.push(name(pointer));
    names.reverse();
    names
}

fn name(pointer: &str) -> String {
    pointer.rsplit('/').next().unwrap_or(pointer).to_owned()
}

/// The findings about paths that are references, and about names of components that no reference can hold.
pub(super) fn names(spec: &Spec, findings: &mut Vec<Finding>) {
    for (path, item) in spec.paths() {
        if let Some(target) = word(item, "$ref") {
            let refusal = Refusal::PathItemRef { target: target.to_owned() };
            findings.push(Finding { place: path.to_owned(), refusal });
        }
    }
    for (kind, components) in super::tree::entries(spec.root.get("components")) {
        for (name, _) in super::tree::entries(Some(components)).filter(|(name, _)| !is_plain(name)) {
            let place = format!("#/components/{kind}");
            findings.push(Finding { place, refusal: Refusal::ComponentName { name: name.to_owned() } });
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}
