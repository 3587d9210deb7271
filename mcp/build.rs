//! Turns the rows of `tools/` into routes, so that a row whose operation has left the API's document stops the build
//! instead of failing in front of a customer.

use std::{env, path::Path, process::ExitCode};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=tools");
    println!("cargo::rerun-if-changed=apis");
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    match payments_codegen::registry::emit(Path::new(""), Path::new(&out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}
