//! Bodies, read in full and within a limit.

use reqwest::Response;

/// Reads the body up to `limit` bytes. What is longer is cut, and then is no JSON. The body of a failed answer may break off:
/// its status alone says enough.
///
/// # Errors
/// When the body of a successful answer breaks off.
pub async fn read_body(response: &mut Response, limit: usize) -> reqwest::Result<Vec<u8>> {
    let status = response.status();
    let has_failed = status.is_client_error() || status.is_server_error();
    let mut body = Vec::new();
    while body.len() < limit {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = limit.saturating_sub(body.len());
                body.extend(chunk.into_iter().take(room));
            }
            Ok(None) => break,
            Err(_) if has_failed => break,
            Err(error) => return Err(error),
        }
    }
    Ok(body)
}

/// The answer with another body.
#[must_use]
pub fn with_body(mut response: Response, body: Vec<u8>) -> Response {
    let mut answer = http::Response::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    answer.into()
}

/// Whether a text is a web page that some server in between has put in the place of an answer.
#[must_use]
pub fn is_web_page(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    ["<!doctype", "<html", "<head", "<body"].iter().any(|tag| text.contains(tag))
}
