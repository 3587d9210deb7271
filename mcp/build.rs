//! Turns tools.toml and the OpenAPI document into the tool registry, so that a row whose operation has left the
//! document stops the build instead of failing in front of a customer.

use std::{env, fs, path::Path, process::ExitCode};

/// (API, its document, its rows); a second provider is a second entry.
const APIS: &[(&str, &str, &str)] = &[("bitnovo-pay", "../openapi/bitnovo-pay.yaml", "tools/bitnovo.toml")];

fn main() -> ExitCode {
    for (_, document, rows) in APIS {
        println!("cargo::rerun-if-changed={document}");
        println!("cargo::rerun-if-changed={rows}");
    }
    match payments_codegen::registry::emit(APIS) {
        Ok(registry) => {
            let out = env::var_os("OUT_DIR").unwrap_or_default();
            match fs::write(Path::new(&out).join("registry.rs"), registry) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => refuse(&format!("cannot write the tool registry: {error}")),
            }
        }
        Err(error) => refuse(&error.to_string()),
    }
}

fn refuse(message: &str) -> ExitCode {
    for line in message.lines() {
        println!("cargo::error={line}");
    }
    ExitCode::FAILURE
}
