//! The server under test: the same entry point as the product's binary, built with this package because a
//! workspace test does not build the binaries of other packages.

use std::process::ExitCode;

fn main() -> ExitCode {
    bitnovo_pay_mcp::run()
}
