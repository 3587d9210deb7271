//! How requests travel: when an attempt is given up, when it is made again, and what is known of a failed connection.

mod api_clock;
mod body;
mod client;
mod connect_failure;
mod request_count;
mod retry;
mod retry_loop;
mod timeouts;

pub use api_clock::ApiClock;
pub use body::{is_web_page, read_body, with_body};
pub use client::{HAS_TLS, api_client_builder, client_builder};
pub use connect_failure::ConnectFailure;
pub use request_count::{RequestCount, count_requests, note_request};
pub use retry::{HttpRetry, RetryPolicyError};
pub use retry_loop::{delays, retry_after, with_retries};
pub use timeouts::{TimeoutError, Timeouts};
