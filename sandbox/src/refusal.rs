//! The response to a request that the sandbox does not carry out: `{"detail": …}`, with what was expected.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

pub(crate) fn refusal(status: StatusCode, detail: impl Into<String>) -> Response {
    let body = json!({ "detail": detail.into() }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
