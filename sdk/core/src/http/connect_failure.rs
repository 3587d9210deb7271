//! Why no connection was made, in words that hold no address, no name and no credential.

use std::{error::Error, io};

/// Why no connection to the API was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The name of the host cannot be resolved.
    Name,
    /// The host refuses the connection.
    Refused,
    /// No answer in time.
    Timeout,
    /// The connection ended before it was in use.
    Closed,
    /// The server's certificate is signed by an authority that this machine does not trust.
    UntrustedCertificate,
    /// The server's certificate is for another name, expired or not yet valid.
    WrongCertificate,
    /// This machine trusts no certificate authority at all.
    NoAuthorities,
    /// What answers does not speak TLS: plain http behind an https address.
    NotTls,
    /// The proxy cannot be reached, or does not pass the connection on.
    Proxy,
    /// Anything else.
    Other,
}

impl ConnectFailure {
    /// Reads the chain of causes. No library has types for them, so words identify a failure of TLS.
    #[must_use]
    pub fn of(error: &reqwest::Error) -> Self {
        if error.is_builder() {
            return Self::NoAuthorities;
        }
        let mut found = if error.is_timeout() { Self::Timeout } else { Self::Other };
        if error.is_dns() {
            found = Self::Name;
        }
        let mut cause = error.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if words.starts_with("tunnel error") || words.contains("socks") {
                return Self::Proxy;
            }
            if let Some(tls) = of_tls(&words) {
                found = tls;
            } else if let (Some(io), Self::Other) = (error.downcast_ref::<io::Error>(), found) {
                found = of_io(innermost(io).kind());
            }
            cause = error.source();
        }
        found
    }

    /// Whether the failure lasts until a setting or a machine is changed.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::UntrustedCertificate | Self::WrongCertificate | Self::NoAuthorities | Self::NotTls
        )
    }

    /// The failure and its fix, as the end of a sentence. `base_url` is the name of the setting that holds the API's address.
    #[must_use]
    pub fn explain(self, base_url: &str) -> String {
        match self {
            Self::Name => format!("its name cannot be resolved (DNS): check the network and {base_url}"),
            Self::Refused => format!("the connection is refused: check {base_url} and its port"),
            Self::Timeout => "no connection was made in time: check the network and firewalls".to_owned(),
            Self::Closed => "the connection was closed before it was encrypted: check firewalls and proxies".to_owned(),
            Self::UntrustedCertificate => {
                "its certificate is signed by an authority that this machine does not trust: if a proxy of yours \
                 inspects TLS, add its authority to the system's or name a PEM file in SSL_CERT_FILE"
                    .to_owned()
            }
            Self::WrongCertificate => {
                format!("its certificate is for another name, or not valid now: check {base_url} and this machine's clock")
            }
            Self::NoAuthorities => {
                "this machine trusts no certificate authority: install ca-certificates, or check SSL_CERT_FILE".to_owned()
            }
            Self::NotTls => format!("what answers there does not speak TLS: check {base_url} and its port"),
            Self::Proxy => "the proxy does not pass the connection on: check HTTPS_PROXY and NO_PROXY".to_owned(),
            Self::Other => "no connection was made".to_owned(),
        }
    }

    /// One word for logs.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Name => "dns",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::UntrustedCertificate => "untrusted_certificate",
            Self::WrongCertificate => "wrong_certificate",
            Self::NoAuthorities => "no_authorities",
            Self::NotTls => "not_tls",
            Self::Proxy => "proxy",
            Self::Other => "other",
        }
    }
}

fn of_tls(words: &str) -> Option<ConnectFailure> {
    let holds = |part: &str| words.contains(part);
    if holds("invalid peer certificate") {
        let untrusted = holds("UnknownIssuer") || holds("BadSignature");
        return Some(if untrusted {
            ConnectFailure::UntrustedCertificate
        } else {
            ConnectFailure::WrongCertificate
        });
    }
    holds("InvalidContentType").then_some(ConnectFailure::NotTls)
}

/// An error that wraps another hides its kind, and skips it as a source.
fn innermost(error: &io::Error) -> &io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(inner) => innermost(inner),
        None => error,
    }
}

fn of_io(kind: io::ErrorKind) -> ConnectFailure {
    match kind {
        io::ErrorKind::ConnectionRefused => ConnectFailure::Refused,
        io::ErrorKind::TimedOut => ConnectFailure::Timeout,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => ConnectFailure::Closed,
        _ => ConnectFailure::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_identify_a_failure_of_tls() {
        for (words, failure) in [
            ("invalid peer certificate: UnknownIssuer", Some(ConnectFailure::UntrustedCertificate)),
            (
                "invalid peer certificate: certificate expired: verification time 1",
                Some(ConnectFailure::WrongCertificate),
            ),
            (
                "invalid peer certificate: certificate not valid for name \"a\"",
                Some(ConnectFailure::WrongCertificate),
            ),
            ("received corrupt message of type InvalidContentType", Some(ConnectFailure::NotTls)),
            ("tcp connect error", None),
        ] {
            assert_eq!(of_tls(words), failure, "{words}");
        }
    }
}
