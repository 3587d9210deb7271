//! Responses: always JSON, and to strangers as little as possible.

use axum::{
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE},
    },
    response::Response,
};

use super::body::BodyError;
use crate::outcome::WebhookResponse;

pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The response of a scheme.
pub(crate) fn answer(WebhookResponse { status, body }: WebhookResponse) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match body {
        std::borrow::Cow::Borrowed(body) => json(status, body),
        std::borrow::Cow::Owned(body) => json(status, body),
    }
}

/// The response to a request whose body was not read. The rest of the body is not waited for.
pub(crate) fn body_error(why: BodyError) -> Response {
    let (status, body) = match why {
        BodyError::Malformed => (StatusCode::BAD_REQUEST, r#"{"error":{"code":"BAD_REQUEST"}}"#),
        BodyError::Encoded => (StatusCode::BAD_REQUEST, r#"{"error":{"code":"ENCODED_BODY"}}"#),
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, r#"{"error":{"code":"PAYLOAD_TOO_LARGE"}}"#),
        BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, r#"{"error":{"code":"REQUEST_TIMEOUT"}}"#),
    };
    let mut response = json(status, body);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

pub(crate) fn unavailable() -> Response {
    json(StatusCode::SERVICE_UNAVAILABLE, r#"{"error":{"code":"UNAVAILABLE"}}"#)
}
