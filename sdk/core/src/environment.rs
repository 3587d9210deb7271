//! A configuration that is read from the environment, with every problem at once.

mod config_error;
mod reader;

pub use config_error::{ConfigError, ConfigErrors};
pub use reader::{EnvironmentReader, Lookup, ReadFile, parse_bool};
