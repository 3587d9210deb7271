//! Where the checkout page may send a customer.

use std::{fmt, str::FromStr};

use url::{Host, Url};

/// An https URL of a public domain, for the redirects of the checkout page.
///
/// The rules keep a proposed URL from leading a customer to another place than it seems to, or to a machine inside a
/// network.
///
/// ```
/// use payments_core::{RedirectUrl, RedirectUrlError};
///
/// let url: RedirectUrl = "https://shop.example/thanks?order=7".parse()?;
/// assert_eq!(url.as_str(), "https://shop.example/thanks?order=7");
/// assert_eq!("javascript:alert(1)".parse::<RedirectUrl>(), Err(RedirectUrlError::NotHttps));
/// # Ok::<(), RedirectUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RedirectUrl(Url);

/// Why a text cannot be used as a redirect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectUrlError {
    /// Not a URL at all.
    #[error("expected an https URL such as https://shop.example/thanks")]
    NotAUrl,
    /// A space, a line break or another invisible character.
    #[error("expected a URL without spaces and control characters")]
    ControlCharacter,
    /// Another scheme.
    #[error("expected a URL that begins with https://")]
    NotHttps,
    /// `https://name:password@…`.
    #[error("expected a URL without a user name or password before the host")]
    UserInfo,
    /// An IP address, in any of its spellings.
    #[error("expected a domain name as host, not an IP address")]
    IpAddress,
    /// `localhost`, `.local`, `.internal`, a name without a dot, a name that begins or ends with one, a pattern.
    #[error("expected the domain name of a public host, such as shop.example")]
    NotPublic,
    /// The text reads differently from what a browser makes of it.
    #[error("expected the URL as a browser writes it: it should begin with {expected}")]
    NotNormal {
        /// The normal form, without its query.
        expected: String,
    },
}

impl RedirectUrl {
    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, in lower case and, where it is an internationalised name, in its `xn--` form.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl FromStr for RedirectUrl {
    type Err = RedirectUrlError;

    fn from_str(text: &str) -> Result<Self, RedirectUrlError> {
        // The parser would drop them silently.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(RedirectUrlError::ControlCharacter);
        }
        let url = Url::parse(text).map_err(|_| RedirectUrlError::NotAUrl)?;
        if url.scheme() != "https" {
            return Err(RedirectUrlError::NotHttps);
        }
        let Some(authority) =
            text.get("https://".len()..).and_then(|rest| rest.split(['/', '?', '#', '\\']).next())
        else {
            return Err(RedirectUrlError::NotAUrl);
        };
        // An empty user name leaves no trace in the parsed URL.
        if !url.username().is_empty() || url.password().is_some() || authority.contains('@') {
            return Err(RedirectUrlError::UserInfo);
        }
        match url.host() {
            Some(Host::Domain(domain)) if is_public(domain) => {}
            Some(Host::Domain(_)) => return Err(RedirectUrlError::NotPublic),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(RedirectUrlError::IpAddress),
            None => return Err(RedirectUrlError::NotAUrl),
        }
        // A host alone is normal but for the slash, and people write it so.
        if url.as_str() == text || url.as_str().strip_suffix('/') == Some(text) {
            Ok(Self(url))
        } else {
            let mut expected = url;
            expected.set_query(None);
            expected.set_fragment(None);
            Err(RedirectUrlError::NotNormal { expected: expected.into() })
        }
    }
}

/// Whether the name can be that of a public host: not of one machine or one network, and not of a pattern such as
/// `*.shop.example`, which the URL standard lets pass.
fn is_public(domain: &str) -> bool {
    let private = ["localhost", "local", "internal"];
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.len() <= 253 && domain.contains('.') && !private.contains(&top) && domain.split('.').all(is_label)
}

