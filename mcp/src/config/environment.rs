//! Variables and the files they name.

use std::{collections::HashMap, env, fs, io};

use super::Problem;

/// The secrets, each of which may stand in a file instead: `NAME_FILE` holds its path.
const IN_FILES: [&str; 2] = ["BITNOVO_DEVICE_ID", "BITNOVO_DEVICE_SECRET"];

type Lookup = dyn Fn(&str) -> Option<String>;

/// The environment of a process, with the files read in.
pub(crate) struct Environment {
    lookup: Box<Lookup>,
    from_files: HashMap<&'static str, io::Result<String>>,
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self::new(|name| env::var(name).ok(), |path| fs::read_to_string(path))
    }

    pub(crate) fn new(
        lookup: impl Fn(&str) -> Option<String> + 'static,
        read: impl Fn(&str) -> io::Result<String>,
    ) -> Self {
        let from_files = IN_FILES
            .iter()
            .filter_map(|name| Some((*name, read(&lookup(&format!("{name}_FILE"))?))))
            .collect();
        Self { lookup: Box::new(lookup), from_files }
    }

    /// A variable's value. An empty one counts as not set: that is how many tools write "nothing".
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = match self.from_files.get(name) {
            // Editors and `echo` end a file with a line feed; any other space is an error that the value's own check
            // reports.
            Some(Ok(text)) => Some(text.trim_end_matches(['\n', '\r']).to_owned()),
            _ => (self.lookup)(name),
        };
        value.filter(|value| !value.is_empty())
    }

    /// Files that cannot be read, and secrets that are given twice.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self
            .from_files
            .iter()
            .filter_map(|(name, file)| match file {
                Err(error) => {
                    Some(Problem::new(&format!("{name}_FILE"), format!("the file cannot be read: {error}.")))
                }
                Ok(_) if (self.lookup)(name).is_some() => Some(Problem::new(
                    name,
                    format!("is set together with {name}_FILE; leave one of them out."),
                )),
                Ok(_) => None,
            })
            .collect();
        problems.sort_by(|a, b| a.variable.cmp(&b.variable));
        problems
    }
}
