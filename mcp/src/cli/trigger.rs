//! `trigger`: a signed sample, for a receiver that waits for its first webhook.

use std::{path::PathBuf, process::ExitCode, time::SystemTime};

use bitnovo_pay::PaymentStatus;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use payments_webhook::scheme::bitnovo::{self, Secret};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::{
    delivery::{Courier, Destination},
    exit,
    output::line,
    refuse, secret_file,
};
use crate::logging;

#[derive(Args)]
pub(super) struct Trigger {
    /// Status in the webhook, such as CO; an unknown one is sent too
    status: String,
    /// Where to post it: an http address of this machine, or https
    #[arg(long, value_name = "URL")]
    to: Destination,
    /// File that holds the device secret; without it, BITNOVO_DEVICE_SECRET
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Payment in the webhook; without it, an invented one
    #[arg(long, value_name = "UUID")]
    identifier: Option<Uuid>,
}

/// `configured` is the secret of the environment.
pub(super) async fn run(arguments: Trigger, configured: Option<SecretString>, now: SystemTime) -> ExitCode {
    let secret = match (&arguments.secret_file, configured) {
        (Some(path), _) => match secret_file::read(path) {
            Ok(secret) => secret,
            Err(message) => return refuse(&message),
        },
        (None, Some(secret)) => secret,
        (None, None) => {
            logging::say(
                "There is no secret to sign with: pass --secret-file FILE, or set BITNOVO_DEVICE_SECRET (or \
                 BITNOVO_DEVICE_SECRET_FILE).",
            );
            return ExitCode::from(exit::NOT_CONFIGURED);
        }
    };
    let secret = match secret.expose_secret().parse::<Secret>() {
        Ok(secret) => secret,
        Err(error) => {
            logging::say(&format!("INVALID_DEVICE_SECRET: {error}."));
            return ExitCode::from(exit::NOT_CONFIGURED);
        }
    };
    if let PaymentStatus::Unknown(_) = PaymentStatus::from(arguments.status.as_str()) {
        logging::say(
            "Note: this status is unknown. It is sent all the same, because the API may add statuses.",
        );
    }
    let body = sample(&arguments.status, arguments.identifier.unwrap_or_else(Uuid::new_v4), now.into());
    let nonce = bitnovo::nonce(now);
    let signature = bitnovo::sign(&secret, &nonce, body.as_bytes()).to_string();
    let courier = match Courier::new(arguments.to) {
        Ok(courier) => courier,
        Err(message) => return refuse(&message),
    };
    match courier.post(&nonce, &signature, body.into_bytes()).await {
        Ok(receipt) => {
            line(format!("{} {}", receipt.status, receipt.body).trim_end());
            match receipt.status {
                _ if receipt.is_success() => ExitCode::SUCCESS,
                401 => refuse(
                    "The receiver rejected the signature. Does it have the same secret, and does its clock agree with this one?",
                ),
                _ => ExitCode::from(exit::REFUSED),
            }
        }
        Err(reason) => refuse(&format!("{} does not answer: {reason}.", courier.destination())),
    }
}

/// A webhook as the provider writes it: Python's spacing and floats, one line, its longer set of fields.
fn sample(status: &str, identifier: Uuid, now: DateTime<Utc>) -> String {
    const WHOLE: &str = "4.534059";
    let (unconfirmed, confirmed, received, safe) = match status {
        "AC" => (WHOLE, "0.0", "0.0", true),
        "CO" | "CM" => ("0.0", WHOLE, "10.0", true),
        // Six tenths.
        "IA" | "OC" => ("0.0", "2.7204354", "6.0", false),
        _ => ("0.0", "0.0", "0.0", false),
    };
    let status = serde_json::Value::from(status);
    let edited_at = now.to_rfc3339_opts(SecondsFormat::Micros, false);
    format!(
        r#"{{"fiat_amount": 10.0, "fiat_currency": "EUR", "status": {status}, "crypto_amount": {WHOLE}, "#
    ) + &format!(
        r#""unconfirmed_amount": {unconfirmed}, "confirmed_amount": {confirmed}, "currency": "XRP_TEST", "#
    ) + &format!(
        r#""identifier": "{identifier}", "safe": {safe}, "received_amount": {received}, "reference": "SAMPLE", "#
    ) + &format!(r#""edited_at": "{edited_at}"}}"#)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_sample_is_what_the_provider_would_write() {
        let now = DateTime::from_timestamp(1_645_634_942, 0).unwrap();
        for status in ["NR", "PE", "AC", "IA", "CO", "CM", "OC", "EX", "CA", "RF", "FA", "DE", "Z\"Z"] {
            let sample = sample(status, Uuid::nil(), now);
            let read: Value =
                serde_json::from_str(&sample).unwrap_or_else(|error| panic!("{error}: {sample}"));
            assert_eq!(read["status"], status);
            assert_eq!(read["identifier"], "00000000-0000-0000-0000-000000000000");
            assert_eq!(read["edited_at"], "2022-02-23T16:49:02.000000+00:00");
            assert_eq!(read.as_object().unwrap().len(), 12);
            // As the provider writes it: the diagnosis finds any other way of printing.
            let (secret, nonce) = ("ab".repeat(32).parse().unwrap(), "1645634942");
            let printed = sample.replace(": ", ":").replace(".0,", ",");
            let signature = bitnovo::sign(&secret, nonce, sample.as_bytes()).to_string();
            let mistakes = bitnovo::diagnose(&secret, nonce, &signature, printed.as_bytes());
            assert!(matches!(mistakes.as_slice(), [bitnovo::Mistake::Reserialized { .. }]), "{mistakes:?}");
        }
    }
}