/// As a resolver accepts them. An underscore is against the rules for hosts, but some have one.
fn is_label(label: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=63).contains(&label.len())
        && label.chars().all(is_allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for RedirectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> RedirectUrlError {
        text.parse::<RedirectUrl>().expect_err(text)
    }

    #[test]
    fn an_https_page_of_a_public_domain_is_taken_as_it_is() {
        for text in [
            "https://mystore.com/success",
            "https://hotel.com/bookings/confirm/789",
            "https://shop.example/ok?order=7&lang=es#top",
            "https://shop.example:8443/ok",
            "https://xn--mnchen-3ya.example/",
            "https://a.b.c.example/%20x",
            "https://localhost.example/",
            "https://my_shop.shops.example/",
            "https://1.example/",
        ] {
            assert_eq!(text.parse::<RedirectUrl>().expect(text).as_str(), text);
        }
    }

    #[test]
    fn the_host_is_told_without_its_port() {
        assert_eq!("https://shop.example:8443/ok".parse::<RedirectUrl>().unwrap().host(), "shop.example");
    }

    #[test]
    fn a_bare_host_gets_its_slash() {
        assert_eq!("https://shop.example".parse::<RedirectUrl>().unwrap().as_str(), "https://shop.example/");
    }

    #[test]
    fn other_schemes_are_refused() {
        for text in [
            "http://shop.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://shop.example/",
            "file:///etc/passwd",
            "blob:https://shop.example/1",
        ] {
            assert_eq!(refused(text), RedirectUrlError::NotHttps, "{text}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for text in
            ["", "shop.example/ok", "/ok", "https:", "https://", "https://[::1", "https://shop.exa%00mple/"]
        {
            assert_eq!(refused(text), RedirectUrlError::NotAUrl, "{text}");
        }
    }

    #[test]
    fn a_user_name_cannot_hide_the_host() {
        for text in [
            "https://good.com@127.0.0.1/",
            "https://good.com@evil.example/",
            "https://user:pass@shop.example/",
            "https://@shop.example/",
            "https://:@shop.example/",
        ] {
            assert_eq!(refused(text), RedirectUrlError::UserInfo, "{text}");
        }
    }

    #[test]
    fn an_ip_address_is_refused_in_every_spelling() {
        for text in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://017700000001/",
            "https://127.0.0.1./",
            "https://１２７.0.0.1/",
            "https://①②⑦.0.0.1/",
            "https://8.8.8.8/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1]/",
        ] {
            assert_eq!(refused(text), RedirectUrlError::IpAddress, "{text}");
        }
    }

    #[test]
    fn a_name_of_one_machine_or_one_network_is_refused() {
        for text in [
            "https://localhost/",
            "https://LOCALHOST/",
            "https://localhost./",
            "https://shop.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://shop.example./",
            "https://intranet/",
        ] {
            assert_eq!(refused(text), RedirectUrlError::NotPublic, "{text}");
        }
    }

    #[test]
    fn a_host_that_no_resolver_takes_is_refused() {
        let long = format!("https://{}.example/", "a".repeat(64));
        let many = format!("https://{}example/", "a.".repeat(130));
        for text in [
            "https://*.shop.example/",
            "https://*/",
            "https://shop.*.example/",
            "https://.shop.example/",
            "https://.example/",
            "https://shop..example/",
            "https://-shop.example/",
            "https://shop-.example/",
            "https://sh!op.example/",
            "https://sh$op.example/",
            "https://(shop).example/",
            "https://shop,other.example/",
            "https://shop;other.example/",
            "https://shop=1.example/",
            &long,
            &many,
        ] {
            assert_eq!(refused(text), RedirectUrlError::NotPublic, "{text}");
        }
    }

    #[test]
    fn characters_that_the_parser_would_drop_are_refused() {
        for text in [
            " https://shop.example/",
            "https://shop.example/ ",
            "https://shop.example/a b",
            "https://shop.exam\nple/",
            "https://shop\t.example/",
            "java\nscript:alert(1)",
            "https://shop.example/\u{0}",
            "https://shop.example/\u{85}",
        ] {
            assert_eq!(refused(text), RedirectUrlError::ControlCharacter, "{text:?}");
        }
    }

    #[test]
    fn what_a_browser_reads_differently_is_refused_with_the_form_it_should_have() {
        for (text, expected) in [
            ("https://Shop.Example/ok", "https://shop.example/ok"),
            ("HTTPS://shop.example/ok", "https://shop.example/ok"),
            ("https://shop.example:443/ok", "https://shop.example/ok"),
            ("https://shop.example/a/../b", "https://shop.example/b"),
            ("https:\\\\shop.example\\ok", "https://shop.example/ok"),
            ("https:/shop.example/ok", "https://shop.example/ok"),
            ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
            ("https://shop.example/ñ?token=secret", "https://shop.example/%C3%B1"),
            ("https://sh\u{200b}op.example/", "https://shop.example/"),
        ] {
            assert_eq!(
                refused(text),
                RedirectUrlError::NotNormal { expected: expected.to_owned() },
                "{text}"
            );
        }
    }
}
