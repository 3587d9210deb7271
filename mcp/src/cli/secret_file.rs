//! Reads a device secret from a file. On a command line it would appear in the shell's history and the list of processes.

use std::path::Path;

use payments_core::SecretFile;
use payments_webhook::scheme::bitnovo::{Secret, SecretError};
use secrecy::SecretString;
use uuid::Uuid;

/// Reads the 64 hex digits of a secret; a line break after them is tolerated, because editors and `echo` put one there.
///
/// # Errors
/// What is wrong with the file, without any of its content.
pub(super) fn read(path: &Path) -> Result<SecretString, String> {
    let place = path.display();
    let file = SecretFile::read(path)
        .map_err(|error| format!("The secret file {place} cannot be used: {error}."))?;
    let digits = file.expose();
    check(digits).map_err(|reason| format!("INVALID_DEVICE_SECRET: {place}: {reason}."))?;
    Ok(digits.into())
}

fn check(text: &str) -> Result<(), String> {
    let Err(error) = text.parse::<Secret>() else { return Ok(()) };
    Err(match fix(text, &error) {
        Some(fix) => format!("{error}.\nHint: {fix}"),
        None => error.to_string(),
    })
}

/// What to remove so that a secret remains; found by trying.
fn fix(text: &str, error: &SecretError) -> Option<&'static str> {
    let is_secret = |text: &str| text.parse::<Secret>().is_ok();
    let bare = |text: &str| text.trim().trim_matches(['"', '\'']).trim().to_owned();
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    if trimmed.is_empty() {
        return Some("the file is empty");
    }
    if is_secret(trimmed) {
        return match error {
            // The message says it already.
            SecretError::SurroundingSpace => None,
            _ => Some("the file begins with a byte order mark: save it as plain text, without one"),
        };
    }
    if is_secret(&bare(trimmed)) {
        return Some("there are quotes around the secret: leave them out");
    }
    if trimmed.split_once('=').is_some_and(|(_, value)| is_secret(&bare(value))) {
        return Some("the file holds a line NAME=secret: leave the name out");
    }
    if trimmed.strip_prefix("0x").is_some_and(is_secret) {
        return Some("leave the 0x before the digits out");
    }
    if is_secret(&trimmed.split([' ', '-', ':', '\n', '\r', '\t']).collect::<String>()) {
        return Some("there are spaces or other separators between the digits: leave them out");
    }
    Uuid::try_parse(&bare(trimmed))
        .is_ok()
        .then_some("this is the id of a device and not its secret, which the dashboard shows beside it")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";

    fn read_file(content: &[u8]) -> Result<SecretString, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        read(file.path())
    }

    #[test]
    fn a_line_break_after_the_digits_is_tolerated() {
        for end in ["", "\n", "\r\n"] {
            assert!(read_file(format!("{SECRET}{end}").as_bytes()).is_ok(), "{end:?}");
        }
        assert!(read_file(SECRET.to_uppercase().as_bytes()).is_ok());
    }

    #[test]
    fn whatever_surrounds_a_secret_is_named_and_never_shown() {
        for (content, named) in [
            (format!("\"{SECRET}\"\n"), "quotes"),
            (format!("'{SECRET}'"), "quotes"),
            (format!(" {SECRET}"), "space around"),
            (format!("{SECRET} \n"), "space around"),
            (format!("{} {}", &SECRET[..32], &SECRET[32..]), "separators between"),
            (format!("BITNOVO_DEVICE_SECRET=\"{SECRET}\"\n"), "leave the name out"),
            (format!("0x{SECRET}"), "0x"),
            (format!("\u{feff}{SECRET}"), "byte order mark"),
            (String::new(), "is empty"),
            ("7c7b5a0e-1f5c-4a53-9f4e-2d1f5b7c8a01\n".to_owned(), "id of a device"),
            (SECRET[..63].to_owned(), "63 characters"),
            (format!("{SECRET}00"), "66 characters"),
        ] {
            let error = read_file(content.as_bytes()).unwrap_err();
            assert!(error.starts_with("INVALID_DEVICE_SECRET: "), "{error}");
            assert!(error.contains(named), "{named}: {error}");
            assert!(!error.contains(&SECRET[..16]) && !error.contains("7c7b5a0e"), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_text_or_not_there_is_named() {
        assert!(read_file(b"\xff\xfe0\x002\x00").unwrap_err().contains("UTF-16"));
        assert!(read_file(b"\xe9").unwrap_err().contains("not UTF-8"));
        let error = read(Path::new("/nowhere/secret")).unwrap_err();
        assert!(error.contains("/nowhere/secret") && error.contains("cannot be read"), "{error}");
        assert!(read(Path::new("/dev/zero")).unwrap_err().contains("a device"));
    }
}
