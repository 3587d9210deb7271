//! Logs go to stderr: stdout belongs to JSON-RPC.

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

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
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_filter(targets);
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
