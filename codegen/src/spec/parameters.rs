//! The parameters of an operation: those of its own and those that its path shares with others.

use std::collections::BTreeMap;

use heck::ToSnakeCase as _;
use serde_yaml_ng::Value;

use super::{
    Operation, Spec,
    refusal::{Finding, Refusal},
    tree::{flag, members, word},
};

/// Where a parameter travels, and its description.
type Described<'a> = (&'a str, &'a Value);

/// The findings about the parameters of an operation.
pub(super) fn check(spec: &Spec, operation: &Operation<'_>, item: &Value) -> Vec<Finding> {
    let mut parameters: BTreeMap<&str, Vec<Described<'_>>> = BTreeMap::new();
    let own = members(operation.node, "parameters").iter().map(|parameter| (true, parameter));
    let shared = members(item, "parameters").iter().map(|parameter| (false, parameter));
    for (is_own, parameter) in own.chain(shared) {
        let parameter = spec.follow(parameter);
        let (Some(name), Some(place)) = (word(parameter, "name"), word(parameter, "in")) else { continue };
        let same_name = parameters.entry(name).or_default();
        // An operation may describe a parameter of its path anew.
        if is_own || !same_name.iter().any(|(known, _)| *known == place) {
            same_name.push((place, parameter));
        }
    }
    let mut refusals = Vec::new();
    for (name, described) in &parameters {
        refusals.extend(described.iter().filter_map(|(place, parameter)| one(name, place, parameter)));
        if described.len() > 1 {
            let places = described.iter().map(|(place, _)| *place).collect::<Vec<_>>().join(" and ");
            refusals.push(Refusal::DuplicateParameter { name: (*name).to_owned(), places });
        }
    }
    refusals.extend(same_in_rust(parameters.keys().copied()));
    refusals.extend(path(operation.path, &parameters));
    refusals.into_iter().map(|refusal| Finding { place: operation.to_string(), refusal }).collect()
}

fn same_in_rust<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Refusal> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        named.entry(name.to_snake_case()).or_default().push(name.to_owned());
    }
    let clashes = named.into_iter().filter(|(_, names)| names.len() > 1);
    clashes.map(|(rust, names)| Refusal::RustNames { names, rust }).collect()
}

fn one(name: &str, place: &str, parameter: &Value) -> Option<Refusal> {
    let reserved = ["accept", "content-type", "authorization"];
    let name = || name.to_owned();
    match place {
        "cookie" => Some(Refusal::CookieParameter { name: name() }),
        "path" if !flag(parameter, "required") => Some(Refusal::OptionalPathParameter { name: name() }),
        "header" if reserved.contains(&name().to_ascii_lowercase().as_str()) => {
            Some(Refusal::ReservedHeader { name: name() })
        }
        _ => None,
    }
}

/// Compares the names in the braces of a path with its path parameters.
fn path(path: &str, parameters: &BTreeMap<&str, Vec<Described<'_>>>) -> Vec<Refusal> {
    let Some(names) = names(path) else { return vec![Refusal::MalformedPath] };
    let in_path = |described: &[Described<'_>]| described.iter().any(|(place, _)| *place == "path");
    let undescribed = names
        .iter()
        .filter(|name| !parameters.get(*name).is_some_and(|described| in_path(described)))
        .map(|name| Refusal::UndescribedPathParameter { name: (*name).to_owned() });
    let unused = parameters
        .iter()
        .filter(|(name, described)| in_path(described) && !names.contains(name))
        .map(|(name, _)| Refusal::UnusedPathParameter { name: (*name).to_owned() });
    undescribed.chain(unused).collect()
}

/// The names in braces, when there is one in each pair and no name comes twice.
fn names(path: &str) -> Option<Vec<&str>> {
    let mut parts = path.strip_prefix('/')?.split('{');
    let mut names = Vec::new();
    if parts.next()?.contains('}') {
        return None;
    }
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        if name.is_empty() || name.contains('/') || rest.contains('}') || names.contains(&name) {
            return None;
        }
        names.push(name);
    }
    Some(names)
}
