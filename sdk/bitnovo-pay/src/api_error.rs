//! What the generated client reports, as this crate's errors. Apart from them, because that client is made with them.

use serde::de::DeserializeOwned;

use crate::{
    Error,
    generated::{self, types::ApiError},
    raw_answer::RawAnswer,
};

impl From<generated::Error<ApiError>> for Error {
    fn from(error: generated::Error<ApiError>) -> Self {
        use generated::Error as Answer;
        let unexpected = |reason: String| Self::Unexpected { reason };
        match error {
            Answer::ErrorResponse(response) => match response.status().as_u16() {
                401 | 403 => Self::DeviceRefused,
                429 => {
                    Self::RateLimited { retry_after: payments_core::http::retry_after(response.headers()) }
                }
                // A proxy may answer these about a request that the API carries out all the same.
                status @ (408 | 425 | 499) => unexpected(format!("status {status}")),
                status @ 400..=499 => Self::Refused { status, detail: response.into_inner().detail },
                status => Self::ServerError { status },
            },
            Answer::CommunicationError(error)
            | Answer::InvalidUpgrade(error)
            | Answer::ResponseBodyError(error) => error.into(),
            Answer::InvalidResponsePayload(_, error) => unexpected(unreadable(&error)),
            Answer::UnexpectedResponse(response) if response.status().is_redirection() => {
                unexpected(format!("a redirect ({}), which is never followed", response.status().as_u16()))
            }
            Answer::UnexpectedResponse(response) => {
                unexpected(format!("status {}", response.status().as_u16()))
            }
            // Neither is made from an answer: no hook of ours and no parameter of the API leads here.
            Answer::InvalidRequest(_) | Answer::Custom(_) => {
                unexpected("a request that cannot be built".to_owned())
            }
        }
    }
}

/// Reads an answer that the generated client has handed on as text.
pub(crate) fn read_answer<T: DeserializeOwned>(answer: &RawAnswer) -> Result<T, Error> {
    serde_json::from_str(answer.text()).map_err(|error| Error::Unexpected { reason: unreadable(&error) })
}

/// Where the body stopped making sense. The parser's own words may quote the body, except when a field is missing.
fn unreadable(error: &serde_json::Error) -> String {
    // A hand-written reader knows no lines.
    let place = match error.line() {
        0 => String::new(),
        line => format!(", at line {line}, column {}", error.column()),
    };
    let text = error.to_string();
    match error.classify() {
        serde_json::error::Category::Eof => format!("a body that ends too early{place}"),
        serde_json::error::Category::Data => match text.split(" at line ").next() {
            Some(missing) if missing.starts_with("missing field `") => format!("{missing}{place}"),
            _ => format!("a field of another type than described{place}"),
        },
        _ => format!("a body that is not JSON{place}"),
    }
}
