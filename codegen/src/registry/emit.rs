//! The registry as Rust text.

use super::{Registry, Tool};

/// The function `routes()`. `Debug` of a `str` is a Rust literal, so that no text of a row can end the literal.
pub(super) fn rust(registry: &Registry) -> String {
    let routes: String = registry.tools.iter().map(route).collect();
    format!(
        "/// Every tool this server can offer, in the order of tools.toml.\n\
         pub(crate) fn routes() -> Vec<Route> {{\n    vec![\n{routes}    ]\n}}\n"
    )
}

fn route(Tool { row, .. }: &Tool) -> String {
    let operations: Vec<String> = row.operations.iter().map(|id| format!("{id:?}")).collect();
    let fields = [
        format!("name: {:?}", row.name),
        format!("title: {:?}", row.title),
        format!("api: {:?}", row.api),
        format!("operations: &[{}]", operations.join(", ")),
        format!("toolset: {:?}", row.toolset),
        format!("available: Available::{}", upper_camel(&row.available)),
        format!("read_only: {}", row.read_only),
        format!("destructive: {}", row.destructive),
        format!("idempotent: {}", row.idempotent),
        format!("open_world: {}", row.open_world),
        format!("summary: {:?}", row.summary),
        format!("description: {:?}", row.description),
    ];
    let fields: String = fields.iter().map(|field| format!("                {field},\n")).collect();
    format!(
        "        Route::new(\n            Row {{\n{fields}            }},\n            crate::bitnovo::tools::{}::call,\n        ),\n",
        row.name
    )
}

fn upper_camel(word: &str) -> String {
    let capitalised = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    word.split(['-', '_']).map(capitalised).collect()
}
