//! `webhook verify` and `webhook sign`: signatures without a server, for those who build their own receiver.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime},
};

use bitnovo_pay::PaymentStatus;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use payments_core::{Language, clean_text};
use payments_webhook::{
    Rejection, Scheme as _, Unverified, Verified,
    scheme::bitnovo::{self, Bitnovo, NONCE_HEADER, SIGNATURE_HEADER, Secret},
};
use secrecy::ExposeSecret as _;

use super::{output::line, refuse, secret_file, usage};
use crate::logging;
use crate::safety::untrusted_text::visible;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check the signature and the age of a webhook; if it is rejected, explain why
    ///
    /// Exit 0 when the webhook is genuine and fresh, else 1 with the reason and a hint.
    Verify(Verify),
    /// Sign a body as the provider does, and print its two headers
    ///
    /// Pass the lines to curl as they are: -H "X-NONCE: …" -H "X-SIGNATURE: …" --data-binary @BODY
    Sign(Sign),
}

#[derive(Args)]
pub(super) struct Verify {
    /// File that holds the device secret, 64 hex digits
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// Value of the header X-NONCE
    #[arg(long)]
    nonce: String,
    /// Value of the header X-SIGNATURE
    #[arg(long)]
    signature: String,
    /// File that holds the raw body, byte for byte; without it, standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Accept a webhook of any age, such as one from a log
    #[arg(long)]
    no_max_age: bool,
}

#[derive(Args)]
pub(super) struct Sign {
    /// File that holds the device secret, 64 hex digits
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// Unix time in seconds, ten digits; without it, now
    #[arg(long)]
    nonce: Option<String>,
    /// File that holds the body; without it, standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
}

pub(super) fn run(command: Command, now: SystemTime) -> ExitCode {
    match command {
        Command::Verify(arguments) => verify(&arguments, now),
        Command::Sign(arguments) => sign(arguments, now),
    }
}

fn verify(arguments: &Verify, now: SystemTime) -> ExitCode {
    let read = || {
        Ok::<_, String>((secret_file::read(&arguments.secret_file)?, read_body(arguments.body.as_deref())?))
    };
    let (text, body) = match read() {
        Ok(read) => read,
        Err(message) => return refuse(&message),
    };
    let scheme = match text.expose_secret().parse::<Secret>() {
        Ok(secret) => Bitnovo::new(vec![secret]).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let scheme = match scheme {
        Ok(scheme) => scheme,
        Err(error) => return refuse(&format!("INVALID_DEVICE_SECRET: {error}.")),
    };
    let (nonce, signature) = (arguments.nonce.as_str(), arguments.signature.as_str());
    let headers = [(NONCE_HEADER, nonce.as_bytes()), (SIGNATURE_HEADER, signature.as_bytes())];
    let request = Unverified { headers: &headers, body: &body };
    let window = scheme.window().filter(|_| !arguments.no_max_age);
    match scheme.verify(request).and_then(|verified| verified.fresh(window, now)) {
        Ok(fresh) => {
            show(&scheme, fresh.verified(), window, now);
            ExitCode::SUCCESS
        }
        Err(refused) => {
            let hint = hint(&refused, &scheme, request);
            refuse(&format!("INVALID_SIGNATURE: {refused}.\nHint: {}.", visible(&hint)))
        }
    }
}

/// The probable mistake, and how to fix it.
fn hint(refused: &Rejection, scheme: &Bitnovo, request: Unverified<'_>) -> String {
    if let Rejection::Stale { age_seconds, .. } = refused {
        let (off, fix) =
            if *age_seconds < 0 { ("behind", "") } else { ("ahead", "; check an old one with --no-max-age") };
        let seconds = age_seconds.unsigned_abs();
        return format!(
            "the signature is good. If the webhook came in just now, this machine's clock is {seconds} s {off}: set it by \
             the network's time{fix}"
        );
    }
    scheme.explain(&request).unwrap_or_else(|| match refused {
        Rejection::BadSignature => {
            "no usual mistake explains the signature. Compare the secret with the dashboard (this device, this \
             environment), and make sure that nothing on the way changes the body or takes part of it away"
        }
        _ => {
            "take the values of the headers X-NONCE and X-SIGNATURE as they arrived; the provider sends no others for \
             this"
        }
    }
    .to_owned())
}

fn show(scheme: &Bitnovo, verified: &Verified<'_>, window: Option<Duration>, now: SystemTime) {
    let signed_at = verified.signed_at().unwrap_or(now);
    line(match window {
        Some(_) => format!("Genuine and fresh: signed {}.", distance(signed_at, now)),
        None => {
            let time = DateTime::<Utc>::from(signed_at).to_rfc3339_opts(SecondsFormat::Secs, true);
            format!("Genuine: signed at {time}. Its age was not checked.")
        }
    });
    let event = scheme.describe(verified);
    let unnamed = "(not in the body)";
    let status = event.status.as_deref().map(|code| {
        let words = PaymentStatus::from(code).description(Language::En);
        if words.contains(code) { words.into_owned() } else { format!("{} ({words})", clean_text(code)) }
    });
    line(format!("event    {}", clean_text(&event.event_id)));
    line(format!("payment  {}", event.identifier.as_deref().map_or(unnamed.to_owned(), clean_text)));
    line(format!("status   {}", status.as_deref().unwrap_or(unnamed)));
}

fn distance(signed_at: SystemTime, now: SystemTime) -> String {
    match now.duration_since(signed_at) {
        Ok(age) => format!("{} s ago", age.as_secs()),
        Err(ahead) => format!("{} s ahead of this machine's clock", ahead.duration().as_secs()),
    }
}

fn sign(arguments: Sign, now: SystemTime) -> ExitCode {
    let nonce = arguments.nonce.unwrap_or_else(|| bitnovo::nonce(now));
    if nonce.len() != 10 || !nonce.bytes().all(|byte| byte.is_ascii_digit()) {
        return usage("--nonce: the Unix time in seconds, as ten digits, such as 1645634942.");
    }
    let read = || {
        Ok::<_, String>((secret_file::read(&arguments.secret_file)?, read_body(arguments.body.as_deref())?))
    };
    let (text, body) = match read() {
        Ok(read) => read,
        Err(message) => return refuse(&message),
    };
    match text.expose_secret().parse::<Secret>() {
        Ok(secret) => {
            line(format!("{NONCE_HEADER}: {nonce}"));
            line(format!("{SIGNATURE_HEADER}: {}", bitnovo::sign(&secret, &nonce, &body)));
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&format!("INVALID_DEVICE_SECRET: {error}.")),
    }
}

/// The body, byte for byte.
fn read_body(path: Option<&Path>) -> Result<Vec<u8>, String> {
    let Some(path) = path else {
        let mut stdin = io::stdin().lock();
        if stdin.is_terminal() {
            logging::say("Reading the body from the terminal; Ctrl-D ends it.");
        }
        let mut body = Vec::new();
        return match stdin.read_to_end(&mut body) {
            Ok(_) => Ok(body),
            Err(error) => Err(format!("The body cannot be read from standard input: {error}.")),
        };
    };
    fs::read(path).map_err(|error| format!("The body {} cannot be read: {error}.", path.display()))
}
