//! The MCP server through which an AI agent takes cryptocurrency payments with Bitnovo Pay.
//!
//! The library holds everything and [`run`] is the whole interface, so that the binary and the integration tests start
//! the same server.

mod app;
mod arguments;
mod catalogue;
mod cli;
mod config;
mod currency;
mod dropped_create;
mod duplicates;
mod error;
mod exact_json;
mod fields;
mod foreign;
mod forms;
mod guard;
mod interruption;
mod line_writer;
mod logging;
mod masks;
#[cfg(test)]
mod odd_answers;
mod order;
mod payment_reader;
mod payment_view;
mod person;
mod picture;
mod progress;
mod proof;
mod public_address;
mod question;
mod reconcile;
mod registry;
mod reply;
mod scannable;
mod schema;
mod server;
mod settlement;
mod stdio;
mod steering;
mod surrogates;
mod texts;
mod tools;
mod tunnel;
mod variables;
mod watermarks;
mod webhooks;
mod withheld;

pub use cli::run;
pub use config::secret_variables;
pub use error::Code;
