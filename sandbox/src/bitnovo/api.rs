//! One exchange with the API: read the request, carry it out unless a fault forbids it, write the journal, answer.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Request, State as Shared},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use uuid::Uuid;

use crate::{
    bitnovo::operations::{self, ApiResponse, Call},
    bitnovo::python_json::Json,
    bitnovo::simulation::BitnovoSimulation,
    clock::timestamp,
    fault::{Fault, Mode},
    journal::JournalEntry,
    refusal::refusal,
    serve::Cut,
};

/// A larger body is refused.
const MOST_BYTES: usize = 64 * 1024;
/// What a page of some machine between client and API looks like.
const PAGE: &str =
    "<!DOCTYPE html><html><head><title>Web server</title></head><body><h1>It works</h1></body></html>";

/// Answers any request under `/api/v1`.
pub(crate) async fn exchange(Shared(state): Shared<Arc<BitnovoSimulation>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MOST_BYTES).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.");
    };
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let call = Call {
        method: head.method,
        path: path.strip_prefix("/api/v1").unwrap_or_default().to_owned(),
        query: query.to_owned(),
        device: text(&head.headers, "x-device-id"),
        content_type: text(&head.headers, header::CONTENT_TYPE.as_str()),
        body,
    };
    let fault = state.shared.faults.strike(call.method.as_str(), path);
    let mut response = answer(&state, &call, fault.as_ref());
    // By the simulated clock, as the times of the orders are: clients derive the day from it.
    let date = state.shared.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        response.headers_mut().insert(header::DATE, date);
    }
    let cut = response.extensions().get::<Cut>().is_some();
    let target = head.uri.path_and_query().map_or(path, |both| both.as_str()).to_owned();
    state.shared.journal.add(JournalEntry {
        at: timestamp(state.shared.clock.now()),
        method: call.method.to_string(),
        path: target,
        device: call.device.as_deref().map(masked),
        body: String::from_utf8_lossy(&call.body).into_owned(),
        status: (!cut).then(|| response.status().as_u16()),
        fault: fault.as_ref().map(|fault| fault.mode),
    });
    // The request has been carried out by now: a client that gives up waiting does not undo it.
    if let Some(delay) = fault.filter(|fault| fault.mode != Mode::CommitLate).and_then(|fault| fault.delay_ms)
    {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    response
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// A device id as it may be shown: its first eight and last four characters.
fn masked(device: &str) -> String {
    match Uuid::try_parse(device) {
        Ok(uuid) => {
            let text = uuid.to_string();
            let (head, tail) = (text.get(..8).unwrap_or_default(), text.get(32..).unwrap_or_default());
            format!("{head}-****-****-****-********{tail}")
        }
        Err(_) => "(not a UUID)".to_owned(),
    }
}

fn answer(state: &BitnovoSimulation, call: &Call, fault: Option<&Fault>) -> Response {
    let carry_out = || operations::answer(state, call).into_response();
    match fault.map(|fault| (fault.mode, fault.status)) {
        Some((Mode::CommitLate, _)) => {
            let delay = fault.and_then(|fault| fault.delay_ms).unwrap_or_default();
            operations::create_later(state, call, delay);
            cut()
        }
        None | Some((Mode::Delay, _)) => carry_out(),
        Some((Mode::Status, status)) => failed(code(status, StatusCode::INTERNAL_SERVER_ERROR)),
        Some((Mode::Reset, _)) => cut(),
        Some((Mode::DropAfterCommit, _)) => {
            operations::answer(state, call);
            cut()
        }
        Some((Mode::Truncate, _)) => {
            let answer = operations::answer(state, call);
            let body = Half::of(answer.body.compact().into());
            (answer.status, [(header::CONTENT_TYPE, "application/json")], Body::new(body)).into_response()
        }
        Some((Mode::NotJson, status)) => {
            (code(status, StatusCode::OK), [(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE)
                .into_response()
        }
    }
}

fn code(status: Option<u16>, default: StatusCode) -> StatusCode {
    status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(default)
}

fn failed(status: StatusCode) -> Response {
    if status != StatusCode::TOO_MANY_REQUESTS {
        let reason = status.canonical_reason().unwrap_or("Failed");
        return refusal(status, format!("{reason}."));
    }
    let mut throttled = refusal(status, "Request was throttled. Expected available in 1 second.");
    throttled.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    throttled
}

fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Cut);
    response
}

impl IntoResponse for ApiResponse {
    fn into_response(self) -> Response {
        (self.status, self.body).into_response()
    }
}

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.compact()).into_response()
    }
}

/// A body that promises its whole length, sends half and breaks off.
struct Half {
    promised: u64,
    data: Option<Bytes>,
    flushed: bool,
}

impl Half {
    fn of(whole: Bytes) -> Self {
        let promised = u64::try_from(whole.len()).unwrap_or(u64::MAX);
        Self { promised, data: Some(whole.slice(..whole.len() / 2)), flushed: false }
    }
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if !self.flushed {
            // hyper flushes when a body pauses, and discards what is unsent when it fails.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::ErrorKind::BrokenPipe.into())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_id_is_masked_by_value() {
        assert_eq!(masked("12345678-1234-4234-8234-1234567890ab"), "12345678-****-****-****-********90ab");
        assert_eq!(masked("my-key"), "(not a UUID)");
    }
}
