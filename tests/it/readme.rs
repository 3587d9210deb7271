//! The README and the pages of docs/ against the product: what they show works, and what they name exists.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use bitnovo_pay_mcp::Code;
use payments_test_support::{
    on_this_machine,
    process::{binary, command, finish, run},
    sandbox::Sandbox,
    session::{Revision, Session},
};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

static README: LazyLock<String> = LazyLock::new(|| read(&root().join("README.md")));

/// The README, and the pages beside each other in docs/, in the order of their names.
static PAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let entries = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    paths.sort();
    [README.clone()].into_iter().chain(paths.iter().map(|path| read(path))).collect()
});

/// The fenced blocks in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    let blocks = PAGES.iter().flat_map(|page| page.split(&opening).skip(1));
    blocks.map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_first_screen_holds_the_two_commands_of_a_newcomer() {
    let screen: Vec<&str> = README.lines().take(40).collect();
    for line in ["cargo run --release -- demo", "cargo test --workspace --locked"] {
        assert!(screen.contains(&line), "{line}");
    }
}

#[test]
fn every_error_code_has_one_entry_on_its_page() {
    let page = read(&root().join("docs/errors.md"));
    let mut entries: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    entries.sort_unstable();
    codes.sort_unstable();
    assert_eq!(entries, codes);
}

#[test]
fn the_commands_it_shows_work() {
    let folder = tempfile::tempdir().unwrap();
    let lines = blocks("sh").into_iter().flat_map(str::lines);
    let commands: Vec<&str> = lines.filter_map(|line| line.strip_prefix("cargo run --release -- ")).collect();
    assert!(commands.len() >= 3, "{commands:?}");
    for arguments in commands {
        let done = finish(
            command("sh")
                .arg("-c")
                .arg(format!("{} {arguments}", binary().display()))
                .current_dir(folder.path()),
        );
        assert_eq!(done.code, Some(0), "{arguments}: {done:?}");
    }
}

#[test]
fn the_configurations_it_shows_start_a_server() {
    let mut started = 0;
    for block in blocks("json") {
        let fragment: Result<Value, _> =
            serde_json::from_str(block).or_else(|_| serde_json::from_str(&format!("{{{block}}}")));
        let fragment = fragment.unwrap_or_else(|error| panic!("{error}: {block}"));
        let server = ["/mcpServers/bitnovo-pay", "/servers/bitnovo-pay", ""];
        let env = server.iter().find_map(|place| fragment.pointer(place)?.get("env"));
        let Some(env) = env else { continue };
        let env: Vec<(&str, &str)> = env
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let mut session = Session::start(Revision::Handshake, &[], &on_this_machine(&env));
        assert!(session.tools().len() >= 5, "{block}");
        started += 1;
    }
    assert_eq!(started, 9, "every block with an `env` was started");
}

/// A container that runs the product.
struct Container<'a> {
    arguments: Vec<&'a str>,
    environment: Vec<(&'a str, &'a str)>,
}

/// The containers of a recipe that run the product.
fn containers(value: &Value) -> Vec<Container<'_>> {
    let inner = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => Vec::new(),
    };
    let mut found: Vec<_> = inner.into_iter().flat_map(containers).collect();
    let arguments = value.get("args").or(value.get("command")).and_then(Value::as_array);
    let texts = |items: &'static str| value.get(items).into_iter();
    let listed = texts("env").filter_map(Value::as_array).flatten();
    let listed = listed.filter_map(|pair| Some((pair["name"].as_str()?, pair["value"].as_str()?)));
    let mapped = texts("environment").filter_map(Value::as_object).flatten();
    let mapped = mapped.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let environment: Vec<(&str, &str)> = listed.chain(mapped).collect();
    if let Some(arguments) =
        arguments.filter(|_| environment.iter().any(|(name, _)| name.starts_with("BITNOVO_")))
    {
        let arguments = arguments.iter().filter_map(Value::as_str).collect();
        found.push(Container { arguments, environment });
    }
    found
}

#[test]
fn the_recipes_start_the_product_as_it_can_be_started() {
    let mut started = 0;
    for document in blocks("yaml").iter().flat_map(|block| block.split("\n---\n")) {
        let recipe: Value =
            serde_yaml_ng::from_str(document).unwrap_or_else(|error| panic!("{error}: {document}"));
        for Container { arguments, environment } in containers(&recipe) {
            // The files of the secrets are missing here, and nothing else is wrong.
            let done = run(&arguments, &on_this_machine(&environment));
            assert_eq!(done.code, Some(78), "{arguments:?}: {done:?}");
            assert!(done.stderr.matches("BITNOVO_").count() >= 2, "{done:?}");
            assert!(!done.stderr.contains("WEBHOOK_"), "{done:?}");
            started += 1;
        }
    }
    assert_eq!(started, 3, "Docker with ingress, Kubernetes, n8n");
}

