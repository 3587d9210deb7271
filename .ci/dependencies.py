#!/usr/bin/env python3
"""Checks the dependencies: licences, crates in two versions, and the oldest Rust that they need.

Reads `cargo metadata`, so it needs no network. The known duplicates are listed below, each with its cause: a new one
fails, and one that has gone must leave the list.
"""

import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
    # File by file: it asks for changes to these crates to be published, and we make none.
    "MPL-2.0",
}
# crate: what keeps the second version
DUPLICATES = {
    "axum-core": "ngrok has a feature for axum 0.7",
    "base64": "ngrok, reqwest",
    "bitflags": "muxado, under ngrok",
    "block-buffer": "sha2 0.10",
    "cpufeatures": "sha2 0.10",
    "crypto-common": "sha2 0.10",
    "digest": "sha2 0.10, by bs58, and the WebSocket",
    "getrandom": "rand 0.8 and 0.9",
    "miniz_oxide": "png",
    "openssl-probe": "rustls-native-certs 0.7, under ngrok",
    "rand": "muxado, and the WebSocket",
    "rand_chacha": "rand 0.8 and 0.9",
    "rand_core": "rand 0.8 and 0.9",
    "rustls-native-certs": "ngrok",
    "sha2": "bs58",
    "thiserror": "tokio-socks, under ngrok",
}


def metadata():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def satisfied(expression):
    """Whether an SPDX expression can be met with ALLOWED alone. `AND` binds closer than `OR`, as in SPDX."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def peek():
        return tokens[position] if position < len(tokens) else None

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def either():
        met = both()
        while peek() == "OR":
            take()
            met = both() or met
        return met

    def both():
        met = one()
        while peek() == "AND":
            take()
            met = one() and met
        return met

    def one():
        if peek() == "(":
            take()
            met = either()
            take()
            return met
        licence = take()
        if peek() == "WITH":
            take()
            licence += " WITH " + take()
        return licence in ALLOWED

    return either()


def closure(data, roots, kinds, skipped=frozenset()):
    """The identifiers of all packages that `roots` need through dependencies of these kinds."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    waiting, found = list(roots), set()
    while waiting:
        id = waiting.pop()
        if id in found or id in skipped:
            continue
        found.add(id)
        for dependency in nodes[id]["deps"]:
            if any(kind["kind"] in kinds for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    return found


def shipped(data):
    """The packages that the server's binary and the SDK hold: no tests, no build scripts, no generator."""
    macros = {
        package["id"] for package in data["packages"] if any("proc-macro" in target["kind"] for target in package["targets"])
    }
    names = {package["id"]: package["name"] for package in data["packages"]}
    roots = [id for id in data["workspace_members"] if names[id] in ("bitnovo-pay", "bitnovo-pay-mcp")]
    found = closure(data, roots, {None}, macros)
    return [package for package in data["packages"] if package["id"] in found]


def number(version):
    return [int(part) for part in version.split(".")]


def too_new(data):
    """Dependencies that need a newer Rust than the crate of ours that uses them promises."""
    packages = {package["id"]: package for package in data["packages"]}
    problems = set()
    for id in data["workspace_members"]:
        promised = packages[id]["rust_version"]
        for used in closure(data, [id], {None, "build"}):
            needed = packages[used]["rust_version"]
            if needed and number(needed)[:2] > number(promised)[:2]:
                problems.add(f"{packages[id]['name']} promises Rust {promised}, and {packages[used]['name']} needs {needed}")
    return sorted(problems)


def main():
    data = metadata()
    packages, problems = shipped(data), too_new(data)
    versions = {}
    for package in packages:
        versions.setdefault(package["name"], []).append(package["version"])
        licence = package["license"]
        if not licence:
            problems.append(f"{package['name']}: states no licence")
        elif not satisfied(licence):
            problems.append(f"{package['name']}: its licence is not on the list: {licence}")
    for name, found in sorted(versions.items()):
        if len(found) > 1 and name not in DUPLICATES:
            problems.append(f"{name}: there in the versions {', '.join(sorted(found))}")
    for name in DUPLICATES:
        if len(versions.get(name, [])) < 2:
            problems.append(f"{name}: there once now; take it off the list of duplicates")
    print(f"{len(packages)} packages are shipped, {sum(len(found) > 1 for found in versions.values())} in two versions")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
