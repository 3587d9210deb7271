//! What the server offers, over all rooms.

use payments_webhook::{Provider, scheme::bitnovo::PROVIDER};

use crate::config::{KnownTool, Offer};
use crate::protocol::registry::Row;
use crate::{bitnovo, receiving};

/// The tools of every provider and of the server, and the fields of their results.
pub(crate) const OFFER: Offer =
    Offer { tools: known, fields: &[&bitnovo::fields::FIELDS, &receiving::fields::FIELDS] };

/// The provider of a tool; `None` for a tool of the server.
pub(crate) fn provider_of(tool: &str) -> Option<Provider> {
    bitnovo::tools::ROWS.iter().any(|row| row.name == tool).then_some(PROVIDER)
}

fn known() -> Vec<KnownTool> {
    bitnovo::tools::ROWS.iter().chain(&receiving::tools::ROWS).map(Row::known).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::answer;
    use crate::app::idle_server;
    use crate::config::variables;
    use crate::safety::redaction::vocabulary::Fields;

    fn rooms() -> impl Iterator<Item = &'static Fields> {
        OFFER.fields.iter().copied().chain([&answer::fields::FIELDS])
    }

    #[test]
    fn every_field_of_every_tool_is_exact_or_free() {
        fn names(schema: &Value, found: &mut BTreeSet<String>) {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                let kind = property.get("type").and_then(Value::as_str);
                let items = property.pointer("/items/type").and_then(Value::as_str);
                if kind == Some("string") || items == Some("string") {
                    found.insert(name.clone());
                }
                names(property, found);
                names(property.get("items").unwrap_or(&Value::Null), found);
            }
        }
        for room in rooms() {
            assert!([room.exact, room.free, room.names].iter().all(|list| list.is_sorted()), "{room:?}");
        }
        let exact: BTreeSet<&str> = rooms().flat_map(|room| room.exact).copied().collect();
        let free: BTreeSet<&str> = rooms().flat_map(|room| room.free).copied().collect();
        assert!(exact.is_disjoint(&free));
        let mut found = BTreeSet::new();
        for route in idle_server().routes() {
            let schema = route.tool.output_schema.as_ref().unwrap();
            names(&Value::Object((**schema).clone()), &mut found);
        }
        for name in &found {
            let listed = exact.contains(name.as_str()) || free.contains(name.as_str());
            assert!(listed, "{name}: add it to fields.rs of its room, as exact or free");
        }
    }

    #[test]
    fn every_name_of_a_tool_or_an_argument_is_ours() {
        let ours: BTreeSet<&str> =
            rooms().flat_map(|room| [room.exact, room.free, room.names]).flatten().copied().collect();
        let mut names: BTreeSet<String> = variables::names().map(str::to_owned).collect();
        for route in idle_server().routes() {
            names.insert(route.row.name.to_owned());
            let arguments = route.tool.input_schema.get("properties").and_then(Value::as_object);
            names.extend(arguments.into_iter().flatten().map(|(name, _)| name.clone()));
        }
        for name in names.iter().filter(|name| !variables::names().any(|variable| variable == *name)) {
            assert!(ours.contains(name.as_str()), "{name}: add it to the names in fields.rs of its room");
        }
        for name in rooms().flat_map(|room| room.names) {
            assert!(names.contains(*name), "{name}: no tool or argument has this name any more");
        }
    }
}
