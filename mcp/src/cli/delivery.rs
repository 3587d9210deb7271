//! Posts a signed webhook to a receiver on this machine, or over https.

use std::{fmt, str::FromStr, time::Duration};

use payments_core::http::client_builder;
use payments_webhook::scheme::bitnovo::{NONCE_HEADER, SIGNATURE_HEADER};
use reqwest::header::CONTENT_TYPE;
use url::{Host, Url};

/// As long as the provider waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// More of an answer is not read.
const LONGEST_ANSWER: usize = 4096;

/// A receiver's address. What is posted there holds customers' data, so that it crosses no network in clear.
#[derive(Clone, Debug)]
pub(super) struct Destination(Url);

impl FromStr for Destination {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text)
            .map_err(|_| "expected an address such as http://127.0.0.1:3000/webhook/bitnovo")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("expected an address without a user name or password");
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err("http is for this machine only (127.0.0.1, localhost): use https elsewhere"),
            _ => Err("expected an http or https address"),
        }
    }
}

impl fmt::Display for Destination {
    /// Without the query, which may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        shown.fmt(f)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The connection to one destination.
pub(super) struct Courier {
    destination: Destination,
    http: reqwest::Client,
}

/// What a destination answered.
#[derive(Debug)]
pub(super) struct Receipt {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Receipt {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Courier {
    /// # Errors
    /// The HTTP client cannot be built.
    pub(super) fn new(destination: Destination) -> Result<Self, String> {
        let mut http = client_builder().timeout(TIMEOUT);
        if is_loopback(&destination.0) {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| format!("Cannot build the HTTP client: {error}."))?;
        Ok(Self { destination, http })
    }

    pub(super) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Posts `body` byte for byte.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) async fn post(&self, nonce: &str, signature: &str, body: Vec<u8>) -> Result<Receipt, String> {
        let request = self
            .http
            .post(self.destination.0.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(NONCE_HEADER, nonce)
            .header(SIGNATURE_HEADER, signature)
            .body(body);
        let mut response = request.send().await.map_err(|error| cause(&error))?;
        let mut body = Vec::new();
        // The status is the result; an answer that breaks off changes nothing.
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend_from_slice(&piece);
            if body.len() >= LONGEST_ANSWER {
                break;
            }
        }
        let body = payments_core::clean_text(&String::from_utf8_lossy(&body));
        Ok(Receipt { status: response.status().as_u16(), body })
    }
}

/// The innermost cause, which names no address.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_on_this_machine_or_behind_https() {
        for good in [
            "http://127.0.0.1:3000/webhook/bitnovo",
            "http://localhost:3000/",
            "http://[::1]:3000/",
            "https://shop.example/hook",
            "https://127.0.0.1/",
        ] {
            assert!(good.parse::<Destination>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:3000",
            "shop.example",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "http://shop.example/",
            "http://10.0.0.1/",
            "http://localhost.shop.example/",
            "http://127.0.0.1.nip.io/",
            "http://name:word@127.0.0.1/",
            "https://name@shop.example/",
        ] {
            assert!(bad.parse::<Destination>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_destination_is_shown_without_its_query() {
        let destination: Destination = "https://shop.example/hook?token=hidden#part".parse().unwrap();
        assert_eq!(destination.to_string(), "https://shop.example/hook");
    }

    #[tokio::test]
    async fn a_destination_that_does_not_answer_is_reported_with_the_cause() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = format!("http://{}/?token=hidden", listener.local_addr().unwrap());
        drop(listener);
        let courier = Courier::new(closed.parse().unwrap()).unwrap();
        let error = courier.post("1645634942", "ab", Vec::new()).await.unwrap_err();
        assert!(error.to_lowercase().contains("refused") && !error.contains("hidden"), "{error}");
    }
}
