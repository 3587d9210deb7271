//! Variables and the files they name.

use std::{collections::HashMap, env, fs, io, sync::Arc};

use super::{Problem, limits};

/// The secrets, each of which may stand in a file instead: `NAME_FILE` holds its path. A certificate is no secret, and
/// comes in a file too.
pub(super) const IN_FILES: [&str; 7] = [
    "BITNOVO_DEVICE_ID",
    "BITNOVO_DEVICE_SECRET",
    "BITNOVO_DEVICE_SECRET_PREVIOUS",
    "WEBHOOK_STATS_TOKEN",
    "NGROK_AUTHTOKEN",
    "NGROK_CA",
    "ZROK_TOKEN",
];

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The environment of a process, with the files read in.
pub(crate) struct Environment {
    lookup: Arc<Lookup>,
    from_files: HashMap<&'static str, io::Result<String>>,
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self::new(|name| env::var(name).ok(), |path| fs::read_to_string(path))
    }

    pub(crate) fn new(
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        read: impl Fn(&str) -> io::Result<String>,
    ) -> Self {
        let from_files = IN_FILES
            .iter()
            .filter_map(|name| Some((*name, read(&lookup(&format!("{name}_FILE"))?))))
            .collect();
        Self { lookup: Arc::new(lookup), from_files }
    }

    /// The same with some variables set, and every limit and setting of webhooks and tunnels left out: for the demo, which
    /// must not stumble over what is meant for real money.
    pub(crate) fn for_demo(self, set: &'static [(&'static str, &'static str)]) -> Self {
        let Self { lookup, from_files } = self;
        let lookup = move |name: &str| {
            let fixed = set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let foreign =
                ["WEBHOOK_", "TUNNEL_", "NGROK_", "ZROK_"].iter().any(|prefix| name.starts_with(prefix))
                    || limits::VARIABLES.contains(&name);
            fixed.or_else(|| if foreign { None } else { lookup(name) })
        };
        Self { lookup: Arc::new(lookup), from_files }
    }

    /// The same with one more variable set, for a flag or a command that stands for it.
    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        let Self { lookup, from_files } = self;
        let value = value.into();
        let lookup = move |other: &str| if other == name { Some(value.clone()) } else { lookup(other) };
        Self { lookup: Arc::new(lookup), from_files }
    }

    /// Reads variables as they are, for programs that we start.
    pub(super) fn lookup(&self) -> Arc<Lookup> {
        Arc::clone(&self.lookup)
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
