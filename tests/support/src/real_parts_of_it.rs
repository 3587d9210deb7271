//! Parts that are not ours: clients and a browser. Without one a test says that it was skipped; where all of them have
//! been installed (`REQUIRE_REAL_PARTS=1`), a missing one is a failure.

use std::{
    env,
    io::{self, Write as _},
    path::PathBuf,
};

/// The folder of the scripts that use the real parts.
pub(crate) fn clients() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// The Python of the virtual environment at the root.
pub(crate) fn python() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python")
}

/// The Python that holds the SDKs of hosts.
pub(crate) fn hosts_python() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.venv-hosts/bin/python")
}

/// A program of the search path; its bare name when it is not there.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| name.into())
}

/// Whether everything in `parts` is there.
pub(crate) fn is_there(parts: &[PathBuf]) -> bool {
    let Some(missing) = parts.iter().find(|part| !part.exists()) else { return true };
    let missing = missing.display();
    assert!(
        env::var("REQUIRE_REAL_PARTS").as_deref() != Ok("1"),
        "{missing} is missing, and REQUIRE_REAL_PARTS=1 demands it; .ci/run installs it"
    );
    // Not `eprintln!`, which the test harness swallows when a test passes.
    let mut stderr = io::stderr();
    writeln!(stderr, "skipped: {missing} is not installed; .ci/run installs it").unwrap();
    false
}
