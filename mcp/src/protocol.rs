//! MCP: the server, the registry of tools, their schemas and arguments, and what a client is asked.

pub(crate) mod arguments;
pub(crate) mod backend;
pub(crate) mod elicitation;
pub(crate) mod fields;
pub(crate) mod progress;
pub(crate) mod registry;
pub(crate) mod route;
pub(crate) mod schema;
pub(crate) mod server;
pub(crate) mod stdio;
