//! Logs go to stderr: stdout belongs to JSON-RPC.

use std::io::{self, Write};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::foreign::visible;

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

/// stderr, one line for each event: what others wrote into it can neither begin a line of its own nor steer the
/// terminal.
struct OneLine;

impl Write for OneLine {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = visible(text.trim_end_matches('\n')).replace('\n', " ");
        line.push('\n');
        io::stderr().write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Starts logging at `level`.
///
/// Only our own crates are heard below `warn`: what the libraries say there holds headers and bodies, and so the
/// device id and customers' data.
pub(crate) fn start(level: LogLevel) {
    let ours = ["bitnovo_pay", "bitnovo_pay_mcp", "bitnovo_pay_webhook", "bitnovo_pay_sandbox"];
    let targets = Targets::new()
        .with_default(level.filter().min(LevelFilter::WARN))
        .with_targets(ours.map(|target| (target, level.filter())));
    let lines =
        tracing_subscriber::fmt::layer().with_writer(|| OneLine).with_ansi(false).with_filter(targets);
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
