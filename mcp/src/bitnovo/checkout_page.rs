//! Which pages a customer may be sent to.

use bitnovo_pay::RedirectUrl;
use url::{Host, Url};

use payments_core::is_plain;

use crate::bitnovo::context::Context;

/// The provider's domains.
const DOMAINS: [&str; 2] = ["bitnovo.com", "pre-bnvo.com"];

impl Context {
    /// Whether a customer may be sent to this page: by the rules of a redirect. An API on this machine has its checkout
    /// pages there too.
    pub(crate) fn is_page(&self, url: &str) -> bool {
        let is_local = || self.api().is_some_and(|api| is_loopback_page(api.base_url.as_str()));
        is_plain(url) && (url.parse::<RedirectUrl>().is_ok() || (is_local() && is_loopback_page(url)))
    }

    /// Whether the page is on a host of the provider, or on that of the API.
    pub(crate) fn is_own_page(&self, url: &str) -> bool {
        let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let Some(page) = host(url) else { return false };
        let known = DOMAINS.iter().any(|domain| {
            page.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        known || self.api().and_then(|api| host(api.base_url.as_str())) == Some(page)
    }
}

fn is_loopback_page(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_loopback && url.username().is_empty() && url.password().is_none()
}
