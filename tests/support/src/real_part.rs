//! Programs that are not ours: clients, a browser, `openssl`. Without one a test says that it was skipped; where all of
//! them have been installed (`REQUIRE_REAL_PARTS=1`), a missing one is a failure.

use std::{
    env,
    io::{self, Write as _},
    path::PathBuf,
};

use crate::tests_folder;

/// The folder of the scripts that use the real parts.
pub fn clients() -> PathBuf {
    tests_folder().join("clients")
}

/// The Python of the virtual environment at the root.
pub fn python() -> PathBuf {
    tests_folder().join("../.venv/bin/python")
}

/// The Python that holds the SDKs of hosts.
pub fn hosts_python() -> PathBuf {
    tests_folder().join("../.venv-hosts/bin/python")
}

/// A program of the search path, or from where Debian has those for administrators; its bare name when it is missing.
pub fn program(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file()).unwrap_or_else(|| name.into())
}

/// The same, unless it is missing.
pub fn find(name: &str) -> Option<PathBuf> {
    let program = program(name);
    is_there(std::slice::from_ref(&program)).then_some(program)
}

/// Whether everything in `parts` is there.
pub fn is_there(parts: &[PathBuf]) -> bool {
    let Some(missing) = parts.iter().find(|part| !part.exists()) else { return true };
    let missing = missing.display();
    let required = env::var("REQUIRE_REAL_PARTS").is_ok_and(|value| value == "1");
    assert!(!required, "{missing} is missing, and REQUIRE_REAL_PARTS=1 demands it; .ci/run installs it");
    // Not `eprintln!`, which the test harness swallows when a test passes.
    let mut stderr = io::stderr();
    writeln!(stderr, "skipped: {missing} is not installed; .ci/run installs it").unwrap();
    false
}
