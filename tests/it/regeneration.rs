//! What happens when the document changes: `cargo codegen generate --check` and the build notice.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use payments_test_support::process::{Finished, binary, command, finish};
use tempfile::TempDir;

/// The files from which everything is generated, and those that are.
const FILES: [&str; 11] = [
    "Cargo.toml",
    "README.md",
    DOCUMENT,
    SUMMARY,
    "mcp/tools/bitnovo.toml",
    "mcp/tools/server.toml",
    "mcp/test-provider/openapi.yaml",
    "mcp/test-provider/apis/till.toml",
    "mcp/test-provider/tools/till.toml",
    "mcp/src/test_provider/generated.rs",
    "sdk/bitnovo-pay/src/generated.rs",
];

const DOCUMENT: &str = "openapi/bitnovo-pay.yaml";

/// What the build needs of the document.
const SUMMARY: &str = "mcp/apis/bitnovo-pay.toml";

/// A copy in which the document can be changed.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        for file in FILES {
            let to = copy.path(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file), to).unwrap();
        }
        copy
    }

    /// A copy with one change in its document.
    fn with(from: &str, to: &str) -> Self {
        let copy = Self::new();
        copy.change(DOCUMENT, from, to);
        copy
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from:?} any more; change this test");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn codegen(&self, arguments: &[&str]) -> Finished {
        finish(command(env!("CARGO_BIN_EXE_it-codegen")).args(arguments).current_dir(self.0.path()))
    }

    fn check(&self) -> Finished {
        self.codegen(&["generate", "--check"])
    }

    /// The very build script that made this test's server, run as cargo runs it.
    fn build(&self) -> Finished {
        let out = self.path("out");
        fs::create_dir_all(&out).unwrap();
        finish(command(build_script()).current_dir(self.path("mcp")).env("OUT_DIR", out))
    }
}

/// Cargo keeps compiled build scripts beside the binaries; the newest is that of the last build.
fn build_script() -> PathBuf {
    let built = binary().parent().unwrap().join("build");
    let age = |path: &PathBuf| {
        fs::metadata(path).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    fs::read_dir(&built)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("bitnovo-pay-mcp-"))
        })
        .map(|path| path.join("build-script-build"))
        .filter(|path| path.is_file())
        .max_by_key(age)
        .unwrap_or_else(|| panic!("no build script in {}", built.display()))
}

#[test]
fn what_is_committed_is_what_the_document_says() {
    let done = Copy::new().check();
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[test]
fn a_changed_path_or_field_makes_the_check_fail_and_generating_fixes_it() {
    for (from, to, named) in [
        ("/api/v1/currencies:", "/api/v2/currencies:", "generated.rs"),
        ("/api/v1/currencies:", "/api/v2/currencies:", "README.md"),
        ("        good_fee:\n", "        good_tip:\n", "good_tip"),
        ("required: [expected_output_amount]", "required: [expected_output_amount, fiat]", "generated.rs"),
        ("maxLength: 512", "maxLength: 511", "511"),
        ("        - name: start\n", "        - name: since\n", "since"),
    ] {
        let copy = Copy::with(from, to);
        let stale = copy.check();
        assert_eq!(stale.code, Some(1), "{from:?} became {to:?}: {stale:?}");
        let said = stale.stdout + &stale.stderr;
        assert!(
            said.contains(named) && said.contains("cargo codegen generate"),
            "{from:?} became {to:?}: {said}"
        );
        assert_eq!(copy.codegen(&["generate"]).code, Some(0));
        assert_eq!(copy.check().code, Some(0), "generating brings it up to date");
    }
}

#[test]
fn a_changed_generated_file_makes_the_check_fail() {
    for file in ["sdk/bitnovo-pay/src/generated.rs", "README.md", SUMMARY] {
        let copy = Copy::new();
        let text = fs::read_to_string(copy.path(file)).unwrap();
        let changed = match file {
            "README.md" => text.replacen("| `create_payment_link` |", "| `create_payment_page` |", 1),
            _ => text + "\n# by hand\n",
        };
        fs::write(copy.path(file), changed).unwrap();
        let stale = copy.check();
        assert_eq!(stale.code, Some(1), "{file}: {stale:?}");
    }
}

#[test]
fn the_build_script_accepts_the_document_as_it_is() {
    let done = Copy::new().build();
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("cargo::rerun-if-changed"), "{done:?}");
}

#[test]
fn a_removed_operation_stops_the_build_with_the_tool_and_the_operation() {
    for (operation, tools) in [
        (
            "orders_info",
            ["create_payment_onchain", "create_payment_link", "get_payment_status", "generate_payment_qr"]
                .as_slice(),
        ),
        ("currencies_list", &["create_payment_onchain", "list_currencies_catalog"]),
    ] {
        let copy = Copy::with(&format!("operationId: {operation}\n"), "operationId: something_else\n");
        let check = copy.check();
        assert_eq!(check.code, Some(1), "{check:?}");
        for tool in tools {
            let named = check.stderr.lines().any(|line| line.contains(tool) && line.contains(operation));
            assert!(named, "no error names {tool} and {operation}: {}", check.stderr);
        }
        copy.change(SUMMARY, &format!("id = \"{operation}\"\n"), "id = \"something_else\"\n");
        let done = copy.build();
        assert!(done.code.is_some_and(|code| code != 0), "{done:?}");
        for tool in tools {
            let named = done.stdout.lines().any(|line| {
                line.starts_with("cargo::error=") && line.contains(tool) && line.contains(operation)
            });
            assert!(named, "no error names {tool} and {operation}: {}", done.stdout);
        }
    }
}

#[test]
fn an_operation_that_is_gone_with_its_path_is_named_too() {
    let copy = Copy::new();
    let document = fs::read_to_string(copy.path(DOCUMENT)).unwrap();
    let start = document.find("  /api/v1/orders/info/{identifier}:").unwrap();
    let end = start + document[start..].find("\n  /api/v1/device/:").unwrap() + 1;
    fs::write(copy.path(DOCUMENT), format!("{}{}", &document[..start], &document[end..])).unwrap();
    let check = copy.check();
    assert_eq!(check.code, Some(1), "{check:?}");
    assert!(check.stderr.contains("get_payment_status") && check.stderr.contains("orders_info"), "{check:?}");
}
