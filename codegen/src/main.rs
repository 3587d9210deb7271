//! `cargo codegen`: keeps generated files in step with the OpenAPI documents.
#![expect(clippy::print_stdout, reason = "reporting on stdout is this command's job")]

use std::{env, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use payments_codegen::{
    generate::{self, Output},
    workspace::Workspace,
    write,
};

/// Keep generated files in step with the OpenAPI documents.
#[derive(Parser)]
#[command(bin_name = "cargo codegen", version)]
enum Command {
    /// Write the clients, API summaries and tool tables of every API in the root Cargo.toml
    Generate {
        /// Write nothing; fail and show the difference when a file is out of date
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

/// Returns whether every file is up to date, or was brought up to date.
fn run(check: bool) -> anyhow::Result<bool> {
    let workspace = Workspace::find(&env::current_dir().context("cannot tell the current directory")?)?;
    let (mut outputs, mut errors): (Vec<Output>, Vec<anyhow::Error>) = (Vec::new(), Vec::new());
    for output in generate::outputs(&workspace) {
        match output {
            Ok(output) => outputs.push(output),
            Err(error) => errors.push(error.into()),
        }
    }
    let (stale, current): (Vec<&Output>, Vec<&Output>) = outputs.iter().partition(|output| output.is_stale());
    current.iter().for_each(|output| println!("up to date: {}", output.path.display()));
    if check {
        stale.iter().for_each(|output| println!("{}", output.diff()));
        if !stale.is_empty() {
            let stale = stale.len();
            println!("{stale} file(s) are out of date; run: cargo codegen generate");
        }
        report(&errors);
        return Ok(stale.is_empty() && errors.is_empty());
    }
    // A README that describes another client than the one beside it is worse than an old one.
    if errors.is_empty()
        && let Err(failed) = write::all(&workspace.root, &stale)
    {
        errors.extend(failed.into_iter().map(anyhow::Error::from));
    }
    report(&errors);
    if errors.is_empty() {
        stale.iter().for_each(|output| println!("written: {}", output.path.display()));
    } else {
        eprintln!("nothing was written");
    }
    Ok(errors.is_empty())
}

fn report(errors: &[anyhow::Error]) {
    errors.iter().for_each(|error| eprintln!("error: {error:#}\n"));
}
