//! The responses that only the server gives.

use axum::{
    http::{HeaderValue, StatusCode, header::ALLOW},
    response::Response,
};

use crate::http::reply::json;

pub(super) fn ok(body: String) -> Response {
    json(StatusCode::OK, body)
}

pub(super) fn not_found() -> Response {
    json(StatusCode::NOT_FOUND, r#"{"error":{"code":"NOT_FOUND"}}"#)
}

pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    let mut response = json(StatusCode::METHOD_NOT_ALLOWED, r#"{"error":{"code":"METHOD_NOT_ALLOWED"}}"#);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
