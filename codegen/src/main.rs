//! `cargo codegen`: keeps what is generated in step with the OpenAPI documents.
#![expect(clippy::print_stdout, reason = "reporting on stdout is this command's job")]

use std::{env, fs, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use codegen::{generate, workspace::Workspace};

/// Keeps what is generated in step with the OpenAPI documents.
#[derive(Parser)]
#[command(bin_name = "cargo codegen", version)]
enum Command {
    /// Writes the clients and the tool tables of every API in the root Cargo.toml.
    Generate {
        /// Writes nothing; fails and shows the difference when a file is not what its document says.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let Command::Generate { check } = Command::parse();
    match run(check) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Says whether every file is, or was made, what its document says.
fn run(check: bool) -> anyhow::Result<bool> {
    let workspace = Workspace::find(&env::current_dir().context("cannot tell the current directory")?)?;
    let mut stale = 0_u32;
    let mut failed = false;
    for output in generate::outputs(&workspace) {
        match output {
            Err(error) => {
                eprintln!("error: {:#}\n", anyhow::Error::from(error));
                failed = true;
            }
            Ok(output) if !output.is_stale() => println!("up to date: {}", output.path.display()),
            Ok(output) if check => {
                println!("{}", output.diff());
                stale += 1;
            }
            Ok(output) => {
                let path = workspace.root.join(&output.path);
                fs::write(&path, &output.generated)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                println!("written: {}", output.path.display());
            }
        }
    }
    if stale > 0 {
        println!("{stale} file(s) differ from what the documents say; run: cargo codegen generate");
    }
    Ok(stale == 0 && !failed)
}
