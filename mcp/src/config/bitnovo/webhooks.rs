//! What verifies Bitnovo's webhooks, and at which path they arrive.

use std::str::FromStr as _;

use payments_webhook::scheme::bitnovo::{PATH, PROVIDER, Secret};
use secrecy::SecretString;

use crate::answer::failure::Code;
use crate::config::problem::Problem;
use crate::config::reader::Reader;
use crate::config::receiver::ReceiverSettings;
use crate::config::variables::bitnovo::{DEVICE_SECRET, DEVICE_SECRET_PREVIOUS};

/// Reads the settings. On a sandbox the secret may be missing: it invents one.
pub(in crate::config) fn read(reader: &mut Reader<'_>, sandbox: bool) -> ReceiverSettings {
    let path = reader.text("WEBHOOK_PATH").unwrap_or_else(|| PATH.to_owned());
    ReceiverSettings { provider: PROVIDER, path, secrets: secrets(reader, sandbox) }
}

fn secrets(reader: &mut Reader<'_>, sandbox: bool) -> Vec<SecretString> {
    let mut secrets = Vec::new();
    for name in [DEVICE_SECRET, DEVICE_SECRET_PREVIOUS] {
        let Some(text) = reader.text(name) else { continue };
        match Secret::from_str(&text) {
            Ok(_) => secrets.push(SecretString::from(text)),
            Err(error) => refuse(reader, name, error.to_string()),
        }
    }
    if reader.text(DEVICE_SECRET).is_none() && !sandbox {
        let message = "is not set, and without it no webhook can be verified; copy it from the dashboard, 64 hex digits.";
        refuse(reader, DEVICE_SECRET, message.to_owned());
    }
    secrets
}

fn refuse(reader: &mut Reader<'_>, name: &str, message: String) {
    let problem = Problem { code: Some(Code::InvalidDeviceSecret), ..Problem::new(name, message) };
    reader.problems.push(problem);
}
