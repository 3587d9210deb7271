//! Imports run one way: between crates, between the rooms of the server and between modules there is no way back.

mod imports;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
};

use payments_test_support::process::finish;
use serde_json::Value;

use imports::{Segments, Use};

/// The rooms of the server from top to bottom. A room uses rooms below it.
const ROOMS: [&str; 10] =
    ["cli", "app", "bitnovo", "receiving", "protocol", "limits", "config", "logging", "answer", "safety"];

/// What each crate may use of ours, beside the tests' own crates for its tests.
const CRATES: [(&str, &[&str]); 10] = [
    ("payments-codegen", &[]),
    ("payments-core", &[]),
    ("payments-qr", &[]),
    ("payments-webhook", &[]),
    ("payments-tunnel", &["payments-webhook"]),
    ("payments-sandbox", &["payments-webhook"]),
    ("bitnovo-pay", &["payments-core", "payments-sandbox", "payments-webhook"]),
    (
        "bitnovo-pay-mcp",
        &[
            "bitnovo-pay",
            "payments-codegen",
            "payments-core",
            "payments-qr",
            "payments-sandbox",
            "payments-tunnel",
            "payments-webhook",
        ],
    ),
    ("payments-test-support", &["payments-tunnel", "payments-webhook"]),
    ("integration-tests", &["bitnovo-pay-mcp", "payments-codegen"]),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn packages() -> Vec<Value> {
    let mut command = std::process::Command::new(env!("CARGO"));
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    command.args(arguments).current_dir(workspace());
    let done = finish(command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()));
    let metadata: Value =
        serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {}", done.stderr));
    metadata["packages"].as_array().unwrap().clone()
}

/// The files that are compiled first, of all libraries.
fn libraries() -> Vec<PathBuf> {
    let packages = packages();
    let targets = packages.iter().flat_map(|package| package["targets"].as_array().unwrap());
    let libraries = targets.filter(|target| target["kind"][0] == "lib");
    libraries.map(|library| library["src_path"].as_str().unwrap().into()).collect()
}

#[test]
fn a_crate_uses_only_what_lies_below_it() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("{name} has no place among the crates: give it one"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let shipped = dependencies.filter(|dependency| dependency["kind"] != "dev");
        for used in shipped.map(|dependency| dependency["name"].as_str().unwrap()) {
            if ours.contains(used) && !allowed.contains(&used) {
                wrong.push(format!("{name} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_room_of_the_server_uses_only_rooms_below_it() {
    let height = |module: &[String]| {
        // What the library itself defines lies above all rooms.
        let Some(room) = module.first() else { return 0 };
        let place = ROOMS.iter().position(|known| known == room);
        1 + place.unwrap_or_else(|| panic!("{room} has no place among the rooms: give it one"))
    };
    let uses = imports::uses(&workspace().join("mcp/src/lib.rs"));
    let up = uses.iter().filter(|used| height(&used.to) < height(&used.from));
    let up: Vec<String> = up.map(ToString::to_string).collect();
    assert!(up.is_empty(), "these run up: {up:#?}");
}

/// A module and those inside it are one: it may be made of them, and they may use what it defines.
#[test]
fn no_two_modules_side_by_side_use_each_other() {
    let mut circles = Vec::new();
    for library in libraries() {
        // By the module that holds them: from which of its parts to which.
        let mut floors: BTreeMap<Segments, BTreeMap<String, BTreeMap<String, Vec<Use>>>> = BTreeMap::new();
        for used in imports::uses(&library) {
            let common = used.from.iter().zip(&used.to).take_while(|(from, to)| from == to).count();
            let (Some(from), Some(to)) = (used.from.get(common), used.to.get(common)) else { continue };
            let floor = floors.entry(used.from[..common].to_vec()).or_default();
            floor.entry(from.clone()).or_default().entry(to.clone()).or_default().push(used);
        }
        for floor in floors.values() {
            for (from, targets) in floor {
                let back = targets.iter().filter(|(to, _)| reaches(floor, to, from));
                circles.extend(back.map(|(_, uses)| format!("{}: {}", library.display(), uses[0])));
            }
        }
    }
    assert!(circles.is_empty(), "these are part of a circle: {circles:#?}");
}

fn reaches<T>(floor: &BTreeMap<String, BTreeMap<String, T>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(at) = waiting.pop() {
        if at == to {
            return true;
        }
        let next = floor.get(at).into_iter().flat_map(BTreeMap::keys);
        waiting.extend(next.map(String::as_str).filter(|next| seen.insert(next)));
    }
    false
}
