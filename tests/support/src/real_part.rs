//! Programs that are not ours. Without one a test says that it was skipped; where all of them have been installed
//! (`REQUIRE_REAL_PARTS=1`), a missing one is a failure.

use std::{
    env,
    io::{self, Write as _},
    path::PathBuf,
};

/// The program in the search path, or where Debian has those for administrators.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        let required = env::var("REQUIRE_REAL_PARTS").is_ok_and(|value| value == "1");
        assert!(!required, "{name} is missing, and REQUIRE_REAL_PARTS=1 demands it; .ci/run installs it");
        // Not `eprintln!`, which the test harness swallows when a test passes.
        let mut stderr = io::stderr();
        writeln!(stderr, "skipped: {name} is not installed; .ci/run installs it").unwrap();
    }
    found
}
