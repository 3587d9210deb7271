//! The last output of a program, for an error message.

use std::{collections::VecDeque, fmt};

use serde_json::Value;

use crate::redact::Redactor;

/// Lines kept, besides a complaint.
const LINES_KEPT: usize = 3;

/// How a complaint looks in the logs of these programs when it is no JSON.
const COMPLAINTS: [&str; 4] = ["[ERROR]", "panic:", " ERR ", "level=error"];

/// The last lines, and the last complaint, which a page of a stack trace may have followed.
#[derive(Default)]
pub(super) struct OutputTail {
    complaint: Option<String>,
    last: VecDeque<String>,
}

impl OutputTail {
    /// Keeps a line, as `redactor` lets it through. Of a line of JSON, its message.
    pub(super) fn note(&mut self, line: &str, redactor: &Redactor) {
        let (text, complains) = match entry(line) {
            Some((message, complains)) => (redactor.clean(&message), complains),
            None => (redactor.clean(line), COMPLAINTS.iter().any(|mark| line.contains(mark))),
        };
        if text.is_empty() {
            return;
        }
        if complains {
            self.complaint = Some(text.clone());
        }
        if self.last.len() == LINES_KEPT {
            self.last.pop_front();
        }
        self.last.push_back(text);
    }
}

impl fmt::Display for OutputTail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(complaint) = &self.complaint {
            return formatter.write_str(complaint);
        }
        for (number, line) in self.last.iter().enumerate() {
            write!(formatter, "{}{line}", if number == 0 { "" } else { " / " })?;
        }
        Ok(())
    }
}

/// The message of a log entry in JSON, and whether it is a complaint.
fn entry(line: &str) -> Option<(String, bool)> {
    let entry: Value = serde_json::from_str(line.trim()).ok()?;
    let message = entry.get("msg").or_else(|| entry.get("message"))?.as_str()?;
    let level = entry.get("level").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    Some((message.to_owned(), ["error", "fatal", "panic"].contains(&level.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[&str]) -> String {
        let mut said = OutputTail::default();
        let redactor = Redactor::new(vec!["s3cret-t0ken".into()]);
        lines.iter().for_each(|line| said.note(line, &redactor));
        said.to_string()
    }

    #[test]
    fn a_complaint_outlives_what_follows_it() {
        let trace = ["goroutine 1 [running]:", "main.run(0x1)", "/src/a.go:1", "exit status 2"];
        let lines = [&["starting", "panic: not enabled"], trace.as_slice()].concat();
        assert_eq!(said(&lines), "panic: not enabled");
        assert_eq!(said(&[r#"{"level":"error","msg":"no \u001b[1mroute"}"#, "bye"]), "no route");
    }

    #[test]
    fn without_a_complaint_the_last_lines_are_kept() {
        assert_eq!(said(&[]), "");
        assert_eq!(
            said(&["one", "", r#"{"level":"info","msg":"two"}"#, "three", "four"]),
            "two / three / four"
        );
        assert_eq!(said(&[r#"{"no":"message"}"#]), r#"{"no":"message"}"#);
    }

    #[test]
    fn a_secret_is_not_kept() {
        assert_eq!(said(&["[ERROR]: s3cret-t0ken is bad"]), "[ERROR]: [hidden] is bad");
        assert_eq!(said(&[r#"{"level":"error","msg":"s3cret\u002dt0ken is bad"}"#]), "[hidden] is bad");
    }
}
