//! The command line: one file per command.

mod call;
mod delivery;
mod demo;
mod event_text;
mod events;
mod forward;
mod image_file;
mod json_text;
mod limit_flags;
mod listen;
mod output;
mod qr;
mod sandbox;
mod secret_file;
mod serve;
mod shutdown;
mod tools;
mod trigger;
mod webhook;

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use clap::{Parser, Subcommand};
use payments_webhook::Provider;
use secrecy::SecretString;

use crate::app::offer::OFFER;
use crate::config::bitnovo::upstream::{Upstream, names_sandbox};
use crate::config::{Config, Environment, Problem};
use crate::logging;
use crate::logging::LogLevel;

/// The exit codes of the documentation; 69 and 78 are those of sysexits.h.
mod exit {
    pub(super) const REFUSED: u8 = 1;
    pub(super) const USAGE: u8 = 2;
    pub(super) const API_UNAVAILABLE: u8 = 69;
    pub(super) const NOT_CONFIGURED: u8 = 78;
}

/// Takes cryptocurrency payments with Bitnovo Pay, for AI agents. Without a command: an MCP server over stdio.
#[derive(Parser)]
#[command(name = "bitnovo-pay-mcp", version, max_term_width = 80)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Use an embedded sandbox: no account, no network, no real money
    #[arg(long, global = true)]
    sandbox: bool,
    #[command(flatten)]
    limits: limit_flags::LimitFlags,
}

#[derive(Subcommand)]
enum Command {
    /// Serve MCP over stdio (what runs without a command)
    Serve,
    /// Play a whole sale on the embedded sandbox; exit 0 only if every step succeeds
    Demo {
        /// Print the steps as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run the sandbox alone and print what to export in a second terminal
    Sandbox {
        /// Port on 127.0.0.1; 0 picks a free one
        #[arg(long, default_value_t = 8787)]
        port: u16,
        /// Print one line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Call one tool and print its structured result
    Call {
        /// Name of the tool
        tool: String,
        /// Its arguments
        #[arg(default_value = "{}")]
        arguments: String,
        /// Write QR codes as PNG files into this directory
        #[arg(long, value_name = "DIR")]
        save_qr: Option<PathBuf>,
        /// Approve a payment above BITNOVO_CONFIRM_OVER
        #[arg(long)]
        yes: bool,
    },
    /// List the tools
    Tools {
        /// Print exactly the result of tools/list
        #[arg(long)]
        json: bool,
    },
    /// Draw a QR code into a file, or in the terminal
    Qr {
        /// Content of the code
        text: String,
        /// File to write; its ending, png or svg, chooses the format. A file of that name is replaced, a link is refused
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Side in pixels, 100 to 2000
        #[arg(long, default_value_t = 512)]
        size: u32,
        /// Draw a logo in the middle
        #[arg(long)]
        branded: bool,
    },
    /// Verify or sign a webhook by hand
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Receive webhooks and print them as they come; forward them on request
    ///
    /// Needs the same environment as `serve`, without WEBHOOK_ENABLED. With --sandbox it runs a sandbox and receives its
    /// webhooks.
    Listen(listen::Listen),
    /// Show the payments of the last seven days as events, read from the API
    #[command(subcommand)]
    Events(events::Command),
    /// Post a signed sample webhook to a receiver
    Trigger(trigger::Trigger),
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(Command::Serve);
    let mut environment = arguments.limits.over(Environment::of_process());
    if matches!(command, Command::Demo { .. }) {
        environment = environment.for_demo(&[("WEBHOOK_ENABLED", "true"), ("WEBHOOK_PORT", "0")]);
    }
    match command {
        Command::Listen(_) => environment = environment.with("WEBHOOK_ENABLED", "true"),
        // It reads the API, and must not open a port for that.
        Command::Events(_) => environment = environment.with("WEBHOOK_ENABLED", "false"),
        _ => {}
    }
    // Neither uses a real API, whatever the environment names. The demo can use a sandbox that is running already.
    let names_sandbox = names_sandbox(&environment);
    let sandbox = match command {
        Command::Demo { .. } => arguments.sandbox || !names_sandbox,
        Command::Sandbox { .. } => true,
        _ => arguments.sandbox,
    };
    let config = Config::from_environment(&environment, sandbox, OFFER);
    // A server's log is its record; a command prints its result on stdout and only warnings beside it.
    let quiet = if matches!(command, Command::Serve) { LogLevel::Info } else { LogLevel::Warn };
    logging::start(config.log_level.unwrap_or(quiet), Arc::clone(&config.redaction));
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let limits = config.limits_in_words();
    if !limits.is_empty() {
        tracing::info!("limits: {limits}");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&format!("Cannot start: {error}.")),
    };
    let code = runtime.block_on(async {
        match command {
            Command::Serve => serve::run(config).await,
            Command::Demo { json } => demo::run(config, json).await,
            Command::Sandbox { port, json } => sandbox::run(&config, port, json).await,
            Command::Call { tool, arguments, save_qr, yes } => {
                call::run(config, &tool, &arguments, save_qr, yes).await
            }
            Command::Tools { json } => tools::run(config, json),
            Command::Qr { text, output, size, branded } => qr::run(&text, output, size, branded),
            Command::Webhook(command) => webhook::run(command, SystemTime::now()),
            Command::Listen(arguments) => {
                listen::run(config, arguments, environment.get("BITNOVO_DEVICE_ID").is_none()).await
            }
            Command::Events(command) => events::run(config, command, SystemTime::now()).await,
            Command::Trigger(arguments) => {
                let secret = environment.get("BITNOVO_DEVICE_SECRET").map(SecretString::from);
                trigger::run(arguments, secret, SystemTime::now()).await
            }
        }
    });
    // A reader of stdin may still be blocked in a thread of its own; the process does not wait for it.
    runtime.shutdown_timeout(Duration::from_millis(100));
    logging::finish();
    code
}

fn refuse(message: &str) -> ExitCode {
    logging::say(message);
    ExitCode::from(exit::REFUSED)
}

fn usage(message: &str) -> ExitCode {
    logging::say(message);
    ExitCode::from(exit::USAGE)
}

/// Refuses with every problem that keeps the command from using `provider`, or any provider where it needs none in
/// particular.
fn check(config: &Config, provider: Option<Provider>) -> Result<(), ExitCode> {
    match config.problems_for(provider) {
        problems if problems.is_empty() => Ok(()),
        problems => Err(not_configured(config, &problems)),
    }
}

/// Prints the problems of the configuration, and returns the exit code that goes with them.
fn not_configured(config: &Config, problems: &[Problem]) -> ExitCode {
    logging::say("The configuration cannot be used:");
    for problem in problems {
        logging::say(&format!("  {problem}"));
    }
    let lacks_account = matches!(config.bitnovo.upstream, Upstream::Unconfigured);
    if lacks_account && !config.wants_sandbox {
        logging::say("No account yet? Try the sandbox: add --sandbox.");
    }
    ExitCode::from(exit::NOT_CONFIGURED)
}