#[test]
fn every_variable_of_a_page_is_on_the_page_of_variables() {
    let page = read(&root().join("docs/environment.md"));
    let words = |text: &'static str| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let prefixes = ["BITNOVO_", "WEBHOOK_", "TUNNEL_", "NGROK_", "ZROK_", "PAYMENTS_"];
    let mut seen = 0;
    for name in PAGES.iter().flat_map(|page| words(page)) {
        let is_code = Code::ALL.iter().any(|code| code.as_str() == name);
        let shortened = name.ends_with('_') || is_code;
        if shortened || name.contains(|c: char| c.is_ascii_lowercase()) {
            continue;
        }
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            assert!(page.contains(&format!("`{name}`")), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn the_rooms_of_the_architecture_page_are_those_of_the_server() {
    let page = read(&root().join("docs/architecture.md"));
    let rooms = page.split("## Rooms").nth(1).unwrap().split("```").nth(1).unwrap();
    let mut shown: Vec<&str> = rooms.lines().filter_map(|line| line.split_whitespace().next()).collect();
    shown.sort_unstable();
    let entries = fs::read_dir(root().join("mcp/src")).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name());
    let mut rooms: Vec<String> = folders.map(|name| name.into_string().unwrap()).collect();
    rooms.retain(|room| room != "test_provider");
    rooms.sort_unstable();
    assert_eq!(shown, rooms);
}

#[test]
fn every_file_that_a_page_names_exists() {
    let mut pages = vec![root().join("CONTRIBUTING.md"), root().join("openapi/README.md")];
    for folder in ["docs", "docs/decisions"] {
        pages.extend(fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    let mut files = 0;
    for page in pages.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        let text = read(page);
        let quoted = text.split('`').skip(1).step_by(2);
        for name in quoted.filter(|name| {
            name.contains('/')
                && !name.contains([' ', '~', '%', ':', '$'])
                && !name.starts_with('/')
                && !name.contains("NAME")
                && [".rs", ".toml", ".yaml", ".md"].iter().any(|ending| name.ends_with(ending))
        }) {
            assert!(root().join(name).is_file(), "{}: {name}", page.display());
            files += 1;
        }
    }
    assert!(files > 10, "{files}");
}

#[tokio::test]
async fn the_example_of_a_key_makes_one_payment_of_two_calls() {
    let line = blocks("sh").into_iter().flat_map(str::lines).find(|line| line.contains("idempotency_key"));
    let arguments = line.unwrap().strip_prefix("bitnovo-pay-mcp ").unwrap();
    let block = blocks("json").into_iter().find(|block| block.contains("idempotency_key")).unwrap();
    assert!(arguments.ends_with(&format!("'{}'", block.trim().replace("{ ", "{").replace(" }", "}"))));
    let sandbox = Sandbox::start();
    let told = [(); 2].map(|()| {
        let mut shell = command("sh");
        let done = finish(
            shell.arg("-c").arg(format!("{} {arguments}", binary().display())).envs(sandbox.exports()),
        );
        assert_eq!(done.code, Some(0), "{done:?}");
        serde_json::from_str::<Value>(&done.stdout).unwrap()
    });
    for field in ["identifier", "address", "tag_memo", "payment_uri"] {
        assert!(told[0][field].is_string() && told[0][field] == told[1][field], "{field}: {told:?}");
    }
    assert!(told[0].get("warnings").is_none() && told[1]["warnings"].is_array(), "{told:?}");
    assert_eq!(sandbox.count().await, 1);
}

#[tokio::test]
async fn the_example_of_waiting_ends_with_the_payment() {
    let block = blocks("json").into_iter().find(|block| block.contains("timeout_seconds")).unwrap();
    let mut arguments: Value = serde_json::from_str(block).unwrap();
    let sandbox = Sandbox::start();
    arguments["identifier"] = json!(sandbox.order_after(&[("pay", json!({})), ("mine", json!({}))]).await);
    let mut session = Session::start(Revision::Handshake, &[], &sandbox.exports());
    let waited = session.done("wait_for_payment", arguments);
    assert_eq!((&waited["done"], &waited["reached"]), (&json!(true), &json!(true)), "{waited}");
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut pages = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/decisions"] {
        pages.extend(fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    let mut links = 0;
    for page in pages.iter().filter(|path| path.is_file()) {
        let text = read(page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.with_file_name("").join(file) };
            assert!(target.is_file(), "{}: {link}", page.display());
            let headings = read(&target);
            let mut anchors = headings.lines().filter_map(|line| line.strip_prefix('#'));
            let anchor = |heading: &str| {
                let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
                words.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect::<String>()
            };
            assert!(
                place.is_empty() || anchors.any(|heading| anchor(heading) == place),
                "{}: {link}",
                page.display()
            );
            links += 1;
        }
    }
    assert!(links > 30, "{links}");
}
