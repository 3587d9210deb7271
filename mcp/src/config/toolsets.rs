//! Which tools are offered.

use payments_core::environment::parse_bool;

use crate::config::environment::{Environment, unreadable};
use crate::config::problem::Problem;
use crate::safety::untrusted_text::shortened;

const TOOLSETS: &str = "BITNOVO_TOOLSETS";
const READ_ONLY: &str = "BITNOVO_READ_ONLY";

/// A tool that a selection can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownTool {
    pub(crate) tool: &'static str,
    pub(crate) toolset: &'static str,
}

/// The selection of `BITNOVO_TOOLSETS`: names of toolsets and tools, `default` for what is listed without it, and a
/// leading `-` for what is left out. Later words win.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toolsets(Option<Vec<Word>>);

#[derive(Clone, Debug)]
struct Word {
    name: String,
    include: bool,
}

impl Toolsets {
    /// Reads a selection.
    ///
    /// # Errors
    /// A message with the unknown word and the known ones.
    pub(crate) fn parse(text: &str, tools: &[KnownTool]) -> Result<Self, String> {
        let mut words = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (name, include) = match word.strip_prefix('-') {
                Some(name) => (name, false),
                None => (word, true),
            };
            let known =
                name == "default" || tools.iter().any(|known| known.toolset == name || known.tool == name);
            if !known {
                let mut toolsets: Vec<&str> = tools.iter().map(|known| known.toolset).collect();
                toolsets.dedup();
                let shown = shortened(name, 40);
                return Err(format!(
                    "there is no toolset or tool {shown:?}; there are default, {} and the names of the tools.",
                    toolsets.join(", ")
                ));
            }
            words.push(Word { name: name.to_owned(), include });
        }
        // Only words that leave out: they leave out of the default.
        let default = Word { name: "default".to_owned(), include: true };
        if words.iter().all(|word| !word.include) {
            words.insert(0, default);
        }
        Ok(Self(Some(words)))
    }

    /// The selection as it was written; `None` when there is none.
    pub(crate) fn in_words(&self) -> Option<String> {
        let words = self.0.as_ref()?.iter();
        let words: Vec<String> =
            words.map(|word| format!("{}{}", if word.include { "" } else { "-" }, word.name)).collect();
        Some(words.join(","))
    }

    /// Whether a tool is offered; `by_default` says whether it is without any selection.
    pub(crate) fn allows(&self, tool: &str, toolset: &str, by_default: bool) -> bool {
        let Some(words) = &self.0 else { return by_default };
        words.iter().fold(false, |allowed, word| {
            let meant = match word.name.as_str() {
                "default" => by_default,
                name => name == tool || name == toolset,
            };
            if meant { word.include } else { allowed }
        })
    }
}

/// Reads the selection, whether only tools that read are offered, and what keeps payments from being created until it is
/// corrected: a choice that cannot be read was meant to limit something.
pub(super) fn read(
    environment: &Environment,
    tools: fn() -> Vec<KnownTool>,
    problems: &mut Vec<Problem>,
) -> (Toolsets, bool, Vec<Problem>) {
    let unread = [READ_ONLY, TOOLSETS].into_iter().filter(|name| environment.is_unreadable(name));
    let mut in_the_way: Vec<Problem> = unread.map(unreadable).collect();
    let mut found = Vec::new();
    let read_only = match environment.get(READ_ONLY) {
        None => environment.is_unreadable(READ_ONLY),
        Some(text) => parse_bool(&text).unwrap_or_else(|_| {
            found.push(Problem::unexpected(READ_ONLY, &text, "true or false"));
            true
        }),
    };
    let toolsets = match environment.get(TOOLSETS).map(|text| Toolsets::parse(&text, &tools())) {
        None => Toolsets::default(),
        Some(Ok(toolsets)) => toolsets,
        Some(Err(message)) => {
            found.push(Problem::new(TOOLSETS, message));
            Toolsets::default()
        }
    };
    problems.extend_from_slice(&found);
    in_the_way.extend(found);
    (toolsets, read_only, in_the_way)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOLS: [KnownTool; 3] = [
        KnownTool { tool: "create", toolset: "payments" },
        KnownTool { tool: "list", toolset: "catalog" },
        KnownTool { tool: "simulate", toolset: "sandbox" },
    ];

    fn allowed(text: &str) -> Vec<&'static str> {
        let toolsets = Toolsets::parse(text, &TOOLS).unwrap();
        let allowed =
            TOOLS.iter().filter(|known| toolsets.allows(known.tool, known.toolset, known.tool != "simulate"));
        allowed.map(|known| known.tool).collect()
    }

    #[test]
    fn a_selection_lists_what_it_names_and_nothing_else() {
        assert_eq!(allowed("catalog, payments"), ["create", "list"]);
        assert_eq!(allowed("sandbox"), ["simulate"]);
        assert_eq!(allowed("list"), ["list"]);
    }

    #[test]
    fn default_and_a_minus_sign_add_and_take_away() {
        assert_eq!(allowed("default,sandbox"), ["create", "list", "simulate"]);
        assert_eq!(allowed("-create"), ["list"]);
        assert_eq!(allowed(""), ["create", "list"]);
    }

    #[test]
    fn an_unknown_word_is_named_with_the_known_ones() {
        let message = Toolsets::parse("payment", &TOOLS).unwrap_err();
        assert!(
            message.contains("\"payment\"") && message.contains("payments, catalog, sandbox"),
            "{message}"
        );
    }
}
