//! What the server and the extractor share: the clock, the body of a request, and the responses.

use std::{sync::Arc, time::SystemTime};

pub(crate) mod body;
pub(crate) mod reply;

/// Returns the time: `SystemTime::now` outside of tests.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;
