//! Where the API is.

use std::{fmt, str::FromStr};

use payments_core::{ApiUrl, ApiUrlError, http::HAS_TLS};

const PRODUCTION: &str = "https://pos.bitnovo.com";
const PREPRODUCTION: &str = "https://payments.pre-bnvo.com";

/// One of the provider's two installations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real money.
    Production,
    /// Test currencies.
    Preproduction,
}

/// The address of the API, without `/api/v1`: https, or http on this machine when that is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Provider(Environment),
    Loopback,
    Elsewhere { host: String },
}

/// Why an address cannot be the API's. A user name, password or query in it is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// Space before or after it.
    #[error("there is space around the URL; remove it")]
    SurroundingSpace,
    /// Not a URL.
    #[error("expected a URL such as {PRODUCTION}")]
    NotAUrl,
    /// Neither https nor http.
    #[error("expected a URL that begins with https://")]
    NotHttps,
    /// Http to another machine would show the device id to every network on the way.
    #[error("http:// would send the device id unencrypted; use https://")]
    Unencrypted,
    /// Http on this machine, without the switch.
    #[error("http:// on this machine is for tests; set BITNOVO_ALLOW_HTTP_LOOPBACK=true to allow it")]
    LoopbackNotAllowed,
    /// `https://name:password@…`.
    #[error("expected a URL without a user name or password")]
    UserInfo,
    /// A query or a fragment.
    #[error("expected a URL without ? and #")]
    QueryOrFragment,
    /// The client adds the path of the API itself.
    #[error("leave out /api/v1: it is added to the URL")]
    HoldsApiPath,
    /// The program was built without TLS.
    #[error(
        "https:// needs TLS; build bitnovo-pay with its feature rustls, native-tls or rustls-no-provider"
    )]
    NoTls,
    /// A misprint in published guides.
    #[error("pos.bitnovo.com.com is a misprint in published guides; the right URL is {PRODUCTION}")]
    Misprint,
    /// The URL is that of the other environment.
    #[error("this is the {there} API, while {asked} was asked for; leave one of the two out, or use {right}")]
    OtherEnvironment {
        /// What was asked for.
        asked: Environment,
        /// What the URL leads to.
        there: Environment,
        /// The URL of what was asked for.
        right: &'static str,
    },
}

/// The text is neither `production` nor `preproduction`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected production or preproduction")]
pub struct UnknownEnvironment;

impl Environment {
    /// The API of this environment.
    #[must_use]
    pub fn base_url(self) -> BaseUrl {
        BaseUrl { text: self.url().to_owned(), place: Place::Provider(self) }
    }

    const fn url(self) -> &'static str {
        match self {
            Self::Production => PRODUCTION,
            Self::Preproduction => PREPRODUCTION,
        }
    }
}

impl BaseUrl {
    /// Reads an address. `http://` is accepted on this machine only, and only with `allow_http_loopback`.
    ///
    /// ```
    /// use bitnovo_pay::{BaseUrl, BaseUrlError};
    ///
    /// assert_eq!(BaseUrl::parse("https://pos.bitnovo.com/", false)?.as_str(), "https://pos.bitnovo.com");
    /// assert_eq!(BaseUrl::parse("http://pos.bitnovo.com", true), Err(BaseUrlError::Unencrypted));
    /// # Ok::<(), BaseUrlError>(())
    /// ```
    ///
    /// # Errors
    /// When the device id must not be sent there, or nothing can be found there.
    pub fn parse(text: &str, allow_http_loopback: bool) -> Result<Self, BaseUrlError> {
        let url = ApiUrl::parse(text, allow_http_loopback)?;
        let place = Place::of(&url);
        if matches!(&place, Place::Elsewhere { host } if host.ends_with("bitnovo.com.com")) {
            return Err(BaseUrlError::Misprint);
        }
        if url.as_str().contains("/api/v1") {
            return Err(BaseUrlError::HoldsApiPath);
        }
        Ok(Self { text: url.as_str().to_owned(), place })
    }

    /// The address given, or that of the environment asked for, or the one of production.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and when the address is that of the other environment.
    pub fn choose(
        text: Option<&str>,
        environment: Option<Environment>,
        allow_http_loopback: bool,
    ) -> Result<Self, BaseUrlError> {
        let Some(text) = text else {
            return environment.unwrap_or(Environment::Production).base_url().spoken(HAS_TLS);
        };
        let url = Self::parse(text, allow_http_loopback)?;
        match (&url.place, environment) {
            (Place::Provider(there), Some(asked)) if *there != asked => {
                Err(BaseUrlError::OtherEnvironment { asked, there: *there, right: asked.url() })
            }
            _ => url.spoken(HAS_TLS),
        }
    }

    fn spoken(self, has_tls: bool) -> Result<Self, BaseUrlError> {
        if has_tls || self.text.starts_with("http:") { Ok(self) } else { Err(BaseUrlError::NoTls) }
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the API is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.place == Place::Loopback
    }

    /// A warning when the device id is sent to a host that is not the provider's.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let Place::Elsewhere { host } = &self.place else { return None };
        Some(format!(
            "The device id is sent to {host}, which is not a host of the provider (bitnovo.com, pre-bnvo.com)."
        ))
    }
}

impl Default for BaseUrl {
    fn default() -> Self {
        Environment::Production.base_url()
    }
}

impl Place {
    fn of(url: &ApiUrl) -> Self {
        if url.is_loopback() {
            Self::Loopback
        } else if url.is_within("bitnovo.com") {
            Self::Provider(Environment::Production)
        } else if url.is_within("pre-bnvo.com") {
            Self::Provider(Environment::Preproduction)
        } else {
            Self::Elsewhere { host: url.host().to_owned() }
        }
    }
}

