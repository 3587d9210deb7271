//! The binary: everything is in the library, so that tests can run the same server.

use std::process::ExitCode;

fn main() -> ExitCode {
    bitnovo_pay_mcp::run()
}
