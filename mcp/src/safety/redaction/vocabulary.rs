//! Which fields of a result hold exact values, which hold sentences, and which words are names of ours.

use std::collections::BTreeSet;

/// The fields of one room's results.
#[derive(Debug)]
pub(crate) struct Fields {
    /// Their values are money, addresses, codes, identifiers, times or URLs, or sentences of ours that are made of these.
    pub(crate) exact: &'static [&'static str],
    /// They can hold words that others wrote.
    pub(crate) free: &'static [&'static str],
    /// Names of tools and arguments that are not names of fields.
    pub(crate) names: &'static [&'static str],
}

/// The fields of all results, and every word that must stay readable although a secret may contain the same letters.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    exact: BTreeSet<&'static str>,
    names: BTreeSet<&'static str>,
}

impl Vocabulary {
    pub(crate) fn new(rooms: impl IntoIterator<Item = &'static Fields>) -> Self {
        let mut all = Self::default();
        for Fields { exact, free, names } in rooms {
            all.exact.extend(*exact);
            all.names.extend([*exact, *free, *names].into_iter().flatten());
        }
        all
    }

    /// The same with more names, such as those of variables.
    pub(crate) fn with_names(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.names.extend(names);
        self
    }

    /// Whether the field holds an exact value. One that no room lists is taken for free text.
    pub(super) fn is_exact(&self, name: &str) -> bool {
        self.exact.contains(name)
    }

    /// Whether the word is a name of ours: of a field, an argument, a tool, a code or a variable.
    pub(super) fn holds(&self, word: &str) -> bool {
        self.names.contains(word)
    }
}