impl From<ApiUrlError> for BaseUrlError {
    fn from(error: ApiUrlError) -> Self {
        match error {
            ApiUrlError::SurroundingSpace => Self::SurroundingSpace,
            ApiUrlError::NotHttps => Self::NotHttps,
            ApiUrlError::Unencrypted => Self::Unencrypted,
            ApiUrlError::LoopbackNotAllowed => Self::LoopbackNotAllowed,
            ApiUrlError::UserInfo => Self::UserInfo,
            ApiUrlError::QueryOrFragment => Self::QueryOrFragment,
            _ => Self::NotAUrl,
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Production => "production",
            Self::Preproduction => "preproduction",
        })
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, UnknownEnvironment> {
        match text.to_ascii_lowercase().as_str() {
            "production" => Ok(Self::Production),
            "preproduction" => Ok(Self::Preproduction),
            _ => Err(UnknownEnvironment),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_addresses_are_taken_without_their_last_slash() {
        for (text, kept) in [
            ("https://pos.bitnovo.com", "https://pos.bitnovo.com"),
            ("https://payments.pre-bnvo.com/", "https://payments.pre-bnvo.com"),
            ("https://gateway.example:8443/bitnovo/", "https://gateway.example:8443/bitnovo"),
            ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ] {
            assert_eq!(BaseUrl::parse(text, false).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn http_is_for_this_machine_and_only_when_allowed() {
        for text in ["http://127.0.0.1:8787", "http://127.9.9.9", "http://localhost:1", "http://[::1]:1"] {
            assert!(BaseUrl::parse(text, true).unwrap().is_loopback(), "{text}");
            assert_eq!(BaseUrl::parse(text, false), Err(BaseUrlError::LoopbackNotAllowed), "{text}");
        }
        for text in [
            "http://pos.bitnovo.com",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert_eq!(BaseUrl::parse(text, true), Err(BaseUrlError::Unencrypted), "{text}");
        }
    }

    #[test]
    fn every_other_mistake_is_named() {
        for (text, error) in [
            ("", BaseUrlError::NotAUrl),
            ("pos.bitnovo.com", BaseUrlError::NotAUrl),
            (" https://pos.bitnovo.com", BaseUrlError::SurroundingSpace),
            ("https://pos.bitnovo.com\n", BaseUrlError::SurroundingSpace),
            ("ftp://pos.bitnovo.com", BaseUrlError::NotHttps),
            ("https://user:pass@pos.bitnovo.com", BaseUrlError::UserInfo),
            ("https://pos.bitnovo.com@evil.example", BaseUrlError::UserInfo),
            ("https://pos.bitnovo.com?key=1", BaseUrlError::QueryOrFragment),
            ("https://pos.bitnovo.com/#x", BaseUrlError::QueryOrFragment),
            ("https://pos.bitnovo.com/api/v1", BaseUrlError::HoldsApiPath),
            ("https://pos.bitnovo.com/api/v1/", BaseUrlError::HoldsApiPath),
            ("https://pos.bitnovo.com.com", BaseUrlError::Misprint),
            ("https://pos.bitnovo.com.com/api/v1", BaseUrlError::Misprint),
        ] {
            assert_eq!(BaseUrl::parse(text, true), Err(error), "{text:?}");
        }
        assert!(BaseUrlError::Misprint.to_string().ends_with("the right URL is https://pos.bitnovo.com"));
    }

    #[test]
    fn the_wrong_environment_is_noticed() {
        use Environment::{Preproduction, Production};
        for (text, asked, fits) in [
            (PRODUCTION, Production, true),
            (PRODUCTION, Preproduction, false),
            (PREPRODUCTION, Preproduction, true),
            (PREPRODUCTION, Production, false),
            ("https://gateway.example", Production, true),
            ("http://127.0.0.1:1", Preproduction, true),
        ] {
            let chosen = BaseUrl::choose(Some(text), Some(asked), true);
            assert_eq!(chosen.is_ok(), fits, "{text} {asked}");
        }
    }

    #[test]
    fn without_an_address_the_environment_decides() {
        let chosen = |environment| BaseUrl::choose(None, environment, false).unwrap().to_string();
        assert_eq!(chosen(None), PRODUCTION);
        assert_eq!(chosen(Some(Environment::Preproduction)), PREPRODUCTION);
    }

    #[test]
    fn without_tls_only_http_can_be_spoken() {
        let url = |text| BaseUrl::parse(text, true).unwrap();
        assert_eq!(url(PRODUCTION).spoken(false), Err(BaseUrlError::NoTls));
        assert_eq!(url("https://127.0.0.1:8443").spoken(false), Err(BaseUrlError::NoTls));
        assert!(url("http://127.0.0.1:8787").spoken(false).is_ok());
        assert!(url(PRODUCTION).spoken(true).is_ok());
    }

    #[test]
    fn a_stranger_among_the_hosts_is_worth_a_warning() {
        for (text, warned) in [
            (PRODUCTION, false),
            (PREPRODUCTION, false),
            ("https://bitnovo.com", false),
            ("http://localhost:1", false),
            ("https://gateway.example", true),
            ("https://evilbitnovo.com", true),
            ("https://bitnovo.com.evil.example", true),
            ("https://192.0.2.7", true),
        ] {
            assert_eq!(BaseUrl::parse(text, true).unwrap().warning().is_some(), warned, "{text}");
        }
    }
}
