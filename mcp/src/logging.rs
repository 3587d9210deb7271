//! Logs go to stderr: stdout belongs to JSON-RPC. A client need not read them, so writing never waits.

pub(crate) mod line_writer;

use std::{
    io::{self, Write},
    sync::{Arc, OnceLock},
    time::Duration,
};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::logging::line_writer::LineWriter;
use crate::safety::redaction::Redaction;
use crate::safety::untrusted_text::visible;

/// The longest line, in bytes.
const LONGEST_LINE: usize = 16 * 1024;

/// How long the end of the process waits for a reader of stderr.
const PATIENCE: Duration = Duration::from_millis(300);

static STDERR: OnceLock<LineWriter> = OnceLock::new();

/// What no line may contain.
static REDACTION: OnceLock<Arc<Redaction>> = OnceLock::new();

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

impl LogLevel {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            "debug" => Some(Self::Debug),
            _ => None,
        }
    }

    fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
        }
    }
}

/// The last layer of the log, one line for each event: what others wrote into it can neither begin a line of its own nor
/// steer the terminal, and no line holds a secret, whichever library wrote it.
struct OneLine;

impl Write for OneLine {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        stderr().line(one_line(redaction(), &String::from_utf8_lossy(event)));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn one_line(redaction: &Redaction, event: &str) -> String {
    let line = visible(event.trim_end_matches('\n')).replace('\n', " ");
    let line = redaction.masked(&line).unwrap_or(line);
    let mut line = short_digests(&line);
    if line.len() > LONGEST_LINE {
        let end = (0..=LONGEST_LINE).rev().find(|end| line.is_char_boundary(*end));
        line.truncate(end.unwrap_or_default());
        line.push('…');
    }
    line
}

/// Shows signatures by their first digits only: with a whole one, a webhook can be sent again while it is fresh. Any 64 hex
/// digits may be a signature, or a secret.
fn short_digests(line: &str) -> String {
    const DIGITS: usize = 64;
    const SHOWN: usize = 6;
    let mut short = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, run) = rest.split_at(start);
        let length = run.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(run.len());
        let (digits, after) = run.split_at(length);
        short.push_str(before);
        match digits.get(..SHOWN) {
            Some(shown) if length == DIGITS => short.extend([shown, "…"]),
            _ => short.push_str(digits),
        }
        rest = after;
    }
    short.push_str(rest);
    short
}

/// Starts logging at `level`, without what `redaction` hides.
///
/// Below `warn` only our own crates log: lines of libraries contain headers and bodies, and so customers' data.
pub(crate) fn start(level: LogLevel, redaction: Arc<Redaction>) {
    let _ = REDACTION.set(redaction);
    // Beginnings of names: each crate of ours has one of them.
    let ours = ["bitnovo_pay", "payments_"];
    let targets = Targets::new()
        .with_default(level.filter().min(LevelFilter::WARN))
        .with_targets(ours.map(|target| (target, level.filter())));
    let lines =
        tracing_subscriber::fmt::layer().with_writer(|| OneLine).with_ansi(false).with_filter(targets);
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    // The usual report of a panic waits for the reader of stderr.
    std::panic::set_hook(Box::new(|panic| tracing::error!("a defect in this server: {panic}")));
}

/// Prints a message of a command beside its answer.
pub(crate) fn say(message: &str) {
    stderr().line(redaction().masked(message).unwrap_or_else(|| message.to_owned()));
}

/// Waits a moment for the reader of the last lines.
pub(crate) fn finish() {
    if let Some(stderr) = STDERR.get() {
        stderr.finish(PATIENCE);
    }
}

fn redaction() -> &'static Redaction {
    REDACTION.get_or_init(Arc::default)
}

fn stderr() -> &'static LineWriter {
    STDERR.get_or_init(|| {
        LineWriter::start(io::stderr(), |dropped| {
            format!("{dropped} lines of the log were left out: they came faster than they were read.")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: &str = "12345678-90ab-4cde-8f01-2345678990ab";

    #[test]
    fn no_line_holds_a_credential_a_token_or_a_signature() {
        let mut redaction = Redaction::default();
        redaction.hide_credential(DEVICE, "12345678-****");
        redaction.hide_token("2abc-ngrok-t0ken");
        let signature = "a3f2c1".repeat(11)[..64].to_owned();
        for (event, line) in [
            (
                format!("id: String(\"{}\")\n", DEVICE.to_uppercase()),
                "id: String(\"12345678-****\")".to_owned(),
            ),
            (format!("method {}", DEVICE.replace('-', "")), "method 12345678-****".to_owned()),
            ("token 2ABC-ngrok-t0ken".to_owned(), "token [hidden]".to_owned()),
            (format!("signature={signature}."), "signature=a3f2c1….".to_owned()),
            (signature.to_uppercase(), "A3F2C1…".to_owned()),
            (format!("{signature}0 is longer"), format!("{signature}0 is longer")),
            ("one\ntwo\u{1b}[1m".to_owned(), "one two[1m".to_owned()),
        ] {
            assert_eq!(one_line(&redaction, &event), line);
        }
        let long = one_line(&redaction, &"é".repeat(LONGEST_LINE));
        assert!(long.len() <= LONGEST_LINE + "…".len() && long.ends_with("é…"));
    }
}
