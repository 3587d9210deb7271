//! Turns the rows of `tools/` into routes, so that a row whose operation has left the API's document stops the build
//! instead of failing in front of a customer.

use std::{env, path::Path, process::ExitCode};

/// The folders with `tools/` and `apis/`: that of this package, and that of a provider that exists only in tests.
const REGISTRIES: [&str; 2] = ["", "test-provider"];

fn main() -> ExitCode {
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    for folder in REGISTRIES.map(Path::new) {
        println!("cargo::rerun-if-changed={}", folder.join("tools").display());
        println!("cargo::rerun-if-changed={}", folder.join("apis").display());
        if let Err(error) = payments_codegen::registry::emit(folder, Path::new(&out)) {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
