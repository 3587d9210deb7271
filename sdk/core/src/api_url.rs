//! Where an API is.

use url::{Host, Url};

/// The address of an API: https, or http on this machine where that is allowed. It has no slash at its end.
///
/// ```
/// use payments_core::{ApiUrl, ApiUrlError};
///
/// assert_eq!(ApiUrl::parse("https://api.example.com/", false)?.as_str(), "https://api.example.com");
/// assert_eq!(ApiUrl::parse("http://api.example.com", true), Err(ApiUrlError::Unencrypted));
/// # Ok::<(), ApiUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUrl {
    text: String,
    host: String,
    is_loopback: bool,
}

/// Why an address cannot be that of an API. A user name, password or query in it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiUrlError {
    /// Space before or after it.
    #[error("there is space around the URL; remove it")]
    SurroundingSpace,
    /// Not a URL.
    #[error("expected a URL such as https://api.example.com")]
    NotAUrl,
    /// Neither https nor http.
    #[error("expected a URL that begins with https://")]
    NotHttps,
    /// Http to another machine shows the credentials to everybody on the way.
    #[error("http:// would send the credentials unencrypted; use https://")]
    Unencrypted,
    /// Http on this machine, which is not allowed here.
    #[error("http:// on this machine is for tests and is not allowed here")]
    LoopbackNotAllowed,
    /// `https://name:password@…`.
    #[error("expected a URL without a user name or password")]
    UserInfo,
    /// A query or a fragment.
    #[error("expected a URL without ? and #")]
    QueryOrFragment,
}

impl ApiUrl {
    /// Reads an address. `http://` is accepted on this machine only, and only with `allow_http_loopback`.
    ///
    /// # Errors
    /// When credentials must not be sent there, or nothing can be found there.
    pub fn parse(text: &str, allow_http_loopback: bool) -> Result<Self, ApiUrlError> {
        if text.trim() != text {
            return Err(ApiUrlError::SurroundingSpace);
        }
        let url = Url::parse(text).map_err(|_| ApiUrlError::NotAUrl)?;
        let host = url.host().ok_or(ApiUrlError::NotAUrl)?;
        let is_loopback = match &host {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
            Host::Domain(name) => *name == "localhost",
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback && allow_http_loopback => {}
            "http" if is_loopback => return Err(ApiUrlError::LoopbackNotAllowed),
            "http" => return Err(ApiUrlError::Unencrypted),
            _ => return Err(ApiUrlError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ApiUrlError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ApiUrlError::QueryOrFragment);
        }
        Ok(Self { host: host.to_string(), is_loopback, text: url.as_str().trim_end_matches('/').to_owned() })
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the API is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Whether the host is this domain or one within it.
    #[must_use]
    pub fn is_within(&self, domain: &str) -> bool {
        self.host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}
