//! The document without the parts that the generator handles badly.

use serde_yaml_ng::Value;

/// A copy that means the same to a client.
pub(super) fn normalised(root: &Value) -> Value {
    let mut root = root.clone();
    drop_patterns(&mut root);
    let paths = root.get_mut("paths").and_then(Value::as_mapping_mut);
    for item in paths.into_iter().flat_map(|paths| paths.values_mut()) {
        let operations = item.as_mapping_mut().into_iter().flat_map(|item| item.values_mut());
        for responses in operations.filter_map(|operation| operation.get_mut("responses")) {
            drop_covered_statuses(responses);
        }
    }
    root
}

/// A pattern would make a regular-expression engine a dependency of the client. Lengths stay: they need none.
fn drop_patterns(node: &mut Value) {
    match node {
        Value::Mapping(entries) => {
            if entries.get("pattern").is_some_and(Value::is_string) {
                entries.shift_remove("pattern");
            }
            entries.values_mut().for_each(drop_patterns);
        }
        Value::Sequence(items) => items.iter_mut().for_each(drop_patterns),
        _ => {}
    }
}

/// Beside 4XX, the generator makes an arm of 403 that nothing can reach. The preflight has checked that both hold
/// the same type.
fn drop_covered_statuses(responses: &mut Value) {
    let Some(responses) = responses.as_mapping_mut() else {
        return;
    };
    let class = |status: &Value| status.as_str().and_then(|status| status.chars().next());
    let is_range =
        |status: &Value| status.as_str().is_some_and(|status| status.to_uppercase().ends_with("XX"));
    let ranges: Vec<_> = responses.keys().filter(|status| is_range(status)).map(class).collect();
    responses.retain(|status, _| is_range(status) || !ranges.contains(&class(status)));
}
