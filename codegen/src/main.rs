//! `cargo codegen`.
#![expect(clippy::print_stdout, reason = "a command speaks on stdout")]
use codegen::{sdk, spec::Spec, workspace::Workspace};

fn main() -> anyhow::Result<()> {
    let workspace = Workspace::find(&std::env::current_dir()?)?;
    for api in &workspace.apis {
        let spec = Spec::load(&api.spec)?;
        std::fs::write(workspace.root.join(&api.out), sdk::generate(&spec, api)?)?;
        println!("{}", api.out.display());
    }
    Ok(())
}
