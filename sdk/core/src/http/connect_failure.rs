//! Why no connection was made, in words that hold no address, no name and no credential.

use std::{error::Error, fmt, io};

/// Why no connection to the API was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The name of the host leads nowhere.
    Name,
    /// The host takes no connection.
    Refused,
    /// No answer in time.
    Timeout,
    /// The connection ended before it was in use.
    Closed,
    /// The server's certificate is signed by an authority that this machine does not trust.
    UntrustedCertificate,
    /// The server's certificate is for another name, expired or not yet valid.
    WrongCertificate,
    /// This machine trusts no authority at all.
    NoAuthorities,
    /// What answers does not speak TLS: plain http behind an https address.
    NotTls,
    /// The proxy cannot be reached, or does not pass the connection on.
    Proxy,
    /// Anything else.
    Other,
}

impl ConnectFailure {
    /// Reads the chain of causes. No library gives them types of its own, so TLS is told by its words.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
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

    /// Whether it stays until somebody changes something.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::UntrustedCertificate | Self::WrongCertificate | Self::NoAuthorities | Self::NotTls
        )
    }

    /// One word for logs.
    pub(crate) fn kind(self) -> &'static str {
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

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "its name cannot be resolved (DNS): check the network and BITNOVO_BASE_URL",
            Self::Refused => "the connection is refused: check BITNOVO_BASE_URL and its port",
            Self::Timeout => "no connection was made in time: check the network and firewalls",
            Self::Closed => "the connection was closed before it was encrypted: check firewalls and proxies",
            Self::UntrustedCertificate => {
                "its certificate is signed by an authority that this machine does not trust: if a proxy of yours \
                 inspects TLS, add its authority to the system's or name a PEM file in SSL_CERT_FILE"
            }
            Self::WrongCertificate => {
                "its certificate is for another name, or not valid now: check BITNOVO_BASE_URL and this machine's clock"
            }
            Self::NoAuthorities => {
                "this machine trusts no certificate authority: install ca-certificates, or check SSL_CERT_FILE"
            }
            Self::NotTls => "what answers there does not speak TLS: check BITNOVO_BASE_URL and its port",
            Self::Proxy => "the proxy does not pass the connection on: check HTTPS_PROXY and NO_PROXY",
            Self::Other => "no connection was made",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_told_by_its_words() {
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
