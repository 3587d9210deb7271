use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Secret;

/// What was done differently on one side, when a signature does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Hint {
    /// The key was the secret's text instead of its bytes.
    #[error("the secret was taken as text: decode its 64 hex digits to 32 bytes, and use those as the key")]
    SecretAsText,
    /// The signature fits the body when it is written differently.
    #[error(
        "this body was parsed and printed again: verify the bytes as they were received, before any parser"
    )]
    PrintedAgain,
    /// The signature fits the body with other line breaks.
    #[error(
        "line breaks were added, removed or converted: keep the body as it was received, without an editor or echo"
    )]
    LineBreaks,
    /// Only the body was signed.
    #[error("the nonce was left out: what is signed is the nonce, followed by the body")]
    NonceLeftOut,
    /// The nonce was put behind the body.
    #[error("the nonce was put last: what is signed is the nonce, followed by the body")]
    NonceLast,
    /// Each header holds what belongs into the other.
    #[error("the headers are swapped: X-NONCE holds ten digits, and X-SIGNATURE 64 hex digits")]
    Swapped,
}

/// Looks for the mistake that explains why `signature` does not fit, among those that are made most often.
///
/// It takes a body that was not received from strangers: it is for the developer whose own verification fails. `None`
/// when no known mistake explains it, and then the secret is most likely another device's or environment's.
///
/// ```
/// use bitnovo_pay_webhook::scheme::bitnovo::{self, Hint};
///
/// let secret = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
/// let signature = bitnovo::sign(&secret.parse()?, "1645634942", br#"{"fiat_amount": 100.0}"#).to_string();
/// let hint = bitnovo::diagnose(secret, "1645634942", &signature, br#"{"fiat_amount":100}"#);
/// assert_eq!(hint, Some(Hint::PrintedAgain));
/// # Ok::<(), bitnovo::SecretError>(())
/// ```
#[must_use]
pub fn diagnose(secret: &str, nonce: &str, signature: &str, body: &[u8]) -> Option<Hint> {
    let is_nonce = |text: &str| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_nonce(signature) && !is_nonce(nonce) {
        return Some(Hint::Swapped);
    }
    let mut presented = [0; 32];
    hex::decode_to_slice(signature, &mut presented).ok()?;
    let fits = |key: &[u8], message: &[&[u8]]| {
        Hmac::<Sha256>::new_from_slice(key).is_ok_and(|mut tag| {
            message.iter().for_each(|part| tag.update(part));
            tag.verify_slice(&presented).is_ok()
        })
    };
    let nonce = nonce.as_bytes();
    if fits(secret.as_bytes(), &[nonce, body]) {
        return Some(Hint::SecretAsText);
    }
    let secret: Secret = secret.parse().ok()?;
    let key = secret.block();
    if fits(key, &[body]) {
        return Some(Hint::NonceLeftOut);
    }
    if fits(key, &[body, nonce]) {
        return Some(Hint::NonceLast);
    }
    let text = str::from_utf8(body).ok()?;
    let fits_body = |body: &String| fits(key, &[nonce, body.as_bytes()]);
    if line_breaks(text).iter().any(fits_body) {
        return Some(Hint::LineBreaks);
    }
    printed_again(text).iter().any(fits_body).then_some(Hint::PrintedAgain)
}

fn line_breaks(body: &str) -> [String; 5] {
    [
        body.trim_end().to_owned(),
        format!("{body}\n"),
        format!("{body}\r\n"),
        body.replace("\r\n", "\n"),
        body.replace('\n', "\r\n"),
    ]
}

/// The body as other languages print it: with and without spaces, and with `100` where it was `100.0`.
fn printed_again(body: &str) -> [String; 4] {
    [
        respaced(body, ",", ":", false),
        respaced(body, ",", ":", true),
        respaced(body, ", ", ": ", false),
        respaced(body, ", ", ": ", true),
    ]
}

/// Writes the tokens of a JSON text anew; with `fractions`, whole numbers get the `.0` that some languages drop.
fn respaced(body: &str, comma: &str, colon: &str, fractions: bool) -> String {
    let mut written = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '-' | '0'..='9' => {
                rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(rest.len())
            }
            other => other.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        match first {
            ',' => written.push_str(comma),
            ':' => written.push_str(colon),
            ' ' | '\t' | '\r' | '\n' => {}
            _ => written.push_str(token),
        }
        if fractions && matches!(first, '-' | '0'..='9') && !token.contains(['.', 'e', 'E']) {
            written.push_str(".0");
        }
        rest = after;
    }
    written
}

/// The length of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (place, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return place.saturating_add(1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::bitnovo::sign;

    const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";
    const NONCE: &str = "1645634942";
    const BODY: &str = r#"{"fiat_amount": 100.0, "status": "A:, C\"", "crypto_amount": 1.21461894}"#;

    fn tag(key: &[u8], message: &str) -> String {
        let tag = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message);
        hex::encode(tag.finalize().into_bytes())
    }

    fn signed() -> String {
        sign(&SECRET.parse().unwrap(), NONCE, BODY.as_bytes()).to_string()
    }

    fn with_body(body: &str) -> Option<Hint> {
        diagnose(SECRET, NONCE, &signed(), body.as_bytes())
    }

    #[test]
    fn a_body_that_was_printed_again_is_recognised() {
        let printed = [
            r#"{"fiat_amount":100.0,"status":"A:, C\"","crypto_amount":1.21461894}"#,
            r#"{"fiat_amount":100,"status":"A:, C\"","crypto_amount":1.21461894}"#,
            "{\n  \"fiat_amount\": 100.0,\n  \"status\": \"A:, C\\\"\",\n  \"crypto_amount\": 1.21461894\n}",
        ];
        for body in printed {
            assert_eq!(with_body(body), Some(Hint::PrintedAgain), "{body}");
        }
    }

    #[test]
    fn changed_line_breaks_are_recognised() {
        for body in [format!("{BODY}\n"), format!("{BODY}\r\n")] {
            assert_eq!(with_body(&body), Some(Hint::LineBreaks), "{body:?}");
        }
        let signature = sign(&SECRET.parse().unwrap(), NONCE, b"{}\n").to_string();
        assert_eq!(diagnose(SECRET, NONCE, &signature, b"{}"), Some(Hint::LineBreaks));
    }

    #[test]
    fn mistakes_with_key_and_nonce_are_recognised() {
        let key = hex::decode(SECRET).unwrap();
        let diagnose = |signature: String| diagnose(SECRET, NONCE, &signature, BODY.as_bytes());
        let message = format!("{NONCE}{BODY}");
        assert_eq!(diagnose(tag(SECRET.as_bytes(), &message)), Some(Hint::SecretAsText));
        assert_eq!(diagnose(tag(&key, BODY)), Some(Hint::NonceLeftOut));
        assert_eq!(diagnose(tag(&key, &format!("{BODY}{NONCE}"))), Some(Hint::NonceLast));
        assert_eq!(super::diagnose(SECRET, &signed(), NONCE, BODY.as_bytes()), Some(Hint::Swapped));
    }

    #[test]
    fn another_secret_or_another_payment_has_no_hint() {
        assert_eq!(diagnose(&"11".repeat(32), NONCE, &signed(), BODY.as_bytes()), None);
        assert_eq!(with_body(&BODY.replace("100.0", "200.0")), None);
        for (secret, signature, body) in [("", "", ""), (SECRET, "zz", "{"), ("ñ", &signed(), "\"\\")] {
            assert_eq!(diagnose(secret, NONCE, signature, body.as_bytes()), None);
        }
    }
}
