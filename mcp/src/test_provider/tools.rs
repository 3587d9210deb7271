//! The provider's tools.

use std::sync::Arc;

use crate::protocol::registry::{Available, Row};
use crate::protocol::route::Route;
use crate::test_provider::context::Context;

mod create_charge;
mod read_charge;

// From test-provider/tools/till.toml.
include!(concat!(env!("OUT_DIR"), "/till.rs"));
