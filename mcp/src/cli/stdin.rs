//! What a client says, without a digit lost on the way.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio_util::sync::CancellationToken;

use crate::exact_json;

/// Passes the client's lines on until there are no more. A number that a float would change becomes the string of its
/// digits: what reads the lines afterwards keeps numbers as floats, and an amount would be rounded unseen.
pub(super) async fn exactly(
    stdin: impl AsyncRead + Unpin,
    mut lines: impl AsyncWrite + Unpin,
    gone: CancellationToken,
) {
    let mut stdin = BufReader::new(stdin);
    let mut line = Vec::new();
    while matches!(stdin.read_until(b'\n', &mut line).await, Ok(1..)) {
        let exact = if may_lose_digits(&line) { exact(&line) } else { None };
        if lines.write_all(exact.as_deref().unwrap_or(&line)).await.is_err() {
            break;
        }
        line.clear();
    }
    gone.cancel();
}

/// Whether a line holds a number that a float may not hold: 16 digits or an exponent. Most do not, and are passed on as
/// they are.
fn may_lose_digits(line: &[u8]) -> bool {
    let mut digits = 0_usize;
    line.iter().any(|byte| {
        match byte {
            b'0'..=b'9' => digits = digits.saturating_add(1),
            b'.' => {}
            b'e' | b'E' if digits > 0 => return true,
            _ => digits = 0,
        }
        digits > 15
    })
}

/// The parameters of a request, exactly. What else stands in a message is not for us, and an id must come back as it is.
fn exact(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let mut message: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(line).ok()?;
    let params = message.get_mut("params")?;
    *params = serde_json::value::to_raw_value(&exact_json::value(params)).ok()?;
    let mut exact = serde_json::to_vec(&message).ok()?;
    exact.push(b'\n');
    Some(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn passed_on(said: &str) -> String {
        let mut heard = Vec::new();
        let gone = CancellationToken::new();
        exactly(said.as_bytes(), &mut heard, gone.clone()).await;
        assert!(gone.is_cancelled());
        String::from_utf8(heard).unwrap()
    }

    #[tokio::test]
    async fn ordinary_lines_are_passed_on_as_they_are() {
        for line in ["{ \"a\" : 19.99 }\n", "{\"a\":1", "\n", "no JSON, 1e400\n", "[\"1e5\", \"x\""] {
            assert_eq!(passed_on(line).await, line);
        }
    }

    #[tokio::test]
    async fn a_number_that_a_float_would_change_keeps_its_digits() {
        for (number, passed) in [
            ("4.99999999999999999999", "\"4.99999999999999999999\""),
            ("5.0000000000000001", "\"5.0000000000000001\""),
            ("1e400", "\"1e400\""),
            ("1e2", "100.0"),
            ("\"5.0000000000000001\"", "\"5.0000000000000001\""),
        ] {
            let message =
                |number| format!("{{\"id\":12345678901234567890123,\"params\":{{\"amount\":{number}}}}}\n");
            let said = format!("\u{feff}{}{{\"id\":2}}\n", message(number));
            assert_eq!(passed_on(&said).await, format!("{}{{\"id\":2}}\n", message(passed)));
        }
    }

    #[tokio::test]
    async fn a_line_that_is_nested_too_deeply_is_survived() {
        let deep = format!("{{\"params\":{}1e5{}}}\n", "[".repeat(200_000), "]".repeat(200_000));
        assert!(serde_json::from_str::<serde_json::Value>(&passed_on(&deep).await).is_ok());
    }
}
