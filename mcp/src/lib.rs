//! The MCP server through which an AI agent takes cryptocurrency payments with Bitnovo Pay.
//!
//! The library holds everything and [`run`] is the whole interface, so that the binary and the integration tests start
//! the same server.

mod answer;
mod app;
mod bitnovo;
mod cli;
mod config;
mod limits;
mod logging;
mod protocol;
mod receiving;
mod safety;
#[cfg(test)]
mod test_provider;

pub use answer::failure::Code;
pub use cli::run;
pub use config::secret_variables;
