//! Variables and the files they name.

use std::{collections::BTreeMap, env, ffi::OsString, sync::Arc};

use payments_core::{SecretFile, SecretFileError};

use crate::config::problem::Problem;
use crate::config::variables::server::{CERTIFICATE, NEUTRAL};
use crate::config::variables::{in_files, limits, names};

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// The environment of a process, with the files read in.
pub(crate) struct Environment {
    lookup: Arc<Lookup>,
    from_files: BTreeMap<&'static str, Result<SecretFile, SecretFileError>>,
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self::new(|name| env::var_os(name), |path| SecretFile::read(path))
    }

    pub(crate) fn new(
        lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
        read: impl Fn(&str) -> Result<SecretFile, SecretFileError>,
    ) -> Self {
        let from_files = in_files().filter_map(|name| {
            let path = lookup(&format!("{name}_FILE"))?.into_string().ok()?;
            Some((name, read(&path))).filter(|_| !path.is_empty())
        });
        let from_files = from_files.collect();
        let lookup = move |name: &str| {
            let neutral = NEUTRAL.iter().find(|(documented, _)| *documented == name);
            let set = lookup(name);
            let other = || neutral.and_then(|(_, neutral)| lookup(neutral));
            if set.as_ref().is_some_and(|value| !value.is_empty()) { set } else { other().or(set) }
        };
        Self { from_files, lookup: Arc::new(lookup) }
    }

    /// The same with some variables set, and every limit and setting of webhooks and tunnels left out: for the demo, which
    /// must not fail because of settings for real money.
    pub(crate) fn for_demo(self, set: &'static [(&'static str, &'static str)]) -> Self {
        let Self { lookup, from_files } = self;
        let lookup = move |name: &str| {
            let fixed = set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
            let foreign =
                ["WEBHOOK_", "TUNNEL_", "NGROK_", "ZROK_"].iter().any(|prefix| name.starts_with(prefix))
                    || limits().any(|limit| limit == name);
            fixed.or_else(|| if foreign { None } else { lookup(name) })
        };
        Self { lookup: Arc::new(lookup), from_files }
    }

    /// The same with one more variable set, for a flag or a command that stands for it.
    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        let Self { lookup, from_files } = self;
        let value = value.into();
        let lookup =
            move |other: &str| if other == name { Some(value.clone().into()) } else { lookup(other) };
        Self { lookup: Arc::new(lookup), from_files }
    }

    /// Reads variables as they are, for programs that we start.
    pub(super) fn lookup(&self) -> impl Fn(&str) -> Option<String> + Send + Sync + 'static {
        let lookup = Arc::clone(&self.lookup);
        move |name| lookup(name)?.into_string().ok()
    }

    /// A variable's value. An empty one counts as not set: that is how many tools write "nothing". One that is not UTF-8
    /// has none, and is among the [`problems`](Self::problems).
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = match self.from_files.get(name) {
            // Some editors mark UTF-8 at its beginning.
            Some(Ok(file)) => Some(file.expose().trim_start_matches('\u{feff}').to_owned()),
            _ => (self.lookup)(name)?.into_string().ok(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// Whether a variable is set to nothing, as opposed to not set.
    pub(super) fn is_empty(&self, name: &str) -> bool {
        (self.lookup)(name).is_some_and(|value| value.to_str().is_some_and(|text| text.trim().is_empty()))
    }

    /// Whether the value of a variable is not text. Its default would be a setting that the merchant did not choose.
    pub(super) fn is_unreadable(&self, name: &str) -> bool {
        (self.lookup)(name).is_some_and(|value| value.to_str().is_none())
    }

    /// Variables that are not UTF-8, files that cannot be read, and secrets that are given twice.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = names()
            .map(str::to_owned)
            .chain(in_files().map(|name| format!("{name}_FILE")))
            .filter(|name| self.is_unreadable(name))
            .map(|name| unreadable(&name))
            .collect();
        problems.extend(self.from_files.iter().filter_map(|(name, file)| match file {
            Err(error) => Some(Problem::new(&format!("{name}_FILE"), format!("{error}."))),
            Ok(_) if (self.lookup)(name).is_some() => {
                Some(Problem::new(name, format!("is set together with {name}_FILE; leave one of them out.")))
            }
            Ok(_) => None,
        }));
        problems
    }

    /// Files whose secrets others can read, and limits that are set to nothing.
    pub(super) fn warnings(&self) -> Vec<String> {
        let open = self.from_files.iter().filter(|(name, file)| {
            **name != CERTIFICATE && file.as_ref().is_ok_and(SecretFile::is_readable_by_others)
        });
        let open = open.map(|(name, _)| {
            format!("{name}_FILE: other users of this machine can read the file; chmod 600 it.")
        });
        let empty = limits().filter(|name| self.is_empty(name)).map(|name| {
            format!("{name} is empty, so it limits nothing. Set the limit, or leave the variable out.")
        });
        open.chain(empty).collect()
    }
}

/// A setting that is given under both of its names, differently.
pub(super) fn contradiction(environment: &Environment, name: &str, documented: &str) -> Option<Problem> {
    let (one, other) = (environment.get(name)?, environment.get(documented)?);
    let message =
        format!("is not the same as {documented}, which sets the same thing; leave one of them out.");
    (one != other).then(|| Problem::new(name, message))
}

/// What is wrong with a variable that is not UTF-8.
pub(super) fn unreadable(name: &str) -> Problem {
    Problem::new(name, "is not UTF-8 text; save the file or the shell that sets it as UTF-8.")
}
