use std::{fs, path::Path};

use tempfile::TempDir;

use super::Workspace;

const API: &str = r#"
[workspace]
[[workspace.metadata.codegen.api]]
name = "shop"
spec = "openapi/shop.yaml"
out = "sdk/src/generated.rs"
registry = "."
readme = "README.md"
transport = "crate::Transport"
money = "crate::Money"
"#;

/// What is found from the folder `member/src` below a root with this `Cargo.toml`.
fn find(manifest: &str) -> Result<Workspace, String> {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("member/src");
    fs::create_dir_all(&source).unwrap();
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.path().join("member/Cargo.toml"), "[package]\nname = \"member\"\n").unwrap();
    Workspace::find(&source).map_err(|error| format!("{:#}", anyhow::Error::from(error)))
}

#[test]
fn the_list_is_found_from_inside_a_member() {
    let workspace = find(API).unwrap();
    assert_eq!(workspace.apis.len(), 1);
    assert_eq!(workspace.apis[0].spec, Path::new("openapi/shop.yaml"));
    assert!(workspace.root.join("member/Cargo.toml").is_absolute());
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let shown = find(&API.replace("readme", "raedme")).unwrap_err();
    assert!(shown.contains("line 8") && shown.contains("unknown field `raedme`"), "{shown}");
}

#[test]
fn a_missing_key_is_named() {
    let shown = find(&API.replace("transport = \"crate::Transport\"\n", "")).unwrap_err();
    assert!(shown.contains("missing field `transport`"), "{shown}");
}

#[test]
fn an_api_may_have_neither_tools_nor_decimals() {
    let optional = ["registry = \".\"\n", "readme = \"README.md\"\n", "money = \"crate::Money\"\n"];
    let api = optional.iter().fold(API.to_owned(), |text, key| text.replace(key, ""));
    let workspace = find(&api).unwrap();
    assert!(workspace.apis[0].registry.is_none() && workspace.apis[0].money.is_none());
}

#[test]
fn a_workspace_without_apis_is_refused() {
    let shown = find("[workspace]\n").unwrap_err();
    assert!(shown.contains("has no [[workspace.metadata.codegen.api]]"), "{shown}");
}

#[test]
fn a_folder_outside_any_workspace_is_refused() {
    let shown = find("[package]\nname = \"root\"\n").unwrap_err();
    assert!(shown.contains("lies in no Cargo workspace"), "{shown}");
}
