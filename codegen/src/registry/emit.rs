//! The rows of a file as Rust text.

use super::{Group, Tool};

/// `ROWS` and `routes()`. `Debug` of a `str` is a Rust literal, so that no text of a row can end the literal.
pub(super) fn rust(Group { stem, tools, .. }: &Group) -> String {
    let rows: String = tools.iter().map(row).collect();
    let names = (0..tools.len()).map(|index| format!("row_{index}")).collect::<Vec<_>>().join(", ");
    let routes: String = tools.iter().enumerate().map(|(index, tool)| route(index, tool)).collect();
    let count = tools.len();
    format!(
        "/// The rows of {stem}.toml.\n\
         pub(crate) const ROWS: [Row; {count}] = [\n{rows}];\n\n\
         /// Binds each row to its tool, which works with the context.\n\
         pub(crate) fn routes(context: &Arc<Context>) -> Vec<Route> {{\n    \
         let [{names}] = ROWS;\n    vec![\n{routes}    ]\n}}\n"
    )
}

fn row(Tool { row, .. }: &Tool) -> String {
    let fields = [
        format!("name: {:?}", row.name),
        format!("title: {:?}", row.title),
        format!("toolset: {:?}", row.toolset),
        format!("available: Available::{:?}", row.available),
        format!("creates: {}", row.creates),
        format!("read_only: {}", row.read_only),
        format!("destructive: {}", row.destructive),
        format!("idempotent: {}", row.idempotent),
        format!("open_world: {}", row.open_world),
        format!("summary: {:?}", row.summary),
        format!("description: {:?}", row.description),
    ];
    let fields: String = fields.iter().map(|field| format!("        {field},\n")).collect();
    format!("    Row {{\n{fields}    }},\n")
}

fn route(index: usize, Tool { row, .. }: &Tool) -> String {
    let new = if row.creates { "creating" } else { "new" };
    format!("        Route::{new}(row_{index}, context, {}::call),\n", row.name)
}
