# The commands of CONTRIBUTING.md. `just` lists them.

default:
    @just --list

# Build everything that is shipped
build:
    cargo build

# Run the MCP server on the sandbox
run *ARGS:
    cargo run -- --sandbox {{ARGS}}

# Rebuild and restart the server on the sandbox when a source changes (needs watchexec); slim, so that it builds fast
dev *ARGS:
    watchexec --restart --clear --exts rs,toml,yaml,html,css,js -- cargo run --no-default-features -- --sandbox {{ARGS}}

# Play a whole sale
demo:
    cargo run --release -- demo

# Run all tests
test *ARGS:
    cargo test --workspace --locked {{ARGS}}

# Format, then check what CI checks
lint:
    cargo fmt --all
    .ci/run lint

# Regenerate the client and the tool table
generate *ARGS:
    cargo codegen generate {{ARGS}}

# Accept changed snapshots; read `git diff` afterwards
snapshots:
    INSTA_UPDATE=always cargo test -p bitnovo-pay-mcp

# Print speed and size
figures:
    cargo bench -p integration-tests

# Do what the pipeline does
ci *STAGES:
    .ci/run {{STAGES}}
