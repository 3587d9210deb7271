//! Standard output of the commands.

use std::{
    fmt::Display,
    io::{self, Write as _},
    time::Duration,
};

use crate::logging::line_writer::LineWriter;

/// Prints one line. A reader that has gone away, such as `head`, is no reason to panic.
pub(super) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Standard output of a command that goes on while its reader pauses: what comes faster than it is read is left out, and
/// the reader learns how much.
pub(super) struct Stream(LineWriter);

impl Stream {
    /// `json`: the lines are read by a program.
    pub(super) fn new(json: bool) -> Self {
        let notice: fn(u64) -> String = if json {
            |dropped| serde_json::json!({ "left_out": dropped }).to_string()
        } else {
            |dropped| format!("{dropped} lines were left out: they came faster than they were read.")
        };
        Self(LineWriter::start(io::stdout(), notice))
    }

    pub(super) fn line(&self, text: impl Display) {
        self.0.line(text.to_string());
    }

    /// Waits a moment for the reader of the last lines.
    pub(super) fn finish(&self) {
        self.0.finish(Duration::from_millis(300));
    }
}
