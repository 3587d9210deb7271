//! An event for people, on one line of at most 80 columns, and for programs, as one line of JSON.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use payments_core::clean_text;
use payments_webhook::{EventSource, WebhookEvent, scheme::bitnovo::Notification};
use serde::Serialize;
use serde_json::{json, value::RawValue};

use super::json_text::{ascii, one_line};
use crate::safety::exact_json;
use crate::safety::redaction::Redaction;
use crate::safety::untrusted_text::shortened;

const COLUMNS: usize = 80;

/// The time of arrival, the status, whether the event is trusted, and its name.
pub(super) fn line(event: &WebhookEvent) -> String {
    row(&time_of_day(event.received_at()), event.status(), mark(event), event.event_id())
}

/// The same for a list, with the time of the change, if the event contains it.
pub(super) fn list_line(event: &WebhookEvent) -> String {
    let changed = changed_at(event).map_or("-".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string());
    clip(&format!("{changed:<16}  {:<2}  {}", short_status(event.status()), clean_text(event.event_id())))
}

/// A line below or beside events, in their columns.
pub(super) fn row(time: &str, status: Option<&str>, mark: &str, event_id: &str) -> String {
    clip(&format!("{time:<8}  {:<2}  {mark:<8}  {}", short_status(status), clean_text(event_id)))
}

/// When the payment changed, by the provider's account.
pub(super) fn changed_at(event: &WebhookEvent) -> Option<DateTime<Utc>> {
    let edited_at = Notification::of(event)?.edited_at?;
    Some(DateTime::parse_from_rfc3339(&edited_at).ok()?.to_utc())
}

/// The whole event, with the payload digit for digit.
pub(super) fn json(event: &WebhookEvent) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        identifier: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<&'a str>,
        received_at: String,
        validated: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        refused: Option<&'a str>,
        source: &'static str,
        payload: Box<RawValue>,
    }
    let line = Line {
        event_id: event.event_id(),
        identifier: event.identifier(),
        status: event.status(),
        received_at: DateTime::<Utc>::from(event.received_at()).to_rfc3339_opts(SecondsFormat::Millis, true),
        validated: event.validated(),
        refused: event.rejection(),
        source: event.source().as_str(),
        payload: event.payload(),
    };
    serde_json::to_string(&line).map(|line| one_line(&line)).unwrap_or_default()
}

/// The same over several lines, to be read. A number that other readers would change is a string here.
pub(super) fn json_document(event: &WebhookEvent) -> String {
    let value = RawValue::from_string(json(event)).map(|line| exact_json::value(&line)).unwrap_or_default();
    // Letters beyond ASCII are escaped, like on the line.
    serde_json::to_string_pretty(&value).map(|text| ascii(&text)).unwrap_or_default()
}

/// A line about an event without secrets that others repeat in it. Values of the event itself do not change.
pub(super) fn masked(redaction: &Redaction, event: &WebhookEvent, text: String) -> String {
    let names = json!({
        "event_id": event.event_id(),
        "identifier": event.identifier(),
        "status": event.status(),
        "payload": exact_json::value(&event.payload()),
    });
    redaction.masked_beside(&text, &names).unwrap_or(text)
}

pub(super) fn time_of_day(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).format("%H:%M:%S").to_string()
}

fn mark(event: &WebhookEvent) -> &'static str {
    match event.source() {
        EventSource::Webhook if event.validated() => "verified",
        EventSource::Webhook => "too late",
        _ => "from API",
    }
}

fn short_status(status: Option<&str>) -> String {
    let status = shortened(status.unwrap_or("--"), 6);
    if status.is_empty() { "--".to_owned() } else { status }
}

pub(super) fn clip(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(COLUMNS) {
        None => line.to_owned(),
        Some(_) => line.chars().take(COLUMNS.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use payments_webhook::scheme::bitnovo;
    use serde_json::Value;

    use super::*;

    const PAYMENT: &str = "1040095a-737d-41a2-a2e1-d031d19ec8cd";

    fn event(body: &str) -> WebhookEvent {
        bitnovo::reconciled(body.as_bytes(), UNIX_EPOCH + Duration::from_secs(1_645_634_942)).unwrap()
    }

    #[test]
    fn a_line_holds_time_status_trust_and_id_in_eighty_columns() {
        let line = line(&event(&format!(r#"{{"identifier": "{PAYMENT}", "status": "CO"}}"#)));
        assert!(line.starts_with(&format!("16:49:02  CO  from API  {PAYMENT}:read-")), "{line}");
        assert!(line.chars().count() <= 80, "{line}");
    }

    #[test]
    fn the_longest_id_of_a_webhook_fits() {
        let id = format!("{PAYMENT}:1645634942-0a1b2c3d");
        assert_eq!(row("16:49:02", Some("CO"), "verified", &id).chars().count(), 80);
        assert!(row("16:49:02", Some("CO"), "verified", &id).ends_with("0a1b2c3d"));
    }

    #[test]
    fn what_others_wrote_neither_steers_the_terminal_nor_breaks_the_line() {
        let body =
            r#"{"identifier": "a\u001b[31m\nb", "status": "C\u001b[2J\u202eO-and-much-more-than-a-status"}"#;
        let event = event(body);
        for line in [line(&event), list_line(&event), json(&event)] {
            assert!(line.chars().all(|c| c == '…' || (' '..='~').contains(&c)), "{line:?}");
        }
        assert!(line(&event).chars().count() <= 80);
        assert!(row("", None, "x", &"y".repeat(200)).chars().count() == 80);
    }

    #[test]
    fn json_is_one_line_and_keeps_every_digit() {
        let body =
            format!("{{\"identifier\": \"{PAYMENT}\",\n \"fiat_amount\": 100.10, \"notes\": \"caf\u{e9}\"}}");
        let json = json(&event(&body));
        assert!(json.contains("100.10") && !json.contains('\n') && json.is_ascii(), "{json}");
        let read: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["payload"]["notes"], "café");
        assert_eq!((&read["source"], &read["validated"]), (&"reconciled".into(), &false.into()));
    }

    #[test]
    fn a_list_tells_when_the_payment_changed() {
        let body = format!(
            r#"{{"identifier": "{PAYMENT}", "status": "CO", "edited_at": "2025-02-03T10:04:10.601000+01:00"}}"#
        );
        assert!(list_line(&event(&body)).starts_with(&format!("2025-02-03 09:04  CO  {PAYMENT}:read-")));
        let body = format!(r#"{{"identifier": "{PAYMENT}"}}"#);
        assert!(list_line(&event(&body)).starts_with(&format!("-                 --  {PAYMENT}:read-")));
    }
}
