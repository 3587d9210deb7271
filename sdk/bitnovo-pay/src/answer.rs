//! Reads an answer in full and makes it harmless before any other code sees it.

use payments_core::http;
use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    DeviceId, clean_text,
    row_sink::{SharedSink, locked},
};

/// The largest body that is kept in memory: one payment with all its transactions takes a fraction of it. A longer body is
/// cut, and then is no JSON. Lists are not kept.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Reads the whole body, within the limit and within the attempt's time. An error keeps only its reason, so that no web
/// page can reach a message or a log. The rows of a list go into the sink, and an empty list remains.
pub(crate) async fn settle(
    mut response: Response,
    device_id: &DeviceId,
    rows: Option<&SharedSink>,
) -> reqwest::Result<Response> {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if let Some(rows) = rows.filter(|_| status.is_success()) {
        locked(rows).begin();
        while let Some(chunk) = response.chunk().await? {
            if !locked(rows).take(&chunk) {
                break;
            }
        }
        return Ok(http::with_body(response, b"[]".to_vec()));
    }
    let mut body = http::read_body(&mut response, LARGEST_BODY).await?;
    if failed {
        body = json!({ "detail": reason(&body, device_id) }).to_string().into_bytes();
    }
    Ok(http::with_body(response, body))
}

/// What the API says about a refusal: its `detail`, or its messages for each field.
fn reason(body: &[u8], device_id: &DeviceId) -> Option<String> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return None };
    let text = match fields.get("detail") {
        Some(Value::String(detail)) => detail.clone(),
        _ => {
            let messages =
                fields.iter().filter_map(|(field, messages)| Some(format!("{field}: {}", words(messages)?)));
            messages.collect::<Vec<_>>().join("; ")
        }
    };
    // Cleaning may join what invisible characters had separated, and may cut an identifier in two: the text is masked
    // before and after.
    let text = device_id.mask_in(&clean_text(&device_id.mask_in(&text)));
    Some(text).filter(|text| !text.is_empty() && !http::is_web_page(text))
}

fn words(messages: &Value) -> Option<String> {
    match messages {
        Value::String(message) => Some(message.clone()),
        Value::Array(messages) => {
            let words: Vec<&str> = messages.iter().filter_map(Value::as_str).collect();
            (!words.is_empty()).then(|| words.join(" "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: &str = "12345678-aaaa-4bbb-8ccc-ddddeeee90ab";

    async fn settled(status: u16, body: impl Into<reqwest::Body>) -> String {
        let mut response = ::http::Response::new(body.into());
        *response.status_mut() = ::http::StatusCode::from_u16(status).unwrap();
        let settled = settle(response.into(), &DEVICE.parse().unwrap(), None).await.unwrap();
        assert_eq!(settled.status().as_u16(), status);
        settled.text().await.unwrap()
    }

    #[tokio::test]
    async fn a_success_passes_unchanged() {
        assert_eq!(settled(200, r#"[ {"a":3.09e-05} ]"#).await, r#"[ {"a":3.09e-05} ]"#);
    }

    #[tokio::test]
    async fn of_an_error_only_the_cleaned_reason_is_kept() {
        for (body, kept) in [
            (r#"{"detail":"Not found."}"#, r#"{"detail":"Not found."}"#),
            (r#"{"detail":"\u202eevil\u200b\u0007"}"#, r#"{"detail":"evil"}"#),
            (r#"{"detail":"no","token":"secret"}"#, r#"{"detail":"no"}"#),
            (
                r#"{"input_currency":["Invalid choice."],"notes":["Too long.","Sorry."]}"#,
                r#"{"detail":"input_currency: Invalid choice.; notes: Too long. Sorry."}"#,
            ),
            (r#"{"detail":{"a":1}}"#, r#"{"detail":null}"#),
            ("{}", r#"{"detail":null}"#),
            ("<html>secret</html>", r#"{"detail":null}"#),
            (r#"{"detail":" <HTML><body>secret</body>"}"#, r#"{"detail":null}"#),
            ("\"text\"", r#"{"detail":null}"#),
            ("", r#"{"detail":null}"#),
        ] {
            assert_eq!(settled(404, body).await, kept, "{body}");
        }
        let long = settled(400, format!(r#"{{"detail":"{}"}}"#, "x".repeat(10_000))).await;
        assert_eq!(long.len(), r#"{"detail":""}"#.len() + 512);
    }

    #[tokio::test]
    async fn the_device_id_is_masked_in_what_the_api_says() {
        let hidden = DEVICE.replacen('-', "\u{200b}-", 1);
        for echoed in [DEVICE, &DEVICE.to_uppercase(), &hidden] {
            let kept = settled(403, format!(r#"{{"detail":"Device {echoed} is blocked."}}"#)).await;
            assert_eq!(kept, r#"{"detail":"Device 12345678-****-****-****-********90ab is blocked."}"#);
        }
    }

    #[tokio::test]
    async fn an_endless_body_is_cut() {
        let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'['; 1 << 20]));
        assert_eq!(settled(200, reqwest::Body::wrap_stream(endless)).await.len(), LARGEST_BODY);
    }

    #[tokio::test]
    async fn the_status_of_an_error_counts_even_when_its_body_breaks_off() {
        let broken = || {
            reqwest::Body::wrap_stream(futures::stream::iter([Ok("{"), Err(std::io::Error::other("reset"))]))
        };
        assert_eq!(settled(404, broken()).await, r#"{"detail":null}"#);
        let success = ::http::Response::new(broken());
        assert!(settle(success.into(), &DEVICE.parse().unwrap(), None).await.is_err());
    }
}
